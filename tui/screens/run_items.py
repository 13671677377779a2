"""The items of a run as rows: which may be looked at by themselves, and how one is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.content import Content

from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.domain.dispatch import REFUSED
from backend_client.domain.refund import LegState
from backend_client.domain.run_totals import TotalName
from backend_client.domain.runs import (
    TAKEN,
    ItemOutcome,
    ItemPart,
    ItemPlan,
    PartRole,
    PartState,
    Run,
    RunItem,
    RunKind,
    RunMode,
)
from tui.screens.run_looks import PLAN_LOOKS, outcome_state
from tui.screens.states import LEG_LOOKS
from tui.text.columns import pad
from tui.text.inert import inert
from tui.text.legs import leg_word
from tui.text.money import amount, figure_beside
from tui.text.names import person
from tui.text.run_words import RunWords
from tui.text.wording import Wording
from tui.widgets.parts import Part
from tui.widgets.virtual_list import PAGE_ROWS

P, Out = ItemPlan, ItemOutcome


class Filter(NamedTuple):
    """A kind of items; all sets empty means all of them."""

    name: str
    plans: frozenset[ItemPlan] = frozenset()
    outcomes: frozenset[ItemOutcome] = frozenset()
    seen: frozenset[LegState] = frozenset()


ALL = Filter("all")
MOVED = frozenset(ItemOutcome) - {Out.WAITING, Out.LEFT, Out.STAYS, Out.SKIPPED, Out.PERSON}
"""What a live run has done something about; the others have their outcome from the start."""
CANCELLATION_PLANS = (
    ALL,
    Filter("cancel", frozenset({P.CANCEL})),
    Filter("skip", frozenset({P.SKIP})),
    Filter("person", frozenset({P.PERSON})),
)
DISPATCH_PLANS = (
    ALL,
    Filter("cards", frozenset({P.CARDS, P.CARDS_AND_CREDIT, P.CARDS_AND_STAYS})),
    Filter("credit", frozenset({P.CREDIT, P.CARDS_AND_CREDIT})),
    Filter("stay", frozenset({P.STAYS, P.CARDS_AND_STAYS})),
    Filter("person", frozenset({P.PERSON})),
)
DECLINED_BEFORE = Filter("declined_before", TAKEN, seen=REFUSED)
CANCELLATION_OUTCOMES = (
    ALL,
    Filter("cancelled", outcomes=frozenset({Out.CANCELLED})),
    Filter("waiting", outcomes=frozenset({Out.WAITING})),
    Filter("skip", outcomes=frozenset({Out.SKIPPED})),
    Filter("person", outcomes=frozenset({Out.PERSON, Out.CHANGED})),
)
ENDED_OUTCOMES = tuple(
    Filter("left", outcomes=frozenset({Out.LEFT})) if one.name == "waiting" else one
    for one in CANCELLATION_OUTCOMES
)
"""Of a cancellation that was ended before it was through: nothing waits any more."""
DISPATCH_OUTCOMES = (
    ALL,
    Filter("done", outcomes=frozenset({Out.REFUNDED, Out.CREDITED})),
    Filter("on_its_way", outcomes=frozenset({Out.TO_SEND, Out.ON_ITS_WAY})),
    Filter("being_checked", outcomes=frozenset({Out.BEING_CHECKED})),
    Filter("declined", outcomes=frozenset({Out.DECLINED})),
    Filter("stay", outcomes=frozenset({Out.STAYS, Out.PARTLY, Out.LEFT})),
    Filter("person", outcomes=frozenset({Out.PERSON, Out.CHANGED})),
)
del P, Out


def filters(run: Run) -> tuple[Filter, ...]:
    """What can be looked at by itself, for a simulation by plan and for a live run by outcome."""
    if run.mode is RunMode.SIMULATION:
        if run.kind is RunKind.CANCELLATION:
            return CANCELLATION_PLANS
        again = any(one.name == TotalName.DECLINED_BEFORE for one in run.totals)
        return (*DISPATCH_PLANS, DECLINED_BEFORE) if again else DISPATCH_PLANS
    if run.kind is RunKind.DISPATCH:
        return DISPATCH_OUTCOMES
    return ENDED_OUTCOMES if run.outcomes.get(ItemOutcome.LEFT) else CANCELLATION_OUTCOMES


class Items:
    """Pages of the items of one run under one filter; called from worker threads."""

    def __init__(self, backend: Backend, caller: Caller, run_id: int, chosen: Filter) -> None:
        self._backend = backend
        self._caller = caller
        self._run_id = run_id
        self._chosen = chosen

    def count(self) -> int:
        return self._read(0, 1)[1]

    def page(self, number: int) -> Sequence[RunItem]:
        return self._read(number * PAGE_ROWS, PAGE_ROWS)[0]

    def _read(self, start: int, limit: int) -> tuple[Sequence[RunItem], int]:
        chosen = self._chosen
        page = self._backend.run_items(
            self._caller,
            self._run_id,
            plans=chosen.plans,
            outcomes=chosen.outcomes,
            seen=chosen.seen,
            start=start,
            limit=limit,
        )
        return page.items, page.total


NUMBER, BOOKING, AMOUNT = 9, 8, 10
NARROWEST, WIDEST = 16, 30
"""Cells of a customer's name: the room goes to what happens with the money."""


class ItemRows:
    """Draws items of any run in the same columns; `usual` is the house's currency."""

    def __init__(self, wording: Wording, words: RunWords, usual: str) -> None:
        self._wording = wording
        self._words = words
        self._usual = usual

    def draw(self, item: RunItem, width: int, marked: bool, *, numbered: bool) -> Content:
        """`numbered` keeps a column for the numbers of refunds, where there are any."""
        number = NUMBER if numbered else 0
        fixed = 3 + (number + 1 if number else 0) + BOOKING + 1 + 1 + AMOUNT + 2
        who = min(max((width - fixed) // 3, NARROWEST), WIDEST)
        customer = person(self._wording, item.customer)
        text, style = self._what(item)
        parts: list[Part] = [(" › " if marked else "   ", "bold $accent")]
        if number:
            parts += [(pad(item.refund_number, number), "$muted"), " "]
        figure = figure_beside(item.amount_minor, item.currency, self._usual, AMOUNT)
        parts += [
            (pad(inert(item.booking_reference), BOOKING), "bold" if marked else ""),
            " ",
            pad(customer, who),
            " ",
            pad(figure, AMOUNT, right=True),
            "  ",
            (pad(text, max(width - fixed - who, 8)), style),
        ]
        return Content.assemble(*parts)

    def _what(self, item: RunItem) -> tuple[str, str]:
        if item.outcome is None:
            return self._planned(item)
        return self._became(item, item.outcome)

    def _planned(self, item: RunItem) -> tuple[str, str]:
        symbol, style = PLAN_LOOKS[item.plan]
        told = ", ".join(self._part(part, item.currency) for part in item.parts)
        if told and item.plan not in (ItemPlan.STAYS, ItemPlan.PERSON, ItemPlan.SKIP):
            return self._declined(item, f"{symbol} {told}"), style
        return self._reasoned(f"{symbol} {self._plan_word(item.plan)}", item), style

    def _declined(self, item: RunItem, text: str) -> str:
        """What a provider refused before says so: it is tried again, or credited."""
        state = LegState(item.state_seen) if item.state_seen else None
        if state not in REFUSED:
            return text
        return f"{text} {LEG_LOOKS[state][0]} {leg_word(self._wording, state)}"

    def _plan_word(self, plan: ItemPlan) -> str:
        return self._wording.text(f"run_plan.{plan.value}")

    def _reasoned(self, text: str, item: RunItem) -> str:
        return f"{text}: {self._words.why(item.reason)}" if item.reason else text

    def _part(self, part: ItemPart, currency: str) -> str:
        return f"{self._to(part.role, part.label)} {amount(part.amount_minor, currency)}"

    def _became(self, item: RunItem, outcome: ItemOutcome) -> tuple[str, str]:
        """What a leg says for itself says more than the word of the whole."""
        text, style = outcome_state(self._wording, outcome)
        if not item.states or outcome is ItemOutcome.CANCELLED:
            return self._reasoned(text, item), style
        states = ", ".join(map(self._state, item.states))
        return (f"{text}: {states}" if outcome is ItemOutcome.PARTLY else states), style

    def _state(self, state: PartState) -> str:
        symbol = LEG_LOOKS[LegState(state.state)][0]
        label, note = self._to(state.role, state.label), inert(state.note)
        return f"{symbol} {label} · {note}" if note else f"{symbol} {label}"

    def _to(self, role: PartRole, label: str) -> str:
        """`VISA 1111`: what is masked needs no dots where room is short."""
        card = " ".join(inert(label).replace("•", " ").split()) if role is PartRole.CARD else ""
        return card or self._wording.text(f"run_part.{role.value}")

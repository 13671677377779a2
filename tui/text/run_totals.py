"""What a dispatch came to, row by row: everything it was to do, and what became of each part of it.

The window and the command line show these rows. Amounts make what was dispatched in all; counted
twice is only what was refused and then credited, and what was taken back before it was sent because
the run was ended: that stays requested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend_client.domain.refund import LegState
from backend_client.domain.run_totals import TotalName
from backend_client.domain.runs import ItemOutcome, ItemPlan, PartRole, Run, RunTotal
from tui.text.legs import leg_word
from tui.text.wording import Wording

STATES = (
    *(LegState.SUCCEEDED, LegState.CREDITED, LegState.RECORDED),
    *(LegState.PENDING, LegState.SENDING, LegState.ACCEPTED, LegState.UNKNOWN, LegState.REVIEW),
    *(LegState.DECLINED, LegState.FAILED_LATE, LegState.REQUESTED),
    *(LegState.REPLACED, LegState.VOIDED),
)
"""What is through first, what is left last."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: of what, how many payments and how much. `state` or `outcome` is what became of
    them, where something did; `word` says it where the label does not."""

    label: str
    count: int
    minor: int
    currency: str
    word: str = ""
    state: LegState | None = None
    outcome: ItemOutcome | None = None


def dispatched(run: Run, wording: Wording) -> Iterator[Figure]:
    """The rows of a live dispatch, one currency after the other."""
    figures = (*run.planned, *run.totals, *run.untouched)
    for currency in sorted({one.currency for one in figures if one.currency}):
        yield from _Rows(run, wording, currency).all()


class _Rows:
    """The rows of one currency; none is empty."""

    def __init__(self, run: Run, wording: Wording, currency: str) -> None:
        self._run = run
        self._wording = wording
        self._currency = currency

    def all(self) -> Iterator[Figure]:
        plans = self._planned(*ItemPlan)
        yield from self._row("dispatched", plans)
        yield from self._cards()
        for role in (PartRole.CREDIT, PartRole.CREDIT_AFTER_REFUSAL):
            made = self._mine(self._run.totals, role)
            yield from self._row(role.value, made, state=LegState.CREDITED)
        stays = [*self._planned(ItemPlan.STAYS), *self._mine(self._run.totals, PartRole.STAYS)]
        yield from self._row("stays", stays, state=LegState.REQUESTED)
        persons = self._planned(ItemPlan.PERSON)
        yield from self._row("plan.person", persons, outcome=ItemOutcome.PERSON)
        for outcome in (ItemOutcome.CHANGED, ItemOutcome.WAITING, ItemOutcome.LEFT):
            left = self._mine(self._run.untouched, outcome)
            yield from self._row(outcome.value, left, outcome=outcome)

    def _cards(self) -> Iterator[Figure]:
        made = self._mine(self._run.totals, PartRole.CARD)
        for state in STATES:
            here = [one for one in made if one.detail == state]
            word = leg_word(self._wording, state)
            yield from self._row(PartRole.CARD.value, here, word=word, state=state)

    def _planned(self, *plans: ItemPlan) -> list[RunTotal]:
        """What its simulation froze; what stays or needs a person is that from the beginning."""
        rows = self._mine(self._run.planned, TotalName.PLAN)
        return [one for one in rows if one.detail in plans]

    def _mine(self, totals: Iterable[RunTotal], name: str) -> list[RunTotal]:
        return [one for one in totals if one.name == name and one.currency == self._currency]

    def _row(
        self,
        key: str,
        totals: list[RunTotal],
        *,
        word: str = "",
        state: LegState | None = None,
        outcome: ItemOutcome | None = None,
    ) -> Iterator[Figure]:
        count, minor = sum(one.count for one in totals), sum(one.amount_minor for one in totals)
        label = self._wording.text(f"run_total.{key}")
        if count:
            yield Figure(label, count, minor, self._currency, word, state, outcome)

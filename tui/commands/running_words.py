"""Runs as lines of text: what is planned or done in figures, what was left out and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from backend_client.domain.dispatch import REFUSED
from backend_client.domain.refund import LegState
from backend_client.domain.run_totals import TotalName
from backend_client.domain.runs import (
    ItemOutcome,
    ItemPlan,
    PartRole,
    Run,
    RunItem,
    RunKind,
    RunMode,
    RunTotal,
)
from tui.text.columns import table
from tui.text.dates import Dates
from tui.text.inert import inert
from tui.text.legs import leg_word
from tui.text.money import amount, money
from tui.text.names import person
from tui.text.run_totals import dispatched
from tui.text.run_words import RunWords
from tui.text.wording import Wording

CUSTOMER, TOLD, WHY = 16, 27, 39
LEG = 11
"""Cells for what may be long, so that a row fits a terminal of eighty."""
T = TotalName
ORDER: tuple[str, ...] = (
    *(T.PLAN, T.CANCEL, T.TICKETS, T.CONCESSIONS, T.FEES, T.RETAINED, T.FREE),
    *(*PartRole, T.KEPT_FEES, T.DECLINED_BEFORE, T.PERSON, T.SKIP, T.REASON),
)
del T
FEES = frozenset({TotalName.FEES, TotalName.KEPT_FEES})
REASONS = frozenset({TotalName.PERSON, TotalName.SKIP, TotalName.REASON})
PLANS = tuple(ItemPlan)


class RunLines:
    """Everything about runs in columns that line up."""

    def __init__(self, wording: Wording, dates: Dates, now: datetime) -> None:
        self._wording = wording
        self._dates = dates
        self._now = now
        self.words = RunWords(wording, dates)

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"command.running.{key}", **values)

    # ------------------------------------------------------------ one run

    def run(self, run: Run) -> list[str]:
        """What it is and how it stands, then its figures."""
        return [*self.head(run), *self._totals(run), *self._outcomes(run)]

    def head(self, run: Run) -> list[str]:
        kind, which, told = self.words.kind(run), self.words.which(run), self.words.told(run)
        approval = self.words.approval(run, self._now)
        lines = [f"{kind} · {which} · {told}", *self._state(run)]
        return [*lines, approval[:1].upper() + approval[1:]] if approval else lines

    def _state(self, run: Run) -> Iterator[str]:
        if run.mode is RunMode.SIMULATION and run.expires_at is not None:
            is_used = run.live_id is not None
            key = "carried_out" if is_used else "valid" if run.taken else "nothing"
            until = self._dates.short(run.expires_at)
            counts = {"items": f"{run.items:,}", "all": f"{run.candidates:,}"}
            yield self._say(key, **counts, until=until, live=run.live_id)
            return
        at = self._dates.short(run.ended_at) if run.ended_at else ""
        begun = self._dates.short(run.started_at)
        state = " ".join(part for part in (self.state(run), at) if part)
        yield self._say("state", state=state, begun=begun, operator=inert(run.operator))
        if run.note:
            yield self._say("note", note=self.words.note(run))

    def state(self, run: Run) -> str:
        return self.words.state(run, self._now)

    def _totals(self, run: Run) -> list[str]:
        known = [total for total in run.totals if total.count and total.name in ORDER]
        rows = [
            (label, f"{count:,}", amount(minor, currency), currency)
            for label, count, minor, currency in self._rows(run, sorted(known, key=_place))
        ]
        head = (self._say("head.total"), self.words.unit(run), self._say("head.amount"), "")
        return table(rows, head=head, right=frozenset({1, 2})) if rows else []

    def _rows(self, run: Run, totals: Iterable[RunTotal]) -> Iterator[tuple[str, int, int, str]]:
        """Each total, and below the plans of a dispatch what they make together; a live dispatch
        has the rows of the window."""
        if run.kind is RunKind.DISPATCH and run.mode is RunMode.LIVE:
            for row in dispatched(run, self._wording):
                label = f"{row.label}: {row.word}" if row.word else row.label
                yield label, row.count, row.minor, row.currency
            return
        for is_plan, group in groupby(totals, key=lambda one: one.name == TotalName.PLAN):
            rows = list(group)
            for one in rows:
                yield self._label(run, one), one.count, one.amount_minor, one.currency
            if is_plan:
                count, minor = sum(one.count for one in rows), sum(one.amount_minor for one in rows)
                yield self._wording.text("screen.run.simulated"), count, minor, rows[0].currency

    def _label(self, run: Run, total: RunTotal) -> str:
        say = self._wording.text
        if total.name == TotalName.PLAN:
            return say(f"run_total.plan.{total.detail}")
        if total.name == TotalName.DECLINED_BEFORE:
            return say(f"run_total.declined_before.{total.detail}")
        if total.name in REASONS:
            left_out = say(f"command.running.left_out.{total.name}")
            return f"{left_out}: {self.words.why(total.detail)}"
        if total.name in FEES:
            kind = say(f"fee_kind.{total.detail}")
            return say(f"command.running.{total.name}", kind=kind)
        if run.mode is RunMode.SIMULATION and run.kind is RunKind.DISPATCH:
            return self._say("parts", part=say(f"run_part.{total.name}"))
        own = f"run_total.{total.name}"
        return say(own if self._wording.has(own) else f"command.running.{total.name}")

    def _outcomes(self, run: Run) -> Iterator[str]:
        """Every item once."""
        each = [
            f"{self._wording.text(f'run_outcome.{outcome.value}')} {run.outcomes[outcome]:,}"
            for outcome in ItemOutcome
            if run.outcomes.get(outcome)
        ]
        if each:
            yield self._say("outcomes", each=" · ".join(each))

    # ------------------------------------------------------------ items

    def items(self, items: Sequence[RunItem]) -> list[str]:
        """Of a dispatch each begins with the payment it is about."""
        has_legs = any(item.leg_number for item in items)
        rows = [
            (
                *([item.leg_number] if has_legs else []),
                inert(item.booking_reference),
                person(self._wording, item.customer),
                money(item.amount_minor, item.currency) if item.amount_minor else "–",
                self._why(item),
            )
            for item in items
        ]
        if has_legs:
            limits = (None, None, CUSTOMER, None, WHY - LEG)
            return table(rows, right=frozenset({3}), limits=limits)
        return table(rows, right=frozenset({2}), limits=(None, CUSTOMER, None, WHY))

    def _why(self, item: RunItem) -> str:
        """The reason, or what it came to and what was said to it."""
        if item.reason:
            return self.words.why(item.reason)
        if item.outcome is None:
            plan = self._wording.text(f"run_plan.{item.plan.value}")
            return f"{plan}, {self._before(item)}" if item.state_seen in REFUSED else plan
        word = self._wording.text(f"run_outcome.{item.outcome.value}")
        return ": ".join(part for part in (word, inert(item.said)) if part)

    def _before(self, item: RunItem) -> str:
        word = leg_word(self._wording, LegState(item.state_seen))
        return self._say("before", state=word)

    # ------------------------------------------------------------ lists

    def runs(self, runs: Iterable[Run]) -> list[str]:
        names = ("number", "kind", "told", "when", "state", "items")
        return table(
            [
                (
                    str(run.id),
                    self._wording.text(f"run_short.{run.kind.value}"),
                    self.words.told(run, TOLD),
                    self._dates.short(run.started_at),
                    self.state(run),
                    f"{run.items:,}",
                )
                for run in runs
            ],
            head=[self._wording.text(f"screen.runs.head.{name}") for name in names],
            right=frozenset({0, 5}),
        )


def _place(total: RunTotal) -> tuple[str, int, int, str]:
    """One currency after the other; what belongs together in the order it happens."""
    detail = total.detail
    within = PLANS.index(ItemPlan(detail)) if total.name == TotalName.PLAN else 0
    return total.currency, ORDER.index(total.name), within, detail

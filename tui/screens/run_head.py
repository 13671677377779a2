"""The upper part of a run: totals of what is planned or done, progress while it is live."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from textual.content import Content

from backend_client.domain.refund import LegState
from backend_client.domain.runs import (
    Differences,
    ItemOutcome,
    ItemPlan,
    PartRole,
    Run,
    RunMode,
    RunTotal,
    TotalName,
)
from tui.screens.run_looks import OUTCOME_LOOKS, PLAN_LOOKS, outcome_state
from tui.screens.states import LEG_LOOKS
from tui.text.columns import cells, pad
from tui.text.inert import inert
from tui.text.legs import leg_word
from tui.text.money import amount
from tui.text.run_words import RunWords
from tui.text.wording import Wording
from tui.widgets.parts import Part, rule, spread

COUNT, AMOUNT = 9, 16
UNTAKEN = frozenset({ItemPlan.SKIP})
"""Listed, with the reason, but nothing a run would have taken."""
NOT_YET = frozenset({ItemOutcome.WAITING, ItemOutcome.TO_SEND})
STATES = (
    *(LegState.SUCCEEDED, LegState.CREDITED, LegState.RECORDED, LegState.ACCEPTED),
    *(LegState.SENDING, LegState.PENDING, LegState.UNKNOWN, LegState.REVIEW),
    *(LegState.DECLINED, LegState.FAILED_LATE, LegState.REQUESTED),
)
"""What is through first, what is left last."""
BAR_CELLS = 40
BLOCKS = " ▏▎▍▌▋▊▉"


class RunHead:
    """Makes the lines for one width; a row of totals has the same columns everywhere."""

    def __init__(self, wording: Wording, words: RunWords, width: int) -> None:
        self._wording = wording
        self._words = words
        self._width = width

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"screen.run.{key}", **values)

    # ------------------------------------------------------------ totals

    def totals(self, run: Run, differences: Differences | None) -> list[Content]:
        """Everything that is counted, each row with how many and how much."""
        currencies = sorted({total.currency for total in run.totals if total.currency})
        lines = [self._title(run, currencies)]
        rows = self._planned(run) if run.mode is RunMode.SIMULATION else self._done(run)
        lines += [self._row(*row, currencies=currencies) for row in rows]
        lines += self._quiet(run)
        if differences is not None:
            lines += self._since(differences)
        return lines

    def _title(self, run: Run, currencies: Sequence[str]) -> Content:
        unit = self._say(f"unit.{run.kind.value}")
        currency = currencies[0] if len(currencies) == 1 else ""
        money = self._say("amount", currency=currency).rstrip()
        right = f"{unit}{pad(money, AMOUNT, right=True)}"
        return rule(self._width, self._say("totals"), right)

    def _planned(self, run: Run) -> Iterable[tuple[list[Part], int, int, str]]:
        plans = [total for total in run.totals if total.name == TotalName.PLAN]
        order = [plan.value for plan in PLAN_LOOKS]
        plans.sort(key=lambda one: (order.index(one.detail), one.currency))
        taken = [one for one in plans if ItemPlan(one.detail) not in UNTAKEN]
        for total in taken:
            symbol, style = PLAN_LOOKS[ItemPlan(total.detail)]
            label = self._wording.text(f"run_total.plan.{total.detail}")
            parts: list[Part] = [(f"{symbol} ", style or "$muted"), label]
            yield parts, total.count, total.amount_minor, total.currency
            if total.detail == ItemPlan.CANCEL:
                yield from self._parts(run, total.currency)
        for currency, group in groupby(
            sorted(taken, key=lambda one: one.currency), key=lambda one: one.currency
        ):
            each = list(group)
            count, whole = sum(one.count for one in each), sum(one.amount_minor for one in each)
            yield [("  ", ""), (self._simulated(run), "bold")], count, whole, currency
        for total in plans:
            if total not in taken:
                yield self._quiet_row(f"run_total.plan.{total.detail}", total)

    def _simulated(self, run: Run) -> str:
        if run.candidates > run.items:
            return self._say("simulated_of", items=f"{run.items:,}", all=f"{run.candidates:,}")
        return self._say("simulated")

    def _parts(self, run: Run, currency: str) -> Iterable[tuple[list[Part], int, int, str]]:
        """Where the money of a cancellation goes; a dispatch says that by its plans."""
        for name in (PartRole.REQUESTED.value, PartRole.WAITING_ACCOUNT.value, TotalName.RETAINED):
            for total in run.totals:
                if total.name == name and total.currency == currency and total.count:
                    yield self._quiet_row(f"run_total.{name}", total)

    def _quiet_row(self, key: str, total: RunTotal) -> tuple[list[Part], int, int, str]:
        label: list[Part] = [("  ", ""), (self._wording.text(key), "$muted")]
        return label, total.count, total.amount_minor, total.currency

    def _done(self, run: Run) -> Iterable[tuple[list[Part], int, int, str]]:
        """What the parts of a live run came to; one that is not done has more to come."""
        roles = [role.value for role in PartRole]
        rows = [total for total in run.totals if total.name in roles and total.count]
        states = [state.value for state in STATES]
        for total in sorted(rows, key=lambda one: (roles.index(one.name), _place(one, states))):
            label = self._wording.text(f"run_total.{total.name}")
            if not total.detail:
                yield self._quiet_row(f"run_total.{total.name}", total)
                continue
            state = LegState(total.detail)
            symbol, style = LEG_LOOKS[state]
            word = leg_word(self._wording, state)
            parts: list[Part] = [(f"{symbol} ", style), (pad(label, 28), ""), (word, style)]
            yield parts, total.count, total.amount_minor, total.currency
        for total in run.totals:
            if total.name == TotalName.RETAINED:
                yield self._quiet_row("run_total.retained", total)

    def _row(
        self,
        label: list[Part],
        count: int,
        minor: int,
        currency: str,
        *,
        currencies: Sequence[str],
    ) -> Content:
        named = f" {currency}" if len(currencies) > 1 else ""
        figure = pad(f"{amount(minor, currency)}{named}", AMOUNT, right=True)
        right: list[Part] = [pad(f"{count:,}", COUNT, right=True), figure]
        return spread(self._width - 1, ["   ", *label], right)

    def _quiet(self, run: Run) -> Iterable[Content]:
        """Reasons and kept fees: one line each, counted by kind."""
        kept = [one for one in run.totals if one.name == TotalName.KEPT_FEE]
        fees = [
            f"{self._wording.text(f'fee_kind.{one.detail}')} {one.count:,} × "
            f"{amount(one.amount_minor, one.currency)}"
            for one in kept
        ]
        reasons = [
            f"{self._words.why(one.detail)} {one.count:,}"
            for one in run.totals
            if one.name == TotalName.REASON
        ]
        for key, told in (("kept_fees", fees), ("exceptions", reasons)):
            if told:
                words: list[Part] = [f"   {self._say(key)}  ", (" · ".join(told), "$muted")]
                yield spread(self._width - 1, words)

    def _since(self, differences: Differences) -> Iterable[Content]:
        for key, count, style in (
            ("changed", differences.changed_count, "$warn"),
            ("appeared", differences.appeared_count, "$muted"),
        ):
            if count:
                text = self._wording.count(f"screen.run.since.{key}", count)
                yield spread(self._width - 1, [(f"   ≠ {text}", style)])

    # ------------------------------------------------------------ progress

    def progress(self, run: Run, rate: float | None) -> list[Content]:
        """The bar, then how many items came to what, in as many lines as they need."""
        done, whole = progress_of(run)
        share = done / whole if whole else 1.0
        full = share * BAR_CELLS
        bar = "█" * int(full)
        if int(full) < BAR_CELLS:
            bar += BLOCKS[int(full % 1 * len(BLOCKS))]
        figures = [f"{int(share * 100)} %", self._say("of", done=f"{done:,}", all=f"{whole:,}")]
        if rate:
            figures.append(self._say("rate", rate=_rounded(rate)))
            figures.append(self._left((whole - done) / rate))
        left: list[Part] = [" ", (pad(bar, BAR_CELLS), "$accent")]
        return [
            spread(self._width - 1, left, ["   ".join(figures)]),
            *self.counters(run),
        ]

    def _left(self, seconds: float) -> str:
        if seconds < 90:
            return self._say("left.seconds", count=f"{seconds:.0f}")
        return self._say("left.minutes", count=f"{seconds / 60:.0f}")

    def counters(self, run: Run) -> list[Content]:
        lines: list[list[Part]] = [[]]
        used = 0
        for outcome in OUTCOME_LOOKS:
            count = run.outcomes.get(outcome, 0)
            if not count:
                continue
            word, style = outcome_state(self._wording, outcome)
            text = f" {word} {count:,} "
            if used and used + cells(text) > self._width - 1:
                lines.append([])
                used = 0
            lines[-1].append((text, style))
            used += cells(text)
        return [Content.assemble(*line) for line in lines]

    def why_not_running(self, run: Run) -> Content:
        """Why a run that could go on does not, in words."""
        reason = "lost" if run.is_lost else run.state.value
        note = inert(run.note)
        text = self._say(f"halted.{reason}", who=inert(run.carried_out_by) or inert(run.operator))
        whole = f" ⚠ {text} {note}".rstrip()
        return spread(self._width - 1, [(whole, "$warn")])


def _place(total: RunTotal, states: Sequence[str]) -> tuple[int, str]:
    return states.index(total.detail) if total.detail in states else len(states), total.currency


def progress_of(run: Run) -> tuple[int, int]:
    """Items that are through, and all there are; what only waits for its turn is not through."""
    whole = sum(run.outcomes.values())
    waiting = sum(run.outcomes.get(one, 0) for one in NOT_YET)
    return whole - waiting, whole


def _rounded(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 1 else f"{rate:.1f}"

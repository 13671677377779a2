"""The upper part of a run: totals of what is planned or done, progress while it is live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from textual.content import Content

from backend_client.domain.run_totals import TotalName
from backend_client.domain.runs import (
    Differences,
    ItemPlan,
    PartRole,
    Run,
    RunKind,
    RunMode,
    RunState,
    RunTotal,
)
from tui.screens.run_looks import OUTCOME_LOOKS, PLAN_LOOKS, figure_look, outcome_state
from tui.text.columns import cells, pad
from tui.text.inert import inert
from tui.text.money import amount
from tui.text.run_pace import figures, progress_of
from tui.text.run_totals import dispatched
from tui.text.run_words import RunWords
from tui.text.wording import Wording
from tui.widgets.parts import Part, rule, spread

COUNT, AMOUNT = 9, 16
BLOCKS = " ▏▎▍▌▋▊▉"


class Row(NamedTuple):
    """One row of totals; `counts` says that it is part of what was simulated in all."""

    label: list[Part]
    items: int
    minor: int
    currency: str
    counts: bool = False


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
        lines += [self._row(row, currencies) for row in rows]
        lines += self._quiet(run)
        if differences is not None:
            lines += self._since(differences)
        return lines

    def _title(self, run: Run, currencies: Sequence[str]) -> Content:
        unit = self._words.unit(run)
        currency = currencies[0] if len(currencies) == 1 else ""
        money = self._say("amount", currency=currency).rstrip()
        right = f"{unit}{pad(money, AMOUNT, right=True)}"
        return rule(self._width, self._say("totals"), right)

    def _planned(self, run: Run) -> Iterable[Row]:
        """By plan, then all of it; what is only listed stands below that."""
        rows = list(self._cancelled(run) if run.kind is RunKind.CANCELLATION else self._plans(run))
        yield from rows
        sums: dict[str, list[int]] = {}
        for row in rows:
            if row.counts:
                both = sums.setdefault(row.currency, [0, 0])
                both[0] += row.items
                both[1] += row.minor
        for currency, (count, whole) in sorted(sums.items()):
            yield Row([("  ", ""), (self._simulated(run), "bold")], count, whole, currency)
        yield from self._parts(run)
        for total in merged(run.totals, TotalName.SKIP):
            yield self._quiet_row("run_total.plan.skip", total)

    def _parts(self, run: Run) -> Iterable[Row]:
        """How much goes where, as soon as a plan goes to several places: it is confirmed so. Then
        what a provider refused before."""
        if split_up(run):
            for role in (PartRole.CARD, PartRole.CREDIT, PartRole.STAYS):
                for total in merged(run.totals, role):
                    yield self._quiet_row(f"run_total.of.{role.value}", total)
        for total in run.totals:
            if total.name == TotalName.DECLINED_BEFORE:
                yield self._quiet_row(f"run_total.declined_before.{total.detail}", total)

    def _plans(self, run: Run) -> Iterable[Row]:
        plans = [total for total in run.totals if total.name == TotalName.PLAN]
        order = [plan.value for plan in PLAN_LOOKS]
        for total in sorted(plans, key=lambda one: (order.index(one.detail), one.currency)):
            yield self._plan_row(ItemPlan(total.detail), total)

    def _cancelled(self, run: Run) -> Iterable[Row]:
        for total in merged(run.totals, TotalName.CANCEL):
            yield self._plan_row(ItemPlan.CANCEL, total)
            for name in (TotalName.REQUESTED, TotalName.WAITING_ACCOUNT, TotalName.FREE):
                for part in merged(run.totals, name):
                    if part.currency == total.currency:
                        yield self._quiet_row(f"run_total.{name.value}", part)
        for total in merged(run.totals, TotalName.PERSON):
            yield self._plan_row(ItemPlan.PERSON, total)

    def _plan_row(self, plan: ItemPlan, total: RunTotal) -> Row:
        symbol, style = PLAN_LOOKS[plan]
        label = self._wording.text(f"run_total.plan.{plan.value}")
        parts: list[Part] = [(f"{symbol} ", style or "$muted"), label]
        return Row(parts, total.count, total.amount_minor, total.currency, counts=True)

    def _simulated(self, run: Run) -> str:
        if run.candidates > run.items:
            return self._say("simulated_of", items=f"{run.items:,}", all=f"{run.candidates:,}")
        return self._say("simulated")

    def _quiet_row(self, key: str, total: RunTotal) -> Row:
        label: list[Part] = [("  ", ""), (self._wording.text(key), "$muted")]
        return Row(label, total.count, total.amount_minor, total.currency)

    def _done(self, run: Run) -> Iterable[Row]:
        """What a live run came to; one that is not done has more to come."""
        if run.kind is RunKind.CANCELLATION:
            yield from self._cancelled(run)
            return
        for one in dispatched(run, self._wording):
            symbol, style = figure_look(one)
            parts: list[Part] = [(f"{symbol} ", style)]
            parts += [(pad(one.label, 26), ""), (one.word, style)] if one.word else [one.label]
            yield Row(parts, one.count, one.minor, one.currency)

    def _row(self, row: Row, currencies: Sequence[str]) -> Content:
        named = f" {row.currency}" if len(currencies) > 1 else ""
        figure = pad(f"{amount(row.minor, row.currency)}{named}", AMOUNT, right=True)
        right: list[Part] = [pad(f"{row.items:,}", COUNT, right=True), figure]
        return spread(self._width - 1, ["   ", *row.label], right)

    def _quiet(self, run: Run) -> Iterable[Content]:
        """What it is made of, fees kept, and why something is left out; nothing of it is cut."""
        sold = [
            self._counted(self._wording.text(f"run_total.{name.value}"), total)
            for name in (
                TotalName.TICKETS,
                TotalName.CONCESSIONS,
                TotalName.FEES,
                TotalName.RETAINED,
            )
            for total in merged(run.totals, name)
        ]
        kept = [
            self._counted(self._wording.text(f"fee_kind.{one.detail}"), one)
            for one in run.totals
            if one.name == TotalName.KEPT_FEES
        ]
        reasons = Counter[str]()
        for one in run.totals:
            if one.name in (TotalName.REASON, TotalName.PERSON, TotalName.SKIP):
                reasons[one.detail] += one.count
        why = [f"{self._words.why(code)} {count:,}" for code, count in reasons.items()]
        for key, told in (("made_of", sold), ("kept_fees", kept), ("exceptions", why)):
            label = f"   {self._say(key)}  "
            room = self._width - 1 - cells(label)
            for at, line in enumerate(_lines(told, room)):
                before = " " * cells(label) if at else label
                yield spread(self._width - 1, [before, (line, "$muted")])

    @staticmethod
    def _counted(name: str, total: RunTotal) -> str:
        return f"{name} {total.count:,} ({amount(total.amount_minor, total.currency)})"

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
        right = "   ".join(figures(run, rate, self._wording))
        room = self._width - cells(right) - 4
        full = _bar(share, room)
        rest = "─" * (room - cells(full))
        bar: list[Part] = [" ", (full, "$accent"), (rest, "$rule")]
        return [spread(self._width - 1, bar, [right]), *self.counters(run)]

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

    def approval(self, run: Run, words: str) -> Content:
        """Who allowed it, or that somebody has to."""
        symbol, style = ("?", "$warn") if run.approval is None else ("✓", "$good")
        return spread(self._width - 1, [(f" {symbol} {words}", style)])

    def why_not_running(self, run: Run) -> Content:
        """Why a run that could go on does not, in words."""
        note = self._words.note(run)
        reason = "lost" if run.is_lost else run.state.value
        if run.state is RunState.STOPPED and note:
            reason = "stopped_by"
        text = self._say(f"halted.{reason}", who=inert(run.carried_out_by) or inert(run.operator))
        whole = f" ⚠ {text} {note}".rstrip()
        return spread(self._width - 1, [(whole, "$warn")])


def split_up(run: Run) -> bool:
    """Are there more payments than requests, because some are split over several?"""
    parts = sum(one.count for one in run.totals if one.name in set(PartRole))
    return parts > sum(one.count for one in run.totals if one.name == TotalName.PLAN)


def merged(totals: Iterable[RunTotal], name: str) -> list[RunTotal]:
    """The rows of this name with their details added up, one a currency; none that is empty."""
    sums: dict[str, RunTotal] = {}
    for one in totals:
        if one.name == name and one.count:
            had = sums.get(one.currency, RunTotal(name, "", one.currency, 0, 0))
            count, minor = had.count + one.count, had.amount_minor + one.amount_minor
            sums[one.currency] = RunTotal(name, "", one.currency, count, minor)
    return [sums[currency] for currency in sorted(sums)]


def _lines(told: Sequence[str], room: int) -> list[str]:
    """`tickets 2 · fees 1` in lines with room for so much, broken between two of them."""
    lines: list[str] = []
    for one in told:
        longer = f"{lines[-1]} · {one}" if lines else one
        if lines and cells(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(one)
    return lines


def _bar(share: float, room: int) -> str:
    """As much of the room as is done, to an eighth of a cell."""
    full = share * room
    part = BLOCKS[int(full % 1 * len(BLOCKS))] if int(full) < room else ""
    return "█" * int(full) + part.strip()

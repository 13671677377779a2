"""Items of runs made from their numbers alone, so that a test can name what each comes to."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from backend_client.domain.dispatch import REFUSED
from backend_client.domain.refund import LegState
from backend_client.domain.run_totals import ELSEWHERE, TotalName
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
    RunTotal,
)

NAMES = ("Bette Davis", "Müller, Jörg", "張 偉", "[red]Rossi, Gina[/red]", "Weber, Karl", "")


@dataclass
class Script:
    """One simulation with its live run: how far that is, and what holds it."""

    simulation: Run
    count: int
    live: Run | None = None
    done: int = 0
    stop_asked: bool = False
    may_reach: int = 0
    moved: threading.Condition = field(default_factory=threading.Condition)


class ScriptedItems:
    """What each item is and comes to; a test may put another rule in the place of one of these."""

    def plan(self, kind: RunKind, ordinal: int) -> ItemPlan:
        if kind is RunKind.CANCELLATION:
            return {8: ItemPlan.SKIP, 9: ItemPlan.PERSON}.get(ordinal % 20, ItemPlan.CANCEL)
        table = {4: ItemPlan.STAYS, 7: ItemPlan.CARDS_AND_STAYS, 13: ItemPlan.PERSON}
        return table.get(ordinal % 20, ItemPlan.CARDS)

    def amount(self, ordinal: int) -> int:
        return 1000 + ordinal % 97 * 50

    def seen(self, kind: RunKind, ordinal: int) -> LegState | None:
        """What the payment of an item was when it was simulated; a cancellation has none."""
        if kind is RunKind.CANCELLATION:
            return None
        return LegState.DECLINED if ordinal % 20 == 3 else LegState.REQUESTED

    def outcome(self, kind: RunKind, ordinal: int) -> ItemOutcome:
        """What an item comes to once its turn was."""
        plan = self.plan(kind, ordinal)
        fixed = {
            ItemPlan.CANCEL: ItemOutcome.CANCELLED,
            ItemPlan.SKIP: ItemOutcome.SKIPPED,
            ItemPlan.PERSON: ItemOutcome.PERSON,
            ItemPlan.STAYS: ItemOutcome.STAYS,
            ItemPlan.CARDS_AND_STAYS: ItemOutcome.PARTLY,
        }
        if plan in fixed:
            return fixed[plan]
        table = {1: ItemOutcome.ON_ITS_WAY, 2: ItemOutcome.DECLINED, 3: ItemOutcome.BEING_CHECKED}
        return table.get(ordinal % 40, ItemOutcome.REFUNDED)

    def outcome_now(self, script: Script, ordinal: int) -> ItemOutcome:
        kind = script.simulation.kind
        if self.plan(kind, ordinal) not in TAKEN or ordinal <= script.done:
            return self.outcome(kind, ordinal)
        return ItemOutcome.WAITING

    def item(self, script: Script, ordinal: int, *, live: bool) -> RunItem:
        kind, amount = script.simulation.kind, self.amount(ordinal)
        plan = self.plan(kind, ordinal)
        outcome = self.outcome_now(script, ordinal) if live else None
        reasons = {
            ItemPlan.STAYS: "no-card",
            ItemPlan.PERSON: "credit-needs-person",
            ItemPlan.SKIP: "nothing-sold",
        }
        if kind is RunKind.CANCELLATION:
            reasons[ItemPlan.PERSON] = "group-outside"
        is_dispatch = kind is RunKind.DISPATCH
        known = is_dispatch or outcome is ItemOutcome.CANCELLED
        return RunItem(
            ordinal=ordinal,
            booking_reference=f"WQ{ordinal:05d}",
            refund_number=f"R-{10_430 + ordinal}" if known else "",
            leg_number=f"R-{10_430 + ordinal}.1" if is_dispatch else "",
            customer=NAMES[ordinal % len(NAMES)],
            amount_minor=amount,
            currency="CHF",
            plan=plan,
            reason=reasons.get(plan, ""),
            parts=tuple(self._parts(plan, ordinal, amount)),
            outcome=outcome,
            states=tuple(self._states(outcome, ordinal, amount)) if is_dispatch else (),
            booking_id=ordinal,
            state_seen=self.seen(kind, ordinal) or "",
        )

    def _parts(self, plan: ItemPlan, ordinal: int, amount: int) -> Iterator[ItemPart]:
        if plan is ItemPlan.CANCEL:
            yield ItemPart(PartRole.REQUESTED, amount)
        elif plan is ItemPlan.CARDS:
            yield ItemPart(PartRole.CARD, amount, label=f"VISA •••• {1000 + ordinal % 9000}")
        elif plan is ItemPlan.CARDS_AND_STAYS:
            yield ItemPart(PartRole.CARD, 600, label="MC •••• 0042")
            yield ItemPart(PartRole.STAYS, amount - 600)

    def _states(
        self, outcome: ItemOutcome | None, ordinal: int, amount: int
    ) -> Iterator[PartState]:
        states = {
            ItemOutcome.REFUNDED: (LegState.SUCCEEDED, f"ref {3254560000 + ordinal}"),
            ItemOutcome.ON_ITS_WAY: (LegState.ACCEPTED, ""),
            ItemOutcome.DECLINED: (LegState.DECLINED, "card closed by issuer (43)"),
            ItemOutcome.BEING_CHECKED: (LegState.UNKNOWN, "no answer, being checked"),
            ItemOutcome.PARTLY: (LegState.SUCCEEDED, f"ref {3254560000 + ordinal}"),
        }
        if outcome in states:
            state, note = states[outcome]
            label = f"VISA •••• {1000 + ordinal % 9000}"
            number = f"R-{10_430 + ordinal}.2"
            yield PartState(number, PartRole.CARD, label, amount, state.value, note)

    # ------------------------------------------------------------ figures

    def simulated(self, kind: RunKind, number: int) -> Iterator[RunTotal]:
        """The figures of a simulation of so many items."""
        counts: Counter[ItemPlan] = Counter()
        sums: Counter[ItemPlan] = Counter()
        for at in range(1, number + 1):
            plan = self.plan(kind, at)
            counts[plan] += 1
            sums[plan] += self.amount(at)
        if kind is RunKind.CANCELLATION:
            count, whole = counts[ItemPlan.CANCEL], sums[ItemPlan.CANCEL]
            yield RunTotal(TotalName.CANCEL, "", "CHF", count, whole)
            yield RunTotal(TotalName.TICKETS, "", "CHF", 2 * count, whole)
            yield RunTotal(TotalName.REQUESTED, "", "CHF", count, whole)
            yield RunTotal(TotalName.KEPT_FEES, "booking_fee", "CHF", count, 100 * count)
            outside, gone = counts[ItemPlan.PERSON], counts[ItemPlan.SKIP]
            yield RunTotal(TotalName.PERSON, "group-outside", "CHF", outside, sums[ItemPlan.PERSON])
            yield RunTotal(TotalName.SKIP, "nothing-sold", "CHF", gone, sums[ItemPlan.SKIP])
        else:
            for plan, count in counts.items():
                yield RunTotal(TotalName.PLAN, plan.value, "CHF", count, sums[plan])
            partly = counts[ItemPlan.CARDS_AND_STAYS]
            count = counts[ItemPlan.CARDS] + partly
            whole = sums[ItemPlan.CARDS] + 600 * partly
            yield RunTotal(PartRole.CARD, "", "CHF", count, whole)
            rest = sum(sums.values()) - whole
            yield RunTotal(PartRole.STAYS, "", "CHF", number - counts[ItemPlan.CARDS], rest)
            yield RunTotal(TotalName.REASON, "no-card", "CHF", counts[ItemPlan.STAYS], 0)
            nobody = counts[ItemPlan.PERSON]
            yield RunTotal(TotalName.REASON, "credit-needs-person", "CHF", nobody, 0)
            again = [at for at in range(1, number + 1) if self.seen(kind, at) in REFUSED]
            whole = sum(map(self.amount, again))
            yield RunTotal(TotalName.DECLINED_BEFORE, ELSEWHERE, "CHF", len(again), whole)

    def carried_out(self, script: Script) -> Iterator[RunTotal]:
        """What a live run did."""
        totals: Counter[tuple[str, str]] = Counter()
        amounts: Counter[tuple[str, str]] = Counter()
        for at in range(1, script.count + 1):
            key = self._total_of(script, at)
            if key is not None:
                totals[key] += 1
                amounts[key] += self.amount(at)
        for (name, detail), count in sorted(totals.items()):
            yield RunTotal(name, detail, "CHF", count, amounts[name, detail])

    def untouched(self, script: Script) -> Iterator[RunTotal]:
        """What a live run has not come to."""
        ordinals = range(1, script.count + 1)
        left = [at for at in ordinals if self.outcome_now(script, at) is ItemOutcome.WAITING]
        if left:
            whole = sum(map(self.amount, left))
            yield RunTotal(ItemOutcome.WAITING.value, "", "CHF", len(left), whole)

    def _total_of(self, script: Script, ordinal: int) -> tuple[str, str] | None:
        item = self.item(script, ordinal, live=True)
        if item.states:
            return item.states[0].role.value, item.states[0].state
        if item.outcome is ItemOutcome.CANCELLED:
            return TotalName.CANCEL.value, ""
        return None

"""Runs in memory for the screens: any number of items made from their numbers, steps on demand.

Nothing is decided here: plans and outcomes follow from an item's number alone, so that a test can
name them. A live run does as many items as `advance` lets it, in the thread that went live.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

from backend_client.domain.booking import Booking
from backend_client.domain.caller import Caller, Role
from backend_client.domain.permissions import SIMULATING, may
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
from backend_client.domain.run_record import cancellation_record, dispatch_record
from backend_client.domain.run_totals import TotalName
from backend_client.domain.runs import (
    TAKEN,
    Differences,
    ItemOutcome,
    ItemPage,
    ItemPart,
    ItemPlan,
    PartRole,
    PartState,
    PerformancePage,
    PerformanceRow,
    Run,
    RunItem,
    RunKind,
    RunMode,
    RunPage,
    RunPerformance,
    RunState,
    RunTotal,
)
from tests.functional.scripted import HELD_AT_MOST_S, ScriptedBackend
from tests.unit.builders import NOW

NAMES = ("Bette Davis", "Müller, Jörg", "張 偉", "[red]Rossi, Gina[/red]", "Weber, Karl", "")
NO_ITEMS = Differences((), 0, (), 0)

HAMLET = PerformanceRow(
    7, "0001", "35626", "Hamlet", "E-1", NOW + timedelta(days=8, hours=6), False, 412, 1033
)
PERFORMANCES = (
    replace(HAMLET, id=8, key="35627", starts_at=NOW + timedelta(days=15), bookings=380),
    HAMLET,
    PerformanceRow(
        9, "0001", "35900", "Le lac des cygnes", "E-2", NOW - timedelta(days=2), True, 12, 30
    ),
)


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


class ScriptedRuns(ScriptedBackend):
    """`count` items a simulation; a live run goes on to `may_reach`, everything unless held."""

    def __init__(
        self,
        bookings: Iterable[Booking] = (),
        *,
        count: int = 240,
        held: bool = False,
        role: Role = Role.SUPERVISOR,
    ) -> None:
        super().__init__(bookings, role=role)
        self.count = count
        self.held = held
        self.scripts: dict[int, Script] = {}
        self.told: list[CancellationParameters | DispatchParameters] = []
        self.since = NO_ITEMS
        self.pauses_at: int | None = None
        self.valid = timedelta(minutes=30)
        self._next_id = 41
        self._lock = threading.Lock()

    # ------------------------------------------------------------ items, from their numbers

    def plan(self, kind: RunKind, ordinal: int) -> ItemPlan:
        if kind is RunKind.CANCELLATION:
            return {8: ItemPlan.SKIP, 9: ItemPlan.PERSON}.get(ordinal % 20, ItemPlan.CANCEL)
        table = {4: ItemPlan.STAYS, 7: ItemPlan.CARDS_AND_STAYS, 13: ItemPlan.PERSON}
        return table.get(ordinal % 20, ItemPlan.CARDS)

    def amount(self, ordinal: int) -> int:
        return 1000 + ordinal % 97 * 50

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

    # ------------------------------------------------------------ looking

    def performances(
        self, caller: Caller, text: str = "", *, start: int = 0, limit: int = 200
    ) -> PerformancePage:
        self._called("performances")
        found = [one for one in PERFORMANCES if text.casefold() in one.event.casefold()]
        return PerformancePage(tuple(found[start : start + limit]), len(found))

    def differences(self, caller: Caller, simulation_id: int) -> Differences:
        self._called("differences")
        return self.since

    def runs(self, caller: Caller, *, before: int | None = None, limit: int = 50) -> RunPage:
        self._called("runs")
        every = [one for script in self.scripts.values() for one in self._both(script)]
        found = sorted(every, key=lambda one: -one.id)
        found = [one for one in found if before is None or one.id < before]
        page = tuple(found[:limit])
        return RunPage(page, page[-1].id if len(found) > limit else None)

    def _both(self, script: Script) -> Iterator[Run]:
        yield script.simulation
        if script.live is not None:
            yield self._live(script)

    def _script(self, run_id: int) -> tuple[Script, bool]:
        for script in self.scripts.values():
            if script.simulation.id == run_id:
                return script, False
            if script.live is not None and script.live.id == run_id:
                return script, True
        raise Refused("run-not-found", run=run_id)

    def run(self, caller: Caller, run_id: int) -> Run:
        self._called("run")
        script, live = self._script(run_id)
        return self._live(script) if live else script.simulation

    def _live(self, script: Script) -> Run:
        """The live run with its figures as they are now."""
        assert script.live is not None
        counts = Counter(self.outcome_now(script, at) for at in range(1, script.count + 1))
        totals: Counter[tuple[str, str]] = Counter()
        amounts: Counter[tuple[str, str]] = Counter()
        for at in range(1, script.count + 1):
            key = self._total_of(script, at)
            if key is not None:
                totals[key] += 1
                amounts[key] += self.amount(at)
        rows = tuple(
            RunTotal(name, detail, "CHF", count, amounts[name, detail])
            for (name, detail), count in sorted(totals.items())
        )
        run = replace(
            script.live,
            outcomes=dict(counts),
            done=script.done,
            totals=rows,
            planned=script.simulation.totals,
        )
        is_still = run.kind is RunKind.DISPATCH and run.state is not RunState.RUNNING
        return replace(run, untouched=tuple(self._waiting(script))) if is_still else run

    def _waiting(self, script: Script) -> Iterator[RunTotal]:
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

    def run_items(
        self,
        caller: Caller,
        run_id: int,
        *,
        plans: frozenset[ItemPlan] = frozenset(),
        outcomes: frozenset[ItemOutcome] = frozenset(),
        start: int = 0,
        limit: int = 200,
    ) -> ItemPage:
        self._called("run_items")
        script, live = self._script(run_id)
        kind = script.simulation.kind
        if not plans and not outcomes:
            wanted: list[int] | range = range(1, script.count + 1)
        else:
            wanted = [
                at
                for at in range(1, script.count + 1)
                if (not plans or self.plan(kind, at) in plans)
                and (not outcomes or self.outcome_now(script, at) in outcomes)
            ]
        rows = wanted[start : start + limit]
        return ItemPage(tuple(self.item(script, at, live=live) for at in rows), len(wanted))

    def export_run(self, caller: Caller, run_id: int) -> Iterator[dict[str, object]]:
        self._called("export_run")
        script, live = self._script(run_id)
        run = self._live(script) if live else script.simulation
        yield {"run": run.id, "kind": run.kind.value, "items": run.items}
        for at in range(1, script.count + 1):
            item = self.item(script, at, live=live)
            yield {
                "ordinal": at,
                "booking": item.booking_reference,
                "customer": "=HYPERLINK(1)" if at == 1 else item.customer,
                "amount_minor": item.amount_minor,
                "currency": item.currency,
                "parts": [
                    {
                        "role": part.role.value,
                        "amount_minor": part.amount_minor,
                        "label": part.label,
                        "payment": f"OPH-{at}",
                    }
                    for part in item.parts
                ],
            }

    # ------------------------------------------------------------ simulating

    def simulate_cancellation(
        self,
        caller: Caller,
        parameters: CancellationParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        known = {one.id: one for one in PERFORMANCES}
        named = tuple(
            RunPerformance(one, known[one].event, known[one].starts_at, known[one].key)
            for one in parameters.performances
        )
        made = self._simulate(caller, RunKind.CANCELLATION, parameters, progress)
        return self._keep(replace(made, performances=named))

    def simulate_dispatch(
        self,
        caller: Caller,
        parameters: DispatchParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        return self._keep(self._simulate(caller, RunKind.DISPATCH, parameters, progress))

    def _simulate(
        self,
        caller: Caller,
        kind: RunKind,
        parameters: CancellationParameters | DispatchParameters,
        progress: Callable[[int], None],
    ) -> Run:
        may(caller, SIMULATING[kind])
        self.told.append(parameters)
        progress(self.count // 2)
        self._called("simulate")
        record = (
            cancellation_record(parameters)
            if isinstance(parameters, CancellationParameters)
            else dispatch_record(parameters)
        )
        taken = sum(self.plan(kind, at) in TAKEN for at in range(1, self.count + 1))
        with self._lock:
            run_id, self._next_id = self._next_id, self._next_id + 1
        items = min(parameters.batch or self.count, self.count)
        return Run(
            run_id,
            kind,
            RunMode.SIMULATION,
            RunState.SIMULATED,
            record,
            caller.operator,
            caller.desk,
            caller.channel,
            NOW,
            expires_at=NOW + self.valid,
            candidates=self.count,
            items=items,
            taken=taken,
            totals=tuple(self._totals(kind)),
        )

    def _keep(self, run: Run) -> Run:
        self.scripts[run.id] = Script(run, self.count, may_reach=0 if self.held else self.count)
        return run

    def _totals(self, kind: RunKind) -> Iterator[RunTotal]:
        counts: Counter[ItemPlan] = Counter()
        sums: Counter[ItemPlan] = Counter()
        for at in range(1, self.count + 1):
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
            yield RunTotal(PartRole.STAYS, "", "CHF", self.count - counts[ItemPlan.CARDS], rest)
            yield RunTotal(TotalName.REASON, "no-card", "CHF", counts[ItemPlan.STAYS], 0)
            nobody = counts[ItemPlan.PERSON]
            yield RunTotal(TotalName.REASON, "credit-needs-person", "CHF", nobody, 0)

    # ------------------------------------------------------------ live

    def go_live(self, caller: Caller, simulation_id: int) -> Run:
        script, _ = self._script(simulation_id)
        self._called("go_live")
        self._begin(script)
        return self._carry_out(script)

    def begin_elsewhere(self, simulation_id: int, done: int, **changes: object) -> int:
        """A live run of another window that did so many items; its number."""
        script, _ = self._script(simulation_id)
        self._begin(script)
        script.done = done
        assert script.live is not None
        self.set_live(script.live.id, **changes)
        return script.live.id

    def _begin(self, script: Script) -> None:
        with self._lock:
            live_id, self._next_id = self._next_id, self._next_id + 1
        before = script.simulation
        script.live = replace(
            before,
            id=live_id,
            mode=RunMode.LIVE,
            state=RunState.RUNNING,
            simulation_id=before.id,
            totals=(),
            carried_out_by="desk 3",
        )
        script.simulation = replace(before, live_id=live_id)

    def resume_run(self, caller: Caller, run_id: int) -> Run:
        self._called("resume_run")
        script, live = self._script(run_id)
        assert live
        self.set_live(run_id, state=RunState.RUNNING, is_lost=False, note="")
        script.stop_asked = False
        self.pauses_at = None
        return self._carry_out(script)

    def _carry_out(self, script: Script) -> Run:
        """On to where it may go; held there until it is let on, asked to stop, or through."""
        with script.moved:
            while script.done < script.count and not script.stop_asked:
                if self.pauses_at is not None and script.done >= self.pauses_at:
                    return self._halt(script, RunState.PAUSED, "practice takes no refunds just now")
                if script.done < script.may_reach:
                    script.done += 1
                    continue
                assert script.moved.wait(HELD_AT_MOST_S), "nobody let the run go on"
        if script.stop_asked:
            return self._halt(script, RunState.STOPPED, "")
        return self._halt(script, RunState.DONE, "")

    def _halt(self, script: Script, state: RunState, note: str) -> Run:
        assert script.live is not None
        script.live = replace(script.live, state=state, note=note)
        return self._live(script)

    def advance(self, run_id: int, to: int) -> None:
        """Let the live run of this simulation, or this live run, go as far as item `to`."""
        script, _ = self._script(run_id)
        with script.moved:
            script.may_reach = to
            script.moved.notify_all()

    def stop_run(self, caller: Caller, run_id: int) -> Run:
        self._called("stop_run")
        script, _ = self._script(run_id)
        with script.moved:
            script.stop_asked = True
            script.moved.notify_all()
        return self._live(script)

    def end_run(self, caller: Caller, run_id: int) -> Run:
        self._called("end_run")
        script, _ = self._script(run_id)
        return self._halt(script, RunState.DONE, "")

    def set_live(self, run_id: int, **changes: object) -> None:
        """Whatever else became of a live run, as when the program that had it is gone."""
        script, _ = self._script(run_id)
        assert script.live is not None
        script.live = replace(script.live, **changes)  # type: ignore[arg-type]

"""Runs in memory for the screens: any number of items made from their numbers, steps on demand.

Nothing is decided here: what an item is and becomes, its number says (scripted_items.py). A live
run does as many items as `advance` lets it, in the thread that went live.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from backend_client.answers import Capabilities
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Action, Caller, Role
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from backend_client.domain.run_limits import refuse_approver
from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
from backend_client.domain.run_record import cancellation_record, dispatch_record
from backend_client.domain.runs import (
    SIMULATING,
    TAKEN,
    Differences,
    ItemOutcome,
    ItemPage,
    ItemPlan,
    PerformancePage,
    PerformanceRow,
    Run,
    RunApproval,
    RunKind,
    RunMode,
    RunPage,
    RunPerformance,
    RunState,
)
from tests.functional.scripted import HELD_AT_MOST_S, ScriptedBackend
from tests.functional.scripted_items import Script, ScriptedItems
from tests.unit.builders import NOW

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


class ScriptedRuns(ScriptedItems, ScriptedBackend):
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
        self.mails = True
        self.four_eyes = False
        self._next_id = 41
        self._lock = threading.Lock()

    # ------------------------------------------------------------ looking

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), sends_mail=self.mails)

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
        run = replace(
            script.live,
            outcomes=dict(counts),
            done=script.done,
            totals=tuple(self.carried_out(script)),
            planned=script.simulation.totals,
        )
        is_still = run.kind is RunKind.DISPATCH and run.state is not RunState.RUNNING
        return replace(run, untouched=tuple(self.untouched(script))) if is_still else run

    def run_items(
        self,
        caller: Caller,
        run_id: int,
        *,
        plans: frozenset[ItemPlan] = frozenset(),
        outcomes: frozenset[ItemOutcome] = frozenset(),
        seen: frozenset[LegState] = frozenset(),
        start: int = 0,
        limit: int = 200,
    ) -> ItemPage:
        self._called("run_items")
        script, live = self._script(run_id)
        kind = script.simulation.kind
        if not plans and not outcomes and not seen:
            wanted: list[int] | range = range(1, script.count + 1)
        else:
            wanted = [
                at
                for at in range(1, script.count + 1)
                if (not plans or self.plan(kind, at) in plans)
                and (not outcomes or self.outcome_now(script, at) in outcomes)
                and (not seen or self.seen(kind, at) in seen)
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
            fingerprint=f"of run {run_id}",
            expires_at=NOW + self.valid,
            candidates=self.count,
            items=items,
            taken=taken,
            totals=tuple(self.simulated(kind, self.count)),
            needs_approval=self.four_eyes,
        )

    def _keep(self, run: Run) -> Run:
        self.scripts[run.id] = Script(run, self.count, may_reach=0 if self.held else self.count)
        return run

    # ------------------------------------------------------------ live

    def go_live(self, caller: Caller, simulation_id: int) -> Run:
        script, _ = self._script(simulation_id)
        self._called("go_live")
        self._begin(script)
        return self._carry_out(script)

    def approve_run(self, caller: Caller, simulation_id: int, fingerprint: str) -> Run:
        self._called("approve_run")
        may(caller, Action.APPROVE_RUN)
        script, _ = self._script(simulation_id)
        before = script.simulation
        refuse_approver(before.operator, caller, simulation_id)
        assert fingerprint == before.fingerprint
        script.simulation = replace(before, approval=RunApproval(caller.operator, "3", NOW))
        return script.simulation

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
        ended = NOW if state is RunState.DONE else None
        script.live = replace(script.live, state=state, note=note, ended_at=ended)
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

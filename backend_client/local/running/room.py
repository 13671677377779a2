"""How runs begin: simulate, look at what changed, have it approved, go live."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from backend_client.domain.caller import Caller
from backend_client.domain.card_numbers import refuse_card_number
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused
from backend_client.domain.runs import (
    SIMULATING,
    Differences,
    Run,
    RunMode,
    RunState,
)
from backend_client.local.running import allowing, approvals, items, runs
from backend_client.local.running.freezing import freeze
from backend_client.local.running.live import Live
from backend_client.local.running.runs import NewRun, Owner
from backend_client.local.running.under_way import RunsUnderWay, new_owner, told_total

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy.engine import Connection, Row

    from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
    from backend_client.local.running.work import RunWork


class RunRoom(RunsUnderWay):
    """Both kinds of runs, over what a kind decides and does."""

    # ------------------------------------------------------------ simulate

    def simulate_cancellation(
        self, caller: Caller, parameters: CancellationParameters, progress: Callable[[int], None]
    ) -> Run:
        return self._simulate(caller, self._cancelling(caller, parameters), progress)

    def simulate_dispatch(
        self, caller: Caller, parameters: DispatchParameters, progress: Callable[[int], None]
    ) -> Run:
        return self._simulate(caller, self._dispatching(caller, parameters), progress)

    def _simulate(self, caller: Caller, work: RunWork, progress: Callable[[int], None]) -> Run:
        may(caller, SIMULATING[work.kind])
        _refuse_card_numbers(work.told)
        context, owner = self._context, new_owner()
        with context.store.read() as connection:
            work.check(connection)
            candidates = work.count(connection)
        parameters = json.dumps(work.told, ensure_ascii=False, sort_keys=True)
        new = NewRun(work.kind, parameters, work.email)
        run_id = context.store.write(
            lambda connection: runs.insert(connection, caller, context.now(), new, owner),
            label="simulate",
        )
        live = Live(context, caller, run_id, owner)
        self._guarded(live, lambda: self._freeze(live, work, parameters, candidates, progress))
        return self.run(run_id)

    def _freeze(
        self,
        live: Live,
        work: RunWork,
        parameters: str,
        candidates: int,
        progress: Callable[[int], None],
    ) -> None:
        """Write every item and the totals; the last step makes it a finished simulation."""
        simulated = freeze(live, work, parameters, progress)
        totals = simulated.totals.rows()

        def finish(connection: Connection) -> None:
            now = self._context.now()
            runs.add_totals(connection, live.run_id, totals)
            runs.finish_simulation(
                connection,
                live.run_id,
                live.owner,
                now,
                fingerprint=simulated.fingerprint,
                expires_at=now + self._valid_for,
                counts=(candidates, simulated.items, simulated.taken),
            )
            live.tell(
                connection,
                "run_simulated",
                kind=work.kind.value,
                parameters=work.told,
                candidates=candidates,
                items=simulated.items,
                taken=simulated.taken,
                fingerprint=simulated.fingerprint,
                totals=[told_total(row) for row in totals],
            )

        live.step(finish, label="finish simulation")

    @property
    def _valid_for(self) -> timedelta:
        from datetime import timedelta

        return timedelta(minutes=self._context.settings.runs.expires_minutes)

    def differences(self, caller: Caller, simulation_id: int) -> Differences:
        with self._context.store.read() as connection:
            row = runs.row_of(connection, simulation_id)
            if row.mode != RunMode.SIMULATION or row.state != RunState.SIMULATED:
                raise Refused("run-not-simulated", run=simulation_id, state=row.state)
            changed, changed_count = items.changed(connection, simulation_id)
            work = self._work_of(caller, row)
            most = items.MOST_DIFFERENCES
            appeared, appeared_count = work.appeared(connection, simulation_id, most)
        return Differences(changed, changed_count, appeared, appeared_count)

    # ------------------------------------------------------------ live

    def go_live(self, caller: Caller, simulation_id: int) -> Run:
        context, owner = self._context, new_owner()
        with context.store.read() as connection:
            row = runs.row_of(connection, simulation_id)
            work = self._work_of(caller, row)
            may(caller, work.action)
            allowing.check_usable(context, row)
            allowing.check_allowed(context, connection, caller, row)
            runs.refuse_taken(connection, work.scopes)
            allowing.refuse_changed(connection, row)
            head = context.store.audit.head(connection)

        def begin(connection: Connection) -> int:
            row = runs.row_of(connection, simulation_id)
            allowing.check_usable(context, row)
            approver = allowing.check_allowed(context, connection, caller, row)
            if context.store.audit.head(connection) != head:
                allowing.refuse_changed(connection, row)
            return self._begin(connection, caller, row, work, owner, approver)

        run_id = context.store.write(begin, label="go live")
        live = Live(context, caller, run_id, owner, simulation_id)
        return self._carry_out(live, work)

    def _begin(
        self,
        connection: Connection,
        caller: Caller,
        row: Row[Any],
        work: RunWork,
        owner: Owner,
        approver: str | None,
    ) -> int:
        new = NewRun(work.kind, row.parameters, bool(row.email), row)
        run_id = runs.insert(connection, caller, self._context.now(), new, owner)
        approvals.keep_limits(connection, run_id, self._context.run_limits)
        runs.take_scopes(connection, run_id, work.scopes)
        work.begin(connection, run_id)
        Live(self._context, caller, run_id, owner, row.id).tell(
            connection,
            "run_live",
            simulation=row.id,
            kind=work.kind.value,
            parameters=work.told,
            fingerprint=row.fingerprint,
            items=row.items,
            taken=row.taken,
            approved_by=approver,
        )
        return run_id

    def approve(self, caller: Caller, simulation_id: int, fingerprint: str) -> Run:
        allowing.approve(self._context, caller, simulation_id, fingerprint)
        return self.run(simulation_id)


def _refuse_card_numbers(told: Mapping[str, Any]) -> None:
    """Names of channels, desks and bookings are kept as they are typed, and shown in every list."""
    for field, value in told.items():
        for text in _texts(value):
            refuse_card_number(text, field)


def _texts(value: object) -> Iterator[str]:
    """Every text of a plain JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(part)

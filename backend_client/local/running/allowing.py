"""Whether a simulation may go live: finished, in time, unchanged, and allowed by whoever must."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_client.domain.caller import Action, Caller
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused
from backend_client.domain.run_limits import (
    Simulated,
    refuse_approver,
    refuse_program,
    refuse_unapproved,
)
from backend_client.domain.runs import RunMode, RunState
from backend_client.local.running import approvals, items, reading, runs
from backend_client.local.running.live import tell
from backend_client.local.times import from_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from backend_client.local.context import Context


def check_usable(context: Context, row: Row[Any]) -> None:
    """Is it a simulation nobody carried out yet, still valid, with something to do?"""
    if row.mode != RunMode.SIMULATION or row.state != RunState.SIMULATED:
        raise Refused("run-not-simulated", run=row.id, state=row.state)
    if row.live_id is not None:
        raise Refused("run-used", run=row.id, live=row.live_id)
    until = from_us(row.expires_at_us)
    if context.now() >= until:
        raise Refused("run-expired", run=row.id, until=until.isoformat(timespec="minutes"))
    if not row.taken:
        raise Refused("run-nothing-to-do", run=row.id)


def check_allowed(
    context: Context, connection: Connection, caller: Caller, row: Row[Any]
) -> str | None:
    """Nobody goes live alone with more than one person may allow; who approved it, if anybody."""
    run = reading.read(connection, row.id, context.now())
    simulated = Simulated(run.id, run.operator, run.taken, run.totals, run.approval)
    refuse_unapproved(simulated, caller, context.run_limits)
    return run.approval.operator if run.approval else None


def check_program(connection: Connection, caller: Caller, row: Row[Any]) -> None:
    """What of a live run is left a token carries out only if its simulation was approved."""
    approval = approvals.of(connection, [row.simulation_id]).get(row.simulation_id)
    refuse_program(row.simulation_id, row.operator, approval, caller)


def refuse_changed(connection: Connection, row: Row[Any]) -> None:
    changed, count = items.changed(connection, row.id)
    if count:
        raise Refused(
            "run-changed",
            run=row.id,
            count=count,
            bookings=[one.booking_reference for one in changed],
        )


def approve(context: Context, caller: Caller, simulation_id: int, fingerprint: str) -> None:
    """Once is enough: whoever comes second changes nothing about the approval there is."""
    may(caller, Action.APPROVE_RUN)

    def add(connection: Connection) -> None:
        row = runs.row_of(connection, simulation_id)
        refuse_approver(row.operator, caller, simulation_id)
        check_usable(context, row)
        if fingerprint != row.fingerprint:
            raise Refused("approval-differs", run=simulation_id)
        if approvals.of(connection, [simulation_id]):
            return
        approvals.add(connection, caller, simulation_id, fingerprint, context.now())
        body = {"fingerprint": fingerprint, "maker": row.operator, "taken": row.taken}
        tell(context, connection, caller, simulation_id, "run_approved", **body)

    context.store.write(add, label="approve run")

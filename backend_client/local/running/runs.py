"""The row of a run: made, owned by one program at a time, stopped, resumed, ended.

Who carries a run out is written in its row and checked in each of its transactions, so that of two
that want it one goes on and the other finds out before it writes anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection, Row

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.problems import Refused
from backend_client.domain.runs import (
    UNFINISHED,
    RunKind,
    RunMode,
    RunState,
    RunTotal,
)
from backend_client.local import ids
from backend_client.local.desks import desk_of
from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import run as run_table
from backend_client.local.schema import run_scope
from backend_client.local.times import maybe_us, to_us
from backend_client.processes import has_ended

OWNED_FOR = timedelta(seconds=30)
"""Renewed by each step; whoever is silent for longer may be taken over from."""
_COLUMNS = (
    "id",
    "kind",
    "mode",
    "state",
    "simulation_id",
    "parameters",
    "fingerprint",
    "operator",
    "role",
    "desk",
    "channel",
    "entrance",
    "correlation_id",
    "email",
    "started_at_us",
    "expires_at_us",
    "candidates",
    "items",
    "taken",
    "owner",
    "owner_name",
    "owner_until_us",
)
WITH_LIVE = """
SELECT run.*, live.id AS live_id FROM run LEFT JOIN run live ON live.simulation_id = run.id
WHERE run.id IN (SELECT value FROM json_each(?)) ORDER BY run.id DESC"""
_KEEP = """
UPDATE run SET owner_until_us = ? WHERE id = ? AND owner = ? AND state IN ('running','simulating')
RETURNING stop_requested"""
_TAKE_OVER = """
UPDATE run SET state = 'running', owner = ?, owner_name = ?, owner_until_us = ?, stop_requested = 0,
  note = ? WHERE id = ? AND state = ? AND owner = ? AND owner_until_us IS ?"""
_LEAVE = """
UPDATE run SET note = CASE WHEN :state = 'stopped' AND (:note = '' OR stop_requested) THEN note
    ELSE :note END,
  state = :state, ended_at_us = :ended, owner = '', owner_until_us = NULL, stop_requested = 0
WHERE id = :run AND owner = :owner AND state IN ('running','simulating')"""
"""Who asked it to stop may have said why, and wanted the stop whatever came in between."""
_ADD_TOTAL = """
INSERT INTO run_total(run_id, name, detail, currency, count, amount_minor) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT(run_id, name, detail, currency) DO UPDATE
SET count = count + excluded.count, amount_minor = amount_minor + excluded.amount_minor"""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who carries a run out."""

    token: str
    name: str

    def until(self, now: datetime) -> int:
        return to_us(now + OWNED_FOR)


@dataclass(frozen=True, slots=True)
class NewRun:
    kind: RunKind
    parameters: str
    email: bool
    simulation: Row[Any] | None = None
    """The simulation a live run carries out."""


def insert(connection: Connection, caller: Caller, now: datetime, new: NewRun, owner: Owner) -> int:
    """A new run that is being carried out by `owner`: a live one where it names a simulation."""
    run_id = ids.take(connection, "run")
    simulation = new.simulation
    live = simulation is not None
    figures = (
        (simulation.candidates, simulation.items, simulation.taken) if simulation else (0, 0, 0)
    )
    row = (
        run_id,
        new.kind.value,
        (RunMode.LIVE if live else RunMode.SIMULATION).value,
        (RunState.RUNNING if live else RunState.SIMULATING).value,
        simulation.id if simulation else None,
        new.parameters,
        simulation.fingerprint if simulation else "",
        caller.operator,
        caller.role.value,
        caller.desk,
        caller.channel,
        caller.entrance.value,
        caller.correlation_id,
        int(new.email),
        to_us(now),
        None,
        *figures,
        owner.token,
        owner.name,
        owner.until(now),
    )
    insert_rows(connection, run_table, _COLUMNS, [row])
    return run_id


def row_of(connection: Connection, run_id: int) -> Row[Any]:
    """The row of a run that must exist, with the live run that used it (`live_id`)."""
    rows = fetch(connection, WITH_LIVE, id_list([run_id]))
    if not rows:
        raise Refused("run-not-found", run=run_id)
    return rows[0]


def caller_of(row: Row[Any]) -> Caller:
    """Who went live with it, from where."""
    return Caller(
        row.operator,
        Role(row.role),
        desk_of(row),
        row.channel,
        Entrance(row.entrance),
        row.correlation_id,
    )


def is_lost(row: Row[Any], now: datetime) -> bool:
    """Is whoever carried it out gone without having left it?"""
    if row.state not in (RunState.RUNNING, RunState.SIMULATING):
        return False
    return bool(row.owner_until_us <= to_us(now) or has_ended(row.owner))


def finish_simulation(
    connection: Connection,
    run_id: int,
    owner: Owner,
    now: datetime,
    *,
    fingerprint: str,
    expires_at: datetime,
    counts: tuple[int, int, int],
) -> None:
    """From here on it can be carried out; `counts` are candidates, items and what is taken."""
    moved = connection.exec_driver_sql(
        "UPDATE run SET state = 'simulated', fingerprint = ?, expires_at_us = ?, ended_at_us = ?, "
        "candidates = ?, items = ?, taken = ?, owner = '', owner_until_us = NULL "
        "WHERE id = ? AND owner = ? AND state = 'simulating'",
        (fingerprint, maybe_us(expires_at), to_us(now), *counts, run_id, owner.token),
    ).rowcount
    assert moved == 1, "a simulation was finished by somebody else"


def keep(connection: Connection, run_id: int, owner: Owner, now: datetime) -> bool | None:
    """Renew the ownership: may it go on? None when the run is somebody else's by now."""
    rows = fetch(connection, _KEEP, owner.until(now), run_id, owner.token)
    return not rows[0].stop_requested if rows else None


def take_over(
    connection: Connection, row: Row[Any], owner: Owner, now: datetime, note: str
) -> bool:
    """Go on with a run as it was read; of two that try, the first to write wins."""
    values = (owner.token, owner.name, owner.until(now), note)
    seen = (row.id, row.state, row.owner, row.owner_until_us)
    return connection.exec_driver_sql(_TAKE_OVER, (*values, *seen)).rowcount == 1


def leave(
    connection: Connection, run_id: int, owner: Owner, state: RunState, note: str, now: datetime
) -> bool:
    """Hand a run back in this state; False when it was somebody else's already."""
    ended = to_us(now) if state not in UNFINISHED else None
    left = {
        "state": state.value,
        "note": note,
        "ended": ended,
        "run": run_id,
        "owner": owner.token,
    }
    return connection.exec_driver_sql(_LEAVE, left).rowcount == 1


def ask_to_stop(connection: Connection, run_id: int, why: str) -> bool:
    return (
        connection.exec_driver_sql(
            "UPDATE run SET stop_requested = 1, note = ? "
            "WHERE id = ? AND state IN ('running','simulating') AND stop_requested = 0",
            (why, run_id),
        ).rowcount
        == 1
    )


def set_down(connection: Connection, row: Row[Any]) -> bool:
    """Stop a run nobody carries out, as long as it is as it was read."""
    return (
        connection.exec_driver_sql(
            "UPDATE run SET state = 'stopped', note = '', owner = '', owner_until_us = NULL, "
            "stop_requested = 0 WHERE id = ? AND state = ? AND owner = ? AND owner_until_us IS ?",
            (row.id, row.state, row.owner, row.owner_until_us),
        ).rowcount
        == 1
    )


def refuse_taken(connection: Connection, scopes: Iterable[str]) -> None:
    """Refuse what another run works on, until that is done or ended."""
    taken = fetch(
        connection,
        "SELECT run.id, run.operator, run.desk FROM run_scope s JOIN run ON run.id = s.run_id "
        "WHERE s.scope IN (SELECT value FROM json_each(?)) LIMIT 1",
        json.dumps(list(scopes)),
    )
    if taken:
        first = taken[0]
        raise Refused(
            "run-scope-taken",
            other=first.id,
            operator=first.operator,
            where=f"desk {desk_of(first)}" if first.desk else "no desk",
        )


def take_scopes(connection: Connection, run_id: int, scopes: Iterable[str]) -> None:
    """Keep what a run works on for itself alone."""
    wanted = list(scopes)
    refuse_taken(connection, wanted)
    insert_rows(connection, run_scope, ("scope", "run_id"), [(one, run_id) for one in wanted])


def release_scopes(connection: Connection, run_id: int) -> None:
    connection.exec_driver_sql("DELETE FROM run_scope WHERE run_id = ?", (run_id,))


def add_totals(connection: Connection, run_id: int, totals: Iterable[RunTotal]) -> None:
    rows = [
        (run_id, one.name, one.detail, one.currency, one.count, one.amount_minor) for one in totals
    ]
    if rows:
        connection.exec_driver_sql(_ADD_TOTAL, rows)


def count_done(connection: Connection, run_id: int, done: int) -> None:
    """Count items a live run is through with."""
    connection.exec_driver_sql("UPDATE run SET done = done + ? WHERE id = ?", (done, run_id))

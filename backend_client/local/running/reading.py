"""Runs as people see them: with their figures, what was approved, and whether they still move."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection, Row

from backend_client.domain.caller import Entrance
from backend_client.domain.runs import (
    ItemOutcome,
    Run,
    RunKind,
    RunMode,
    RunPage,
    RunPerformance,
    RunState,
    RunTotal,
)
from backend_client.local.desks import desk_of
from backend_client.local.rows import fetch, id_list
from backend_client.local.running import approvals, runs
from backend_client.local.times import from_us, maybe_from_us

MOST_RUNS = 200
_WANTED = "run_id IN (SELECT value FROM json_each(?))"
_TOTALS = f"""
SELECT run_id, name, detail, currency, count, amount_minor FROM run_total WHERE {_WANTED}
ORDER BY run_id, name, detail, currency"""
_UNTOUCHED = f"""
SELECT run_id, outcome, '' AS detail, currency, COUNT(*) AS count, SUM(amount_minor) AS minor
FROM run_item INDEXED BY run_item_by_outcome
WHERE {_WANTED} AND outcome IN ('waiting','changed','left') AND outcome <> ''
GROUP BY 1, 2, 3, 4"""


def read(connection: Connection, run_id: int, now: datetime) -> Run:
    return _runs(connection, [runs.row_of(connection, run_id)], now)[0]


def page(connection: Connection, before: int | None, limit: int, now: datetime) -> RunPage:
    """Runs below `before`, newest first."""
    size = max(1, min(limit, MOST_RUNS))
    newest = fetch(
        connection,
        "SELECT id FROM run WHERE id < ? ORDER BY id DESC LIMIT ?",
        2**62 if before is None else before,
        size + 1,
    )
    wanted = [row.id for row in newest[:size]]
    found = _runs(connection, fetch(connection, runs.WITH_LIVE, id_list(wanted)), now)
    return RunPage(found, found[-1].id if len(newest) > size else None)


def _runs(connection: Connection, rows: Iterable[Row[Any]], now: datetime) -> tuple[Run, ...]:
    rows = list(rows)
    used = [row.simulation_id for row in rows if row.simulation_id is not None]
    totals = _figures(connection, _TOTALS, {*used, *(row.id for row in rows)})
    still = (row.simulation_id for row in rows if _stands_still(row))
    untouched = _figures(connection, _UNTOUCHED, still)
    outcomes: dict[int, dict[ItemOutcome, int]] = defaultdict(dict)
    approved = approvals.of(connection, (row.simulation_id or row.id for row in rows))
    performances = _performances(connection, rows)
    for one in fetch(
        connection, f"SELECT * FROM run_count WHERE {_WANTED} AND items > 0", id_list(used)
    ):
        outcomes[one.run_id][ItemOutcome(one.outcome)] = one.items
    return tuple(
        replace(
            _run(row, totals[row.id], outcomes[row.simulation_id], performances, now),
            planned=totals[row.simulation_id],
            untouched=untouched[row.simulation_id],
            approval=approved.get(row.simulation_id or row.id),
        )
        for row in rows
    )


def _figures(
    connection: Connection, statement: str, run_ids: Iterable[int]
) -> defaultdict[int | None, tuple[RunTotal, ...]]:
    """Rows of figures by the run they are of."""
    wanted = id_list(run_ids)
    found: defaultdict[int | None, tuple[RunTotal, ...]] = defaultdict(tuple)
    for run_id, *figures in fetch(connection, statement, wanted):
        found[run_id] += (RunTotal(*figures),)
    return found


def _stands_still(row: Row[Any]) -> bool:
    """Is it a live dispatch that moves no more? While it moves, what waits is not added up."""
    is_live = bool(row.kind == RunKind.DISPATCH and row.mode == RunMode.LIVE)
    return is_live and row.state != RunState.RUNNING


def _performances(connection: Connection, rows: Iterable[Row[Any]]) -> dict[int, RunPerformance]:
    """Those these runs are about, by id."""
    named = (json.loads(row.parameters).get("performances", ()) for row in rows)
    wanted = {one for performances in named for one in performances}
    if not wanted:
        return {}
    found = fetch(
        connection,
        "SELECT id, event, starts_at_us, key FROM performance "
        "WHERE id IN (SELECT value FROM json_each(?))",
        id_list(wanted),
    )
    return {
        row.id: RunPerformance(row.id, row.event, maybe_from_us(row.starts_at_us), row.key)
        for row in found
    }


def _run(
    row: Row[Any],
    totals: tuple[RunTotal, ...],
    outcomes: Mapping[ItemOutcome, int],
    performances: Mapping[int, RunPerformance],
    now: datetime,
) -> Run:
    parameters = json.loads(row.parameters)
    about = parameters.get("performances", ())
    return Run(
        id=row.id,
        kind=RunKind(row.kind),
        mode=RunMode(row.mode),
        state=RunState(row.state),
        parameters=parameters,
        operator=row.operator,
        desk=desk_of(row),
        channel=row.channel,
        started_at=from_us(row.started_at_us),
        fingerprint=row.fingerprint,
        ended_at=maybe_from_us(row.ended_at_us),
        expires_at=maybe_from_us(row.expires_at_us),
        simulation_id=row.simulation_id,
        live_id=row.live_id,
        candidates=row.candidates,
        items=row.items,
        taken=row.taken,
        done=row.done,
        totals=totals,
        outcomes=outcomes,
        note=row.note,
        stopping=bool(row.stop_requested),
        is_lost=runs.is_lost(row, now),
        carried_out_by=row.owner_name,
        performances=tuple(performances[one] for one in about if one in performances),
        entrance=Entrance(row.entrance),
    )

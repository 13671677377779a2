"""Approvals of simulations as rows, and what was allowed when a live run began."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from backend_client.domain.runs import RunApproval
from backend_client.local.desks import desk_of
from backend_client.local.rows import fetch, id_list
from backend_client.local.times import from_us, to_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.domain.caller import Caller
    from backend_client.domain.run_limits import RunLimits

_OF = """
SELECT run_id, operator, desk, at_us FROM run_approval
WHERE run_id IN (SELECT value FROM json_each(?))"""
_ADD = """
INSERT INTO run_approval(run_id, fingerprint, operator, desk, entrance, at_us)
VALUES (?, ?, ?, ?, ?, ?)"""
_KEEP = """
INSERT INTO run_limit(run_id, currency, unattended_items, unattended_minor, four_eyes_minor)
VALUES (?, ?, ?, ?, ?)"""


def of(connection: Connection, simulation_ids: Iterable[int]) -> dict[int, RunApproval]:
    """Those there are, by simulation."""
    return {
        row.run_id: RunApproval(row.operator, desk_of(row), from_us(row.at_us))
        for row in fetch(connection, _OF, id_list(simulation_ids))
    }


def add(
    connection: Connection, caller: Caller, run_id: int, fingerprint: str, now: datetime
) -> None:
    values = (run_id, fingerprint, caller.operator, caller.desk, caller.entrance.value, to_us(now))
    connection.exec_driver_sql(_ADD, values)


def keep_limits(connection: Connection, run_id: int, limits: RunLimits) -> None:
    """What a live run that begins now is judged by later."""
    values = (
        run_id,
        limits.currency,
        limits.unattended_items,
        limits.unattended_minor,
        limits.four_eyes_minor,
    )
    connection.exec_driver_sql(_KEEP, values)

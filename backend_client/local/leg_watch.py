"""When legs are looked at again, and what earlier looks found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.domain.refund import COMPARED, LegState
from backend_client.domain.settlement import Checked, LegResult, Look, Outcome
from backend_client.local.rows import fetch
from backend_client.local.times import to_us
from backend_client.local.triggers import TO_PAYMENT, in_list

_NEVER_ASKED = frozenset({Outcome.NOT_SENT, Outcome.PAYLOAD_CHANGED, Outcome.CARD_IMPOSSIBLE})
_NOTE = """
INSERT INTO leg_watch(leg_id, due_us, attempts, looked_at_us, looks)
SELECT leg.id, seen.value ->> 4, leg.attempts, seen.value ->> 2, seen.value ->> 3
FROM json_each(?) AS seen JOIN leg ON leg.id = seen.value ->> 0
  AND leg.attempts = seen.value ->> 1 AND leg.state IN ('unknown', 'accepted')
WHERE true
ON CONFLICT(leg_id) DO UPDATE SET due_us = excluded.due_us, attempts = excluded.attempts,
  looked_at_us = excluded.looked_at_us, looks = excluded.looks"""
_RECORDED = """
INSERT INTO leg_watch(leg_id, due_us, refused)
SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
ON CONFLICT(leg_id) DO UPDATE SET due_us = excluded.due_us,
  refused = CASE WHEN excluded.refused = 0 THEN 0 ELSE refused + 1 END"""
_TO_CHECK = f"""
SELECT leg.id FROM leg_watch JOIN leg ON leg.id = leg_watch.leg_id
WHERE leg_watch.due_us <= ? AND leg.state IN {in_list(COMPARED)}
  AND leg.method IN {TO_PAYMENT} AND leg.payment_id IS NOT NULL AND leg.id > ?
ORDER BY leg.id LIMIT ?"""
_SENT_SINCE = f"""
SELECT id FROM leg WHERE attempts > 0 AND method IN {TO_PAYMENT} AND id > ?
  AND sent_at_us >= ? ORDER BY id LIMIT ?"""
_CHECKED = "UPDATE leg_watch SET due_us = ? WHERE leg_id = ?"


def note(connection: Connection, looks: Sequence[Look]) -> None:
    """Remember looks that changed nothing, as long as the leg is still in that sending."""
    seen = [
        (one.leg_id, one.attempts, to_us(one.looked_at), one.looks, to_us(one.again_at))
        for one in looks
    ]
    connection.exec_driver_sql(_NOTE, (json.dumps(seen),))


def recorded(connection: Connection, results: Sequence[LegResult], at: datetime) -> None:
    """A leg that waits has a time it waits for; what a provider decided is compared with its list
    in the same drive, or by whoever drives next."""
    rows = []
    for result in results:
        if result.again_at is not None:
            rows.append((result.leg_id, to_us(result.again_at), 1))
        elif result.state is LegState.SUCCEEDED or (
            result.state is LegState.DECLINED and result.outcome not in _NEVER_ASKED
        ):
            rows.append((result.leg_id, to_us(at), 0))
    if rows:
        connection.exec_driver_sql(_RECORDED, (json.dumps(rows),))


def to_check(connection: Connection, after: int, limit: int, at: datetime) -> list[int]:
    return [row.id for row in fetch(connection, _TO_CHECK, to_us(at), after, limit)]


def sent_since(connection: Connection, after: int, limit: int, at: datetime | None) -> list[int]:
    since = to_us(at) if at is not None else 0
    return [row.id for row in fetch(connection, _SENT_SINCE, after, since, limit)]


def checked(connection: Connection, checks: Sequence[Checked]) -> None:
    """The next check, or none any more."""
    rows = [
        (to_us(check.again_at) if check.again_at is not None else None, check.leg.leg_id)
        for check in checks
        if check.leg.state in COMPARED
    ]
    if rows:
        connection.exec_driver_sql(_CHECKED, rows)

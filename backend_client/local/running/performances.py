"""Performances with what is still sold of them, counted for a whole page at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.domain.card_numbers import refuse_card_number
from backend_client.domain.problems import Refused
from backend_client.domain.runs import PerformancePage, PerformanceRow
from backend_client.local.rows import fetch, id_list
from backend_client.local.search_text import normalise
from backend_client.local.times import maybe_from_us, to_us

MOST_ROWS = 500
_NEXT_FIRST = """
SELECT id, event, key, event_key FROM performance
ORDER BY starts_at_us IS NULL, starts_at_us < ?1,
  CASE WHEN starts_at_us < ?1 THEN -starts_at_us ELSE starts_at_us END, id"""
_ROWS = """
SELECT p.*, COUNT(DISTINCT l.booking_id) AS bookings, COALESCE(SUM(l.quantity), 0) AS tickets
FROM performance p
LEFT JOIN line l ON l.performance_id = p.id AND l.state = 'sold' AND l.kind = 'ticket'
WHERE p.id IN (SELECT value FROM json_each(?)) GROUP BY p.id"""


def page(
    connection: Connection, text: str, start: int, limit: int, now: datetime
) -> PerformancePage:
    """The next one first, behind those to come the past ones from the newest on, those without a
    date last. Accents and case do not matter. A house has thousands of performances, never so many
    that asking for all is slow."""
    refuse_card_number(text, "search")
    wanted, size = normalise(text), max(1, min(limit, MOST_ROWS))
    found = [
        row.id
        for row in fetch(connection, _NEXT_FIRST, to_us(now))
        if not wanted or any(wanted in normalise(one) for one in row[1:])
    ]
    first = max(start, 0)
    return PerformancePage(load(connection, found[first : first + size]), len(found))


def load(connection: Connection, ids: Iterable[int]) -> tuple[PerformanceRow, ...]:
    """The performances with these ids, in the order asked for; what is not there is left out."""
    wanted = list(dict.fromkeys(ids))
    found = {
        row.id: PerformanceRow(
            id=row.id,
            site=row.site,
            key=row.key,
            event=row.event,
            event_key=row.event_key,
            starts_at=maybe_from_us(row.starts_at_us),
            blocked=bool(row.blocked),
            bookings=row.bookings,
            tickets=row.tickets,
        )
        for row in fetch(connection, _ROWS, id_list(wanted))
    }
    return tuple(found[one] for one in wanted if one in found)


def of_one_event(connection: Connection, ids: Iterable[int]) -> None:
    """Refuse performances that are not there, and those of more than one event."""
    wanted = list(ids)
    rows = {
        row.id: row
        for row in fetch(
            connection,
            "SELECT id, site, key, event_key, event FROM performance "
            "WHERE id IN (SELECT value FROM json_each(?))",
            id_list(wanted),
        )
    }
    unknown = [one for one in wanted if one not in rows]
    if unknown or not wanted:
        raise Refused("performance-unknown", performance=unknown[0] if unknown else "…")
    events = {(row.site, row.event_key or row.event) for row in rows.values()}
    if len(events) > 1:
        named = sorted(f"{row.event} {row.key}" for row in rows.values())
        raise Refused("performances-of-two-events", events=named)


def block(connection: Connection, ids: Iterable[int]) -> None:
    """Close them for sale, for good: an import never opens them again."""
    connection.exec_driver_sql(
        "UPDATE performance SET blocked = 1 WHERE id IN (SELECT value FROM json_each(?))",
        (id_list(ids),),
    )

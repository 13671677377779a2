"""Writes what bookings are found by: the words in search_doc and the FTS5 index beside it.

The index keeps no text of its own, so a change must give it the old words back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.engine import Connection

from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import search_doc
from backend_client.local.search_text import SearchRow, search_row

_COLUMNS = ", ".join(SearchRow._fields)
_MARKS = ", ".join("?" * len(SearchRow._fields))
_INDEX = f"""
INSERT INTO search(rowid, {_COLUMNS}) SELECT id, {_COLUMNS} FROM search_doc
WHERE id IN (SELECT value FROM json_each(?))"""
_FORGET = f"INSERT INTO search(search, rowid, {_COLUMNS}) VALUES ('delete', ?, {_MARKS})"
_OLD = f"SELECT id, {_COLUMNS} FROM search_doc WHERE id IN (SELECT value FROM json_each(?))"
_UPDATE = "UPDATE search_doc SET {} WHERE id = ?".format(
    ", ".join(f"{name} = ?" for name in SearchRow._fields)
)
_WANTED = "IN (SELECT value FROM json_each(?))"
_PEOPLE = f"""
SELECT b.id, c.name, c.email, c.phone, 0 AS place FROM booking b JOIN contact c
  ON c.id = b.contact_id WHERE b.id {_WANTED}
UNION ALL
SELECT p.booking_id, c.name, c.email, c.phone, p.id FROM payment p JOIN contact c
  ON c.id = p.payer_id WHERE p.booking_id {_WANTED} ORDER BY 1, 5"""
_BOOKINGS = f"SELECT id, booking_id, number, transaction_id FROM booking WHERE id {_WANTED}"
_PAYMENTS = f"""
SELECT booking_id, key, provider_reference, bank_reference, masked_number FROM payment
WHERE booking_id {_WANTED} ORDER BY id"""
_LINES = f"""
SELECT l.booking_id, l.seat, COALESCE(p.event, '') AS event
FROM line l LEFT JOIN performance p ON p.id = l.performance_id
WHERE l.booking_id {_WANTED} ORDER BY l.booking_id, l.sequence"""


def write_search(connection: Connection, rows: Sequence[tuple[int, tuple[str, ...]]]) -> None:
    """Words of bookings the index does not know yet, by booking id."""
    if rows:
        flat = [(booking_id, *words) for booking_id, words in rows]
        insert_rows(connection, search_doc, ("id", *SearchRow._fields), flat)
        _index(connection, [booking_id for booking_id, _ in rows])


def rewrite_search(connection: Connection, booking_ids: Iterable[int]) -> None:
    """Make the words of these bookings what their rows say now; unchanged ones cost no write."""
    asked = id_list(booking_ids)
    old = {row.id: SearchRow(*row[1:]) for row in fetch(connection, _OLD, asked)}
    new = _words_now(connection, asked)
    changed = [one for one in new if one in old and old[one] != new[one]]
    if changed:
        connection.exec_driver_sql(_FORGET, [(one, *old[one]) for one in changed])
        connection.exec_driver_sql(_UPDATE, [(*new[one], one) for one in changed])
        _index(connection, changed)
    write_search(connection, [(one, new[one]) for one in new if one not in old])


def _index(connection: Connection, booking_ids: Sequence[int]) -> None:
    """Take over the words from search_doc: one statement, and none of them passes by here again."""
    connection.exec_driver_sql(_INDEX, (id_list(booking_ids),))


def _words_now(connection: Connection, asked: str) -> dict[int, SearchRow]:
    people: dict[int, list[tuple[str, str, str]]] = {}
    for row in fetch(connection, _PEOPLE, asked, asked):
        people.setdefault(row.id, []).append((row.name, row.email, row.phone))
    payments: dict[int, list[tuple[str, str, str, str]]] = {}
    for row in fetch(connection, _PAYMENTS, asked):
        payments.setdefault(row.booking_id, []).append(tuple(row[1:]))
    lines: dict[int, list[tuple[str, str]]] = {}
    for row in fetch(connection, _LINES, asked):
        lines.setdefault(row.booking_id, []).append((row.seat, row.event))
    return {
        row.id: search_row(
            people.get(row.id, ()),
            [
                row.booking_id,
                row.number,
                row.transaction_id,
                *(text for one in payments.get(row.id, ()) for text in one[:3]),
            ],
            [one[3] for one in payments.get(row.id, ())],
            [seat for seat, _ in lines.get(row.id, ())],
            [event for _, event in lines.get(row.id, ())],
        )
        for row in fetch(connection, _BOOKINGS, asked)
    }

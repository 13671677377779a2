"""One chunk of an import: a handful of statements for hundreds of bookings, all or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.caller import Caller
from backend_client.local import ids
from backend_client.local.audit import AuditLog, Record
from backend_client.local.changes import Event, note
from backend_client.local.intake_change import contradiction, load_stored, take_over
from backend_client.local.intake_claims import store_claims
from backend_client.local.intake_people import Memory, People, Shows, store_people, store_shows
from backend_client.local.intake_rows import BOOKING, LINE, PAYMENT, Prepared, Row, with_id
from backend_client.local.order_sessions import remember
from backend_client.local.rows import fetch, insert_rows
from backend_client.local.schema import booking as booking_table
from backend_client.local.schema import line as line_table
from backend_client.local.schema import payment as payment_table
from backend_client.local.search_index import rewrite_search, write_search
from backend_client.local.timeline import UPDATED
from backend_client.ports import TokenSource

REWRITTEN_AT_ONCE = 300
"""Search words of so many other bookings are put right with the chunk that renamed a person."""

_WANTED = "IN (SELECT value FROM json_each(?))"
_KNOWN = f"""
SELECT b.site, b.booking_id, b.transaction_id, b.id, b.source_digest, b.is_paid, s.session
FROM booking b LEFT JOIN order_session s ON s.booking_id = b.id WHERE b.booking_id {_WANTED}"""
_OF_PEOPLE = f"""
SELECT id FROM booking WHERE contact_id {_WANTED}
UNION SELECT booking_id FROM payment WHERE payer_id {_WANTED}"""
_OF_SHOWS = f"SELECT DISTINCT booking_id FROM line WHERE performance_id {_WANTED}"
_NOT_COMMITTED = "0"
"""Connect's transaction id of a booking nobody has paid yet."""


@dataclass(frozen=True, slots=True)
class Office:
    """Who imports, when, and what the import writes its traces with."""

    caller: Caller
    at: datetime
    audit: AuditLog
    tokens: TokenSource


@dataclass(slots=True)
class Done:
    """What came of a chunk; `stale` are bookings whose search words must still be put right."""

    people: People
    shows: Shows
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    contradicted: dict[str, str] = field(default_factory=dict)
    stale: list[int] = field(default_factory=list)


def store_chunk(
    connection: Connection, chunk: Sequence[Prepared], memory: Memory, office: Office
) -> Done:
    """Store bookings no two of which have the same site and booking id; does nothing but use its
    connection, so that it can be undone and run again."""
    new, changed, unchanged = _sorted_out(connection, chunk)
    stored = load_stored(connection, [booking_id for booking_id, _ in changed])
    contradicted: dict[str, str] = {}
    accepted: list[tuple[int, Prepared]] = []
    for booking_id, one in changed:
        where = contradiction(stored[booking_id], one)
        if where:
            contradicted[":".join(one.key)] = where
        else:
            accepted.append((booking_id, one))
    taken = new + [one for _, one in accepted]
    people = store_people(connection, (who for one in taken for who in one.people), memory)
    shows = store_shows(
        connection, (((one.site, key), said) for one in taken for key, said in one.shows), memory
    )
    added = _insert(connection, new, people, shows)
    updated: list[int] = []
    for booking_id, one in accepted:
        moved = take_over(connection, stored[booking_id], one, people, shows)
        if moved or _told_news(one, people, shows):
            updated.append(booking_id)
    touched = added + accepted
    if touched:
        remember(connection, touched)
        store_claims(
            connection, office.caller, office.at, office.tokens, office.audit, touched, people
        )
    unchanged += len(accepted) - len(updated)
    done = Done(people, shows, len(new), len(updated), unchanged, contradicted)
    _put_search_right(connection, done, updated)
    _leave_traces(connection, done, added, updated, office)
    return done


def _told_news(one: Prepared, people: People, shows: Shows) -> bool:
    """Did this booking come with other details of its people or performances?"""
    return any(people.id_of(key) in people.changed for key, _ in one.people) or any(
        shows.id_of(one.site, key) in shows.changed for key, _ in one.shows
    )


def _sorted_out(
    connection: Connection, chunk: Sequence[Prepared]
) -> tuple[list[Prepared], list[tuple[int, Prepared]], int]:
    """The new bookings, the changed ones with their ids, and how many say what they said."""
    wanted = json.dumps([one.booking_id for one in chunk])
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for row in fetch(connection, _KNOWN, wanted):
        known.setdefault((row.site, row.booking_id), {})[row.transaction_id] = row
    new: list[Prepared] = []
    changed: list[tuple[int, Prepared]] = []
    unchanged = 0
    for one in chunk:
        rows = known.get((one.site, one.booking_id))
        before = _stored(rows, one) if rows else None
        if before is None:
            new.append(one)
        elif before.source_digest == one.digest or _is_older(before, one):
            unchanged += 1
        else:
            changed.append((before.id, one))
    return new, changed, unchanged


def _stored(rows: dict[str, Any], one: Prepared) -> Any:
    """The one of the bookings of this id that this one is; none if there is no such."""
    return rows.get(one.transaction_id) or _unpaid(rows) or _paid_here(rows, one)


def _unpaid(rows: dict[str, Any]) -> Any:
    """The booking as it was before it was paid: it had no transaction of its own yet."""
    row = rows.get(_NOT_COMMITTED)
    return row if row is not None and not row.is_paid else None


def _paid_here(rows: dict[str, Any], one: Prepared) -> Any:
    """The order whose payment was recorded here, under a transaction its source does not know."""
    same = (row for row in rows.values() if row.session and row.session == one.order_session)
    return next((row for row in same if row.is_paid), None)


def _is_older(row: Any, one: Prepared) -> bool:
    """Does the source tell of an order as it was before it was paid here?"""
    is_before = not one.said.is_paid and one.transaction_id == _NOT_COMMITTED
    return is_before and row.is_paid and row.transaction_id != _NOT_COMMITTED


def _insert(
    connection: Connection, new: Sequence[Prepared], people: People, shows: Shows
) -> list[tuple[int, Prepared]]:
    if not new:
        return []
    numbered = [*enumerate(new, ids.take(connection, "booking", len(new)))]
    contacts = people.ids()
    bookings = [
        (*with_id(one.booking, contacts, booking_id), one.digest) for booking_id, one in numbered
    ]
    insert_rows(connection, booking_table, ("id", *BOOKING, "source_digest"), bookings)
    line_ids = _block(connection, "line", sum(len(one.lines) for one in new))
    lines = [
        with_id(row, performances, next(line_ids), booking_id)
        for booking_id, one in numbered
        for performances in (shows.ids(one),)
        for row in one.lines
    ]
    insert_rows(connection, line_table, ("id", "booking_id", *LINE), lines)
    payment_ids = _block(connection, "payment", sum(len(one.payments) for one in new))
    payments = [
        with_id(row, contacts, next(payment_ids), booking_id)
        for booking_id, one in numbered
        for row in one.payments
    ]
    insert_rows(connection, payment_table, ("id", "booking_id", *PAYMENT), payments)
    _write_words(connection, numbered, people, shows)
    return numbered


def _write_words(
    connection: Connection, added: Sequence[tuple[int, Prepared]], people: People, shows: Shows
) -> None:
    """The words of bookings as prepared, unless the store knows their people or performances by
    other details than these bookings name."""
    as_said: list[tuple[int, Row]] = []
    otherwise: list[int] = []
    for booking_id, one in added:
        if people.are_as_said(one) and shows.are_as_said(one):
            as_said.append((booking_id, one.words))
        else:
            otherwise.append(booking_id)
    write_search(connection, as_said)
    if otherwise:
        rewrite_search(connection, otherwise)


def _block(connection: Connection, name: str, count: int) -> Iterator[int]:
    first = ids.take(connection, name, count) if count else 0
    return iter(range(first, first + count))


def _put_search_right(connection: Connection, done: Done, changed: Iterable[int]) -> None:
    """The changed bookings, and others whose people or performances were renamed on the way."""
    stale = set(changed)
    if done.people.changed:
        asked = json.dumps(done.people.changed)
        stale.update(row[0] for row in fetch(connection, _OF_PEOPLE, asked, asked))
    if done.shows.renamed:
        rows = fetch(connection, _OF_SHOWS, json.dumps(done.shows.renamed))
        stale.update(row[0] for row in rows)
    now, later = sorted(stale)[:REWRITTEN_AT_ONCE], sorted(stale)[REWRITTEN_AT_ONCE:]
    if now:
        rewrite_search(connection, now)
    done.stale = later


def _leave_traces(
    connection: Connection,
    done: Done,
    added: Sequence[tuple[int, Prepared]],
    updated: Sequence[int],
    office: Office,
) -> None:
    if not (added or updated or done.contradicted):
        return
    note(
        connection,
        office.caller,
        office.at,
        [Event(booking_id, UPDATED) for booking_id in updated],
    )
    body: dict[str, Any] = {
        "added": done.added,
        "updated": list(updated),
        "unchanged": done.unchanged,
        "contradicted": done.contradicted,
    }
    if added:
        body["ids"] = [added[0][0], added[-1][0]]
    office.audit.append(
        connection, office.caller, office.at, Record("import-chunk", "bookings", body)
    )

"""Small writes every commit on a booking ends with, and the refusals every commit begins with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.domain.booking import Booking
from backend_client.domain.caller import Caller
from backend_client.domain.kinds import LineState
from backend_client.domain.parts import lacking
from backend_client.domain.plan import PlannedLeg
from backend_client.domain.stored_value import SealedNumber
from backend_client.local import ids
from backend_client.local.rows import fetch, insert_rows
from backend_client.local.schema import booking_event
from backend_client.local.times import to_us


@dataclass(frozen=True, slots=True)
class Event:
    """Something for the timeline of a booking; `details` are words for people and programs."""

    booking_id: int
    what: str
    amount_minor: int = 0
    details: Mapping[str, str] = field(default_factory=dict)


def note(connection: Connection, caller: Caller, at: datetime, events: Iterable[Event]) -> None:
    """Write events into the timeline, for good."""
    rows = list(events)
    if not rows:
        return
    first = ids.take(connection, "booking_event", len(rows))
    columns = ("id", "booking_id", "at_us", "what", "operator", "desk", "amount_minor", "details")
    insert_rows(
        connection,
        booking_event,
        columns,
        [
            (
                event_id,
                event.booking_id,
                to_us(at),
                event.what,
                caller.operator,
                caller.desk,
                event.amount_minor,
                json.dumps(dict(event.details), ensure_ascii=False, sort_keys=True),
            )
            for event_id, event in enumerate(rows, first)
        ],
    )


def already_noted(
    connection: Connection, caller: Caller, booking_id: int, what: str, fingerprint: str
) -> bool:
    """Whether exactly this plan was carried out before: plans are named by their fingerprint.

    By the same person at the same desk: who had the same before them elsewhere did not do it, and
    would hand money over once more if they were told so.
    """
    return bool(
        fetch(
            connection,
            "SELECT 1 FROM booking_event WHERE booking_id = ? AND what = ? "
            "AND operator = ? AND desk = ? AND json_extract(details, '$.fingerprint') = ?",
            booking_id,
            what,
            caller.operator,
            caller.desk,
            fingerprint,
        )
    )


def move_lines(
    connection: Connection,
    booking: Booking,
    sequences: Iterable[int],
    before: LineState,
    after: LineState,
) -> None:
    """Change the state of lines, every one of which must be in the state it was seen in."""
    wanted = list(sequences)
    moved = connection.exec_driver_sql(
        "UPDATE line SET state = ? WHERE booking_id = ? AND state = ? "
        "AND sequence IN (SELECT value FROM json_each(?))",
        (after.value, booking.id, before.value, json.dumps(wanted)),
    ).rowcount
    assert moved == len(wanted), f"{moved} of {len(wanted)} lines could be moved"


def touch(connection: Connection, booking: Booking, at: datetime) -> None:
    """Count a change of the booking; it must still be the one that was decided on."""
    moved = connection.exec_driver_sql(
        "UPDATE booking SET version = version + 1, touched_at_us = ? WHERE id = ? AND version = ?",
        (to_us(at), booking.id, booking.version),
    ).rowcount
    assert moved == 1, "the booking changed inside the transaction"


def refuse_missing(
    missing: Iterable[str], legs: Iterable[PlannedLeg] = (), sealed: SealedNumber | None = None
) -> None:
    """Refuse what a plan still lacks ("reason", "reference", "method", "number"), the first of it;
    a number is no part of a plan and comes beside it."""
    for name in missing:
        if name == "number" and sealed is not None:
            continue
        raise lacking(name, legs)

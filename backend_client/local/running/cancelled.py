"""What cancelling many bookings writes: the same as giving each back at the window, in sets."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend_client.domain import books as rules
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Caller
from backend_client.domain.cancellation import Decision
from backend_client.domain.refund import FINAL, Origin
from backend_client.local import ids, refunds
from backend_client.local.audit import Record
from backend_client.local.books import Entry, EntryKind, post
from backend_client.local.legs import Birth, described, give_birth
from backend_client.local.outbox import write_mails
from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import refund as refund_table
from backend_client.local.schema import refund_line
from backend_client.local.times import to_us
from backend_client.local.triggers import REFUND_FIXED

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from backend_client.local.context import Context

_LINE_IDS = """
SELECT id, booking_id, sequence FROM line
WHERE booking_id IN (SELECT value FROM json_each(?)) AND state = 'sold'"""
_WANTED = "id IN (SELECT value FROM json_each(?))"
_CANCEL = f"UPDATE line SET state = 'cancelled' WHERE {_WANTED} AND state = 'sold'"
_TOUCH = f"""
UPDATE booking SET version = version + 1 WHERE {_WANTED} AND version = ?"""
"""A booking of a run is not among the recent ones: those are what people worked on one by one."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A booking and what was decided about it, the item `ordinal` of its simulation, which has it
    in `body`."""

    ordinal: int
    booking: Booking
    decision: Decision
    body: str


@dataclass(frozen=True, slots=True)
class CancelledBy:
    """The run that cancels, who carries it out where, and why in the house's words."""

    run_id: int
    caller: Caller
    reason: str


def write_cancelled(
    connection: Connection, context: Context, by: CancelledBy, done: Sequence[Cancelled]
) -> list[int]:
    """Cancel lines, make refunds with their legs, books and audit; the refunds in order."""
    if not done:
        return []
    now = context.now()
    first = ids.take(connection, "refund", len(done))
    made = list(enumerate(done, first))
    insert_rows(
        connection, refund_table, REFUND_FIXED, [_refund(by, one, id_, now) for id_, one in made]
    )
    _cancel_lines(connection, made)
    births = [
        [
            Birth(leg, one.booking, refund_id, ordinal, now)
            for ordinal, leg in enumerate(one.decision.legs, 1)
        ]
        for refund_id, one in made
    ]
    flat = [birth for legs in births for birth in legs]
    born = give_birth(connection, by.caller, now, flat, context.tokens)
    assert not born.to_send, "a cancellation asks no provider"
    _touch(connection, done)
    granted = (_granted(one, refund_id) for refund_id, one in made)
    post(connection, by.caller, now, (*granted, *born.entries))
    context.store.audit.append(
        connection,
        by.caller,
        now,
        *(
            _record(by, one, refund_id, legs)
            for (refund_id, one), legs in zip(made, births, strict=True)
        ),
    )
    write_mails(connection, context.mail, _paid_already(made), now)
    return [refund_id for refund_id, _ in made]


def _paid_already(made: Iterable[tuple[int, Cancelled]]) -> list[int]:
    """Refunds with nothing left to dispatch: all of it made a debt smaller."""
    return [
        refund_id
        for refund_id, one in made
        if one.decision.legs and all(leg.state in FINAL for leg in one.decision.legs)
    ]


def _refund(by: CancelledBy, one: Cancelled, refund_id: int, now: datetime) -> tuple[Any, ...]:
    decision, caller = one.decision, by.caller
    commit_key = f"run-{by.run_id}.{one.ordinal}"
    told = f"{commit_key} {one.booking.id} {one.booking.version} {one.body}"
    return (
        refund_id,
        refunds.number_of(refund_id),
        one.booking.id,
        Origin.CANCELLATION_RUN.value,
        decision.value_minor,
        decision.retained_minor,
        0,
        decision.amount_minor,
        one.booking.currency,
        by.reason,
        caller.operator,
        caller.role.value,
        caller.desk,
        caller.channel,
        caller.entrance.value,
        caller.correlation_id,
        to_us(now),
        commit_key,
        hashlib.sha256(told.encode()).hexdigest()[:32],
    )


def _cancel_lines(connection: Connection, made: Sequence[tuple[int, Cancelled]]) -> None:
    asked = id_list(one.booking.id for _, one in made)
    line_ids = {
        (booking_id, sequence): line_id
        for line_id, booking_id, sequence in fetch(connection, _LINE_IDS, asked)
    }
    rows = [
        (refund_id, line_ids[one.booking.id, line.sequence], line.value_minor)
        for refund_id, one in made
        for line in one.decision.lines
    ]
    insert_rows(connection, refund_line, ("refund_id", "line_id", "value_minor"), rows)
    cancelled = id_list(line_id for _, line_id, _ in rows)
    moved = connection.exec_driver_sql(_CANCEL, (cancelled,)).rowcount
    assert moved == len(rows), f"{moved} of {len(rows)} lines could be cancelled"


def _touch(connection: Connection, done: Iterable[Cancelled]) -> None:
    """One statement for all bookings of the same version, and most have the same."""
    of_version: dict[int, list[int]] = defaultdict(list)
    for one in done:
        of_version[one.booking.version].append(one.booking.id)
    for version, booking_ids in of_version.items():
        values = (id_list(booking_ids), version)
        moved = connection.exec_driver_sql(_TOUCH, values).rowcount
        assert moved == len(booking_ids), "a booking changed inside the transaction"


def _granted(one: Cancelled, refund_id: int) -> Entry:
    decision = one.decision
    return Entry(
        kind=EntryKind.GRANTED,
        postings=rules.granted(
            [(line.kind, line.value_minor or 0) for line in decision.lines],
            withheld_minor=decision.retained_minor,
            currency=one.booking.currency,
        ),
        refund_id=refund_id,
        reference=refunds.number_of(refund_id),
    )


def _record(by: CancelledBy, one: Cancelled, refund_id: int, births: list[Birth]) -> Record:
    """A refund as the audit log tells of it, with the run that made it."""
    key, decision = one.booking.key, one.decision
    body = {
        "run": by.run_id,
        "item": one.ordinal,
        "booking": f"{key.site}:{key.booking_id}:{key.transaction_id}",
        "version": one.booking.version,
        "lines": [[line.sequence, line.value_minor] for line in decision.lines],
        "value_minor": decision.value_minor,
        "retained_minor": decision.retained_minor,
        "amount_minor": decision.amount_minor,
        "currency": one.booking.currency,
        "reason": by.reason,
        "legs": described(births),
    }
    return Record("refund", refunds.number_of(refund_id), body)

"""Everything that ever happened to a booking, oldest first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.engine import Connection

from backend_client.backend import TimelineEvent
from backend_client.domain.booking import Booking
from backend_client.domain.legs import Refund
from backend_client.local.rows import fetch
from backend_client.local.times import from_us

SOLD = "sold"
BOOKED = "booked"
REFUNDED = "refunded"
ATTEMPT = "attempt"
METHOD_CHANGED = "method_changed"
VOIDED = "voided"
UPDATED = "updated"
RESOLVED = "resolved"
ACCEPTED = "accepted"
HANDED_OVER = "handed_over"
KINDS = (SOLD, REFUNDED, ATTEMPT, METHOD_CHANGED, VOIDED, UPDATED, RESOLVED, ACCEPTED, HANDED_OVER)
"""Every word `TimelineEvent.what` can be."""


def events_of(
    connection: Connection, booking: Booking, refunds: Sequence[Refund]
) -> tuple[TimelineEvent, ...]:
    """Sale, refunds, attempts, changes by hand, voids, changes at the source, as they happened."""
    events = [*_sale(booking), *_of_refunds(refunds), *_noted(connection, booking.id)]
    order = {what: place for place, what in enumerate(KINDS)}
    return tuple(sorted(events, key=lambda event: (event.at, order.get(event.what, 0))))


def _sale(booking: Booking) -> Iterator[TimelineEvent]:
    if booking.sold_at is not None:
        paid = sum(payment.amount_minor for payment in booking.payments)
        yield TimelineEvent(
            booking.sold_at,
            SOLD if booking.is_paid else BOOKED,
            amount_minor=paid,
            details={"channel": booking.channel},
        )


def _of_refunds(refunds: Iterable[Refund]) -> Iterator[TimelineEvent]:
    for refund in refunds:
        lines = ", ".join(str(line.sequence) for line in refund.lines)
        yield TimelineEvent(
            refund.created_at,
            REFUNDED,
            refund.operator,
            refund.desk,
            refund.amount_minor,
            {
                "refund": refund.number,
                "lines": lines,
                "reason": refund.reason,
                "origin": refund.origin.value,
            },
        )
        for leg in refund.legs:
            for attempt in leg.attempts:
                details = {
                    "refund": refund.number,
                    "leg": leg.number,
                    "outcome": attempt.outcome,
                    "code": attempt.code,
                    "text": attempt.text,
                    "label": leg.label,
                }
                yield TimelineEvent(
                    attempt.at, ATTEMPT, amount_minor=leg.amount_minor, details=details
                )


def _noted(connection: Connection, booking_id: int) -> Iterator[TimelineEvent]:
    rows = fetch(
        connection, "SELECT * FROM booking_event WHERE booking_id = ? ORDER BY id", booking_id
    )
    for row in rows:
        details = {key: str(value) for key, value in json.loads(row.details or "{}").items()}
        details.pop("fingerprint", None)
        yield TimelineEvent(
            from_us(row.at_us), row.what, row.operator, row.desk, row.amount_minor, details
        )

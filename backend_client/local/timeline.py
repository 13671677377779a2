"""Everything that ever happened to a booking, oldest first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.engine import Connection

from backend_client.answers import TimelineEvent
from backend_client.domain.booking import Booking
from backend_client.domain.legs import Refund
from backend_client.domain.mail import MailKind, MailState
from backend_client.local.desks import desk_of
from backend_client.local.rows import fetch, id_list
from backend_client.local.times import from_us

_MAILS = """
SELECT refund_id, kind, state, changed_at_us, last_code, last_text FROM outbox
WHERE refund_id IN (SELECT value FROM json_each(?)) ORDER BY id"""
SOLD = "sold"
BOOKED = "booked"
REFUNDED = "refunded"
CANCELLED_BY_RUN = "cancelled_by_run"
ATTEMPT = "attempt"
METHOD_CHANGED = "method_changed"
APPROVED = "approved"
VOIDED = "voided"
UPDATED = "updated"
RESOLVED = "resolved"
PROPOSED = "proposed"
ACCEPTED = "accepted"
PAID_OTHERWISE = "paid_otherwise"
HANDED_OVER = "handed_over"
DISPATCHED = "dispatched"
PAID = "paid"
MAILS = {
    (kind, state): f"{name}_{state.value}"
    for kind, name in ((MailKind.REFUNDED, "mail"), (MailKind.CORRECTED, "correction"))
    for state in MailState
}
"""Mail to the customer: what it was for, and what has become of it."""
KINDS = (
    SOLD,
    PAID,
    REFUNDED,
    CANCELLED_BY_RUN,
    ATTEMPT,
    METHOD_CHANGED,
    APPROVED,
    VOIDED,
    UPDATED,
    PROPOSED,
    RESOLVED,
    ACCEPTED,
    PAID_OTHERWISE,
    HANDED_OVER,
    DISPATCHED,
    *MAILS.values(),
)
"""Every word `TimelineEvent.what` can be."""


def events_of(
    connection: Connection, booking: Booking, refunds: Sequence[Refund]
) -> tuple[TimelineEvent, ...]:
    """Sale, refunds, attempts, changes by hand, voids, changes at the source, mail, as they
    happened."""
    events = [
        *_sale(booking),
        *_of_refunds(refunds),
        *_noted(connection, booking.id),
        *_mails(connection, refunds),
    ]
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
            REFUNDED if refund.run_id is None else CANCELLED_BY_RUN,
            refund.operator,
            refund.desk,
            refund.amount_minor,
            {
                "refund": refund.number,
                "lines": lines,
                "reason": refund.reason,
                "origin": refund.origin.value,
                **({} if refund.run_id is None else {"run": str(refund.run_id)}),
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


def _mails(connection: Connection, refunds: Sequence[Refund]) -> Iterator[TimelineEvent]:
    """Each mail once, when it came to what it is now; to whom is in the outbox."""
    numbers = {refund.id: refund.number for refund in refunds}
    for row in fetch(connection, _MAILS, id_list(numbers)) if numbers else ():
        what = MAILS[MailKind(row.kind), MailState(row.state)]
        details = {"refund": numbers[row.refund_id], "code": row.last_code, "text": row.last_text}
        yield TimelineEvent(from_us(row.changed_at_us), what, details=details)


def _noted(connection: Connection, booking_id: int) -> Iterator[TimelineEvent]:
    rows = fetch(
        connection, "SELECT * FROM booking_event WHERE booking_id = ? ORDER BY id", booking_id
    )
    for row in rows:
        details = {key: str(value) for key, value in json.loads(row.details or "{}").items()}
        details.pop("fingerprint", None)
        yield TimelineEvent(
            from_us(row.at_us), row.what, row.operator, desk_of(row), row.amount_minor, details
        )

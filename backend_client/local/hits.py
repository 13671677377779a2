"""Rows of a lookup, made from whole bookings so that they say what the rules would say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.backend import Hit
from backend_client.domain.booking import Booking, Line, LineState
from backend_client.domain.policy import Policy
from backend_client.domain.refundability import LineVerdict, line_verdicts
from backend_client.local.bookings import load
from backend_client.local.rows import fetch


def hits_of(
    connection: Connection, ids: Iterable[int], policy: Policy, now: datetime
) -> tuple[Hit, ...]:
    """One row for each booking, in the order of `ids`."""
    return tuple(_hit(booking, policy, now) for booking in load(connection, ids))


def recent(connection: Connection, policy: Policy, now: datetime, limit: int) -> tuple[Hit, ...]:
    """Bookings something was done to here, newest first; an import alone is not that."""
    rows = fetch(
        connection,
        "SELECT id FROM booking WHERE touched_at_us > 0 ORDER BY touched_at_us DESC, id DESC "
        "LIMIT ?",
        limit,
    )
    return hits_of(connection, [row.id for row in rows], policy, now)


def can_go_back(booking: Booking, verdicts: dict[int, LineVerdict]) -> int:
    """What the lines that may go back are worth, within what is left of the money."""
    worth = sum(
        line.value_minor or 0 for line in booking.lines if verdicts[line.sequence].refundable
    )
    return min(worth, booking.left_minor + max(booking.unsettled_minor, 0))


def _hit(booking: Booking, policy: Policy, now: datetime) -> Hit:
    verdicts = line_verdicts(booking, policy, now)
    first = _first_performance(booking)
    performance = first.performance if first else None
    given = booking.promised_minor + booking.prior_refunded_minor
    return Hit(
        booking_id=booking.id,
        reference=booking.key.booking_id,
        customer=booking.contact.name if booking.contact else "",
        performance=performance.event if performance else "",
        starts_at=performance.starts_at if performance else None,
        paid_minor=booking.settled_minor,
        left_minor=can_go_back(booking, verdicts),
        currency=booking.currency,
        partly_refunded=bool(given) or _some_gone(booking),
        reason=_why_nothing(booking, verdicts),
    )


def _first_performance(booking: Booking) -> Line | None:
    dated = [line for line in booking.lines if line.performance]
    return next((line for line in dated if line.is_sold), dated[0] if dated else None)


def _some_gone(booking: Booking) -> bool:
    return any(line.state is LineState.CANCELLED for line in booking.lines)


def _why_nothing(booking: Booking, verdicts: dict[int, LineVerdict]) -> str:
    """The first reason in the way where no line may go back; tickets speak before fees."""
    if any(verdict.refundable for verdict in verdicts.values()):
        return ""
    if not booking.is_paid:
        return "not-paid"
    lines = sorted(booking.lines, key=lambda line: (line.is_fee, not line.is_sold, line.sequence))
    return verdicts[lines[0].sequence].code if lines else ""

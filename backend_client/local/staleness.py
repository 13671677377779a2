"""Somebody was faster with a line: who, where, when."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.domain.booking import Booking
from backend_client.domain.plan import RefundPlan
from backend_client.domain.problems import Refused
from backend_client.local.desks import desk_of
from backend_client.local.rows import fetch, id_list
from backend_client.local.times import from_us

_TAKEN = """
SELECT r.number, r.operator, r.desk, r.created_at_us FROM line l
JOIN refund_line rl ON rl.line_id = l.id AND rl.live = 1
JOIN refund r ON r.id = rl.refund_id
WHERE l.booking_id = ? AND l.sequence IN (SELECT value FROM json_each(?))
ORDER BY r.id DESC LIMIT 1"""


def refuse_if_taken(connection: Connection, booking: Booking, plan: RefundPlan) -> None:
    """Somebody was faster: say who, where, when, and by which refund."""
    sequences = id_list(line.sequence for line in plan.lines)
    taken = fetch(connection, _TAKEN, booking.id, sequences)
    if taken:
        first = taken[0]
        raise Refused(
            "being-refunded",
            operator=first.operator,
            desk=desk_of(first),
            at=from_us(first.created_at_us).isoformat(timespec="seconds"),
            refund=first.number,
        )

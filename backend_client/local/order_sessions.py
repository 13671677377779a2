"""Which booking the client that sells it means by its order session."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from backend_client.local.intake_rows import Prepared
from backend_client.local.rows import fetch

_REMEMBER = (
    "INSERT INTO order_session(booking_id, session) VALUES (?, ?) "
    "ON CONFLICT(booking_id) DO UPDATE SET session = excluded.session"
)


def remember(connection: Connection, bookings: Iterable[tuple[int, Prepared]]) -> None:
    """Keep the sessions of these bookings; one that names none keeps what it had."""
    rows = [(booking_id, one.order_session) for booking_id, one in bookings if one.order_session]
    if rows:
        connection.exec_driver_sql(_REMEMBER, rows)


def bookings_of(connection: Connection, session: str) -> list[int]:
    """The bookings sold in this session, newest first."""
    rows = fetch(
        connection,
        "SELECT booking_id FROM order_session WHERE session = ? ORDER BY booking_id DESC",
        session,
    )
    return [row.booking_id for row in rows]

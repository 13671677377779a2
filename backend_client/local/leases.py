"""The one row that says who drives the settling of this store."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.domain.settlement import LeaseRow
from backend_client.local.rows import fetch
from backend_client.local.times import from_us, to_us

SETTLING = "settling"


def read(connection: Connection) -> LeaseRow | None:
    rows = fetch(connection, "SELECT * FROM lease WHERE name = ?", SETTLING)
    if not rows:
        return None
    return LeaseRow(rows[0].holder, rows[0].holder_name, from_us(rows[0].until_us))


def take(connection: Connection, row: LeaseRow, instead_of: LeaseRow | None) -> bool:
    """Of two programs that read the same row, the first to write wins."""
    if read(connection) != instead_of:
        return False
    connection.exec_driver_sql(
        "INSERT INTO lease(name, holder, holder_name, until_us) VALUES (?, ?, ?, ?) "
        "ON CONFLICT(name) DO UPDATE SET holder = excluded.holder, "
        "holder_name = excluded.holder_name, until_us = excluded.until_us",
        (SETTLING, row.holder, row.name, to_us(row.until)),
    )
    return True


def drop(connection: Connection, holder: str) -> None:
    connection.exec_driver_sql(
        "DELETE FROM lease WHERE name = ? AND holder = ?", (SETTLING, holder)
    )

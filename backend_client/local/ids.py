"""The id source: integers taken in blocks, inside the write transaction that uses them."""

from __future__ import annotations

from sqlalchemy.engine import Connection

_GROW = (
    "INSERT INTO sequence(name, next) VALUES (?, 1 + ?) "
    "ON CONFLICT(name) DO UPDATE SET next = next + ? RETURNING next"
)


def take(connection: Connection, name: str, count: int = 1) -> int:
    """The first id of a block of `count` that nobody else has; ids only ever grow.

    Known before the insert, so that many rows go in with one statement.
    """
    if count < 1:
        raise ValueError("a block holds at least one id")
    following: int = connection.exec_driver_sql(_GROW, (name, count, count)).scalar_one()
    return following - count

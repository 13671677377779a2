"""A refund at Connect above a limit waits for approval before its one call."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local import connect_triggers
from backend_client.local.schema.connect import STATES, open_index

_BEFORE = "state IN ('not_done', 'planned', 'review', 'sending', 'succeeded', 'unknown')"


def upgrade(connection: Connection) -> None:
    for name in ("transition", "birth"):
        connection.exec_driver_sql(f"DROP TRIGGER connect_intent_{name}")
    connection.exec_driver_sql("DROP INDEX connect_intent_open")
    _widen(connection)
    for statement in (open_index(), *connect_triggers.of_states()):
        connection.exec_driver_sql(statement)


def _widen(connection: Connection) -> None:
    """Another state in the table's own list, the way SQLite names for what changes no row."""
    before = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=1")
    connection.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?",
        (_BEFORE, STATES, "connect_intent"),
    )
    connection.exec_driver_sql(f"PRAGMA schema_version={before + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=RESET")

"""Runs: a simulation freezes items, a live run carries out exactly these."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local import run_triggers, triggers
from backend_client.local.schema.columns import making_tables_since

_LEG_DISPATCH = """
CREATE INDEX leg_dispatch ON leg(requested_at_us, id)
WHERE state IN ('requested','declined','failed_late') AND by_hand = 0"""
"""What a dispatch run may take, in the order it takes it."""


def upgrade(connection: Connection) -> None:
    for statement in making_tables_since(5):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(_LEG_DISPATCH)
    for statement in run_triggers.statements():
        connection.exec_driver_sql(statement)
    for name in triggers.BORN_IN_MASSES:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    for statement in triggers.births_in_masses():
        connection.exec_driver_sql(statement)

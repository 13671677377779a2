"""Four eyes on live runs: approvals, and what was allowed when a run began."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local import run_approval_triggers
from backend_client.local.schema.columns import making_tables_since


def upgrade(connection: Connection) -> None:
    for statement in (*making_tables_since(11), *run_approval_triggers.statements()):
        connection.exec_driver_sql(statement)

"""The journal of refund calls to Connect."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local import connect_triggers
from backend_client.local.schema.columns import making_tables_since


def upgrade(connection: Connection) -> None:
    for statement in (*making_tables_since(10), *connect_triggers.statements()):
        connection.exec_driver_sql(statement)

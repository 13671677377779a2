"""Order sessions: by which a client that took the money of a sale names the booking."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local.schema.columns import making_tables_since


def upgrade(connection: Connection) -> None:
    for statement in making_tables_since(6):
        connection.exec_driver_sql(statement)

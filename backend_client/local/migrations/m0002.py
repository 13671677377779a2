"""The outbox: mail to customers, and what the database itself holds true of it."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local import outbox_triggers
from backend_client.local.schema.columns import making_tables_since


def upgrade(connection: Connection) -> None:
    for statement in making_tables_since(2):
        connection.exec_driver_sql(statement)
    for statement in outbox_triggers.statements():
        connection.exec_driver_sql(statement)

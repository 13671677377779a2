"""The first store: every table, the triggers that guard them, and the search index."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local import triggers
from backend_client.local.schema import SEARCH_INDEX
from backend_client.local.schema.columns import making_tables_since


def upgrade(connection: Connection) -> None:
    for statement in making_tables_since(1):
        connection.exec_driver_sql(statement)
    for statement in triggers.statements():
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(SEARCH_INDEX)

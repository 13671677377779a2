"""Order sessions: by which a client that took the money of a sale names the booking."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from backend_client.local.schema import metadata, tables_since


def upgrade(connection: Connection) -> None:
    metadata.create_all(connection, tables_since(6), checkfirst=False)

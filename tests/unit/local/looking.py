"""A store that holds a whole practice venue, and how a test looks something up there."""

from __future__ import annotations

from backend_client.answers import Lookup
from backend_client.local.search import lookup
from backend_client.local.store import Store

VENUE = 600


def look(store: Store, text: str, limit: int = 50) -> Lookup:
    with store.read() as connection:
        return lookup(connection, text, limit)

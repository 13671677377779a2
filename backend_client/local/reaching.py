"""What a token with a scope finds: hits of bookings it does not reach are not there for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend_client.local import bookings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.answers import Lookup
    from backend_client.domain.caller import Caller


def within_scope(connection: Connection, caller: Caller, found: Lookup) -> Lookup:
    """The hits within reach; the number of all bookings here is not told either."""
    assert caller.scope is not None
    loaded = bookings.load(connection, [hit.booking_id for hit in found.hits])
    reached = {one.id for one in loaded if caller.scope.covers(one, caller.operator)}
    hits = tuple(hit for hit in found.hits if hit.booking_id in reached)
    exact = found.exact and found.hits[:1] == hits[:1]
    return replace(found, hits=hits, exact=exact, bookings_total=len(hits))

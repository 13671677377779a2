"""What settling needs of the outside: a store of legs and the providers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from backend_client.domain.settlement import LegResult, LegToSend
from backend_client.providers.port import Provider


class LegStore(Protocol):
    """Legs by the set; each call is one write transaction (or one reading), never held open."""

    def claim(self, leg_ids: Sequence[int], owner: str, at: datetime) -> list[LegToSend]:
        """Make pending legs sending, and return those this call made so: nobody else has them."""
        ...

    def claim_again(self, legs: Sequence[LegToSend], owner: str, at: datetime) -> list[LegToSend]:
        """Make unknown legs sending again, those nobody has claimed since they were read."""
        ...

    def record(self, results: Sequence[LegResult], at: datetime) -> frozenset[int]:
        """Write results that still apply; the ids of the legs they were applied to."""
        ...

    def unfinished(self, after: int, limit: int) -> list[LegToSend]:
        """Legs to a provider that are pending, sending, unknown or accepted, by ascending id."""
        ...


class Directory(Protocol):
    def get(self, name: str) -> Provider | None: ...

"""What settling needs of the outside: a store of legs and the providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from backend_client.domain.settlement import Checked, Kept, LeaseRow, LegResult, LegToSend, Look
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

    def unfinished(
        self, after: int, limit: int, due: datetime | None = None, fresh: datetime | None = None
    ) -> list[LegToSend]:
        """Legs to a provider that are pending, sending, unknown or accepted, by ascending id;
        of those to a gift card no pending ones, which wait for its number.

        With `due` only those not left alone until later; with `fresh` no pending ones committed
        after it, which their own window sends.
        """
        ...

    def note(self, looks: Sequence[Look]) -> None:
        """Remember look-ups that changed nothing, as far as they still apply."""
        ...

    def to_check(self, after: int, limit: int, at: datetime) -> list[LegToSend]:
        """Legs that succeeded, or were declined as already refunded, and are due for a check."""
        ...

    def since(self, after: int, limit: int, at: datetime | None) -> list[LegToSend]:
        """Every leg that was ever sent, first sent at `at` or later, by ascending id."""
        ...

    def checked(self, checks: Sequence[Checked], at: datetime) -> Kept:
        """Write what checks found."""
        ...

    def references(self, payment_ids: Sequence[int]) -> Mapping[int, frozenset[str]]:
        """By payment, the references of all legs ever made for it."""
        ...

    def lease(self) -> LeaseRow | None: ...

    def take_lease(self, row: LeaseRow, instead_of: LeaseRow | None) -> bool:
        """Put `row` in the place of what was read before; False when that is no longer there."""
        ...

    def drop_lease(self, holder: str) -> None: ...


class Directory(Protocol):
    def get(self, name: str) -> Provider | None: ...

"""What an API token is for: words for what may be asked, and the bookings it may be asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from backend_client.domain.kinds import LineKind
from backend_client.domain.refund import Method

if TYPE_CHECKING:
    from backend_client.domain.booking import Booking

EVERY_PART = frozenset(LineKind)


class ScopeWord(StrEnum):
    """What a token can be given; permissions.py says which actions each one means."""

    BOOKINGS_READ = "bookings:read"
    BOOKINGS_SEARCH = "bookings:search"
    SALES_RECORD = "sales:record"
    REFUNDS_QUOTE = "refunds:quote"
    REFUNDS_MATCHED = "refunds:matched"
    REFUNDS_EXTERNAL = "refunds:external"
    REFUNDS_UNMATCHED = "refunds:unmatched"
    REFUNDS_REQUESTED = "refunds:requested"
    REFUNDS_CREDIT = "refunds:credit"
    RUNS_SIMULATE = "runs:simulate"
    RUNS_EXECUTE = "runs:execute"
    AUDIT_READ = "audit:read"


KINDS: Mapping[ScopeWord, Method] = {
    ScopeWord.REFUNDS_MATCHED: Method.MATCHED,
    ScopeWord.REFUNDS_EXTERNAL: Method.EXTERNAL,
    ScopeWord.REFUNDS_UNMATCHED: Method.UNMATCHED,
    ScopeWord.REFUNDS_REQUESTED: Method.REQUESTED,
    ScopeWord.REFUNDS_CREDIT: Method.CREDIT,
}
"""The kinds of payment a token may give money back by, each with the word for it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Of `sites` and `channels` none named means every one. `own_only` leaves the bookings that
    were sold through the sales channel of the client's own name; `limit_minor` is the most of one
    refund, beside the house's own limit."""

    words: frozenset[ScopeWord]
    sites: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    own_only: bool = False
    parts: frozenset[LineKind] = EVERY_PART
    limit_minor: int | None = None

    @property
    def kinds(self) -> frozenset[Method]:
        """What the customer still owes on a waiting account is reduced by itself, never chosen."""
        return frozenset({Method.WAITING, *(KINDS[word] for word in self.words if word in KINDS)})

    @property
    def is_partial(self) -> bool:
        """Are some bookings, parts or amounts out of its reach? A run could not be kept to them."""
        narrow = self.sites or self.channels or self.own_only or self.parts != EVERY_PART
        return bool(narrow) or self.limit_minor is not None

    def covers(self, booking: Booking, client: str) -> bool:
        """Is this booking one the token of `client` may know of?"""
        if self.sites and booking.key.site not in self.sites:
            return False
        if self.channels and booking.channel not in self.channels:
            return False
        return not self.own_only or booking.channel.casefold() == client.casefold()

    def told(self) -> dict[str, Any]:
        """As plain JSON values, to be kept."""
        return {
            "words": _sorted(self.words),
            "sites": _sorted(self.sites),
            "channels": _sorted(self.channels),
            "own_only": self.own_only,
            "parts": _sorted(self.parts),
            "limit_minor": self.limit_minor,
        }


def scope_of(told: Mapping[str, Any]) -> Scope:
    """The scope that was kept; a ValueError or KeyError says that it was not written here."""
    return Scope(
        words=frozenset(map(ScopeWord, told["words"])),
        sites=frozenset(told["sites"]),
        channels=frozenset(told["channels"]),
        own_only=told["own_only"],
        parts=frozenset(map(LineKind, told["parts"])),
        limit_minor=told["limit_minor"],
    )


def _sorted(values: Iterable[str]) -> list[str]:
    return sorted(str(value) for value in values)

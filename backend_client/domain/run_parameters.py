"""What a run is told: typed once, kept with it, carried through every prescribed step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from backend_client.domain.amounts import Retention
from backend_client.domain.kinds import PaymentMethod

MOST_NAMED = 400
"""File numbers or contacts one run may name."""


class CreditMode(StrEnum):
    """What becomes of an amount no card takes: it stays requested, it is credited, or no card is
    tried at all."""

    NEVER = "never"
    WHEN_NOT_POSSIBLE = "when_not_possible"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Through:
    """Where the run's refunds are made: the channel names the provider's contract, the desk books
    them. Empty means that of each sale, as at the window, and the caller's own desk."""

    channel: str = ""
    desk: str = ""


@dataclass(frozen=True, slots=True)
class CancellationParameters:
    """Step 1. Filters AND, an empty one means all. `methods` keeps bookings with at least one such
    payment, or with none of them when `methods_excluded`. `files` are booking ids or numbers
    (include), `contacts` contact keys (exclude). `block` None: blocked from sale exactly when the
    run is unrestricted. `batch` is the most bookings one run takes, 0 for all."""

    performances: tuple[int, ...]
    reason: str
    contingents: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tariffs: tuple[str, ...] = ()
    sold_through: tuple[str, ...] = ()
    methods: tuple[PaymentMethod, ...] = ()
    methods_excluded: bool = False
    files: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    charges: bool = True
    shipment: bool = False
    retained: Retention | None = None
    block: bool | None = None
    through: Through = Through()
    batch: int = 0

    @property
    def is_restricted(self) -> bool:
        """Does any filter or the batch size leave something of the performances out?"""
        filters = (self.contingents, self.categories, self.tariffs, self.sold_through)
        named = (self.methods, self.files, self.contacts)
        return any(filters) or any(named) or self.batch > 0

    @property
    def blocks(self) -> bool:
        """Is the performance closed for sale by the live run's first commit?"""
        return not self.is_restricted if self.block is None else self.block


@dataclass(frozen=True, slots=True)
class DispatchParameters:
    """Step 2. Site days, both included; `sold_through` empty means every channel. `batch` is the
    most payments one run takes, 0 for all."""

    first: date
    last: date
    credit: CreditMode
    sold_through: tuple[str, ...] = ()
    email: bool = True
    through: Through = Through()
    batch: int = 0

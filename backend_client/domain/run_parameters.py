"""What a run is told: typed once, kept with it, carried through every prescribed step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from backend_client.domain.amounts import Retention, RetentionKind
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


def plain(parameters: CancellationParameters | DispatchParameters) -> dict[str, Any]:
    """Parameters as plain JSON values, as a run keeps and shows them."""
    told = asdict(parameters)
    for name, value in told.items():
        if isinstance(value, tuple):
            told[name] = list(value)
        elif isinstance(value, date):
            told[name] = value.isoformat()
    return told


def cancellation_of(told: Mapping[str, Any]) -> CancellationParameters:
    """What `plain` made of the parameters of a cancellation, back as they were."""
    retained = told["retained"]
    return CancellationParameters(
        performances=tuple(told["performances"]),
        reason=told["reason"],
        contingents=tuple(told["contingents"]),
        categories=tuple(told["categories"]),
        tariffs=tuple(told["tariffs"]),
        sold_through=tuple(told["sold_through"]),
        methods=tuple(PaymentMethod(method) for method in told["methods"]),
        methods_excluded=told["methods_excluded"],
        files=tuple(told["files"]),
        contacts=tuple(told["contacts"]),
        charges=told["charges"],
        shipment=told["shipment"],
        retained=retained and Retention(RetentionKind(retained["kind"]), retained["amount"]),
        block=told["block"],
        through=Through(**told["through"]),
        batch=told["batch"],
    )


def dispatch_of(told: Mapping[str, Any]) -> DispatchParameters:
    """As `cancellation_of`, for a dispatch."""
    return DispatchParameters(
        first=date.fromisoformat(told["first"]),
        last=date.fromisoformat(told["last"]),
        credit=CreditMode(told["credit"]),
        sold_through=tuple(told["sold_through"]),
        email=told["email"],
        through=Through(**told["through"]),
        batch=told["batch"],
    )

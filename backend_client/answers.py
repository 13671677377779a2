"""What a backend answers about bookings, refunds, credit and itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_client.domain.booking import Booking, Contact
    from backend_client.domain.legs import Refund
    from backend_client.domain.policy import Policy
    from backend_client.domain.refund import LegState, Method, RefundStatus
    from backend_client.domain.refundability import LineVerdict


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this backend can do, and why not: a method missing from `methods` has its reason in
    `unavailable` (a code of the catalogue).

    `unavailable` also says why there are no "runs", no "void", no "credit_account", no
    "method_change" and nothing "retained", where that is so. `search_on_enter` says that each
    lookup goes out of the house, so that it is not made while somebody types; `external_details`
    that a card is recorded with an external payment.

    `arrival_days` says for each provider by name how many working days it takes (from, to) until
    the customer sees the money: the question every cashier is asked. `read_only` says that
    everything can be looked at and nothing done, `copied` that it is a copy that is looked at,
    because the store was not closed by who wrote to it last. `policy` are the house's rules as they
    are decided by: a window may have been started with others.
    """

    environment: str
    site_name: str
    currency: str
    zone: str
    methods: frozenset[Method]
    unavailable: Mapping[str, str] = field(default_factory=dict)
    owns_seats: bool = True
    sends_mail: bool = False
    read_only: bool = False
    copied: bool = False
    arrival_days: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    policy: Policy | None = None
    search_on_enter: bool = False
    external_details: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of a lookup; amounts in minor units of `currency`. `reason` is why nothing can go
    back (a code of the catalogue) or empty; `given_back` what became of money given back here.
    Where a seat was looked for, `line` and `seat` are the line found, and the performance is its.
    Of one that `is_unread` nothing but its reference is known, and `reason` says why.
    """

    booking_id: int
    reference: str
    customer: str
    performance: str
    starts_at: datetime | None
    paid_minor: int
    left_minor: int
    currency: str
    partly_refunded: bool = False
    reason: str = ""
    given_back: RefundStatus | None = None
    line: int | None = None
    seat: str = ""
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """Hits newest first, exact ones on top; `exact` says the first hit is the one thing meant.

    `unasked` names the cinemas that could not be asked: whoever is not found may be there.
    `read_as` is the spelling that was found where nothing is called what was typed.
    """

    text: str
    hits: tuple[Hit, ...]
    exact: bool
    bookings_total: int
    more: bool = False
    unasked: tuple[str, ...] = ()
    read_as: str = ""

    @property
    def is_doubtful(self) -> bool:
        """Must a person look before it is opened, or before anybody says that it is not there?"""
        return bool(self.unasked or self.read_as)


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One thing that happened to a booking; `what` is a key of the wording catalogue."""

    at: datetime
    what: str
    operator: str = ""
    desk: str = ""
    amount_minor: int = 0
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking with what a window shows beside it: verdicts, refunds, history, the policy.
    `closed` are the payments nothing goes back to here, by id, with the code of why."""

    booking: Booking
    verdicts: Mapping[int, LineVerdict]
    refunds: tuple[Refund, ...]
    timeline: tuple[TimelineEvent, ...]
    policy: Policy
    closed: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefundOutcome:
    """What came of a commit; `already_done` means this commit key was used before.

    `given_back_later` are lines that stayed sold with this refund and went with a later one.
    """

    refund: Refund
    booking: Booking
    already_done: bool = False
    given_back_later: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """One leg that is not final, as listed for the people who look after it. `no_provider` is the
    provider it waits for that is configured no more, so that a person must see to it."""

    leg_id: int
    leg_number: str
    refund_number: str
    booking_reference: str
    customer: str
    method: Method
    state: LegState
    amount_minor: int
    currency: str
    requested_at: datetime
    label: str = ""
    no_provider: str = ""


@dataclass(frozen=True, slots=True)
class StateTotal:
    """What is open in one state; `needs_number` are those that wait for a gift card's number, and
    are not sent without it, `no_provider` those whose provider is configured no more."""

    state: LegState
    currency: str
    count: int
    amount_minor: int
    needs_number: bool = False
    no_provider: bool = False


@dataclass(frozen=True, slots=True)
class OpenPage:
    legs: tuple[OpenLeg, ...]
    totals: tuple[StateTotal, ...]
    next_after: int | None = None


@dataclass(frozen=True, slots=True)
class CreditEntry:
    at: datetime
    amount_minor: int
    what: str
    reference: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class CreditStatement:
    """The credit account of a contact; one balance a currency, entries newest first."""

    contact: Contact
    balances: tuple[tuple[str, int], ...]
    entries: tuple[CreditEntry, ...]

"""A booking as a source tells it: plain values without database ids, ready to be stored.

Readers (importing) make these, the store takes them; neither knows the other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter

from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod


@dataclass(frozen=True, slots=True)
class IncomingContact:
    """A person by its number in the ticketing system; an empty detail means "not said"."""

    key: str
    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class IncomingPerformance:
    key: str
    event: str
    starts_at: datetime | None = None
    event_key: str = ""


@dataclass(frozen=True, slots=True)
class IncomingLine:
    """One sold thing; `performance` is the key of one of the booking's performances or empty."""

    sequence: int
    kind: LineKind
    description: str
    price_minor: int
    value_minor: int | None
    state: LineState = LineState.SOLD
    fee_kind: FeeKind | None = None
    performance: str = ""
    seat: str = ""
    contingent: str = ""
    category: str = ""
    tariff: str = ""
    quantity: int = 1
    groups: tuple[str, ...] = ()
    product: str = ""
    parent_sequence: int | None = None
    collected: bool = False
    collected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncomingPayment:
    """One payment; `payer` is a contact key of the booking, empty for somebody anonymous."""

    key: str
    method: PaymentMethod
    amount_minor: int
    settled_minor: int
    payer: str = ""
    provider: str = ""
    provider_reference: str = ""
    bank_reference: str = ""
    masked_number: str = ""
    card_type: str = ""
    card_expiry: str = ""
    reversal_data: str = ""
    refund_method: str = ""
    prior_refunded_minor: int = 0


@dataclass(frozen=True, slots=True)
class IncomingClaim:
    """What a reseller is owed for a line sold on: becomes a requested refund of origin resale."""

    sequence: int
    amount_minor: int
    claimed_at: datetime
    payer: str = ""


@dataclass(frozen=True, slots=True)
class IncomingBooking:
    """One booking of a file, checked; `payers` are the contacts who paid beside `contact`.

    `prior_refunded_minor` is all that went back before the booking came to us, whether or not the
    source named the payment. `defaulted` names what the import settings had to fill in;
    `source_digest` is the fingerprint of the text it was read from, if it was; `order_session` is
    how the client that is selling it names the order, which is how it says later that it was paid.
    """

    site: str
    booking_id: str
    transaction_id: str
    currency: str
    lines: tuple[IncomingLine, ...]
    payments: tuple[IncomingPayment, ...] = ()
    number: str = ""
    channel: str = ""
    sold_at: datetime | None = None
    is_paid: bool = True
    contact: IncomingContact | None = None
    payers: tuple[IncomingContact, ...] = ()
    performances: tuple[IncomingPerformance, ...] = ()
    claims: tuple[IncomingClaim, ...] = ()
    prior_refunded_minor: int = 0
    defaulted: frozenset[str] = frozenset()
    source_digest: str = ""
    order_session: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.site, self.booking_id, self.transaction_id)

    @property
    def contacts(self) -> tuple[IncomingContact, ...]:
        return ((self.contact,) if self.contact else ()) + self.payers

    @property
    def settled_minor(self) -> int:
        return sum(payment.settled_minor for payment in self.payments)

    @property
    def unsettled_minor(self) -> int:
        return sum(payment.amount_minor - payment.settled_minor for payment in self.payments)


_HEAD = attrgetter(
    "site",
    "booking_id",
    "transaction_id",
    "currency",
    "number",
    "channel",
    "sold_at",
    "is_paid",
    "prior_refunded_minor",
)
_PARTS = {
    part: attrgetter(*(field.name for field in fields(part)))
    for part in (
        IncomingContact,
        IncomingPerformance,
        IncomingLine,
        IncomingPayment,
        IncomingClaim,
    )
}
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=str).encode


def digest(booking: IncomingBooking) -> str:
    """What a booking says, in 32 letters: equal for two files that say the same differently."""
    person, show, line, payment, claim = _PARTS.values()
    said = [
        _HEAD(booking),
        booking.contact is not None,
        [person(one) for one in booking.contacts],
        [show(one) for one in booking.performances],
        [line(one) for one in booking.lines],
        [payment(one) for one in booking.payments],
        [claim(one) for one in booking.claims],
        *([booking.order_session] if booking.order_session else ()),
    ]
    return hashlib.sha256(_encode(said).encode()).hexdigest()[:32]

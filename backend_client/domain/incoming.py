"""A booking as a source tells it: plain values without database ids, ready to be stored.

Readers (importing) make these, the store takes them; neither knows the other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from backend_client.domain.booking import FeeKind, LineKind, LineState, PaymentMethod


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
    source named the payment. `defaulted` names what the import settings had to fill in.
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


def _time(value: datetime | None) -> str:
    return value.isoformat() if value else ""


def digest(booking: IncomingBooking) -> str:
    """What a booking says, in 32 letters: equal for two files that say the same differently."""
    said = [
        *booking.key,
        booking.currency,
        booking.number,
        booking.channel,
        _time(booking.sold_at),
        booking.is_paid,
        booking.prior_refunded_minor,
        booking.contact.key if booking.contact else "",
        [[one.key, one.name, one.email, one.phone] for one in booking.contacts],
        [[one.key, one.event, one.event_key, _time(one.starts_at)] for one in booking.performances],
        [_line(one) for one in booking.lines],
        [_payment(one) for one in booking.payments],
        [
            [one.sequence, one.amount_minor, _time(one.claimed_at), one.payer]
            for one in booking.claims
        ],
    ]
    text = json.dumps(said, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _line(one: IncomingLine) -> list[object]:
    return [
        one.sequence,
        one.kind,
        one.description,
        one.price_minor,
        one.value_minor,
        one.state,
        one.fee_kind,
        one.performance,
        one.seat,
        one.contingent,
        one.category,
        one.tariff,
        one.quantity,
        one.groups,
        one.product,
        one.parent_sequence,
        one.collected,
        _time(one.collected_at),
    ]


def _payment(one: IncomingPayment) -> list[object]:
    return [
        one.key,
        one.method,
        one.amount_minor,
        one.settled_minor,
        one.payer,
        one.provider,
        one.provider_reference,
        one.bank_reference,
        one.masked_number,
        one.card_type,
        one.card_expiry,
        one.reversal_data,
        one.refund_method,
        one.prior_refunded_minor,
    ]

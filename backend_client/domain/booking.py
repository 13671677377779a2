"""A booking as it was sold: lines, payments and the people behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod


@dataclass(frozen=True, slots=True)
class BookingKey:
    """What names a booking for ever: booking ids are reused at a site, transactions are not."""

    site: str
    booking_id: str
    transaction_id: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or organisation; `key` is its number in the ticketing system."""

    id: int
    key: str
    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Performance:
    """A dated instance of an event; `starts_at` is UTC, or None where the source does not say."""

    id: int
    key: str
    event: str
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One sold thing with a sequence; tickets, concessions and fees share one sequence space.

    `price_minor` is what the whole line cost. `value_minor` is what goes back for it: inside a
    composed product it differs from the price, and it is None when the source does not settle
    whether the price is per piece or per line.
    """

    sequence: int
    kind: LineKind
    description: str
    price_minor: int
    value_minor: int | None
    state: LineState = LineState.SOLD
    fee_kind: FeeKind | None = None
    performance: Performance | None = None
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

    @property
    def is_sold(self) -> bool:
        return self.state is LineState.SOLD

    @property
    def is_fee(self) -> bool:
        return self.kind is LineKind.FEE


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a booking and what is left of it.

    `taken_minor` is what our own matched legs hold or have given back; `waiting_taken_minor` what
    went back to the waiting account; `prior_refunded_minor` what was given back before the booking
    came to us, or elsewhere since; `found_minor` refunds seen only at the provider, which block the
    payment. `refunds_made` counts those of ours that are made or promised; `barred` is the code of
    why its provider would refuse another.
    """

    id: int
    key: str
    method: PaymentMethod
    amount_minor: int
    settled_minor: int
    payer: Contact | None = None
    provider: str = ""
    provider_reference: str = ""
    bank_reference: str = ""
    masked_number: str = ""
    card_type: str = ""
    card_expiry: str = ""
    reversal_data: str = ""
    refund_method: str = ""
    prior_refunded_minor: int = 0
    taken_minor: int = 0
    waiting_taken_minor: int = 0
    found_minor: int = 0
    refunds_made: int = 0
    barred: str = ""

    @property
    def obstacle(self) -> str:
        """Why its provider is not asked to give anything back; a code of the catalogue."""
        return "payment-blocked" if self.found_minor else self.barred

    @property
    def refundable_minor(self) -> int:
        """What may still go back to exactly this payment."""
        left = self.settled_minor - self.prior_refunded_minor - self.taken_minor - self.found_minor
        return max(left, 0)

    @property
    def unsettled_minor(self) -> int:
        """What is still owed on a waiting account."""
        return self.amount_minor - self.settled_minor - self.waiting_taken_minor

    @property
    def payer_id(self) -> int | None:
        return self.payer.id if self.payer else None


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking with everything a refund rule looks at; `version` counts every such change.

    `promised_minor` is what live legs (all but those to the waiting account) hold of what was
    paid; `prior_refunded_minor` what went back before the booking came to us, whether or not the
    source named the payment; `promised_by_payer` splits `promised_minor` by payer contact id.
    """

    id: int
    key: BookingKey
    number: str
    currency: str
    lines: tuple[Line, ...]
    payments: tuple[Payment, ...]
    contact: Contact | None = None
    channel: str = ""
    sold_at: datetime | None = None
    is_paid: bool = True
    version: int = 1
    prior_refunded_minor: int = 0
    promised_minor: int = 0
    promised_by_payer: tuple[tuple[int | None, int], ...] = ()

    @property
    def settled_minor(self) -> int:
        return sum([payment.settled_minor for payment in self.payments])

    @property
    def unsettled_minor(self) -> int:
        return sum(payment.unsettled_minor for payment in self.payments)

    @property
    def left_minor(self) -> int:
        """What may still be given back of the money that came in."""
        return max(self.settled_minor - self.prior_refunded_minor - self.promised_minor, 0)

    def line(self, sequence: int) -> Line | None:
        return next((line for line in self.lines if line.sequence == sequence), None)

    def payment(self, payment_id: int) -> Payment | None:
        return next((payment for payment in self.payments if payment.id == payment_id), None)

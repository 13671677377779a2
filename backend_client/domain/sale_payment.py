"""A sale whose money a client took elsewhere: what it says of it, and may that be recorded?"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from backend_client.domain.booking import Booking, Line, Payment
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.domain.money import described
from backend_client.domain.problems import Refused
from backend_client.domain.texts import free_text

DETAIL_LIMIT = 200
_IN_THE_ORDER = frozenset({LineState.SOLD, LineState.RESERVED})


@dataclass(frozen=True, slots=True)
class SalePayment:
    """The record of a payment made elsewhere, for the order a client names by its session.

    `currency` is that of the house where the call says none; empty is that of the order. A later
    matched refund needs both `reversal_data` and `refund_method`: what the provider that
    gives the money back knows the payment by, and which one that is.
    """

    order_session: str
    amount_minor: int
    masked_number: str = ""
    card_type: str = ""
    card_expiry: str = ""
    bank_reference: str = ""
    reversal_data: str = ""
    refund_method: str = ""
    customer_name: str = ""
    customer_email: str = ""
    currency: str = ""

    def cleaned(self) -> SalePayment:
        """The same as it may be kept: every text inert, and none of them a card number. The session
        is only looked for."""
        texts: dict[str, Any] = {
            one.name: free_text(getattr(self, one.name), one.name, DETAIL_LIMIT)
            for one in fields(self)
            if one.name not in ("order_session", "amount_minor")
        }
        return replace(self, **texts)


@dataclass(frozen=True, slots=True)
class SaleTaken:
    """The booking as it is now and the payment that paid for it; `already_done` says that this
    very payment was recorded before."""

    booking: Booking
    payment: Payment
    already_done: bool = False


def recorded_before(booking: Booking, sale: SalePayment) -> Payment | None:
    """The payment of the booking that is this one, told a second time."""
    said = _told(sale)
    return next((one for one in booking.payments if _told(one) == said and _is_external(one)), None)


def order_lines(booking: Booking) -> tuple[Line, ...]:
    """What is paid with the order: lines sold or kept for it."""
    return tuple(line for line in booking.lines if line.state in _IN_THE_ORDER)


def check_sale(booking: Booking, sale: SalePayment) -> None:
    """Raise unless this payment pays for exactly this order."""
    if sale.currency not in ("", booking.currency):
        named = {"text": booking.key.booking_id, "currency": booking.currency}
        raise Refused("booking-other-currency", **named)
    lines = order_lines(booking)
    if not lines:
        raise Refused("order-given-back", booking=booking.key.booking_id)
    if booking.is_paid or booking.payments:
        raise Refused("order-already-paid", booking=booking.key.booking_id)
    unclear = [line.sequence for line in lines if line.value_minor is None]
    if unclear:
        raise Refused("price-ambiguous", sequences=unclear)
    total = sum(line.price_minor for line in lines)
    if sale.amount_minor != total:
        amounts = described(booking.currency, amount=sale.amount_minor, total=total)
        raise Refused("order-amount-differs", booking=booking.key.booking_id, **amounts)


def _is_external(payment: Payment) -> bool:
    return payment.method is PaymentMethod.EXTERNAL


def _told(one: SalePayment | Payment) -> tuple[object, ...]:
    """What tells one payment from another; not the customer's name, which is typed."""
    return (
        one.amount_minor,
        one.masked_number,
        one.card_type,
        one.bank_reference,
        one.reversal_data,
        one.refund_method,
    )

"""A booking as Vista Connect writes it: the names, types and order of the document's samples.

Every field of the sample is always there. Fields beyond it, which real systems send too, follow
only where they say something the sample's fields do not: an untouched booking reads like the sample
to the byte. A line given back shows `RefundedStatus` "1", a concession too, which has none in the
sample; `CurrentValueInCents` appears once it differs from the total.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from backend_client.answers import BookingView, RefundOutcome
from backend_client.domain.booking import Booking, Line, Payment
from backend_client.domain.card_numbers import MASK
from backend_client.domain.kinds import LineKind, LineState, PaymentMethod
from backend_client.domain.legs import Leg
from backend_client.domain.refund import LegState
from backend_client.domain.sale_payment import SaleTaken
from backend_client.domain.selection import components

_TENDERS: Mapping[PaymentMethod, str] = {
    PaymentMethod.CARD: "CREDIT",
    PaymentMethod.GIFT_CARD: "GIFTCARD",
    PaymentMethod.CREDIT_ACCOUNT: "ACCOUNT",
}
"""Where the field's word is not our own in capitals."""
_PLAIN_NUMBER = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)
_STILL_SOLD = frozenset({LineState.SOLD, LineState.RESERVED})
WITH_THE_CUSTOMER = frozenset(
    {LegState.SUCCEEDED, LegState.ACCEPTED, LegState.RECORDED, LegState.CREDITED}
)
"""States of a payment that count as refunded here: made, or surely on its way."""


def booking_json(view: BookingView, zone: ZoneInfo) -> dict[str, Any]:
    booking = view.booking
    total = sum(map(worth, booking.lines))
    current = sum(worth(line) for line in booking.lines if line.state in _STILL_SOLD)
    groups = _groups(booking)
    said: dict[str, Any] = {
        "BookingNumber": _number(booking.number),
        "BookingId": booking.key.booking_id,
        "VistaTransactionId": _number(booking.key.transaction_id),
        "TotalValueCents": total,
        "Tickets": [_ticket(one, groups, zone) for one in _of(booking, LineKind.TICKET)],
        "Concessions": [_concession(one, groups) for one in _of(booking, LineKind.CONCESSION)],
        "BookingFees": [_fee(one) for one in _of(booking, LineKind.FEE)],
        "TotalBookingFeeValueCents": sum(map(worth, _of(booking, LineKind.FEE))),
        "Payments": [_payment(one) for one in booking.payments],
        "PaymentsRefunded": list(_refunded(view)),
    }
    if current != total:
        said["CurrentValueInCents"] = current
    if not any(line.state in _STILL_SOLD for line in booking.lines):
        said["CancelledStatus"] = "1"
    if not booking.is_paid:
        said["IsPaid"] = False
    if booking.sold_at is not None:
        said["BookingDateUtc"] = booking.sold_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return said | _contact(booking)


def worth(line: Line) -> int:
    """What goes back for a line, which is what Connect calls its price."""
    return line.price_minor if line.value_minor is None else line.value_minor


def _of(booking: Booking, kind: LineKind) -> list[Line]:
    return [line for line in booking.lines if line.kind is kind]


def _number(text: str) -> int | str:
    """A number where the sample has one; codes with leading zeros or letters stay as they are."""
    return int(text) if _PLAIN_NUMBER.fullmatch(text) else text


def _status(yes: bool) -> str:
    return "1" if yes else "0"


def _ticket(line: Line, groups: Mapping[int, dict[str, int]], zone: ZoneInfo) -> dict[str, Any]:
    row, _, seat = line.seat.rpartition(" ")
    said: dict[str, Any] = {
        "TicketTypeCode": line.tariff,
        "TicketSequenceNumber": line.sequence,
        "SessionId": _number(line.performance.key) if line.performance else 0,
        "PriceInCents": worth(line),
        "Description": line.description,
        "CollectedStatus": _status(line.collected),
        "RefundedStatus": _status(line.state not in _STILL_SOLD),
        "SeatRowId": row,
        "SeatNumber": seat,
    }
    if line.performance and line.performance.event:
        said["MovieName"] = line.performance.event
    if line.performance and line.performance.starts_at:
        said["SessionDateTimeOffset"] = line.performance.starts_at.astimezone(zone).isoformat()
    if line.category:
        said["AreaCategoryCode"] = line.category
    return said | groups.get(line.sequence, {})


def _concession(line: Line, groups: Mapping[int, dict[str, int]]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "ItemId": line.tariff,
        "ItemSequenceNumber": line.sequence,
        "PriceInCents": worth(line),
        "Description": line.description,
        "QuantityBooked": line.quantity,
    }
    if line.collected:
        said["CollectedStatus"] = _status(True)
    if line.state not in _STILL_SOLD:
        said["RefundedStatus"] = _status(True)
    if line.performance:
        said["SessionId"] = _number(line.performance.key)
    return said | groups.get(line.sequence, {})


def _fee(line: Line) -> dict[str, Any]:
    said: dict[str, Any] = {
        "BookingFeeSequenceNumber": line.sequence,
        "PriceInCents": worth(line),
        "RefundedStatus": _status(line.state not in _STILL_SOLD),
    }
    if line.parent_sequence is not None:
        said["ParentTicketSequenceNumber"] = line.parent_sequence
    if line.description:
        said["Description"] = line.description
    return said


def _groups(booking: Booking) -> dict[int, dict[str, int]]:
    """What must go back as one carries one number: that of its first line."""
    joined = components(booking)
    sizes = Counter(min(members) for members in joined.values())
    return {
        sequence: {"RefundGroupNumber": min(members)}
        for sequence, members in joined.items()
        if sizes[min(members)] > 1
    }


def _payment(one: Payment) -> dict[str, Any]:
    said = _money(one.amount_minor, one) | {"PaymentId": one.key}
    if one.reversal_data:
        said["ReversalData"] = one.reversal_data
    if one.refund_method:
        said["RefundPaymentMethod"] = one.refund_method
    return said


def _money(amount_minor: int, payment: Payment | None, reference: str = "") -> dict[str, Any]:
    """The fields a payment and its refund share."""
    return {
        "BillingValueCents": amount_minor,
        "OrderPaymentAmount": amount_minor,
        "CardName": "",
        "MaskedCardNumber": payment.masked_number.replace(MASK, ".") if payment else "",
        "CardType": payment.card_type if payment else "",
        "TenderCategory": _tender(payment.method) if payment else "",
        "BankReference": reference or (_reference(payment) if payment else ""),
        "CardExpiry": payment.card_expiry.replace("-", "") if payment else "",
    }


def _reference(payment: Payment) -> str:
    """What the payment can be reversed by: the bank's reference, else the provider's."""
    return payment.bank_reference or payment.provider_reference


def _tender(method: PaymentMethod) -> str:
    return _TENDERS.get(method, method.value.upper().replace("_", ""))


def _refunded(view: BookingView) -> Iterator[dict[str, Any]]:
    """What went back: before the booking came to us, as far as payments are known, and since."""
    booking = view.booking
    unnamed = booking.prior_refunded_minor
    for payment in booking.payments:
        if payment.prior_refunded_minor:
            unnamed -= payment.prior_refunded_minor
            yield _money(payment.prior_refunded_minor, payment) | {"PaymentId": payment.key}
    if unnamed > 0:
        yield _money(unnamed, None) | {"PaymentId": ""}
    for refund in view.refunds:
        called = {"CorrelationId": refund.correlation_id} if refund.correlation_id else {}
        for leg in refund.legs:
            if leg.state in WITH_THE_CUSTOMER:
                yield _leg(leg, booking) | called


def _leg(leg: Leg, booking: Booking) -> dict[str, Any]:
    payment = booking.payment(leg.payment_id) if leg.payment_id is not None else None
    said = _money(leg.amount_minor, payment, leg.provider_refund_id or leg.reference)
    if payment is None:
        said["TenderCategory"] = leg.method.value.upper().replace("_", "")
    return said | {"PaymentId": payment.key if payment else ""}


def refund_json(outcome: RefundOutcome) -> dict[str, Any]:
    """The answer to a refund that is done; the document shows none, so this is our own."""
    refund = outcome.refund
    return {
        "refundNumber": refund.number,
        "amountInCents": refund.amount_minor,
        "payments": payments_json(outcome),
    }


def payments_json(outcome: RefundOutcome) -> list[dict[str, Any]]:
    """What became of each payment of a refund; a matched one names the payment it reverses."""
    keys = {payment.id: payment.key for payment in outcome.booking.payments}
    return [
        {
            "kind": leg.method.value,
            **({"paymentId": keys[leg.payment_id]} if leg.payment_id in keys else {}),
            "amountInCents": leg.amount_minor,
            "state": leg.state.value,
        }
        for leg in outcome.refund.legs
        if leg.is_live
    ]


def _contact(booking: Booking) -> dict[str, str]:
    who = booking.contact
    if who is None:
        return {}
    first, _, last = who.name.rpartition(" ")
    said = {
        "FirstName": first,
        "LastName": last,
        "Email": who.email,
        "Phone": who.phone,
        "MemberId": who.key.removeprefix("member:") if who.key.startswith("member:") else "",
    }
    return {name: text for name, text in said.items() if text}


def sale_json(taken: SaleTaken) -> dict[str, Any]:
    """What CompleteOrder answers: here numbers are texts."""
    booking, payment = taken.booking, taken.payment
    return {
        "CinemaID": booking.key.site,
        "VistaBookingNumber": booking.number,
        "VistaBookingId": booking.key.booking_id,
        "VistaTransNumber": booking.key.transaction_id,
        "PaymentInfoCollection": [
            {
                "CardNumber": payment.masked_number.replace(MASK, "."),
                "CardType": payment.card_type,
                "PaymentValueCents": payment.amount_minor,
                "BankTransactionNumber": payment.bank_reference,
            }
        ],
    }

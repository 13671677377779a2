"""A booking of Connect as the rules want it, and what a refund would change about it.

There is no version and no lock: what was read is made a number, so that the same plan has the same
fingerprint and any difference makes it stale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from backend_client.connect_settings import Cinema
from backend_client.domain.booking import (
    Booking,
    BookingKey,
    Contact,
    Line,
    Payment,
    Performance,
)
from backend_client.domain.card_numbers import MASK, mask_card_numbers
from backend_client.domain.connect_intent import PROVIDER
from backend_client.domain.connect_outcome import SeenRefund, Snapshot
from backend_client.domain.incoming import IncomingBooking, IncomingLine, IncomingPayment
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.domain.problems import Refused
from backend_client.domain.texts import clean_text
from backend_client.importing.card_scan import without_card_numbers
from backend_client.importing.card_texts import masked_number
from backend_client.importing.checks import check
from backend_client.importing.connect import incoming_from, wire_booking
from backend_client.importing.connect_wire import WireBooking, WirePayment
from backend_client.importing.refusal import WrongBooking
from backend_client.reports import ImportSource

_CONTACT_ID = 1
_FIELD_LIMIT = 100
_THROUGH_A_CONNECTOR = frozenset({PaymentMethod.CARD, PaymentMethod.GIFT_CARD})


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading: the booking, what its refunds look like, and the payments that carry what their
    reversal needs (by id)."""

    booking: Booking
    snapshot: Snapshot
    reversible: frozenset[int]


def read_booking(document: bytes, cinema: Cinema) -> Reading:
    """The answer of GetSingleBooking at this cinema; raises `WrongBooking`.

    Card numbers are masked before anything looks at it: nothing may be kept or shown with one, and
    a booking that has some must still be readable after a call.
    """
    wire = wire_booking(without_card_numbers(document))
    source = ImportSource("Connect", "connect", cinema.id, cinema.currency, cinema.zone)
    incoming = incoming_from(wire, source)
    check(incoming)
    if incoming.site != cinema.id:
        raise WrongBooking("Booking.CinemaId", "it is another cinema's")
    snapshot = Snapshot(_gone(wire, incoming), tuple(_refunds(wire)))
    reversible = frozenset(
        index
        for index, payment in enumerate(incoming.payments, 1)
        if _is_named(wire.payments[index - 1]) and _can_be_reversed(payment)
    )
    booking = _booking(incoming, snapshot)
    return Reading(booking, replace(snapshot, version=booking.version), reversible)


def _is_named(payment: WirePayment) -> bool:
    """By an id that can be sent back as it came."""
    return payment.payment_id != "" and MASK not in payment.payment_id


def _can_be_reversed(payment: IncomingPayment) -> bool:
    """Through a connector by what it kept; a sale taken elsewhere only if both of what its reversal
    needs were given at the sale."""
    given = bool(payment.reversal_data and payment.refund_method)
    return given or payment.method in _THROUGH_A_CONNECTOR


def _gone(wire: WireBooking, incoming: IncomingBooking) -> dict[int, bool | None]:
    """What the reading says of each line: its own status, else what the booking's current value
    shows, else nothing."""
    said: dict[int, bool | None] = {
        **{one.ticket_sequence_number: one.refunded_status for one in wire.tickets},
        **{one.item_sequence_number: one.refunded_status for one in wire.concessions},
        **{one.booking_fee_sequence_number: one.refunded_status for one in wire.booking_fees},
    }
    shown = wire.current_value_in_cents is not None
    for line in incoming.lines:
        if wire.cancelled_status:
            said[line.sequence] = True
        elif said[line.sequence] is None and shown and line.value_minor is not None:
            said[line.sequence] = line.state is LineState.CANCELLED
    return said


def _refunds(wire: WireBooking) -> Iterator[SeenRefund]:
    """An id that is none of the booking's payments is an entry's own, and says nothing."""
    known = {payment.payment_id for payment in wire.payments}
    for refund in wire.payments_refunded:
        seen = _seen(refund)
        yield seen if seen.payment_key in known else replace(seen, payment_key="")


def _seen(refund: WirePayment) -> SeenRefund:
    amount = max(abs(refund.billing_value_cents or 0), abs(refund.order_payment_amount or 0))
    tail = masked_number(refund.masked_card_number)[-4:]
    return SeenRefund(
        amount,
        payment_key=refund.payment_id,
        last_four=tail if tail.isdecimal() else "",
        card_type=refund.card_type,
        called=refund.correlation_id,
    )


def _booking(incoming: IncomingBooking, snapshot: Snapshot) -> Booking:
    contact = incoming.contact
    customer = None
    if contact is not None:
        customer = Contact(_CONTACT_ID, contact.key, contact.name, contact.email, contact.phone)
    shows = {
        one.key: Performance(number, one.key, one.event, one.starts_at)
        for number, one in enumerate(incoming.performances, 1)
    }
    return Booking(
        id=0,
        key=BookingKey(incoming.site, incoming.booking_id, incoming.transaction_id),
        number=incoming.number,
        currency=incoming.currency,
        lines=tuple(_line(one, shows) for one in incoming.lines),
        payments=tuple(
            _payment(number, one, customer) for number, one in enumerate(incoming.payments, 1)
        ),
        contact=customer,
        sold_at=incoming.sold_at,
        is_paid=incoming.is_paid,
        version=_version(incoming, snapshot),
        prior_refunded_minor=incoming.prior_refunded_minor,
    )


def _line(one: IncomingLine, shows: Mapping[str, Performance]) -> Line:
    return Line(
        sequence=one.sequence,
        kind=one.kind,
        description=one.description,
        price_minor=one.price_minor,
        value_minor=one.value_minor,
        state=one.state,
        fee_kind=one.fee_kind,
        performance=shows.get(one.performance),
        seat=one.seat,
        category=one.category,
        tariff=one.tariff,
        quantity=one.quantity,
        groups=one.groups,
        parent_sequence=one.parent_sequence,
        collected=one.collected,
    )


def _payment(number: int, one: IncomingPayment, customer: Contact | None) -> Payment:
    return Payment(
        id=number,
        key=one.key,
        method=one.method,
        amount_minor=one.amount_minor,
        settled_minor=one.settled_minor,
        payer=customer,
        provider=PROVIDER,
        bank_reference=one.bank_reference,
        masked_number=one.masked_number,
        card_type=one.card_type,
        card_expiry=one.card_expiry,
        reversal_data=one.reversal_data,
        refund_method=one.refund_method,
        prior_refunded_minor=one.prior_refunded_minor,
    )


def _version(incoming: IncomingBooking, snapshot: Snapshot) -> int:
    """A number for everything a refund depends on: lines, payments, refunds, what is left."""
    content = [
        incoming.is_paid,
        incoming.prior_refunded_minor,
        [[one.sequence, one.state, one.value_minor, one.collected] for one in incoming.lines],
        [[one.key, one.settled_minor, one.prior_refunded_minor] for one in incoming.payments],
        [[one.amount_minor, one.payment_key, one.last_four] for one in snapshot.refunds],
    ]
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") + 1


def without(reading: Reading, sequences: frozenset[int]) -> Reading:
    """The reading with lines taken as given back that it says nothing of, but our own journal
    does."""
    gone = frozenset(one for one in sequences if reading.snapshot.gone.get(one) is None)
    if not gone:
        return reading
    lines = tuple(
        replace(line, state=LineState.CANCELLED) if line.sequence in gone else line
        for line in reading.booking.lines
    )
    return replace(reading, booking=replace(reading.booking, lines=lines))


def starts_at(booking: Booking) -> datetime | None:
    """When the first of its performances begins."""
    times = [line.performance.starts_at for line in booking.lines if line.performance]
    return min((time for time in times if time is not None), default=None)


def not_understood(wrong: WrongBooking) -> Refused:
    """Names of fields come from the answer too, so they are made inert."""
    field = mask_card_numbers(clean_text(wrong.field, _FIELD_LIMIT))
    return Refused("connect-answer", detail=f"{field}: {wrong.reason}", field=field)

"""Bookings from Vista Connect: answers of GetSingleBooking, one a line or one a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from backend_client.domain.amounts import reconcile_values
from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
    IncomingPerformance,
)
from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod
from backend_client.domain.texts import clean_text
from backend_client.importing.card_texts import masked_number
from backend_client.importing.connect_state import expiry_of, with_prior_refunds, with_states
from backend_client.importing.connect_wire import (
    WireAnswer,
    WireBooking,
    WireConcession,
    WirePayment,
    WireTicket,
)
from backend_client.importing.fingerprint import fingerprint
from backend_client.importing.instants import has_offset, instant
from backend_client.importing.refusal import WrongBooking, wrong_from
from backend_client.reports import ImportSource

DECIMALS = 2
"""Connect counts in cents and names no currency."""
_NAME_LIMIT = 200
_RESULTS = {
    5: "the cinema could not be reached",
    47: "the booking could not be identified",
    73: "the site does not exist",
    78: "the booking does not exist",
    79: "the token may not read it",
}
_METHODS = {
    PaymentMethod.CARD: "CREDIT DEBIT CARD CREDITCARD DEBITCARD",
    PaymentMethod.CASH: "CASH",
    PaymentMethod.GIFT_CARD: "GIFT GIFTCARD SVS STOREDVALUE VGC",
    PaymentMethod.VOUCHER: "VOUCHER",
    PaymentMethod.TRANSFER: "TRANSFER EFT BANKTRANSFER INVOICE",
    PaymentMethod.CREDIT_ACCOUNT: "ACCOUNT CREDITACCOUNT MEMBERBALANCE",
    PaymentMethod.EXTERNAL: "EXTERNAL EXTERNALLYPROCESSED",
}
_METHOD_OF = {word: method for method, words in _METHODS.items() for word in words.split()}
_STORED_VALUE_CARDS = frozenset({"SVS", "VGC", "GIFT", "GIFTCARD"})


def booking_from(document: bytes, source: ImportSource) -> IncomingBooking:
    """One answer of GetSingleBooking; raises `WrongBooking` for what cannot be understood."""
    return incoming_from(wire_booking(document), source, fingerprint(document, source))


def wire_booking(document: bytes) -> WireBooking:
    """The booking of an answer as it stands there."""
    try:
        answer = WireAnswer.model_validate_json(document)
    except ValidationError as error:
        raise wrong_from(error) from None
    if answer.result_code != 0:
        why = _RESULTS.get(answer.result_code, "it says no more")
        raise WrongBooking("ResultCode", f"Connect answered {answer.result_code}: {why}")
    if answer.booking is None:
        raise WrongBooking("Booking", "it is missing")
    return answer.booking


def incoming_from(wire: WireBooking, source: ImportSource, digest: str = "") -> IncomingBooking:
    """The booking in our own terms."""
    return _Answer(wire, source).booking(digest)


class _Answer:
    """One booking on its way from Connect's shape to ours."""

    def __init__(self, wire: WireBooking, source: ImportSource) -> None:
        self.wire = wire
        self.source = source
        self.zone = ZoneInfo(source.zone)
        self.defaulted = {"currency"} if wire.cinema_id else {"currency", "site"}
        self.paid = wire.is_paid is not False and wire.vista_transaction_id.strip("0") != ""

    def booking(self, digest: str) -> IncomingBooking:
        wire = self.wire
        if not wire.booking_id:
            raise WrongBooking("Booking.BookingId", "it is empty")
        self._refuse_repeated_sequences()
        contact = self._contact()
        performances = self._performances()
        lines = self._lines({one.key for one in performances})
        payments = tuple(self._payment(index, contact) for index in range(len(wire.payments)))
        payments, refunded = with_prior_refunds(payments, wire.payments_refunded)
        sold_at = self._time("Booking.BookingDateUtc", wire.booking_date_utc, ZoneInfo("UTC"))
        return IncomingBooking(
            site=wire.cinema_id or self.source.site,
            booking_id=wire.booking_id.upper(),
            transaction_id=wire.vista_transaction_id or "0",
            currency=self.source.currency,
            lines=lines,
            payments=payments,
            number=wire.booking_number,
            sold_at=sold_at,
            is_paid=self.paid,
            contact=contact,
            performances=performances,
            prior_refunded_minor=self._prior(lines, refunded),
            defaulted=frozenset(self.defaulted),
            source_digest=digest,
            order_session=wire.user_session_id,
        )

    def _refuse_repeated_sequences(self) -> None:
        seen: set[int] = set()
        wire = self.wire
        numbered: list[tuple[str, Iterable[int]]] = [
            ("Tickets[{}].TicketSequenceNumber", (t.ticket_sequence_number for t in wire.tickets)),
            (
                "Concessions[{}].ItemSequenceNumber",
                (one.item_sequence_number for one in wire.concessions),
            ),
            (
                "BookingFees[{}].BookingFeeSequenceNumber",
                (one.booking_fee_sequence_number for one in wire.booking_fees),
            ),
        ]
        for field, sequences in numbered:
            for index, sequence in enumerate(sequences):
                if sequence in seen:
                    raise WrongBooking(
                        f"Booking.{field.format(index)}", "another line has this sequence"
                    )
                seen.add(sequence)

    def _contact(self) -> IncomingContact | None:
        """Without a member number a person is known by this booking alone: two guests with one
        e-mail address never share a credit account."""
        wire = self.wire
        name = clean_text(f"{wire.first_name} {wire.last_name}", _NAME_LIMIT)
        if not name:
            names = (clean_text(one.card_name, _NAME_LIMIT) for one in wire.payments)
            name = next(filter(None, names), "")
        email, phone = clean_text(wire.email, _NAME_LIMIT), clean_text(wire.phone, _NAME_LIMIT)
        member = wire.member_id.strip()
        if not (name or email or phone or member.strip("0")):
            return None
        site = wire.cinema_id or self.source.site
        key = f"guest:{site}:{wire.booking_id.upper()}:{wire.vista_transaction_id or '0'}"
        return IncomingContact(f"member:{member}" if member.strip("0") else key, name, email, phone)

    def _performances(self) -> tuple[IncomingPerformance, ...]:
        found: dict[str, IncomingPerformance] = {}
        for index, ticket in enumerate(self.wire.tickets):
            key = ticket.session_id
            if key.strip("0") and key not in found:
                field = f"Booking.Tickets[{index}].SessionDateTimeOffset"
                starts_at = self._time(field, ticket.session_date_time_offset, self.zone)
                event = ticket.movie_name or ticket.movie_name_alt
                found[key] = IncomingPerformance(key, clean_text(event, _NAME_LIMIT), starts_at)
        return tuple(found.values())

    def _lines(self, sessions: set[str]) -> tuple[IncomingLine, ...]:
        wire = self.wire
        lines = [_ticket(one, sessions) for one in wire.tickets]
        refunded = [one.refunded_status for one in wire.tickets]
        values = self._concession_values()
        for concession, value in zip(wire.concessions, values, strict=True):
            lines.append(_concession(concession, value, sessions))
            refunded.append(concession.refunded_status)
        tickets = {one.ticket_sequence_number for one in wire.tickets}
        for fee in wire.booking_fees:
            parent = fee.parent_ticket_sequence_number
            lines.append(
                IncomingLine(
                    sequence=fee.booking_fee_sequence_number,
                    kind=LineKind.FEE,
                    fee_kind=FeeKind.BOOKING_FEE,
                    description=clean_text(fee.description, _NAME_LIMIT),
                    price_minor=fee.price_in_cents,
                    value_minor=fee.price_in_cents,
                    parent_sequence=parent if parent in tickets else None,
                )
            )
            refunded.append(fee.refunded_status)
        stated = with_states(_without_lone_groups(lines), refunded, wire)
        return tuple(sorted(stated, key=lambda line: line.sequence))

    def _concession_values(self) -> tuple[int | None, ...]:
        wire = self.wire
        items = [(one.price_in_cents, one.quantity_booked) for one in wire.concessions]
        others = sum(one.price_in_cents for one in wire.tickets)
        others += sum(one.price_in_cents for one in wire.booking_fees)
        if wire.total_value_cents is not None:
            return reconcile_values(items, others, wire.total_value_cents)
        return tuple(price if quantity == 1 or not price else None for price, quantity in items)

    def _payment(self, index: int, contact: IncomingContact | None) -> IncomingPayment:
        one = self.wire.payments[index]
        said = [
            amount
            for amount in (one.billing_value_cents, one.order_payment_amount)
            if amount is not None
        ]
        field = f"Booking.Payments[{index}].OrderPaymentAmount"
        if not said:
            raise WrongBooking(field, "it is missing, and so is BillingValueCents")
        amount = min(said)
        if amount < 0:
            raise WrongBooking(field, "it is less than nothing")
        return IncomingPayment(
            key=one.payment_id or f"P{index + 1}",
            method=_method(one),
            amount_minor=amount,
            settled_minor=amount if self.paid else 0,
            payer=contact.key if contact else "",
            bank_reference=one.bank_reference or one.bank_transaction_number,
            masked_number=masked_number(one.masked_card_number),
            card_type=one.card_type,
            card_expiry=expiry_of(one),
            reversal_data=one.reversal_data,
            refund_method=one.refund_payment_method,
        )

    def _prior(self, lines: tuple[IncomingLine, ...], refunded: int) -> int:
        """All that went back before: what the refunds say or, where more, what has lost its value
        (the current value is the most that can still go back)."""
        wire = self.wire
        if wire.total_value_cents is not None and wire.current_value_in_cents is not None:
            gone = max(wire.total_value_cents - wire.current_value_in_cents, 0)
        elif refunded:
            gone = 0
        else:
            gone = sum(one.value_minor or 0 for one in lines if one.state is LineState.CANCELLED)
        return max(refunded, gone) if self.paid else 0

    def _time(self, field: str, text: str, zone: ZoneInfo) -> datetime | None:
        try:
            found = instant(text, zone)
            if found is not None and zone is self.zone and not has_offset(text):
                self.defaulted.add("zone")
        except ValueError:
            raise WrongBooking(field, "it is not a time") from None
        return found


def _ticket(one: WireTicket, sessions: set[str]) -> IncomingLine:
    described = one.description or one.description_alt or one.ticket_type_code
    return IncomingLine(
        sequence=one.ticket_sequence_number,
        kind=LineKind.TICKET,
        description=clean_text(described, _NAME_LIMIT),
        price_minor=one.price_in_cents,
        value_minor=one.price_in_cents,
        performance=one.session_id if one.session_id in sessions else "",
        seat=clean_text(f"{one.seat_row_id} {one.seat_number}", _NAME_LIMIT),
        category=one.area_category_code,
        tariff=one.ticket_type_code,
        groups=_groups(one),
        collected=bool(one.collected_status),
    )


def _concession(one: WireConcession, value: int | None, sessions: set[str]) -> IncomingLine:
    described = one.description or one.description_alt or one.item_id
    return IncomingLine(
        sequence=one.item_sequence_number,
        kind=LineKind.CONCESSION,
        description=clean_text(described, _NAME_LIMIT),
        price_minor=one.price_in_cents if value is None else value,
        value_minor=value,
        performance=one.session_id if one.session_id in sessions else "",
        tariff=one.item_id,
        quantity=one.quantity_booked,
        groups=_groups(one),
        collected=bool(one.collected_status),
    )


def _groups(one: WireTicket | WireConcession) -> tuple[str, ...]:
    numbers = (("package", one.package_group_number), ("refund", one.refund_group_number))
    return tuple(f"{name}-{number}" for name, number in numbers if number.strip("0"))


def _without_lone_groups(lines: list[IncomingLine]) -> list[IncomingLine]:
    """Connect may number every line as a group of its own; that binds nothing together."""
    members = Counter(group for line in lines for group in line.groups)
    return [
        replace(line, groups=tuple(group for group in line.groups if members[group] > 1))
        for line in lines
    ]


def _method(one: WirePayment) -> PaymentMethod:
    """A tender nobody told us about counts as a card only if a card and a bank stand behind it."""
    card = one.card_type.upper().replace(" ", "")
    tender = "".join(letter for letter in one.tender_category.upper() if letter.isalpha())
    if card in _STORED_VALUE_CARDS:
        return PaymentMethod.GIFT_CARD
    if tender in _METHOD_OF:
        return _METHOD_OF[tender]
    if one.masked_card_number and (one.bank_reference or not tender):
        return PaymentMethod.CARD
    return PaymentMethod.EXTERNAL

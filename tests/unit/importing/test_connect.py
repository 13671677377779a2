"""Answers of GetSingleBooking become bookings, in every loose form they are seen in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from backend_client.domain.incoming import IncomingBooking, IncomingLine
from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod
from backend_client.importing.refusal import WrongBooking
from tests.unit.importing.answers import (
    SAMPLE,
    answer,
    changed,
    concession,
    fee,
    ticket,
    understood,
)


def line(booking: IncomingBooking, sequence: int) -> IncomingLine:
    return next(one for one in booking.lines if one.sequence == sequence)


def test_the_sample_of_the_document_is_understood() -> None:
    booking = understood(SAMPLE)
    assert booking.key == ("0007", "WPM8TS9", "3679")
    assert booking.number == "3638"
    assert [(one.sequence, one.kind, one.price_minor) for one in booking.lines] == [
        (1, LineKind.TICKET, 1000),
        (2, LineKind.CONCESSION, 350),
        (3, LineKind.FEE, 100),
    ]
    assert all(one.state is LineState.SOLD for one in booking.lines)
    assert all(one.value_minor == one.price_minor for one in booking.lines)
    assert line(booking, 1).seat == "G 16"
    assert line(booking, 1).tariff == "0001"
    assert (line(booking, 3).fee_kind, line(booking, 3).parent_sequence) == (
        FeeKind.BOOKING_FEE,
        1,
    )
    (payment,) = booking.payments
    assert (payment.key, payment.method, payment.settled_minor) == (
        "OPH-29299",
        PaymentMethod.CARD,
        1450,
    )
    assert payment.masked_number == "411111••••••1111"
    assert (payment.card_expiry, payment.bank_reference) == ("2020-12", "41980")
    assert booking.contact is None
    assert booking.is_paid
    assert booking.prior_refunded_minor == 0
    assert booking.defaulted == {"site", "currency"}


@pytest.mark.parametrize("said", ["0", 0, False, "false", "NotRefunded"])
def test_every_way_to_say_no_means_no(said: object) -> None:
    booking = changed(Tickets=[ticket(1, 1000, RefundedStatus=said, CollectedStatus=said)])
    assert line(booking, 1).state is LineState.SOLD


@pytest.mark.parametrize("said", ["1", 1, True, "TRUE", "Refunded"])
def test_every_way_to_say_yes_means_yes(said: object) -> None:
    booking = changed(Tickets=[ticket(1, 1000, RefundedStatus=said)])
    assert line(booking, 1).state is LineState.CANCELLED


def test_a_status_nobody_knows_is_refused_by_its_field() -> None:
    with pytest.raises(WrongBooking) as wrong:
        changed(Tickets=[ticket(1, 1000, RefundedStatus="7")])
    assert wrong.value.field == "Booking.Tickets[0].RefundedStatus"


def test_a_collected_ticket_is_collected_and_may_be_refunded_too() -> None:
    booking = changed(Tickets=[ticket(1, 1000, CollectedStatus=1, RefundedStatus="1")])
    assert line(booking, 1).collected
    assert line(booking, 1).state is LineState.CANCELLED


def test_codes_keep_their_leading_zeros_whether_text_or_number() -> None:
    booking = changed(
        CinemaId="0001",
        BookingNumber="0000000309",
        Tickets=[ticket(1, 1000, TicketTypeCode="0042")],
        Concessions=[concession(2, 350, ItemId=75)],
    )
    assert booking.site == "0001"
    assert booking.number == "0000000309"
    assert line(booking, 1).tariff == "0042"
    assert line(booking, 2).tariff == "75"
    assert booking.defaulted == {"currency"}


def test_a_booking_id_is_kept_in_capitals_without_blanks() -> None:
    assert changed(BookingId=" wpm8ts9 ").booking_id == "WPM8TS9"


def test_unknown_fields_and_missing_lists_are_no_trouble() -> None:
    booking = changed(Whatever={"a": [1]}, Concessions=None, PaymentsRefunded=None)
    assert [one.sequence for one in booking.lines] == [1, 3]


def test_null_lists_and_texts_are_empty() -> None:
    document = answer()
    document["Booking"]["Concessions"] = None
    document["Booking"]["Email"] = None
    assert len(understood(document).lines) == 2


def test_lines_of_one_package_or_refund_group_belong_together() -> None:
    booking = changed(
        Tickets=[
            ticket(1, 900, PackageGroupNumber=4, RefundGroupNumber=11),
            ticket(2, 600, PackageGroupNumber=4, RefundGroupNumber=12),
            ticket(7, 500, RefundGroupNumber=12, PackageGroupNumber=0),
        ],
        Concessions=[concession(3, 500, PackageGroupNumber=4)],
        BookingFees=[],
        TotalValueCents=2500,
    )
    assert line(booking, 1).groups == ("package-4",)
    assert line(booking, 2).groups == ("package-4", "refund-12")
    assert line(booking, 3).groups == ("package-4",)
    assert line(booking, 7).groups == ("refund-12",)


@pytest.mark.parametrize(("total", "value"), [(1800, 700), (1450, 350), (1500, None)])
def test_a_quantity_is_reconciled_with_the_total_or_left_open(
    total: int, value: int | None
) -> None:
    booking = changed(TotalValueCents=total, Concessions=[concession(2, 350, QuantityBooked=2)])
    assert line(booking, 2).value_minor == value
    assert line(booking, 2).quantity == 2


def test_without_a_total_a_quantity_stays_open() -> None:
    booking = changed(TotalValueCents=None, Concessions=[concession(2, 350, QuantityBooked=2)])
    assert line(booking, 2).value_minor is None


def test_the_same_sequence_twice_is_refused() -> None:
    with pytest.raises(WrongBooking) as wrong:
        changed(BookingFees=[fee(2, 100)])
    assert wrong.value.field == "Booking.BookingFees[0].BookingFeeSequenceNumber"


@pytest.mark.parametrize("changes", [{"IsPaid": False}, {"VistaTransactionId": 0}])
def test_an_unpaid_booking_is_kept_as_unpaid(changes: dict[str, Any]) -> None:
    booking = changed(**changes)
    assert not booking.is_paid
    assert booking.settled_minor == 0


def test_a_cancelled_booking_has_no_line_left() -> None:
    booking = changed(CancelledStatus="1", CurrentValueInCents=0)
    assert {one.state for one in booking.lines} == {LineState.CANCELLED}
    assert booking.prior_refunded_minor == 1450


@pytest.mark.parametrize(
    ("billing", "order", "amount"), [(1450, 1400, 1400), (1300, 1450, 1300), (None, 1450, 1450)]
)
def test_a_payment_counts_with_the_smaller_of_its_amounts(
    billing: int | None, order: int, amount: int
) -> None:
    payment = {"PaymentId": "P", "OrderPaymentAmount": order, "TenderCategory": "CASH"}
    if billing is not None:
        payment["BillingValueCents"] = billing
    assert changed(Payments=[payment]).payments[0].amount_minor == amount


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"PaymentId": "P"}, "Booking.Payments[0].OrderPaymentAmount"),
        ({"OrderPaymentAmount": -5}, "Booking.Payments[0].OrderPaymentAmount"),
        ({"OrderPaymentAmount": 12.5}, "Booking.Payments[0].OrderPaymentAmount"),
    ],
)
def test_a_payment_without_a_sensible_amount_is_refused(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongBooking) as wrong:
        changed(Payments=[fields])
    assert wrong.value.field == field


@pytest.mark.parametrize(
    ("fields", "method"),
    [
        ({"TenderCategory": "CREDIT"}, PaymentMethod.CARD),
        ({"TenderCategory": "Debit"}, PaymentMethod.CARD),
        ({"TenderCategory": "CREDIT", "CardType": "SVS"}, PaymentMethod.GIFT_CARD),
        ({"TenderCategory": "GIFT CARD"}, PaymentMethod.GIFT_CARD),
        ({"TenderCategory": "CASH"}, PaymentMethod.CASH),
        ({"TenderCategory": "VOUCHER"}, PaymentMethod.VOUCHER),
        ({"TenderCategory": "LOYALTY"}, PaymentMethod.EXTERNAL),
        ({"MaskedCardNumber": "411111......1111"}, PaymentMethod.CARD),
        (
            {
                "TenderCategory": "EXTERNAL",
                "MaskedCardNumber": "411111......1111",
                "BankReference": "41980",
            },
            PaymentMethod.EXTERNAL,
        ),
        ({}, PaymentMethod.EXTERNAL),
    ],
)
def test_a_tender_becomes_a_payment_method(fields: dict[str, Any], method: PaymentMethod) -> None:
    payment = {"OrderPaymentAmount": 1450} | fields
    assert changed(Payments=[payment]).payments[0].method is method


@pytest.mark.parametrize(
    "fields",
    [
        {"CardExpiry": "202305"},
        {"CardExpiry": "20230531"},
        {"CardExpiryMonth": "05", "CardExpiryYear": "23"},
        {"CardExpiryMonth": 5, "CardExpiryYear": 2023},
    ],
)
def test_every_form_of_an_expiry_is_one_month(fields: dict[str, Any]) -> None:
    payment = {"OrderPaymentAmount": 1450} | fields
    assert changed(Payments=[payment]).payments[0].card_expiry == "2023-05"


def test_an_external_sale_keeps_what_its_reversal_needs() -> None:
    payment = {
        "OrderPaymentAmount": 1000,
        "TenderCategory": "EXTERNAL",
        "ReversalData": "PP-094834939-GBRTYDFWTY",
        "RefundPaymentMethod": "PaymentPlus",
        "BankTransactionNumber": "094834939",
    }
    found = changed(Payments=[payment]).payments[0]
    assert found.method is PaymentMethod.EXTERNAL
    assert (found.reversal_data, found.refund_method, found.bank_reference) == (
        "PP-094834939-GBRTYDFWTY",
        "PaymentPlus",
        "094834939",
    )


def test_payments_without_an_id_get_one_by_their_place() -> None:
    booking = changed(Payments=[{"OrderPaymentAmount": 700}, {"OrderPaymentAmount": 750}])
    assert [one.key for one in booking.payments] == ["P1", "P2"]


def test_two_payments_with_one_id_are_refused() -> None:
    twice = [{"PaymentId": "X", "OrderPaymentAmount": 700}] * 2
    with pytest.raises(WrongBooking) as wrong:
        changed(Payments=twice)
    assert wrong.value.field == "payments[1].key"


def test_a_member_is_known_by_number_and_a_guest_by_the_booking_alone() -> None:
    member = changed(MemberId="00042", FirstName="Bette", LastName="Davis", Email="b@x.example")
    guest = changed(FirstName="Bette", LastName="Davis", Email="b@x.example")
    assert member.contact is not None
    assert guest.contact is not None
    assert member.contact.key == "member:00042"
    assert guest.contact.key == "guest:0007:WPM8TS9:3679"
    assert guest.contact.name == "Bette Davis"
    assert guest.payments[0].payer == guest.contact.key


def test_the_name_on_the_card_will_do_where_no_other_is() -> None:
    payment = {"OrderPaymentAmount": 1450, "CardName": "MISS B DAVIS"}
    booking = changed(Payments=[payment])
    assert booking.contact is not None
    assert booking.contact.name == "MISS B DAVIS"


@pytest.mark.parametrize(
    ("text", "defaulted"),
    [
        ("2025-11-22T20:00:00+01:00", False),
        ("2025-11-22T19:00:00Z", False),
        ("2025-11-22T20:00:00", True),
        ("/Date(1763838000000+0100)/", False),
    ],
)
def test_a_start_is_an_instant_and_the_zone_is_named_where_it_was_needed(
    text: str, defaulted: bool
) -> None:
    booking = changed(
        Tickets=[ticket(1, 1000, SessionDateTimeOffset=text, MovieName="Hamlet")],
        BookingDateUtc="2025-11-18T10:02:00",
    )
    (performance,) = booking.performances
    assert performance.starts_at == datetime(2025, 11, 22, 19, 0, tzinfo=UTC)
    assert performance.event == "Hamlet"
    assert booking.sold_at == datetime(2025, 11, 18, 10, 2, tzinfo=UTC)
    assert ("zone" in booking.defaulted) is defaulted


def test_what_is_no_time_is_refused_by_its_field() -> None:
    with pytest.raises(WrongBooking) as wrong:
        changed(Tickets=[ticket(1, 1000, SessionDateTimeOffset="soon")])
    assert wrong.value.field == "Booking.Tickets[0].SessionDateTimeOffset"


def test_a_fee_of_a_ticket_that_is_not_listed_belongs_to_the_booking() -> None:
    booking = changed(BookingFees=[fee(3, 100, ParentTicketSequenceNumber=99)])
    assert line(booking, 3).parent_sequence is None


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"ResultCode": 78}, "ResultCode"),
        ({"ResultCode": 0}, "Booking"),
        ({"Booking": {}}, "ResultCode"),
        (answer(VistaTransactionId=None), "Booking.VistaTransactionId"),
        (answer(BookingId="  "), "Booking.BookingId"),
        (answer(Tickets=[ticket(1, -1)]), "Booking.Tickets[0].PriceInCents"),
        (answer(Tickets=[ticket(0, 1)]), "Booking.Tickets[0].TicketSequenceNumber"),
        (answer(Tickets={}), "Booking.Tickets"),
    ],
)
def test_an_answer_that_is_no_booking_is_refused_by_its_field(
    document: dict[str, Any], field: str
) -> None:
    with pytest.raises(WrongBooking) as wrong:
        understood(document)
    assert wrong.value.field == field

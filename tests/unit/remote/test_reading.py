"""A booking of Connect as the rules want it, and what a refund would change about it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend_client.connect_settings import Cinema
from backend_client.domain.connect_outcome import SeenRefund
from backend_client.domain.kinds import LineState
from backend_client.importing.refusal import WrongBooking
from backend_client.remote.reading import Reading, read_booking, without
from tests.unit.importing.answers import SAMPLE, answer, concession, fee, ticket

PALAIS = Cinema("0001", "Palais", "CHF", "Europe/Zurich")


def read(document: dict[str, Any] = SAMPLE) -> Reading:
    return read_booking(json.dumps(document).encode(), PALAIS)


def payment(**changes: Any) -> dict[str, Any]:
    return {**SAMPLE["Booking"]["Payments"][0], **changes}


def test_the_sample_of_the_document() -> None:
    reading = read()
    booking = reading.booking
    assert (booking.key.site, booking.key.booking_id, booking.key.transaction_id) == (
        "0001",
        "WPM8TS9",
        "3679",
    )
    assert [line.sequence for line in booking.lines] == [1, 2, 3]
    assert (booking.left_minor, booking.currency) == (1450, "CHF")
    assert reading.snapshot.gone == {1: False, 2: None, 3: False}
    assert reading.snapshot.refunds == ()
    assert reading.reversible == {1}


def test_the_same_reading_is_the_same_version_and_any_change_another() -> None:
    before = read().booking.version
    assert read().booking.version == before
    refund = payment(OrderPaymentAmount=350, BillingValueCents=350)
    for changed in (
        answer(PaymentsRefunded=[refund]),
        answer(CurrentValueInCents=1100),
        answer(IsPaid=False),
        answer(Payments=[payment(PaymentId="OPH-2")]),
        answer(Tickets=[ticket(1, 1000, RefundedStatus="1")]),
        answer(Tickets=[ticket(1, 1000, CollectedStatus="1")]),
    ):
        assert read(changed).booking.version != before
    assert read(answer(Phone="+41")).booking.version == before


def test_a_concession_says_nothing_until_the_current_value_does() -> None:
    assert read(answer(CurrentValueInCents=1100)).snapshot.gone[2] is True
    assert read(answer(CurrentValueInCents=1450)).snapshot.gone[2] is False
    assert read(answer(CancelledStatus="1")).snapshot.gone == {1: True, 2: True, 3: True}


def test_two_concessions_that_could_both_be_gone_say_nothing() -> None:
    two = [concession(2, 350), concession(4, 350)]
    doubt = answer(Concessions=two, TotalValueCents=1800, CurrentValueInCents=1450)
    gone = read(doubt).snapshot.gone
    assert (gone[2], gone[4]) == (None, None)


def test_what_our_journal_gave_back_counts_where_the_answer_says_nothing() -> None:
    reading = without(read(), frozenset({1, 2}))
    states = [line.state for line in reading.booking.lines]
    assert states == [LineState.SOLD, LineState.CANCELLED, LineState.SOLD]
    assert reading.booking.version == read().booking.version


def test_refunds_are_seen_by_payment_and_card() -> None:
    refunds = [
        payment(OrderPaymentAmount=-350, BillingValueCents=-350),
        {"OrderPaymentAmount": 100, "MaskedCardNumber": "412403....5226", "CardType": "VISA"},
    ]
    reading = read(answer(PaymentsRefunded=refunds))
    assert reading.snapshot.refunds == (
        SeenRefund(350, "OPH-29299", "1111", "VISA"),
        SeenRefund(100, "", "5226", "VISA"),
    )
    assert reading.booking.prior_refunded_minor == 450


EXTERNAL = {"TenderCategory": "EXTERNAL", "BankReference": "094834939"}


@pytest.mark.parametrize(
    ("changes", "reversible"),
    [
        ({}, True),
        ({"PaymentId": ""}, False),
        ({"BankReference": ""}, False),
        ({"TenderCategory": "CASH"}, False),
        ({"TenderCategory": "VOUCHER"}, False),
        (EXTERNAL, False),
        ({**EXTERNAL, "ReversalData": "PP-1"}, False),
        ({**EXTERNAL, "RefundPaymentMethod": "PaymentPlus"}, False),
        ({**EXTERNAL, "ReversalData": "PP-1", "RefundPaymentMethod": "PaymentPlus"}, True),
    ],
)
def test_what_can_be_reversed(changes: dict[str, Any], reversible: bool) -> None:
    reading = read(answer(Payments=[payment(**changes)]))
    assert (1 in reading.reversible) is reversible


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (answer(CinemaId="0002"), "Booking.CinemaId"),
        (answer(BookingFees=[fee(1, 100)]), "Booking.BookingFees[0].BookingFeeSequenceNumber"),
        (answer(TotalValueCents="1450"), "Booking.TotalValueCents"),
        (
            answer(Tickets=[ticket(1, 10)], Concessions=[], BookingFees=[], Payments=7),
            "Booking.Payments",
        ),
        ({"ResultCode": 0}, "Booking"),
        ({"Booking": {}}, "ResultCode"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(document: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongBooking) as caught:
        read(document)
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["ResultCode", "Result", "ExtendedResultCode"])
@pytest.mark.parametrize("code", [0, "0"])
def test_a_success_under_any_of_its_names(name: str, code: object) -> None:
    document = {name: code, "Booking": SAMPLE["Booking"]}
    assert read(document).booking.number == "3638"

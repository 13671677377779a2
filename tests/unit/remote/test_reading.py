"""A booking of Connect as the rules want it, and what a refund would change about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_client.connect_settings import Cinema
from backend_client.domain.card_numbers import MASK, holds_card
from backend_client.domain.connect_outcome import SeenRefund
from backend_client.domain.kinds import LineState
from backend_client.importing.refusal import WrongBooking
from backend_client.remote.reading import Reading, not_understood, read_booking, without
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
        payment(OrderPaymentAmount=-350, BillingValueCents=-350, CorrelationId="call-7"),
        {"OrderPaymentAmount": 100, "MaskedCardNumber": "412403....5226", "CardType": "VISA"},
        {"OrderPaymentAmount": 5, "PaymentId": "OPR-1"},
    ]
    reading = read(answer(PaymentsRefunded=refunds))
    assert reading.snapshot.refunds == (
        SeenRefund(350, "OPH-29299", "1111", "VISA", "call-7"),
        SeenRefund(100, "", "5226", "VISA"),
        SeenRefund(5),
    )
    assert reading.booking.prior_refunded_minor == 455


EXTERNAL = {"TenderCategory": "EXTERNAL", "BankReference": "094834939"}


@pytest.mark.parametrize(
    ("changes", "reversible"),
    [
        ({}, True),
        ({"PaymentId": ""}, False),
        ({"BankReference": ""}, True),
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


HIDDEN = ["4111111111111111", "4111\u200b1111 1111\u200b1111", "4111    1111    1111    1111"]


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(
    "changes",
    [
        lambda pan: {"FirstName": pan},
        lambda pan: {"BookingNumber": pan},
        lambda pan: {"Tickets": [ticket(1, 1450, Description=pan)], "Concessions": []},
        lambda pan: {"Payments": [payment(PaymentId=pan)]},
        lambda pan: {"Payments": [payment(CardType=pan, ReversalData=pan)]},
        lambda pan: {"PaymentsRefunded": [payment(PaymentId=pan, CardType=pan)]},
        lambda pan: {pan: 7},
    ],
)
def test_a_card_number_anywhere_in_the_answer_is_masked_in_all_that_is_read(
    changes: Callable[[str], dict[str, Any]], hidden: str
) -> None:
    """Invisible letters between its digits are taken out later, so they hide none."""
    try:
        said = repr(read(answer(**changes(hidden))))
    except WrongBooking as wrong:
        said = not_understood(wrong).message
    assert not holds_card(said.replace(MASK, "x"))


def test_a_card_number_that_is_a_number_is_masked_too() -> None:
    assert read(answer(BookingNumber=4111111111111111)).booking.number == "411111••••••1111"


def test_a_payment_with_a_card_number_for_its_name_cannot_be_sent_back() -> None:
    assert read(answer(Payments=[payment(PaymentId="4111111111111111")])).reversible == frozenset()


def test_a_field_that_is_named_in_a_refusal_is_inert() -> None:
    refused = not_understood(WrongBooking("Booking.\x1b[31m4111111111111111", "it is missing"))
    assert refused.details["detail"] == "Booking.411111••••••1111: it is missing"

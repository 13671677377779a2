"""What a Connect answer says, and does not say, about earlier refunds."""

from __future__ import annotations

from typing import Any

import pytest

from backend_client.domain.kinds import LineState
from tests.unit.importing.answers import changed, concession, fee, ticket

SOLD, GONE = LineState.SOLD, LineState.CANCELLED


def states(**changes: Any) -> dict[int, LineState]:
    return {line.sequence: line.state for line in changed(**changes).lines}


def test_a_concession_without_a_status_counts_as_sold() -> None:
    assert states() == {1: SOLD, 2: SOLD, 3: SOLD}


def test_the_current_value_shows_that_the_pop_corn_is_gone() -> None:
    assert states(CurrentValueInCents=1100) == {1: SOLD, 2: GONE, 3: SOLD}


def test_a_current_value_of_nothing_means_everything_unsaid_is_gone() -> None:
    lines = {
        "Tickets": [ticket(1, 1000, RefundedStatus="1")],
        "Concessions": [concession(2, 350), concession(4, 0)],
        "BookingFees": [],
    }
    assert states(CurrentValueInCents=0, **lines) == {1: GONE, 2: GONE, 4: GONE}


def test_the_one_set_of_concessions_that_fits_is_gone() -> None:
    three = [concession(2, 350), concession(4, 500), concession(5, 900)]
    found = states(Concessions=three, TotalValueCents=2850, CurrentValueInCents=2000)
    assert found == {1: SOLD, 2: GONE, 3: SOLD, 4: GONE, 5: SOLD}


def test_two_concessions_that_could_both_be_the_gone_one_are_blocked() -> None:
    booking = changed(
        Concessions=[concession(2, 350), concession(4, 350)],
        TotalValueCents=1800,
        CurrentValueInCents=1450,
    )
    assert [(one.sequence, one.value_minor) for one in booking.lines] == [
        (1, 1000),
        (2, None),
        (3, 100),
        (4, None),
    ]


def test_a_package_that_is_gone_takes_its_own_concession_along() -> None:
    booking = changed(
        Tickets=[
            ticket(1, 1000, PackageGroupNumber=1, RefundedStatus="1"),
            ticket(5, 1000, PackageGroupNumber=2),
        ],
        Concessions=[
            concession(2, 350, PackageGroupNumber=1),
            concession(4, 350, PackageGroupNumber=2),
        ],
        BookingFees=[],
        TotalValueCents=2700,
        CurrentValueInCents=1350,
    )
    found = {line.sequence: line.state for line in booking.lines}
    assert found == {1: GONE, 2: GONE, 4: SOLD, 5: SOLD}
    assert booking.prior_refunded_minor == 1350


def test_a_value_that_fits_nothing_blocks_what_is_unsaid() -> None:
    booking = changed(CurrentValueInCents=1234)
    assert next(one for one in booking.lines if one.sequence == 2).value_minor is None


def test_many_unsaid_concessions_are_not_tried_out() -> None:
    many = [concession(10 + n, 100 + n) for n in range(13)]
    booking = changed(Concessions=many, TotalValueCents=None, CurrentValueInCents=1300)
    unknown = [one for one in booking.lines if one.value_minor is None]
    assert len(unknown) == 13


CARD = {
    "PaymentId": "OPH-1",
    "OrderPaymentAmount": 1000,
    "MaskedCardNumber": "411111......1111",
    "CardType": "VISA",
    "CardExpiry": "202512",
}
GIFT = {
    "PaymentId": "OPH-2",
    "OrderPaymentAmount": 450,
    "MaskedCardNumber": "000010..0001",
    "CardType": "SVS",
}


@pytest.mark.parametrize(
    "refund",
    [
        {"PaymentId": "OPH-1", "BillingValueCents": 350},
        {"PaymentId": "OPH-1", "BillingValueCents": -350, "OrderPaymentAmount": -350},
        {
            "PaymentId": "NEW-9",
            "OrderPaymentAmount": 350,
            "MaskedCardNumber": "4111....1111",
            "CardType": "VISA",
            "CardExpiry": "20251231",
        },
    ],
)
def test_an_earlier_refund_belongs_to_the_payment_it_names_or_whose_card_it_shows(
    refund: dict[str, Any],
) -> None:
    booking = changed(
        Payments=[CARD, GIFT],
        PaymentsRefunded=[refund],
        Concessions=[concession(2, 350, RefundedStatus="1")],
    )
    assert [one.prior_refunded_minor for one in booking.payments] == [350, 0]
    assert booking.prior_refunded_minor == 350


@pytest.mark.parametrize(
    "refund",
    [
        {"BillingValueCents": 350},
        {"PaymentId": "CASH-3", "BillingValueCents": 350, "TenderCategory": "CASH"},
    ],
)
def test_a_refund_that_names_no_payment_counts_on_the_booking_alone(
    refund: dict[str, Any],
) -> None:
    booking = changed(Payments=[CARD, GIFT], PaymentsRefunded=[refund])
    assert [one.prior_refunded_minor for one in booking.payments] == [0, 0]
    assert booking.prior_refunded_minor == 350


def test_a_card_that_could_be_either_of_two_payments_is_neither() -> None:
    twins = [CARD, CARD | {"PaymentId": "OPH-9"}]
    refund = CARD | {"PaymentId": "", "OrderPaymentAmount": 350}
    booking = changed(Payments=twins, PaymentsRefunded=[refund])
    assert [one.prior_refunded_minor for one in booking.payments] == [0, 0]
    assert booking.prior_refunded_minor == 350


def test_more_back_than_a_payment_took_in_goes_on_the_booking() -> None:
    refund = {"PaymentId": "OPH-1", "BillingValueCents": 1200}
    booking = changed(Payments=[CARD, GIFT], PaymentsRefunded=[refund])
    assert [one.prior_refunded_minor for one in booking.payments] == [1000, 0]
    assert booking.prior_refunded_minor == 1200


def test_lines_that_are_gone_without_a_refund_listed_count_with_their_value() -> None:
    booking = changed(PaymentsRefunded=[], BookingFees=[fee(3, 100, RefundedStatus="1")])
    assert booking.prior_refunded_minor == 100


def test_what_lost_its_value_counts_even_if_less_is_listed() -> None:
    booking = changed(CurrentValueInCents=450, PaymentsRefunded=[{"BillingValueCents": 800}])
    assert booking.prior_refunded_minor == 1000

"""Cash for a card sale: only what was paid otherwise than by card goes back in cash."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.allocation import place
from backend_client.domain.booking import Booking, Payment
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import Part
from backend_client.domain.policy import Policy
from backend_client.domain.refund import Method
from backend_client.domain.room import cash_left
from tests.unit.builders import BETTE, booking, payment, ticket
from tests.unit.refusing import refused

CASH = PaymentMethod.CASH


def paid_with(*payments: Payment, promised: int = 0, prior: int | None = None) -> Booking:
    total = sum(one.amount_minor for one in payments)
    return booking([ticket(1, total)], payments, promised={BETTE.id: promised}, prior=prior)


def test_a_card_sale_is_not_paid_out_in_cash() -> None:
    of = paid_with(payment(1, 1000))
    with refused("cash-for-card"):
        place(of, 1000, (Part(Method.CASH),), Policy(), {})
    legs = place(of, 1000, (Part(Method.CASH),), Policy(cash_for_card=True), {})
    assert [leg.method for leg in legs] == [Method.CASH]


def test_cash_goes_up_to_what_was_not_paid_by_card() -> None:
    of = paid_with(payment(1, 800), payment(2, 200, CASH))
    place(of, 500, (Part(Method.CASH, 200), Part(Method.MATCHED)), Policy(), {1: "practice"})
    with refused("cash-for-card") as refusal:
        place(of, 500, (Part(Method.CASH, 201), Part(Method.MATCHED)), Policy(), {1: "practice"})
    assert refusal.value.details["left_minor"] == 200
    with refused("cash-for-card"):
        place(of, 400, (Part(Method.CASH, 200), Part(Method.CASH, 200)), Policy(), {})


def test_an_external_payment_that_shows_a_card_is_a_card() -> None:
    external = payment(1, 1000, PaymentMethod.EXTERNAL)
    assert cash_left(paid_with(external)) == 1000
    assert cash_left(paid_with(replace(external, card_type="VISA"))) == 0
    assert cash_left(paid_with(replace(external, masked_number="4111....1111"))) == 0


@pytest.mark.parametrize(
    ("promised", "prior", "left"), [(0, None, 200), (150, None, 50), (900, None, 0), (0, 150, 50)]
)
def test_what_went_back_without_a_payment_may_have_been_the_cash(
    promised: int, prior: int | None, left: int
) -> None:
    of = paid_with(payment(1, 800), payment(2, 200, CASH), promised=promised, prior=prior)
    assert cash_left(of) == left


def test_what_went_back_to_the_card_leaves_the_cash_alone() -> None:
    of = paid_with(payment(1, 800, taken=500), payment(2, 200, CASH), promised=500)
    assert cash_left(of) == 200


def test_a_proposal_leaves_to_the_dispatch_what_may_not_be_cash() -> None:
    of = paid_with(payment(1, 800), payment(2, 200, CASH), promised=900)
    legs = place(of, 100, (), Policy(), {})
    assert [(leg.method, leg.amount_minor) for leg in legs] == [(Method.REQUESTED, 100)]

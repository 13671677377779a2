"""Unsettled debt on a waiting account is reduced before anything is paid out."""

from __future__ import annotations

import pytest

from backend_client.domain.booking import Booking, Payment
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import Part
from backend_client.domain.planning import plan_refund
from backend_client.domain.refund import LegState, Method
from tests.unit.builders import BETTE, LUC, booking, circumstances, payment, request, ticket
from tests.unit.refusing import refused

WAITING = PaymentMethod.WAITING_ACCOUNT


def owing(*payments: Payment, promised: int = 0) -> Booking:
    """Two tickets of 50; by default sold on a waiting account of which 60 are settled."""
    return booking(
        [ticket(1, 50), ticket(2, 50)],
        payments or [payment(1, 100, WAITING, settled=60)],
        promised={BETTE.id: promised},
    )


def placed(of: Booking, *parts: Part, lines: tuple[int, ...] = (1,)) -> list[tuple[Method, int]]:
    plan = plan_refund(of, request(*lines, parts=parts), circumstances(of))
    return [(leg.method, leg.amount_minor) for leg in plan.legs]


def test_of_fifty_forty_reduce_the_debt_and_ten_are_requested() -> None:
    of = owing()
    plan = plan_refund(of, request(1), circumstances(of))
    debt, rest = plan.legs
    assert (debt.method, debt.amount_minor, debt.payment_id) == (Method.WAITING, 40, 1)
    assert debt.state is LegState.RECORDED
    assert (rest.method, rest.amount_minor) == (Method.REQUESTED, 10)


def test_a_sale_of_which_nothing_is_settled_only_reduces_the_debt() -> None:
    of = owing(payment(1, 100, WAITING, settled=0))
    assert placed(of, lines=(1, 2)) == [(Method.WAITING, 100)]


def test_a_settled_waiting_account_is_paid_out_like_others() -> None:
    assert placed(owing(payment(1, 100, WAITING))) == [(Method.REQUESTED, 50)]


def test_debt_already_reduced_is_not_reduced_again() -> None:
    of = owing(payment(1, 100, WAITING, settled=60, waiting_taken=40), promised=10)
    assert placed(of) == [(Method.REQUESTED, 50)]
    with refused("booking-cap-exceeded"):
        placed(owing(payment(1, 100, WAITING, settled=60, waiting_taken=40), promised=11))


def test_parts_that_omit_the_waiting_account_are_about_the_rest() -> None:
    assert placed(owing(), Part(Method.CREDIT, 10)) == [(Method.WAITING, 40), (Method.CREDIT, 10)]
    assert placed(owing(), Part(Method.CREDIT)) == [(Method.WAITING, 40), (Method.CREDIT, 10)]
    whole = owing(payment(1, 100, WAITING, settled=0))
    assert placed(whole, Part(Method.CREDIT)) == [(Method.WAITING, 50)]


@pytest.mark.parametrize(
    "parts",
    [
        (Part(Method.WAITING, 40), Part(Method.CREDIT, 10)),
        (Part(Method.CREDIT, 10), Part(Method.WAITING)),
        (Part(Method.CREDIT), Part(Method.WAITING, 40)),
        (Part(Method.WAITING, 40, "P-1"), Part(Method.CREDIT)),
        (Part(Method.WAITING, 15), Part(Method.WAITING, 25), Part(Method.CREDIT)),
    ],
)
def test_the_waiting_account_may_be_named_with_exactly_what_is_owed(
    parts: tuple[Part, ...],
) -> None:
    assert placed(owing(), *parts) == [(Method.WAITING, 40), (Method.CREDIT, 10)]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((Part(Method.CREDIT, 50),), "waiting-first"),
        ((Part(Method.CREDIT, 11),), "waiting-first"),
        ((Part(Method.WAITING, 39), Part(Method.CREDIT, 11)), "waiting-first"),
        ((Part(Method.WAITING, 39), Part(Method.CREDIT)), "waiting-first"),
        ((Part(Method.CREDIT, 20), Part(Method.WAITING)), "waiting-first"),
        ((Part(Method.WAITING, 41), Part(Method.CREDIT, 9)), "waiting-cap-exceeded"),
        ((Part(Method.WAITING),), "waiting-cap-exceeded"),
        ((Part(Method.CREDIT, 9),), "amount-mismatch"),
        ((Part(Method.CREDIT, 51),), "amount-mismatch"),
        ((Part(Method.WAITING), Part(Method.CREDIT, 51)), "amount-mismatch"),
        ((Part(Method.WAITING, 40), Part(Method.CREDIT, 9)), "amount-mismatch"),
        ((Part(Method.WAITING, 40, "P-9"), Part(Method.CREDIT)), "unknown-payment"),
    ],
)
def test_the_debt_comes_first_whatever_the_parts_say(parts: tuple[Part, ...], code: str) -> None:
    with refused(code):
        placed(owing(), *parts)


def test_more_than_is_refunded_cannot_reduce_the_debt() -> None:
    of = owing(payment(1, 100, WAITING, settled=0))
    with refused("amount-mismatch"):
        placed(of, Part(Method.WAITING, 60))


def test_without_debt_there_is_no_waiting_account_to_place_on() -> None:
    of = booking([ticket(1, 50)])
    with refused("waiting-cap-exceeded"):
        placed(of, Part(Method.WAITING, 50))


def test_each_waiting_account_takes_its_own_debt() -> None:
    of = owing(
        payment(1, 50, WAITING, settled=30),
        payment(2, 50, WAITING, settled=20, payer=LUC),
    )
    plan = plan_refund(of, request(1, 2), circumstances(of))
    assert [(leg.method, leg.amount_minor, leg.payment_id, leg.payer_id) for leg in plan.legs] == [
        (Method.WAITING, 20, 1, BETTE.id),
        (Method.WAITING, 30, 2, LUC.id),
        (Method.REQUESTED, 30, None, BETTE.id),
        (Method.REQUESTED, 20, None, LUC.id),
    ]
    with refused("waiting-cap-exceeded"):
        parts = (Part(Method.WAITING, 30, "P-1"), Part(Method.WAITING, 20, "P-2"))
        plan_refund(of, request(1, parts=parts), circumstances(of))

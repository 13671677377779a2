"""Every place the money of a plan could go, in the order a method screen shows them."""

from __future__ import annotations

from backend_client.domain.booking import Booking
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import Destination, Part
from backend_client.domain.planning import plan_refund
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from tests.unit.builders import BETTE, LUC, booking, circumstances, payment, request, ticket

ACCOUNTS = [
    Method.CREDIT,
    Method.CASH,
    Method.REQUESTED,
    Method.EXTERNAL,
    Method.GIFT_CARD,
    Method.TRANSFER,
    Method.UNMATCHED,
    Method.WAITING,
]


def places(of: Booking, policy: Policy | None = None) -> tuple[Destination, ...]:
    given = circumstances(of, policy=policy)
    return plan_refund(of, request(1), given).destinations


def by_method(rows: tuple[Destination, ...]) -> dict[Method, tuple[int, str]]:
    return {row.method: (row.limit_minor, row.code) for row in rows}


def test_payments_come_first_then_every_account() -> None:
    of = booking(
        [ticket(1, 900), ticket(2, 900)],
        [payment(1, 500), payment(2, 1000), payment(3, 300, PaymentMethod.CASH)],
    )
    rows = places(of)
    assert [row.method for row in rows] == [Method.MATCHED, Method.MATCHED, *ACCOUNTS]
    assert [(row.payment_key, row.limit_minor, row.code) for row in rows[:2]] == [
        ("P-1", 500, ""),
        ("P-2", 900, ""),
    ]
    assert rows[0].label == "VISA •••• 1111 (P-1)"
    assert by_method(rows[2:]) == {
        Method.CREDIT: (900, ""),
        Method.CASH: (300, ""),
        Method.REQUESTED: (900, ""),
        Method.EXTERNAL: (900, ""),
        Method.GIFT_CARD: (900, ""),
        Method.TRANSFER: (900, ""),
        Method.UNMATCHED: (0, "unmatched-disabled"),
        Method.WAITING: (0, "waiting-cap-exceeded"),
    }
    assert rows[2].label == BETTE.name


def test_a_place_that_is_closed_says_why() -> None:
    of = booking(
        [ticket(1, 100), ticket(2, 900)],
        [
            payment(1, 400, found=1),
            payment(2, 300, taken=300),
            payment(3, 300, PaymentMethod.GIFT_CARD, payer=None),
        ],
        promised={BETTE.id: 300},
    )
    policy = Policy(methods=Policy().methods - {Method.TRANSFER, Method.CASH})
    rows = places(of, policy)
    assert [(row.payment_key, row.limit_minor, row.code) for row in rows[:3]] == [
        ("P-1", 0, "payment-blocked"),
        ("P-2", 0, "payment-cap-exceeded"),
        ("P-3", 0, "payment-not-refundable"),
    ]
    accounts = by_method(rows[3:])
    assert accounts[Method.CREDIT] == (0, "credit-needs-contact")
    assert accounts[Method.CASH] == (0, "method-not-allowed")
    assert accounts[Method.TRANSFER] == (0, "method-not-allowed")
    without = places(of, Policy(methods=Policy().methods - {Method.MATCHED}))
    assert {row.code for row in without[:3]} == {"method-not-allowed"}


def test_cash_for_a_card_sale_is_shown_as_closed() -> None:
    of = booking([ticket(1, 100)])
    assert by_method(places(of))[Method.CASH] == (0, "cash-for-card")
    assert by_method(places(of, Policy(cash_for_card=True)))[Method.CASH] == (100, "")


def test_debt_has_its_own_place() -> None:
    of = booking(
        [ticket(1, 50), ticket(2, 50)],
        [payment(1, 100, PaymentMethod.WAITING_ACCOUNT, settled=60)],
    )
    rows = by_method(places(of))
    assert rows[Method.WAITING] == (40, "")
    assert rows[Method.CREDIT] == (10, "")


def test_every_open_place_takes_its_limit() -> None:
    of = booking(
        [ticket(1, 900), ticket(2, 900)],
        [payment(1, 500), payment(2, 1000, payer=LUC), payment(3, 300, PaymentMethod.CASH)],
    )
    given = circumstances(of)
    for row in places(of):
        if row.code:
            continue
        parts = [Part(row.method, row.limit_minor, row.payment_key)]
        if row.limit_minor < 900:
            parts.append(Part(Method.REQUESTED))
        try:
            plan = plan_refund(of, request(1, parts=parts), given)
        except Refused as refusal:
            raise AssertionError(f"{row} was refused: {refusal}") from refusal
        on_it = sum(leg.amount_minor for leg in plan.legs if leg.method is row.method)
        assert on_it == row.limit_minor

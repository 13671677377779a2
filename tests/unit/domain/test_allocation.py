"""Where money goes by itself: back the way it came, each payer's share, the policy's order."""

from __future__ import annotations

import pytest

from backend_client.domain.allocation import allocate, largest_remainder, place, propose
from backend_client.domain.booking import Booking, Contact, Payment
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import Part
from backend_client.domain.policy import AllocationOrder, Policy
from backend_client.domain.refund import LegState, Method
from tests.unit.builders import BETTE, LUC, booking, payment, ticket
from tests.unit.refusing import refused

Row = tuple[Method, int, int | None, int | None]
CARD, CASH, GIFT = PaymentMethod.CARD, PaymentMethod.CASH, PaymentMethod.GIFT_CARD


def paid_with(*payments: Payment, promised: dict[int | None, int] | None = None) -> Booking:
    total = sum(one.amount_minor for one in payments)
    return booking([ticket(1, total)], payments, promised=promised)


def rows(
    of: Booking,
    amount: int,
    *parts: Part,
    policy: Policy | None = None,
    reversible: tuple[int, ...] | None = None,
) -> list[Row]:
    """Method, amount, payment and payer of every leg."""
    able = [one.id for one in of.payments if one.method in (CARD, GIFT)]
    provider_of = dict.fromkeys(able if reversible is None else reversible, "practice")
    legs = place(of, amount, parts, policy or Policy(), provider_of)
    return [(leg.method, leg.amount_minor, leg.payment_id, leg.payer_id) for leg in legs]


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        (999, [800, 1200], (400, 599)),
        (10, [1, 1, 1], (4, 3, 3)),
        (0, [0, 0], (0, 0)),
        (0, [], ()),
        (7, [0, 7], (0, 7)),
        (1, [5, 5], (1, 0)),
        (2, [1, 1, 1], (1, 1, 0)),
    ],
)
def test_largest_remainder(amount: int, weights: list[int], shares: tuple[int, ...]) -> None:
    assert largest_remainder(amount, weights) == shares


@pytest.mark.parametrize(("amount", "weights"), [(-1, [1]), (1, []), (1, [0]), (1, [2, -1])])
def test_what_cannot_be_split_is_a_mistake(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot split"):
        largest_remainder(amount, weights)


@pytest.mark.parametrize(
    ("amount", "order", "placed"),
    [
        (500, AllocationOrder.STORED_VALUE_FIRST, {1: 500}),
        (700, AllocationOrder.STORED_VALUE_FIRST, {1: 500, 3: 200}),
        (1500, AllocationOrder.STORED_VALUE_FIRST, {1: 500, 3: 900, 2: 100}),
        (300, AllocationOrder.STORED_VALUE_FIRST, {2: 300}),
        (900, AllocationOrder.STORED_VALUE_FIRST, {3: 900}),
        (700, AllocationOrder.CARDS_FIRST, {3: 700}),
        (1500, AllocationOrder.CARDS_FIRST, {3: 900, 2: 300, 1: 300}),
        (170, AllocationOrder.PRO_RATA, {3: 90, 1: 50, 2: 30}),
        (9999, AllocationOrder.STORED_VALUE_FIRST, {1: 500, 3: 900, 2: 300}),
        (0, AllocationOrder.PRO_RATA, {}),
    ],
)
def test_orders_of_allocation(amount: int, order: AllocationOrder, placed: dict[int, int]) -> None:
    payments = [payment(1, 500, GIFT), payment(2, 300), payment(3, 900)]
    room = {one.id: one.refundable_minor for one in payments}
    assert allocate(amount, payments, room, order) == placed


def test_expired_cards_are_refunded_like_others() -> None:
    of = paid_with(payment(1, 1000, expiry="199901"), payment(2, 500))
    assert rows(of, 800) == [(Method.MATCHED, 800, 1, BETTE.id)]


def test_money_goes_back_the_way_it_came() -> None:
    of = paid_with(
        payment(1, 100, CARD),
        payment(2, 200, CASH),
        payment(3, 300, PaymentMethod.CREDIT_ACCOUNT),
        payment(4, 400, PaymentMethod.VOUCHER),
        payment(5, 500, PaymentMethod.TRANSFER),
    )
    assert sorted(rows(of, 1500)) == sorted(
        [
            (Method.MATCHED, 100, 1, BETTE.id),
            (Method.CASH, 200, None, BETTE.id),
            (Method.CREDIT, 300, None, BETTE.id),
            (Method.REQUESTED, 900, None, BETTE.id),
        ]
    )


def test_a_card_no_provider_reverses_stays_requested() -> None:
    of = paid_with(payment(1, 1000))
    assert rows(of, 1000, reversible=()) == [(Method.REQUESTED, 1000, None, BETTE.id)]


def test_a_payment_the_provider_contradicts_is_not_proposed() -> None:
    of = paid_with(payment(1, 1000, found=300))
    assert rows(of, 1000) == [(Method.REQUESTED, 1000, None, BETTE.id)]


@pytest.mark.parametrize(
    ("method", "proposed"),
    [
        (CARD, Method.MATCHED),
        (CASH, Method.CASH),
        (PaymentMethod.CREDIT_ACCOUNT, Method.CREDIT),
    ],
)
def test_a_method_the_house_does_not_use_is_not_proposed(
    method: PaymentMethod, proposed: Method
) -> None:
    of = paid_with(payment(1, 1000, method))
    assert rows(of, 1000)[0][0] is proposed
    policy = Policy(methods=Policy().methods - {proposed})
    assert rows(of, 1000, policy=policy) == [(Method.REQUESTED, 1000, None, BETTE.id)]
    with refused("method-not-allowed"):
        rows(of, 1000, policy=Policy(methods=frozenset()))


def test_legs_are_born_in_the_state_of_their_method() -> None:
    of = paid_with(payment(1, 100), payment(2, 100, CASH), payment(3, 100, PaymentMethod.VOUCHER))
    legs = propose(of, 300, Policy(), {1: "practice"})
    assert {leg.method: leg.state for leg in legs} == {
        Method.MATCHED: LegState.PENDING,
        Method.CASH: LegState.RECORDED,
        Method.REQUESTED: LegState.REQUESTED,
    }
    matched = legs[0]
    assert (matched.provider, matched.label) == ("practice", "VISA •••• 1111")


def shared(promised: dict[int | None, int] | None = None, *, luc: Contact | None = LUC) -> Booking:
    """Bette paid 800 by card, Luc 1200."""
    return paid_with(payment(1, 800), payment(2, 1200, payer=luc), promised=promised)


def test_each_payer_gets_a_share_of_what_that_payer_has_there() -> None:
    assert rows(shared(), 999) == [
        (Method.MATCHED, 400, 1, BETTE.id),
        (Method.MATCHED, 599, 2, LUC.id),
    ]
    assert rows(shared(), 999, Part(Method.REQUESTED)) == [
        (Method.REQUESTED, 400, None, BETTE.id),
        (Method.REQUESTED, 599, None, LUC.id),
    ]


def test_what_a_payer_was_promised_no_longer_counts() -> None:
    assert rows(shared({LUC.id: 1000}), 500, Part(Method.REQUESTED)) == [
        (Method.REQUESTED, 400, None, BETTE.id),
        (Method.REQUESTED, 100, None, LUC.id),
    ]


def test_no_contact_is_one_payer_who_can_have_the_card_but_no_credit() -> None:
    anonymous = paid_with(payment(1, 600, payer=None), payment(2, 400, payer=None))
    assert rows(anonymous, 1000) == [
        (Method.MATCHED, 600, 1, None),
        (Method.MATCHED, 400, 2, None),
    ]
    assert rows(anonymous, 1000, Part(Method.CASH), policy=Policy(cash_for_card=True)) == [
        (Method.CASH, 1000, None, None)
    ]
    with refused("credit-needs-contact"):
        rows(anonymous, 1000, Part(Method.CREDIT))
    with refused("credit-needs-contact"):
        rows(anonymous, 1000, Part(Method.CREDIT, payment_key="P-1"))
    with refused("credit-needs-contact"):
        rows(shared(luc=None), 1000, Part(Method.CREDIT))


def test_naming_a_payment_names_its_payer() -> None:
    assert rows(shared(), 700, Part(Method.CREDIT, payment_key="P-2")) == [
        (Method.CREDIT, 700, None, LUC.id)
    ]
    with refused("payment-cap-exceeded") as refusal:
        rows(shared(), 900, Part(Method.CREDIT, payment_key="P-1"))
    assert refusal.value.details["left_minor"] == 800


def test_a_matched_part_without_a_payment_follows_the_policy() -> None:
    of = paid_with(payment(1, 300, GIFT), payment(2, 1000), payment(3, 700, CASH))
    assert rows(of, 1500, Part(Method.MATCHED, 1200), Part(Method.CASH)) == [
        (Method.MATCHED, 300, 1, BETTE.id),
        (Method.MATCHED, 900, 2, BETTE.id),
        (Method.CASH, 300, None, BETTE.id),
    ]
    with refused("payment-cap-exceeded") as refusal:
        rows(of, 1500, Part(Method.MATCHED))
    assert refusal.value.details["left_minor"] == 1300


def test_named_payments_are_placed_before_the_policy_chooses() -> None:
    of = paid_with(payment(1, 1000), payment(2, 600))
    parts = (Part(Method.MATCHED), Part(Method.MATCHED, 900, "P-1"))
    assert rows(of, 1500, *parts) == [
        (Method.MATCHED, 600, 2, BETTE.id),
        (Method.MATCHED, 900, 1, BETTE.id),
    ]


def test_a_payment_takes_only_what_it_has_left() -> None:
    of = paid_with(payment(1, 1000, prior=100, taken=200), promised={BETTE.id: 200})
    assert rows(of, 700, Part(Method.MATCHED, 700, "P-1")) == [(Method.MATCHED, 700, 1, BETTE.id)]
    two = paid_with(payment(1, 1000), payment(2, 500))
    with refused("payment-cap-exceeded") as refusal:
        rows(two, 1200, Part(Method.MATCHED, 1200, "P-1"))
    assert refusal.value.details == {
        "payment": "VISA •••• 1111 (P-1)",
        "currency": "CHF",
        "left": "10.00 CHF",
        "left_minor": 1000,
        "amount": "12.00 CHF",
        "amount_minor": 1200,
    }
    with refused("payment-cap-exceeded"):
        rows(two, 1500, Part(Method.MATCHED, 600, "P-1"), Part(Method.MATCHED, 900, "P-1"))


def test_a_payment_takes_no_more_than_its_payer_has_left() -> None:
    of = shared({BETTE.id: 300})
    with refused("payment-cap-exceeded") as refusal:
        rows(of, 1000, Part(Method.MATCHED, 600, "P-1"), Part(Method.MATCHED))
    assert refusal.value.details["left_minor"] == 500
    assert rows(of, 1000, Part(Method.MATCHED, 500, "P-1"), Part(Method.MATCHED)) == [
        (Method.MATCHED, 500, 1, BETTE.id),
        (Method.MATCHED, 500, 2, LUC.id),
    ]


def test_payments_that_cannot_be_reversed_are_refused_with_the_reason() -> None:
    of = paid_with(payment(1, 1000, found=10), payment(2, 500, CASH), payment(3, 500))
    with refused("payment-blocked"):
        rows(of, 500, Part(Method.MATCHED, 500, "P-1"))
    with refused("payment-not-refundable"):
        rows(of, 500, Part(Method.MATCHED, 500, "P-2"))
    with refused("payment-not-refundable"):
        rows(of, 500, Part(Method.MATCHED, 500, "P-3"), reversible=(1,))
    with refused("unknown-payment"):
        rows(of, 500, Part(Method.MATCHED, 500, "P-9"))
    with refused("full-card-number"):
        rows(of, 500, Part(Method.MATCHED, 500, "4111111111111111"))
    with refused("payment-blocked"):
        rows(of, 500, Part(Method.MATCHED), reversible=(1,))
    with refused("payment-not-refundable"):
        rows(paid_with(payment(1, 900)), 500, Part(Method.MATCHED), reversible=())


def test_no_more_than_was_paid_goes_back() -> None:
    of = paid_with(payment(1, 1000), promised={BETTE.id: 400})
    assert rows(of, 600, Part(Method.REQUESTED)) == [(Method.REQUESTED, 600, None, BETTE.id)]
    with refused("booking-cap-exceeded") as refusal:
        rows(of, 601)
    assert refusal.value.details["left_minor"] == 600


def test_refunds_before_our_time_count_even_if_they_name_no_payment() -> None:
    of = booking([ticket(1, 1000)], [payment(1, 1000)], prior=300)
    assert rows(of, 700) == [(Method.MATCHED, 700, 1, BETTE.id)]
    with refused("booking-cap-exceeded"):
        rows(of, 701)


def test_the_parts_must_make_the_amount() -> None:
    of = paid_with(payment(1, 1000))
    for parts in (
        [Part(Method.REQUESTED, 900)],
        [Part(Method.REQUESTED, 1100)],
        [Part(Method.REQUESTED, 1100), Part(Method.MATCHED)],
        [Part(Method.REQUESTED, 500), Part(Method.EXTERNAL, 501)],
    ):
        with refused("amount-mismatch") as refusal:
            rows(of, 1000, *parts)
        assert refusal.value.details["amount_minor"] == 1000
    with refused("amount-mismatch"):
        rows(of, 0, Part(Method.REQUESTED, 1))


@pytest.mark.parametrize("amount", [0, -1])
def test_parts_are_positive(amount: int) -> None:
    with refused("amount-invalid"):
        rows(paid_with(payment(1, 1000)), 1000, Part(Method.CREDIT, amount), Part(Method.MATCHED))


def test_only_one_part_takes_the_rest_and_an_empty_rest_falls_away() -> None:
    of = paid_with(payment(1, 1000))
    with refused("rest-twice"):
        rows(of, 1000, Part(Method.CREDIT), Part(Method.MATCHED))
    assert rows(of, 1000, Part(Method.CREDIT), Part(Method.MATCHED, 1000)) == [
        (Method.MATCHED, 1000, 1, BETTE.id)
    ]
    assert rows(of, 0, Part(Method.CREDIT)) == []


def test_equal_parts_become_one_leg_but_records_stay_apart() -> None:
    of = paid_with(payment(1, 1000))
    assert rows(of, 1000, Part(Method.CREDIT, 400), Part(Method.CREDIT, 600)) == [
        (Method.CREDIT, 1000, None, BETTE.id)
    ]
    parts = (Part(Method.EXTERNAL, 400, reference="a"), Part(Method.EXTERNAL, 600, reference="b"))
    legs = place(of, 1000, parts, Policy(), {})
    assert [(leg.amount_minor, leg.reference) for leg in legs] == [(400, "a"), (600, "b")]


def test_methods_are_refused_where_the_house_does_not_use_them() -> None:
    of = paid_with(payment(1, 1000))
    with refused("unmatched-disabled"):
        rows(of, 1000, Part(Method.UNMATCHED))
    with refused("unmatched-disabled"):
        rows(of, 1000, Part(Method.UNMATCHED), policy=Policy(methods=frozenset(Method)))
    with refused("method-not-allowed"):
        rows(of, 1000, Part(Method.CASH), policy=Policy(methods=frozenset({Method.MATCHED})))


def test_a_gift_card_can_be_matched_or_recorded() -> None:
    of = paid_with(payment(1, 1000, GIFT))
    assert rows(of, 1000, Part(Method.MATCHED, payment_key="P-1"))[0][0] is Method.MATCHED
    assert rows(of, 1000, Part(Method.GIFT_CARD)) == [(Method.GIFT_CARD, 1000, None, BETTE.id)]


def test_what_a_provider_gave_back_by_itself_is_not_left_on_the_payment() -> None:
    paid = payment(1, 1000, prior=100, taken=200, found=300)
    assert paid.refundable_minor == 400
    assert payment(1, 1000, taken=800, found=300).refundable_minor == 0


def test_what_is_promised_or_went_back_before_is_not_left_of_the_booking() -> None:
    paid = booking([ticket(1, 1000)], [payment(1, 1000, prior=100)], promised={BETTE.id: 300})
    assert paid.left_minor == 600

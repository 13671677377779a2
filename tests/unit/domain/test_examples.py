"""The worked examples E1 to E14 of partial refunds, with their figures."""

from __future__ import annotations

from dataclasses import replace

from backend_client.domain.amounts import reconcile_values
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Role
from backend_client.domain.kinds import FeeKind, LineState, PaymentMethod
from backend_client.domain.plan import KeptFee, Notice, RefundPlan
from backend_client.domain.planning import plan_refund
from backend_client.domain.policy import AllocationOrder, Policy
from backend_client.domain.refund import Method
from backend_client.domain.refundability import line_verdicts
from backend_client.domain.selection import closure
from tests.unit.applying import applied
from tests.unit.builders import (
    BETTE,
    NOW,
    booking,
    circumstances,
    concession,
    fee,
    payment,
    request,
    sample_booking,
    ticket,
)
from tests.unit.refusing import refused


def plan(of: Booking, *sequences: int) -> RefundPlan:
    return plan_refund(of, request(*sequences), circumstances(of))


def after(of: Booking, *sequences: int) -> Booking:
    return applied(of, plan(of, *sequences))


def test_e1_everything_of_the_sample_goes_back() -> None:
    all_of_it = plan(sample_booking(), 1, 2, 3)
    assert all_of_it.amount_minor == 1450
    assert not all_of_it.notices
    assert not all_of_it.kept_fees
    assert [(leg.method, leg.amount_minor) for leg in all_of_it.legs] == [(Method.MATCHED, 1450)]


def test_e2_leaving_the_fee_strands_it_and_must_be_acknowledged() -> None:
    partial = plan(sample_booking(), 1, 2)
    assert partial.amount_minor == 1350
    assert partial.notices == (Notice("fee-stranded", (3,), 100, must_acknowledge=True),)
    assert partial.unacknowledged == partial.notices
    assert partial.kept_fees == (KeptFee(FeeKind.BOOKING_FEE, 3, 100),)
    booking_ = sample_booking()
    seen = plan_refund(
        booking_, request(1, 2, acknowledged=["fee-stranded"]), circumstances(booking_)
    )
    assert not seen.unacknowledged


def test_e3_the_fee_first_then_the_rest_is_legal() -> None:
    first = plan(sample_booking(), 3)
    assert first.amount_minor == 100
    assert not first.notices
    second = plan(after(sample_booking(), 3), 1, 2)
    assert second.amount_minor == 1350
    assert not second.notices


def test_e4_the_fee_is_stranded_only_by_the_last_of_two_refunds() -> None:
    first = plan(sample_booking(), 1)
    assert not first.notices
    assert first.kept_fees == (KeptFee(FeeKind.BOOKING_FEE, 3, 100),)
    later = after(sample_booking(), 1)
    assert [notice.code for notice in plan(later, 2).notices] == ["fee-stranded"]
    right = plan(later, 2, 3)
    assert right.amount_minor == 450
    assert not right.notices


def package_booking() -> Booking:
    return booking(
        [
            ticket(1, 900, groups=["P"]),
            ticket(2, 600, groups=["P"]),
            concession(3, 500, groups=["P"]),
            ticket(4, 1000),
            fee(5, 100, parent=1),
            fee(6, 100, parent=2),
            fee(7, 100, parent=4),
        ]
    )


def test_e5_a_package_goes_whole_with_or_without_its_fees() -> None:
    package = package_booking()
    assert package.settled_minor == 3300
    assert closure(package, [2]) == {1, 2, 3}
    with refused("group-incomplete") as refusal:
        plan(package, 2)
    assert refusal.value.details == {"chosen": [2], "required": [1, 2, 3]}
    assert plan(package, 1, 2, 3).amount_minor == 2000
    assert plan(package, 1, 2, 3, 5, 6).amount_minor == 2200
    assert not plan(package, 1, 2, 3, 5, 6).notices
    assert [kept.sequence for kept in plan(package, 1, 2, 3).kept_fees] == [5, 6]


def test_e6_the_free_ticket_of_a_deal_goes_too() -> None:
    deal = booking(
        [ticket(number, 1000 if number < 3 else 0, groups=["D"]) for number in (1, 2, 3)]
    )
    assert closure(deal, [1]) == {1, 2, 3}
    assert plan(deal, 1, 2, 3).amount_minor == 2000
    with refused("group-incomplete"):
        plan(deal, 1, 2)


def test_e7_a_line_in_a_deal_and_a_package_links_both() -> None:
    linked = booking(
        [
            ticket(1, 900, groups=["D"]),
            ticket(2, 800, groups=["P"]),
            ticket(3, 700),
            concession(4, 600, groups=["D", "P"]),
        ]
    )
    assert closure(linked, [1]) == {1, 2, 4}
    assert closure(linked, [3]) == {3}


def test_e8_a_fee_outlives_its_ticket() -> None:
    rest = booking(
        [
            ticket(1, 1000, state=LineState.CANCELLED),
            ticket(2, 1000),
            fee(3, 100, parent=1),
            fee(4, 100, parent=2),
        ],
        [payment(1, 2200, taken=1000)],
        promised={BETTE.id: 1000},
    )
    assert plan(rest, 2, 3, 4).amount_minor == 1200
    with refused("already-refunded"):
        plan(rest, 1, 2, 3, 4)


def test_e9_a_price_for_several_pieces_is_solved_against_the_total() -> None:
    pop_corn = [(350, 2)]
    assert reconcile_values(pop_corn, 1100, 1800) == (700,)
    assert reconcile_values(pop_corn, 1100, 1450) == (350,)
    assert reconcile_values(pop_corn, 1100, 1500) == (None,)
    assert reconcile_values([(350, 2), (1000, 1)], 100, 1500) == (None, 1000)
    unclear = booking(
        [ticket(1, 1000), replace(concession(2, 350, quantity=2), value_minor=None), fee(3, 100)]
    )
    with refused("price-ambiguous"):
        plan(unclear, 1, 2, 3)


def test_e10_a_free_ticket_goes_back_without_a_payment() -> None:
    free = plan(booking([ticket(1, 0)]), 1)
    assert free.amount_minor == 0
    assert free.legs == ()


def test_e11_fees_alone_never_go_back() -> None:
    only_fees = booking([ticket(1, 1000, state=LineState.CANCELLED), fee(2, 100, parent=1)])
    with refused("only-fees-left"):
        plan(only_fees, 2)
    verdicts = line_verdicts(only_fees, Policy(), NOW)
    assert verdicts[2].code == "only-fees-left"


def test_e12_the_rest_of_a_broken_package_needs_a_supervisor() -> None:
    broken = booking(
        [
            ticket(1, 900, groups=["P"], state=LineState.CANCELLED),
            ticket(2, 600, groups=["P"]),
            concession(3, 500, groups=["P"]),
            ticket(4, 1000),
        ],
        [payment(1, 3000, prior=900)],
    )
    with refused("group-broken"):
        plan(broken, 2, 3)
    supervised = plan_refund(broken, request(2, 3), circumstances(broken, role=Role.SUPERVISOR))
    assert supervised.amount_minor == 1100
    assert supervised.unacknowledged == (Notice("group-broken", (1,), must_acknowledge=True),)
    with refused("group-incomplete"):
        plan_refund(broken, request(2), circumstances(broken, role=Role.SUPERVISOR))
    assert plan(broken, 4).amount_minor == 1000


def split(order: AllocationOrder, amount: int) -> dict[int | None, int]:
    """How a refund of `amount` falls on a gift card of 800 and a card of 1200."""
    two = booking(
        [ticket(1, amount), ticket(2, 2000 - amount)],
        [payment(1, 800, PaymentMethod.GIFT_CARD), payment(2, 1200)],
    )
    given = circumstances(two, policy=Policy(allocation_order=order), provider_of={1: "p", 2: "p"})
    return {leg.payment_id: leg.amount_minor for leg in plan_refund(two, request(1), given).legs}


def test_e13_two_payments_are_split_by_the_policy() -> None:
    assert split(AllocationOrder.STORED_VALUE_FIRST, 1000) == {1: 800, 2: 200}
    assert split(AllocationOrder.CARDS_FIRST, 1000) == {2: 1000}
    assert split(AllocationOrder.PRO_RATA, 1000) == {1: 400, 2: 600}
    assert split(AllocationOrder.PRO_RATA, 999) == {1: 400, 2: 599}


def test_e14_a_house_that_keeps_its_fees_ends_the_booking_without_asking() -> None:
    policy = Policy(kept_fee_kinds=frozenset({FeeKind.BOOKING_FEE}))
    sample = sample_booking()
    given = circumstances(sample, policy=policy)
    kept = plan_refund(sample, request(1, 2), given)
    assert kept.amount_minor == 1350
    assert kept.kept_fees == (KeptFee(FeeKind.BOOKING_FEE, 3, 100),)
    assert kept.notices == (Notice("fee-kept-by-policy", (3,), 100),)
    assert not kept.unacknowledged
    with refused("fee-kept-by-policy"):
        plan_refund(sample, request(1, 2, 3), given)

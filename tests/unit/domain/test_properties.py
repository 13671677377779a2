"""What holds for every booking, every wish and every policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from backend_client.domain.allocation import allocate, largest_remainder
from backend_client.domain.booking import Booking, Line
from backend_client.domain.caller import Role
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import MethodChange, MethodPlan, Part, RefundPlan, RefundRequest
from backend_client.domain.planning import Circumstances, plan_method_change, plan_refund
from backend_client.domain.policy import AllocationOrder, Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.room import cash_left, payer_room
from backend_client.domain.selection import closure, components, stranded_fees
from tests.unit.applying import applied
from tests.unit.builders import booking, circumstances, leg, payment, refund, request
from tests.unit.strategies import bookings, choices, lines, parts, policies

sequences = st.sets(st.integers(0, 8))


@given(lines(), sequences, sequences)
def test_closure_is_extensive_idempotent_monotone_and_additive(
    of_lines: list[Line], some: set[int], more: set[int]
) -> None:
    of = booking(of_lines)
    sold = {line.sequence for line in of.lines if line.is_sold}
    closed = closure(of, some)
    assert some & sold <= closed <= sold
    assert closure(of, closed) == closed
    assert closed <= closure(of, some | more)
    assert closure(of, some | more) == closed | closure(of, more)


@given(lines())
def test_groups_part_the_booking_and_lines_of_a_group_are_together(of_lines: list[Line]) -> None:
    groups = components(booking(of_lines))
    assert all(sequence in members for sequence, members in groups.items())
    assert all(groups[other] == members for members in groups.values() for other in members)
    for one in of_lines:
        for other in of_lines:
            if set(one.groups) & set(other.groups):
                assert other.sequence in groups[one.sequence]


@given(lines(), sequences)
def test_stranded_fees_stay_alone(of_lines: list[Line], some: set[int]) -> None:
    stranded = stranded_fees(booking(of_lines), some)
    if stranded:
        left = [line for line in of_lines if line.is_sold and line.sequence not in some]
        assert [line.sequence for line in left] == list(stranded)
        assert all(line.is_fee for line in left)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=8), st.data())
def test_shares_sum_to_the_whole(weights: list[int], data: st.DataObject) -> None:
    total = sum(weights)
    amount = data.draw(st.integers(0, total))
    shares = largest_remainder(amount, weights)
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert 0 <= share <= weight
        assert abs(share * total - amount * weight) < total or not total


@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from(PaymentMethod)), min_size=1, max_size=6
    ),
    st.integers(0, 20000),
    st.sampled_from(AllocationOrder),
)
def test_allocation_respects_every_cap(
    rows: list[tuple[int, PaymentMethod]], amount: int, order: AllocationOrder
) -> None:
    payments = [payment(id_, room, method) for id_, (room, method) in enumerate(rows, 1)]
    room = {one.id: one.refundable_minor for one in payments}
    placed = allocate(amount, payments, room, order)
    assert sum(placed.values()) == min(amount, sum(room.values()))
    assert all(0 < share <= room[id_] for id_, share in placed.items())
    assert placed == allocate(amount, payments[::-1], room, order)
    if amount > 0 and amount in room.values():
        assert len(placed) == 1


def attempt(of: Booking, asked: RefundRequest, given_: Circumstances) -> RefundPlan | Refused:
    try:
        return plan_refund(of, asked, given_)
    except Refused as refusal:
        return refusal


def check_plan(of: Booking, plan: RefundPlan, given_: Circumstances) -> None:
    """Everything that must hold of a plan, counted again from the booking."""
    policy = given_.policy
    amount = plan.amount_minor
    chosen = {line.sequence for line in plan.lines}
    assert closure(of, chosen) == chosen
    assert plan.value_minor == sum(line.value_minor for line in plan.lines)
    assert amount == plan.value_minor - plan.retained_minor - plan.breach_fee_minor >= 0
    assert all(one.amount_minor > 0 for one in plan.legs)
    assert sum(one.amount_minor for one in plan.legs) == amount
    waiting = [one for one in plan.legs if one.method is Method.WAITING]
    others = [one for one in plan.legs if one.method is not Method.WAITING]
    assert sum(one.amount_minor for one in waiting) == min(amount, of.unsettled_minor)
    assert sum(one.amount_minor for one in others) <= of.left_minor
    on_payment = Counter[int | None]()
    on_payer = Counter[int | None]()
    for one in others:
        on_payer[one.payer_id] += one.amount_minor
        on_payment[one.payment_id] += one.amount_minor if one.method is Method.MATCHED else 0
    room = payer_room(of)
    assert all(held <= room[payer] for payer, held in on_payer.items())
    for paid in of.payments:
        owed = sum(one.amount_minor for one in waiting if one.payment_id == paid.id)
        assert owed <= paid.unsettled_minor
        assert on_payment[paid.id] <= paid.refundable_minor
        if on_payment[paid.id]:
            assert not paid.found_minor
            assert paid.id in given_.provider_of
    cash = sum(one.amount_minor for one in others if one.method is Method.CASH)
    assert policy.cash_for_card or cash <= cash_left(of)
    assert all(one.payer_id is not None for one in others if one.method is Method.CREDIT)
    assert {one.method for one in others} <= policy.methods


def asked_for(chosen: Iterable[int], **details: Any) -> RefundRequest:
    return request(*sorted(chosen), reason=details.pop("reason", "plain"), **details)


def worth(of: Booking, chosen: Iterable[int]) -> int:
    return sum(line.price_minor for line in of.lines if line.sequence in chosen)


@settings(max_examples=400)
@given(choices(), policies, st.integers(0, 300), st.booleans(), st.data())
def test_no_plan_passes_any_cap(
    case: tuple[Booking, frozenset[int]],
    policy: Policy,
    retained: int,
    late: bool,
    data: st.DataObject,
) -> None:
    of, chosen = case
    given_ = circumstances(of, policy=policy, role=Role.SUPERVISOR)
    breach = 150 if late else 0
    wished = data.draw(parts(max(worth(of, chosen) - retained - breach, 0)))
    asked = asked_for(chosen, reason="late" if late else "plain", parts=wished, retained=retained)
    plan = attempt(of, asked, given_)
    if isinstance(plan, Refused):
        return
    check_plan(of, plan, given_)
    assert plan_refund(of, asked, given_).fingerprint == plan.fingerprint


SELECTION_OR_CAP = {
    "selection-empty",
    "collected",
    "group-blocked",
    "only-fees-left",
    "shipment-kept",
    "fee-kept-by-policy",
    "booking-cap-exceeded",
}


@settings(max_examples=200)
@given(choices(), policies)
def test_a_proposal_is_only_refused_for_the_selection_or_the_cap(
    case: tuple[Booking, frozenset[int]], policy: Policy
) -> None:
    of, chosen = case
    given_ = circumstances(of, policy=policy, role=Role.SUPERVISOR)
    plan = attempt(of, asked_for(chosen), given_)
    if isinstance(plan, Refused):
        assert plan.code in SELECTION_OR_CAP
        return
    check_plan(of, plan, given_)


@settings(max_examples=150)
@given(bookings(), policies, st.data())
def test_one_refund_after_another_never_gives_back_more_than_was_paid(
    of: Booking, policy: Policy, data: st.DataObject
) -> None:
    given_ = circumstances(of, policy=policy, role=Role.SUPERVISOR)
    now = of
    for line in of.lines:
        chosen = closure(now, [line.sequence])
        wished = data.draw(parts(worth(now, chosen)))
        plan = attempt(now, asked_for(chosen, parts=wished), given_)
        if isinstance(plan, Refused):
            continue
        check_plan(now, plan, given_)
        now = applied(now, plan)
        again = attempt(now, asked_for(chosen), given_)
        assert isinstance(again, Refused)
        assert again.code == "already-refunded"
    assert now.promised_minor <= max(of.settled_minor - of.prior_refunded_minor, 0)
    assert sum(one.waiting_taken_minor for one in now.payments) <= of.unsettled_minor
    for one in now.payments:
        assert one.taken_minor <= max(one.settled_minor - one.prior_refunded_minor, 0)


@settings(max_examples=150)
@given(choices(), st.integers(1, 5))
def test_a_fingerprint_is_stable_and_sensitive(
    case: tuple[Booking, frozenset[int]], minutes: int
) -> None:
    of, chosen = case
    given_ = circumstances(of, role=Role.SUPERVISOR)
    plan = attempt(of, asked_for(chosen), given_)
    if isinstance(plan, Refused):
        return
    backwards = request(*sorted(chosen, reverse=True), reason="plain")
    assert plan_refund(of, backwards, given_).fingerprint == plan.fingerprint
    newer = plan_refund(replace(of, version=of.version + 1), backwards, given_)
    assert newer.fingerprint != plan.fingerprint
    stricter = circumstances(of, role=Role.SUPERVISOR, policy=Policy(cut_off_minutes=minutes))
    assert plan_refund(of, backwards, stricter).fingerprint != plan.fingerprint
    if plan.amount_minor:
        less = asked_for(chosen, retained=1)
        assert plan_refund(of, less, given_).fingerprint != plan.fingerprint


@settings(max_examples=200)
@given(choices(), policies, st.data())
def test_a_changed_leg_stays_whole_and_with_its_payer(
    case: tuple[Booking, frozenset[int]], policy: Policy, data: st.DataObject
) -> None:
    of, chosen = case
    given_ = circumstances(of, policy=policy, role=Role.SUPERVISOR)
    plan = attempt(of, asked_for(chosen, parts=[Part(Method.REQUESTED)]), given_)
    if isinstance(plan, Refused):
        return
    after = applied(of, plan)
    for born in [one for one in plan.legs if one.method is Method.REQUESTED]:
        open_leg = leg(1, Method.REQUESTED, born.amount_minor, payer_id=born.payer_id)
        wished = data.draw(parts(born.amount_minor))
        wish = MethodChange(open_leg.number, tuple(wished), "asked")
        of_refund = refund(of, sorted(chosen), [open_leg])
        try:
            change = plan_method_change(after, of_refund, open_leg, wish, given_)
        except Refused:
            continue
        check_change(after, change, born.amount_minor, born.payer_id, policy)


def check_change(
    of: Booking, change: MethodPlan, amount: int, payer_id: int | None, policy: Policy
) -> None:
    assert sum(one.amount_minor for one in change.legs) == amount
    assert all(one.amount_minor > 0 and one.payer_id == payer_id for one in change.legs)
    assert all(one.method is not Method.WAITING for one in change.legs)
    for paid in of.payments:
        matched = [one for one in change.legs if one.payment_id == paid.id]
        assert sum(one.amount_minor for one in matched) <= paid.refundable_minor
    cash = sum(one.amount_minor for one in change.legs if one.method is Method.CASH)
    assert policy.cash_for_card or cash <= cash_left(of, amount)

"""Contract: what may still happen to a refund, and the lists it stands in until it is final."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.answers import OpenLeg
from backend_client.domain.kinds import LineState
from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.refund import LegState, Method, RefundStatus
from tests.contract.offices import ADMIN, CASHIER, SUPERVISOR, Office, sale, ticket
from tests.unit.refusing import refused

LATER = (Part(Method.REQUESTED),)


def change(office: Office, leg: str, *parts: Part, reason: str = "customer is here") -> object:
    plan = office.backend.preview_method_change(CASHIER, MethodChange(leg, parts, reason))
    return office.backend.execute_method_change(CASHIER, plan)


def test_a_requested_leg_is_paid_another_way(office: Office) -> None:
    office.sell(sale())
    before = office.refund(1, 2, 3, parts=LATER).refund
    office.clock.move(days=1)
    plan = office.backend.preview_method_change(
        CASHIER,
        MethodChange(before.legs[0].number, (Part(Method.CREDIT, 500),), "customer is here"),
    )
    assert office.backend.refund(CASHIER, before.number).refund == before, "a preview did it"
    after = office.backend.execute_method_change(CASHIER, plan).refund
    old, *new = after.legs
    assert (old.state, old.is_live) == (LegState.REPLACED, False)
    assert [(leg.method, leg.amount_minor, leg.by_hand) for leg in new] == [
        (Method.CREDIT, 500, True),
        (Method.REQUESTED, 950, False),
    ]
    assert {leg.replaces_leg_id for leg in new} == {old.id}
    assert {leg.requested_at for leg in new} == {old.requested_at}, "the request keeps its date"
    assert office.backend.credit(CASHIER, "C-1").balances == (("CHF", 500),)


def test_a_change_carried_out_twice_is_one_change(office: Office) -> None:
    office.sell(sale())
    leg = office.refund(2, parts=LATER).refund.legs[0]
    wish = MethodChange(leg.number, (Part(Method.CREDIT),), "customer is here")
    plan = office.backend.preview_method_change(CASHIER, wish)
    first = office.backend.execute_method_change(CASHIER, plan)
    again = office.backend.execute_method_change(CASHIER, plan)
    assert (first.already_done, again.already_done) == (False, True)
    assert again.refund == first.refund
    assert office.backend.credit(CASHIER, "C-1").balances == (("CHF", 350),)


def test_a_declined_leg_is_credited_or_sent_again_under_a_new_key(office: Office) -> None:
    office.sell(sale(reference="dead-1"))
    refund = office.refund(1, 2, 3).refund
    declined = refund.legs[0]
    assert declined.state is LegState.DECLINED
    change(office, declined.number, Part(Method.MATCHED, 1000), Part(Method.CREDIT, 450))
    after = office.backend.refund(CASHIER, refund.number).refund
    assert [(leg.method, leg.amount_minor, leg.state) for leg in after.legs] == [
        (Method.MATCHED, 1450, LegState.REPLACED),
        (Method.MATCHED, 1000, LegState.DECLINED),
        (Method.CREDIT, 450, LegState.CREDITED),
    ]
    keys = {leg.provider_key for leg in after.legs if leg.method is Method.MATCHED}
    assert len(keys) == 2


def test_a_due_transfer_is_recorded_elsewhere(office: Office) -> None:
    office.sell(sale())
    refund = office.refund(2, parts=(Part(Method.TRANSFER),)).refund
    assert refund.status is RefundStatus.DUE
    change(office, refund.legs[0].number, Part(Method.EXTERNAL, reference="bank 77"))
    after = office.backend.refund(CASHIER, refund.number).refund
    assert after.status is RefundStatus.DONE
    assert after.legs[-1].reference == "bank 77"


@pytest.mark.parametrize("reference", ["slow-1", "outage-1", "pay-1"])
def test_what_is_on_its_way_or_done_keeps_its_method(office: Office, reference: str) -> None:
    office.sell(sale(reference=reference))
    leg = office.refund(2).refund.legs[0]
    with refused("method-not-changeable"):
        change(office, leg.number, Part(Method.CREDIT))


def test_a_change_needs_a_method_a_reason_and_sometimes_a_reference(office: Office) -> None:
    office.sell(sale())
    leg = office.refund(2, parts=LATER).refund.legs[0]
    with refused("method-required"):
        change(office, leg.number)
    with refused("reason-required"):
        change(office, leg.number, Part(Method.CREDIT), reason="")
    with refused("reference-required"):
        change(office, leg.number, Part(Method.EXTERNAL))
    with refused("amount-mismatch"):
        change(office, leg.number, Part(Method.CREDIT, 351))


def test_a_change_planned_before_another_one_is_stale(office: Office) -> None:
    office.sell(sale())
    first, second = office.refund(
        1, 2, 3, parts=(Part(Method.TRANSFER, 450), Part(Method.REQUESTED))
    ).refund.legs
    wish = MethodChange(first.number, (Part(Method.CREDIT),), "customer is here")
    plan = office.backend.preview_method_change(CASHIER, wish)
    change(office, second.number, Part(Method.CREDIT))
    with refused("plan-stale"):
        office.backend.execute_method_change(CASHIER, plan)


@pytest.mark.parametrize("number", ["R-10001", "R-10001.9", "R-9.1", "", "x" * 200])
def test_a_leg_nobody_knows_is_not_found(office: Office, number: str) -> None:
    with refused("leg-not-found"):
        change(office, number, Part(Method.CREDIT))


def test_a_void_restores_everything(office: Office) -> None:
    office.sell(sale())
    before = office.backend.booking(CASHIER, "WPM8TS9").booking
    refund = office.refund(1, 2, 3, parts=(*LATER, Part(Method.TRANSFER, 450))).refund
    plan = office.backend.preview_void(SUPERVISOR, refund.number, "pressed by mistake")
    assert [line.sequence for line in plan.lines] == [1, 2, 3]
    voided = office.backend.execute_void(SUPERVISOR, plan)
    assert voided.refund.status is RefundStatus.VOIDED
    assert {leg.state for leg in voided.refund.legs} == {LegState.VOIDED}
    assert voided.booking.lines == before.lines
    assert voided.booking.left_minor == before.left_minor
    again = office.backend.execute_void(SUPERVISOR, plan)
    assert again.already_done
    assert office.refund(1, 2, 3).refund.status is RefundStatus.DONE, "the lines can go back again"


def test_a_refund_for_nothing_can_be_voided(office: Office) -> None:
    office.sell(sale((ticket(1, 0), ticket(2))))
    number = office.refund(1).refund.number
    plan = office.backend.preview_void(SUPERVISOR, number, "pressed by mistake")
    voided = office.backend.execute_void(SUPERVISOR, plan)
    assert voided.booking.lines[0].state is LineState.SOLD


def test_a_refund_the_card_refused_can_be_voided_as_it_is(office: Office) -> None:
    office.sell(sale(reference="dead-1"))
    before = office.backend.booking(SUPERVISOR, "WPM8TS9").booking
    refund = office.refund(1, 2, 3).refund
    assert [leg.state for leg in refund.legs] == [LegState.DECLINED]
    plan = office.backend.preview_void(SUPERVISOR, refund.number, "the customer comes after all")
    voided = office.backend.execute_void(SUPERVISOR, plan)
    assert [leg.state for leg in voided.refund.legs] == [LegState.VOIDED]
    assert voided.booking.left_minor == before.left_minor


def test_what_left_cannot_be_voided(office: Office) -> None:
    office.sell(sale())
    number = office.refund(1, 2, 3, parts=(Part(Method.CREDIT, 100), *LATER)).refund.number
    with refused("void-not-possible"):
        office.backend.preview_void(SUPERVISOR, number, "mistake")


def test_a_void_needs_a_reason(office: Office) -> None:
    office.sell(sale())
    number = office.refund(2, parts=LATER).refund.number
    plan = office.backend.preview_void(SUPERVISOR, number, "")
    assert plan.missing == ("reason",)
    with refused("reason-required"):
        office.backend.execute_void(SUPERVISOR, plan)


@pytest.mark.parametrize("state", [LineState.SOLD, LineState.RESERVED])
def test_a_seat_somebody_else_has_cannot_be_taken_back(office: Office, state: LineState) -> None:
    office.sell(sale())
    number = office.refund(1, 2, 3, parts=LATER).refund.number
    plan = office.backend.preview_void(SUPERVISOR, number, "mistake")
    other = replace(ticket(1, seat="G 16"), state=state)
    office.sell(sale((other, ticket(2)), booking_id="OTHER"))
    with refused("seat-taken"):
        office.backend.preview_void(SUPERVISOR, number, "mistake")
    with refused("seat-taken"):
        office.backend.execute_void(SUPERVISOR, plan)


def test_a_void_after_a_change_leaves_what_was_replaced_as_it_is(office: Office) -> None:
    office.sell(sale())
    refund = office.refund(1, 2, 3, parts=LATER).refund
    change(office, refund.legs[0].number, Part(Method.TRANSFER))
    plan = office.backend.preview_void(SUPERVISOR, refund.number, "mistake")
    voided = office.backend.execute_void(SUPERVISOR, plan).refund
    assert [leg.state for leg in voided.legs] == [LegState.REPLACED, LegState.VOIDED]


def test_a_void_planned_before_a_change_is_refused(office: Office) -> None:
    office.sell(sale())
    refund = office.refund(1, 2, 3, parts=LATER).refund
    plan = office.backend.preview_void(SUPERVISOR, refund.number, "mistake")
    change(office, refund.legs[0].number, Part(Method.TRANSFER))
    with refused("plan-stale"):
        office.backend.execute_void(SUPERVISOR, plan)


def test_open_refunds_come_page_by_page_with_totals(office: Office) -> None:
    sales = [sale(booking_id=f"B{number}", reference=f"dead-{number}") for number in range(5)]
    office.sell(*sales)
    for number in range(3):
        office.refund(1, 2, 3, booking=f"B{number}", parts=LATER)
    office.refund(2, booking="B3")
    office.refund(2, booking="B4", parts=(Part(Method.CREDIT),))
    seen: list[OpenLeg] = []
    after = None
    while True:
        page = office.backend.open_refunds(CASHIER, after=after, limit=2)
        seen += page.legs
        after = page.next_after
        if after is None:
            break
    assert [leg.booking_reference for leg in seen] == ["B0", "B1", "B2", "B3"]
    assert [leg.state for leg in seen] == [LegState.REQUESTED] * 3 + [LegState.DECLINED]
    assert {leg.customer for leg in seen} == {"Bette Davis"}
    totals = {total.state: (total.count, total.amount_minor) for total in page.totals}
    assert totals == {LegState.REQUESTED: (3, 4350), LegState.DECLINED: (1, 350)}
    assert not any(total.needs_number for total in page.totals)
    only = office.backend.open_refunds(CASHIER, states=frozenset({LegState.DECLINED}))
    assert [leg.booking_reference for leg in only.legs] == ["B3"]
    final = office.backend.open_refunds(CASHIER, states=frozenset({LegState.CREDITED}))
    assert final.legs == (), "what is final is not open"


def test_a_change_by_hand_takes_the_leg_from_the_list(office: Office) -> None:
    office.sell(sale())
    leg = office.refund(2, parts=LATER).refund.legs[0]
    change(office, leg.number, Part(Method.CREDIT))
    assert office.backend.open_refunds(CASHIER).legs == ()


def test_only_those_who_may_change_and_void(office: Office) -> None:
    office.sell(sale())
    refund = office.refund(2, parts=LATER).refund
    plan = office.backend.preview_void(SUPERVISOR, refund.number, "mistake")
    wish = MethodChange(refund.legs[0].number, (Part(Method.CREDIT),), "customer is here")
    change_plan = office.backend.preview_method_change(CASHIER, wish)
    other = replace(CASHIER, operator="D. Other")
    for attempt in (
        lambda: office.backend.preview_void(other, refund.number, "mistake"),
        lambda: office.backend.execute_void(other, plan),
        lambda: office.backend.execute_void(ADMIN, plan),
        lambda: office.backend.preview_method_change(ADMIN, wish),
        lambda: office.backend.execute_method_change(ADMIN, change_plan),
    ):
        with refused("not-allowed"):
            attempt()
    unchanged = office.backend.refund(CASHIER, refund.number).refund
    assert unchanged == replace(refund)


def test_a_cashier_takes_an_own_refund_back(office: Office) -> None:
    office.sell(sale())
    refund = office.refund(2, parts=LATER, by=CASHIER).refund
    plan = office.backend.preview_void(CASHIER, refund.number, "mistake")
    assert office.backend.execute_void(CASHIER, plan).refund.voided_at is not None

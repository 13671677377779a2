"""Closure over atomic groups, and fees that would be left behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.booking import Booking
from backend_client.domain.kinds import FeeKind, LineState
from backend_client.domain.planning import plan_refund
from backend_client.domain.selection import (
    closure,
    components,
    gone_members,
    group_of,
    kept_fees,
    only_fees_left,
    stranded_fees,
)
from tests.unit.builders import booking, circumstances, fee, payment, request, ticket
from tests.unit.refusing import refused


def test_groups_link_transitively() -> None:
    chain = booking(
        [
            ticket(1, 100, groups=["a"]),
            ticket(2, 100, groups=["a", "b"]),
            ticket(3, 100, groups=["b", "c"]),
            ticket(4, 0, groups=["c"]),
            ticket(5, 100),
        ]
    )
    assert closure(chain, [4]) == {1, 2, 3, 4}
    assert closure(chain, [4, 5]) == {1, 2, 3, 4, 5}
    assert group_of(chain, 5) == {5}
    assert components(chain)[1] == {1, 2, 3, 4}


def test_the_same_group_name_twice_on_a_line_changes_nothing() -> None:
    twice = booking([ticket(1, 100, groups=["a", "a"]), ticket(2, 100, groups=["a"])])
    assert group_of(twice, 2) == {1, 2}


def test_a_composed_product_does_not_drag_its_other_performances() -> None:
    season = booking([ticket(1, 500, product="season"), ticket(2, 500, product="season", value=0)])
    assert closure(season, [1]) == {1}
    assert plan_refund(season, request(2), circumstances(season)).amount_minor == 0


def test_a_part_of_a_composed_product_is_worth_its_own_value() -> None:
    season = booking([ticket(1, 500, product="season", value=430), ticket(2, 500)])
    assert plan_refund(season, request(1), circumstances(season)).amount_minor == 430


def test_lines_not_sold_are_not_part_of_a_closure() -> None:
    broken = booking(
        [
            ticket(1, 100, groups=["a"]),
            ticket(2, 100, groups=["a", "b"], state=LineState.CANCELLED),
            ticket(3, 100, groups=["b"]),
        ]
    )
    assert closure(broken, [1]) == {1, 3}
    assert closure(broken, [2]) == frozenset()
    assert closure(broken, [99]) == frozenset()


@pytest.mark.parametrize("state", [LineState.CANCELLED, LineState.EXCHANGED, LineState.RESOLD])
def test_a_group_is_broken_by_any_member_that_left(state: LineState) -> None:
    broken = booking([ticket(1, 100, groups=["a"], state=state), ticket(2, 100, groups=["a"])])
    assert gone_members(broken, [2]) == (1,)


def test_a_group_is_not_broken_by_a_line_outside_it() -> None:
    whole = booking([ticket(1, 100, state=LineState.CANCELLED), ticket(2, 100, groups=["a"])])
    assert gone_members(whole, [2]) == ()


def fees_of_all_kinds() -> Booking:
    return booking(
        [
            ticket(1, 1000),
            ticket(2, 1000),
            fee(3, 100, parent=1),
            fee(4, 50, parent=2, kind=FeeKind.CHARGE),
            fee(5, 600, kind=FeeKind.SHIPMENT),
        ]
    )


def test_fees_are_stranded_only_when_nothing_else_stays() -> None:
    of = fees_of_all_kinds()
    assert stranded_fees(of, {1}) == ()
    assert stranded_fees(of, {1, 2}) == (3, 4, 5)
    assert stranded_fees(of, {1, 2, 3, 4, 5}) == ()
    assert stranded_fees(of, {3}) == ()
    free = booking([ticket(1, 1000), ticket(2, 0), fee(3, 100)])
    assert stranded_fees(free, {1}) == ()


def test_kept_fees_are_those_whose_ticket_goes_and_the_stranded() -> None:
    of = fees_of_all_kinds()
    assert [line.sequence for line in kept_fees(of, {1})] == [3]
    assert [line.sequence for line in kept_fees(of, {1, 3})] == []
    assert [line.sequence for line in kept_fees(of, {1, 2})] == [3, 4, 5]


def test_only_fees_left_needs_a_fee_that_is_still_sold() -> None:
    gone = [ticket(1, 1000, state=LineState.CANCELLED)]
    assert only_fees_left(booking([*gone, fee(2, 100)]))
    assert not only_fees_left(booking([*gone, fee(2, 100, state=LineState.CANCELLED)]))
    assert not only_fees_left(booking([ticket(1, 0), fee(2, 100)]))


def test_shipment_goes_back_only_with_the_last_ticket() -> None:
    of = fees_of_all_kinds()
    with refused("shipment-kept") as refusal:
        plan_refund(of, request(1, 5), circumstances(of))
    assert refusal.value.details == {"sequences": [5]}
    assert plan_refund(of, request(1, 2, 3, 4, 5), circumstances(of)).amount_minor == 2750


def test_a_fee_inside_a_group_goes_with_it() -> None:
    of = booking([ticket(1, 900, groups=["P"]), fee(2, 100, groups=["P"]), ticket(3, 500)])
    assert closure(of, [1]) == {1, 2}


def test_stranded_fees_are_split_by_what_the_policy_keeps() -> None:
    of = fees_of_all_kinds()
    base = circumstances(of)
    policy = replace(base.policy, kept_fee_kinds=frozenset({FeeKind.SHIPMENT}))
    plan = plan_refund(of, request(1, 2), replace(base, policy=policy))
    assert [(one.code, one.sequences, one.amount_minor) for one in plan.notices] == [
        ("fee-stranded", (3, 4), 150),
        ("fee-kept-by-policy", (5,), 600),
    ]
    assert [one.code for one in plan.unacknowledged] == ["fee-stranded"]


def test_money_of_another_payer_is_not_part_of_a_selection() -> None:
    of = booking([ticket(1, 1000)], [payment(1, 1000, payer=None)])
    assert plan_refund(of, request(1), circumstances(of)).legs[0].payer_id is None

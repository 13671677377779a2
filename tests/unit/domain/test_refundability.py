"""One verdict a line: every reason why a line cannot go back, and which comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend_client.domain.booking import Booking, Line, Performance
from backend_client.domain.kinds import FeeKind, LineState
from backend_client.domain.planning import plan_refund
from backend_client.domain.policy import Policy
from backend_client.domain.refundability import line_verdicts
from tests.unit.builders import (
    NOW,
    booking,
    circumstances,
    fee,
    payment,
    request,
    sample_booking,
    ticket,
)
from tests.unit.refusing import refused


def codes(of: Booking, policy: Policy | None = None) -> dict[int, str]:
    verdicts = line_verdicts(of, policy or Policy(), NOW)
    assert all(sequence == verdict.sequence for sequence, verdict in verdicts.items())
    return {sequence: verdict.code for sequence, verdict in verdicts.items()}


def test_all_lines_of_the_sample_can_go_back() -> None:
    assert codes(sample_booking()) == {1: "", 2: "", 3: ""}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (ticket(1, 100, state=LineState.CANCELLED), "already-refunded"),
        (ticket(1, 100, state=LineState.EXCHANGED), "line-not-sold"),
        (ticket(1, 100, state=LineState.RESOLD), "line-not-sold"),
        (ticket(1, 100, state=LineState.RESERVED), "line-not-sold"),
        (ticket(1, 100, collected=True), "collected"),
        (replace(ticket(1, 100), value_minor=None), "price-ambiguous"),
    ],
)
def test_a_line_is_refused_for_what_it_is(line: Line, code: str) -> None:
    of = booking([line, ticket(2, 100)])
    assert codes(of) == {1: code, 2: ""}
    with refused(code) as refusal:
        plan_refund(of, request(1, 2), circumstances(of))
    assert refusal.value.details["sequences"] == [1]


def test_collected_tickets_go_back_where_the_house_allows_it() -> None:
    of = booking([ticket(1, 100, collected=True)])
    assert codes(of, Policy(collected_refundable=True)) == {1: ""}


@pytest.mark.parametrize(
    ("starts_in", "cut_off_minutes", "code"),
    [
        (timedelta(minutes=1), 0, ""),
        (timedelta(0), 0, "cut-off"),
        (timedelta(minutes=-1), 0, "cut-off"),
        (timedelta(minutes=31), 30, ""),
        (timedelta(minutes=30), 30, "cut-off"),
        (timedelta(minutes=-60), -120, ""),
        (None, 0, ""),
    ],
)
def test_the_cut_off_counts_from_the_start(
    starts_in: timedelta | None, cut_off_minutes: int, code: str
) -> None:
    starts_at = None if starts_in is None else NOW + starts_in
    of = booking([ticket(1, 100, performance=Performance(1, "1", "Hamlet", starts_at))])
    assert codes(of, Policy(cut_off_minutes=cut_off_minutes)) == {1: code}


def test_only_lines_of_the_performance_that_began_are_cut_off() -> None:
    began = Performance(2, "2", "Macbeth", NOW - timedelta(hours=1))
    assert codes(booking([ticket(1, 100, performance=began), ticket(2, 100)])) == {
        1: "cut-off",
        2: "",
    }


def test_a_closed_channel_blocks_the_booking() -> None:
    of = booking([ticket(1, 100)], channel="reseller")
    policy = Policy(closed_channels=frozenset({"reseller"}))
    assert codes(of, policy) == {1: "channel-not-refundable"}
    with refused("channel-not-refundable"):
        plan_refund(of, request(1), circumstances(of, policy=policy))


def test_an_unpaid_booking_has_nothing_to_give_back() -> None:
    of = booking([ticket(1, 100)], (), is_paid=False)
    assert codes(of) == {1: "not-paid"}
    with refused("not-paid"):
        plan_refund(of, request(1), circumstances(of))


def test_one_blocked_line_blocks_its_whole_group() -> None:
    of = booking(
        [
            ticket(1, 100, groups=["P"], collected=True),
            ticket(2, 100, groups=["P", "Q"]),
            ticket(3, 100, groups=["Q"]),
            ticket(4, 100),
        ]
    )
    assert codes(of) == {1: "collected", 2: "group-blocked", 3: "group-blocked", 4: ""}
    with refused("group-blocked") as refusal:
        plan_refund(of, request(2, 3), circumstances(of))
    assert refusal.value.details == {"sequences": [2, 3], "blocked": [1]}


def test_a_member_given_back_does_not_block_its_group() -> None:
    of = booking(
        [ticket(1, 100, groups=["P"], state=LineState.CANCELLED), ticket(2, 9, groups=["P"])]
    )
    assert codes(of) == {1: "already-refunded", 2: ""}


def test_fees_kept_by_policy_are_refused_by_kind() -> None:
    of = booking([ticket(1, 100), fee(2, 10), fee(3, 5, kind=FeeKind.INSURANCE)])
    policy = Policy(kept_fee_kinds=frozenset({FeeKind.INSURANCE}))
    assert codes(of, policy) == {1: "", 2: "", 3: "fee-kept-by-policy"}


def test_shipment_cannot_go_while_a_ticket_has_to_stay() -> None:
    shipment = fee(3, 600, kind=FeeKind.SHIPMENT)
    of = booking([ticket(1, 100, collected=True), ticket(2, 100), shipment])
    assert codes(of) == {1: "collected", 2: "", 3: "shipment-kept"}
    assert codes(booking([ticket(1, 100), ticket(2, 100), shipment])) == {1: "", 2: "", 3: ""}


def test_what_a_line_is_comes_before_what_the_house_says() -> None:
    of = booking([ticket(1, 100, state=LineState.CANCELLED), ticket(2, 100)], is_paid=False)
    assert codes(of) == {1: "already-refunded", 2: "not-paid"}


def test_a_refusal_names_all_chosen_lines_with_the_same_reason() -> None:
    of = booking([ticket(1, 100, collected=True), ticket(2, 100), ticket(3, 100, collected=True)])
    with refused("collected") as refusal:
        plan_refund(of, request(1, 2, 3), circumstances(of))
    assert refusal.value.message.startswith("Line 1, 3 ")


def test_choosing_nothing_or_what_is_not_there_is_refused() -> None:
    of = sample_booking()
    with refused("selection-empty"):
        plan_refund(of, request(), circumstances(of))
    with refused("unknown-line") as refusal:
        plan_refund(of, request(1, 9, 8), circumstances(of))
    assert refusal.value.details == {"sequences": [8, 9]}


def test_a_sequence_named_twice_counts_once() -> None:
    of = sample_booking()
    assert plan_refund(of, request(3, 3, 1, 2), circumstances(of)).amount_minor == 1450


def test_where_nothing_is_left_of_the_money_only_what_costs_nothing_can_go() -> None:
    lines = (ticket(1, 1000), ticket(2, 0), ticket(3, 1000, collected=True))
    spent = booking(lines, [payment(1, 2000, prior=2000)])
    assert codes(spent) == {1: "booking-cap-exceeded", 2: "", 3: "collected"}
    verdict = line_verdicts(spent, Policy(), NOW)[1]
    assert (verdict.details["left"], verdict.details["amount"]) == ("0.00 CHF", "10.00 CHF")
    with refused("booking-cap-exceeded"):
        plan_refund(spent, request(1), circumstances(spent))
    grouped = booking([ticket(1, 1000, groups="g"), ticket(2, 0, groups="g")], spent.payments)
    assert codes(grouped) == {1: "booking-cap-exceeded", 2: "group-blocked"}


def test_what_is_left_or_still_owed_is_enough_to_choose_a_line() -> None:
    """Something may be kept back, so a line may be worth more than what is left."""
    lines = (ticket(1, 1000),)
    assert codes(booking(lines, [payment(1, 1000, prior=999)])) == {1: ""}
    assert codes(booking(lines, [payment(1, 1000, settled=0)])) == {1: ""}

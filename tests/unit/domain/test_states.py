"""The one table of leg states, and everything derived from it."""

from __future__ import annotations

from itertools import product

import pytest

from backend_client.domain.refund import (
    BORN_AS,
    CLOSED,
    HOLDS_PAYMENT,
    IN_FLIGHT,
    METHOD_CHANGEABLE,
    OPEN,
    TRANSITIONS,
    VOIDABLE,
    LegState,
    Method,
    RefundStatus,
    may_become,
    refund_status,
)

S = LegState
FINAL = {S.SUCCEEDED, S.CREDITED, S.RECORDED}
STATUS_OF = {
    S.REVIEW: RefundStatus.REVIEW,
    S.UNKNOWN: RefundStatus.BEING_CHECKED,
    S.DECLINED: RefundStatus.DECLINED,
    S.FAILED_LATE: RefundStatus.DECLINED,
    S.PENDING: RefundStatus.TO_BE_SENT,
    S.SENDING: RefundStatus.ON_ITS_WAY,
    S.ACCEPTED: RefundStatus.ON_ITS_WAY,
    S.REQUESTED: RefundStatus.REQUESTED,
    S.AWAITING_APPROVAL: RefundStatus.AWAITING_APPROVAL,
    S.DUE: RefundStatus.DUE,
    S.SUCCEEDED: RefundStatus.DONE,
    S.CREDITED: RefundStatus.DONE,
    S.RECORDED: RefundStatus.DONE,
    S.REPLACED: RefundStatus.DONE,
    S.VOIDED: RefundStatus.DONE,
}
WORST_FIRST = [
    RefundStatus.REVIEW,
    RefundStatus.BEING_CHECKED,
    RefundStatus.DECLINED,
    RefundStatus.AWAITING_APPROVAL,
    RefundStatus.TO_BE_SENT,
    RefundStatus.ON_ITS_WAY,
    RefundStatus.REQUESTED,
    RefundStatus.DUE,
    RefundStatus.DONE,
]


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(LegState)
    assert {after for row in TRANSITIONS.values() for after in row} <= set(LegState)
    assert not any(state in row for state, row in TRANSITIONS.items())


def test_every_state_is_reachable_from_a_birth() -> None:
    reached = set(BORN_AS.values()) | {S.AWAITING_APPROVAL}
    while more := {after for state in reached for after in TRANSITIONS[state]} - reached:
        reached |= more
    assert reached == set(LegState)


def test_every_method_has_a_birth() -> None:
    assert set(BORN_AS) == set(Method)


@pytest.mark.parametrize("state", LegState)
def test_a_leg_is_open_final_or_closed(state: LegState) -> None:
    assert [state in OPEN, state in FINAL, state in CLOSED].count(True) == 1


@pytest.mark.parametrize("state", sorted(CLOSED | {S.CREDITED, S.RECORDED}))
def test_closed_and_handed_over_legs_never_change(state: LegState) -> None:
    assert not TRANSITIONS[state]


def test_succeeded_is_not_the_end() -> None:
    assert TRANSITIONS[S.SUCCEEDED] == {S.FAILED_LATE}


def test_no_open_leg_is_a_dead_end() -> None:
    for state in OPEN:
        ends, more = {state}, {state}
        while more:
            more = {after for one in more for after in TRANSITIONS[one]} - ends
            ends |= more
        assert ends & (FINAL | CLOSED), state


def test_what_may_be_voided_or_changed_can_be() -> None:
    assert {state for state in LegState if may_become(state, S.VOIDED)} == VOIDABLE
    for state in METHOD_CHANGEABLE:
        assert may_become(state, S.REPLACED)


def test_nothing_in_flight_is_replaced_or_voided() -> None:
    for state, after in product(IN_FLIGHT, CLOSED):
        assert not may_become(state, after)
    assert not IN_FLIGHT & (METHOD_CHANGEABLE | VOIDABLE)


def test_a_leg_that_can_be_changed_holds_nothing_on_its_payment() -> None:
    assert not METHOD_CHANGEABLE & HOLDS_PAYMENT
    assert IN_FLIGHT <= HOLDS_PAYMENT


def test_an_outcome_nobody_knows_is_never_taken_for_a_failure() -> None:
    assert S.UNKNOWN not in TRANSITIONS[S.PENDING]
    assert not may_become(S.UNKNOWN, S.PENDING)
    assert not may_become(S.UNKNOWN, S.REPLACED)
    assert not may_become(S.ACCEPTED, S.PENDING)


@pytest.mark.parametrize("state", LegState)
def test_one_status_for_each_state(state: LegState) -> None:
    assert refund_status([state]) is STATUS_OF[state]


@pytest.mark.parametrize(("one", "other"), list(product(LegState, LegState)))
def test_two_legs_say_the_worse_news(one: LegState, other: LegState) -> None:
    worse = min(STATUS_OF[one], STATUS_OF[other], key=WORST_FIRST.index)
    assert refund_status([one, other]) is worse


def test_a_voided_refund_says_so_and_an_empty_one_is_done() -> None:
    assert refund_status([S.VOIDED], voided=True) is RefundStatus.VOIDED
    assert refund_status([]) is RefundStatus.DONE
    beside = {RefundStatus.VOIDED, RefundStatus.NEEDS_NUMBER}
    assert set(STATUS_OF.values()) | beside == set(RefundStatus)


@pytest.mark.parametrize("other", LegState)
def test_a_lacking_number_is_said_unless_there_is_worse(other: LegState) -> None:
    now = refund_status([S.PENDING, other], lacks_number=True)
    worse = set(WORST_FIRST[: WORST_FIRST.index(RefundStatus.TO_BE_SENT)])
    assert now is (STATUS_OF[other] if STATUS_OF[other] in worse else RefundStatus.NEEDS_NUMBER)

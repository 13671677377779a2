"""A Connect call and whatever else happens to its booking and its journal at the same moment."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend_client.domain.connect_intent import Intent
from backend_client.domain.plan import Part
from backend_client.domain.policy import Policy
from backend_client.domain.refund import Method, RefundStatus
from backend_client.local.journal import LocalJournal
from backend_client.ports import RandomTokens
from backend_client.settings import House, Settings
from tests.cinema import Point, Trouble, answer
from tests.connect_offices import ConnectOffice, connect_office, opened, sound_office
from tests.contract.offices import CASHIER, SUPERVISOR, sale, ticket
from tests.unit.refusing import refused

S = RefundStatus


office = sound_office()


@pytest.mark.parametrize("said", [answer(ResultCode=63), answer(400, ResultCode=4)])
def test_what_another_window_gave_back_at_the_same_time_is_not_told_as_ours(
    office: ConnectOffice, said: bytes
) -> None:
    """The cashier has paid outside, the cinema has reversed the card: both, and nobody may say
    that all is well."""
    office.sell(sale())
    parts = (Part(Method.EXTERNAL, reference="slip 7"),)
    plan = office.plan(office.request(1, 2, 3, parts=parts))
    theirs = {
        "sequencesToRefund": [1, 2, 3],
        "matchedPaymentDetails": [{"amountInCents": 1450, "paymentId": "OPH-1"}],
    }
    booking = office.cinema.bookings["0001", "WPM8TS9"]
    office.cinema.before_refund = lambda: office.cinema._carry_out(
        booking, theirs, Point.EVERYTHING
    )
    office.cinema.troubles = [Trouble(Point.NOTHING, said)]
    refund = office.backend.execute_refund(CASHIER, plan).refund
    assert refund.status is S.REVIEW
    assert refund.legs[0].attempts[-1].outcome == "not_seen"


def test_a_call_that_is_just_being_written_down_is_not_taken_for_left(
    office: ConnectOffice,
) -> None:
    """Another thread of the same window goes through what is open at that very moment."""
    office.sell(sale())
    plan = office.plan(office.request(2))
    begin = LocalJournal.begin

    def looked_at(*arguments: Any, **named: Any) -> Intent:
        begun = begin(*arguments, **named)
        office.backend.settle(SUPERVISOR)
        return begun

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(LocalJournal, "begin", looked_at)
        refund = office.backend.execute_refund(CASHIER, plan).refund
    assert refund.status is S.DONE


def test_a_call_that_somebody_else_closed_is_not_made(office: ConnectOffice) -> None:
    """A clock that jumped: the other window took this one for gone before it sent anything."""
    office.sell(sale())
    plan = office.plan(office.request(2))
    other = opened(office.folder, office.settings, office.clock)
    begin = LocalJournal.begin

    def left_alone(*arguments: Any, **named: Any) -> Intent:
        begun = begin(*arguments, **named)
        office.clock.move(minutes=10)
        other.settle(SUPERVISOR)
        return begun

    with pytest.MonkeyPatch.context() as patched, closing(other):
        patched.setattr(LocalJournal, "begin", left_alone)
        with refused("connect-not-sent"):
            office.backend.execute_refund(CASHIER, plan)
    assert office.cinema.refunds == []


@pytest.mark.parametrize("point", [Point.NOTHING, Point.FIRST_PAYMENT])
@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_was_put_right_meanwhile_holds_nobody_up_for_ever(
    office: ConnectOffice, point: Point, days: int
) -> None:
    office.sell(sale())
    plan = office.plan(office.request(1, 2, 3))
    office.cinema.troubles = [Trouble(point)]
    office.cinema.before_refund = lambda: office.clock.move(days=days)
    number = office.backend.execute_refund(CASHIER, plan).refund.number
    states = [office.backend.refund(CASHIER, number).refund.status]
    for _ in range(2):
        office.backend.settle(SUPERVISOR, patient=True)
        states.append(office.backend.refund(CASHIER, number).refund.status)
    assert states == [S.BEING_CHECKED, S.BEING_CHECKED, S.REVIEW]


def test_free_lines_that_went_back_in_part_hold_nobody_up(office: ConnectOffice) -> None:
    """There is no payment a person could decide about, and nothing is owed."""
    office.sell(sale(lines=(ticket(1, 0), ticket(2, 0), ticket(3))))
    plan = office.plan(office.request(1, 2))
    office.cinema.troubles = [Trouble(Point.SOME_LINES, answer(ResultCode=14))]
    with refused("connect-refused"):
        office.backend.execute_refund(CASHIER, plan)
    office.plan(office.request(2))


def test_one_cashier_at_two_windows_has_one_limit_for_the_day(tmp_path: Path) -> None:
    """Both looked when nothing was given back yet: the second one is told, and waits then."""
    house = Settings(house=House(currency="CHF"), policy=Policy(shift_limit_minor=1500))
    with connect_office(tmp_path, house) as office:
        office.sell(sale(), replace(sale(), booking_id="WPM8TSB", transaction_id="T-2"))
        here = office.plan(office.request(1, 2, 3))
        other = opened(office.folder, office.settings, office.clock, RandomTokens())
        with closing(other):
            second = other.booking(CASHIER, "WPM8TSB").booking.id
            request = replace(office.request(1, 2, 3), booking_id=second)
            there = other.preview_refund(CASHIER, request)
            sent = LocalJournal.begin

            def late(*arguments: Any, **named: Any) -> Intent:
                patched.setattr(LocalJournal, "begin", sent)
                assert other.execute_refund(CASHIER, there).refund.status is S.DONE
                return sent(*arguments, **named)

            with pytest.MonkeyPatch.context() as patched, refused("plan-stale"):
                patched.setattr(LocalJournal, "begin", late)
                office.backend.execute_refund(CASHIER, here)
        assert len(office.cinema.refunds) == 1
        assert office.plan(office.request(1, 2, 3)).awaits_approval

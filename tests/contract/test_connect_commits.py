"""One commit of a refund at Connect: its key, who is making its call, and what holds up others."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from backend_client.domain.refund import LegState, RefundStatus
from backend_client.processes import own_token
from backend_client.remote import connect as composed
from backend_client.remote.client import ConnectClient
from tests.cinema import Point, Trouble, answer
from tests.connect_offices import ConnectOffice, opened, sound_office
from tests.contract.offices import CASHIER, SUPERVISOR, TWO_CARDS, sale
from tests.unit.refusing import refused

S = RefundStatus


office = sound_office()


def test_a_commit_key_is_good_for_one_plan(office: ConnectOffice) -> None:
    office.sell(sale())
    plan, other = office.plan(office.request(2)), office.plan(office.request(3))
    done = office.backend.execute_refund(CASHIER, plan)
    with refused("plan-stale"):
        office.backend.execute_refund(CASHIER, replace(other, commit_key=plan.commit_key))
    again = office.backend.execute_refund(CASHIER, plan)
    assert (again.already_done, again.refund.number) == (True, done.refund.number)
    assert len(office.cinema.refunds) == 1


def test_what_needs_a_person_holds_its_booking_and_no_other(office: ConnectOffice) -> None:
    office.sell(sale(payments=TWO_CARDS), sale(booking_id="OTHER"))
    office.cinema.troubles = [Trouble(Point.FIRST_PAYMENT, answer(ResultCode=12))]
    asked = office.request(1, 2, acknowledged=frozenset({"connect-mixed-kinds", "fee-stranded"}))
    held = office.backend.execute_refund(CASHIER, office.plan(asked)).refund
    assert held.status is S.REVIEW
    with refused("refund-in-progress") as caught:
        office.plan(office.request(3))
    assert caught.value.details["refund"] == held.number
    view = office.backend.booking(CASHIER, "WPM8TS9")
    assert {one.code for one in view.verdicts.values()} == {"refund-in-progress"}
    assert office.refund(2, booking="OTHER").refund.status is S.DONE


@pytest.fixture
def neighbour() -> Iterator[str]:
    """The name of another program on this machine, which lives."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
        host = own_token().split(":")[0]
        yield f"{host}:{program.pid}::other"
        program.communicate(b"\n")


def test_a_call_of_a_program_that_lives_is_left_to_it_for_as_long_as_one_can_take(
    office: ConnectOffice, neighbour: str
) -> None:
    """Its answer may come any moment: who read now would call half of it all there is."""
    office.sell(sale())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(composed, "own_token", lambda: neighbour)
        beside = opened(office.folder, office.settings, office.clock)
    with closing(beside):
        number = beside.booking(CASHIER, "WPM8TS9").booking.id
        plan = beside.preview_refund(CASHIER, replace(office.request(2), booking_id=number))
        looked: list[int] = []
        office.cinema.before_refund = lambda: looked.append(
            office.backend.settle(SUPERVISOR).looked
        )
        done = beside.execute_refund(CASHIER, plan).refund
    assert looked == [0]
    assert done.status is S.DONE


def test_a_call_nobody_can_be_making_any_more_is_looked_at(
    office: ConnectOffice, neighbour: str
) -> None:
    office.sell(sale())

    class Stuck(BaseException):
        pass

    def stuck(*_arguments: object) -> None:
        raise Stuck

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(composed, "own_token", lambda: neighbour)
        beside = opened(office.folder, office.settings, office.clock)
        with closing(beside):
            number = beside.booking(CASHIER, "WPM8TS9").booking.id
            plan = beside.preview_refund(CASHIER, replace(office.request(2), booking_id=number))
            patched.setattr(ConnectClient, "refund", stuck)
            with pytest.raises(Stuck):
                beside.execute_refund(CASHIER, plan)
    office.clock.move(seconds=2 * 30 + 5 + 60)
    assert office.backend.settle(SUPERVISOR).looked == 0
    office.clock.move(seconds=1)
    assert office.backend.settle(SUPERVISOR).looked == 1
    (leg,) = office.backend.open_refunds(CASHIER).legs
    assert leg.state is LegState.UNKNOWN
    assert office.cinema.refunds == []

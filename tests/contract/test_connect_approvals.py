"""A refund above a limit at Connect: nothing is sent before another supervisor says yes, and then
once, for the booking as it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend_client.answers import RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.approval import approval_fingerprint
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.house_limits import LimitName
from backend_client.domain.pins import Pin
from backend_client.domain.plan import Part
from backend_client.domain.policy import Policy
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.ports import RandomTokens
from backend_client.remote.client import ConnectClient
from backend_client.settings import House, Settings
from tests.cinema import Point, Trouble, answer, give_back
from tests.connect_offices import (
    ConnectOffice,
    connect_office,
    killed_at_connect,
    opened,
    sound_office,
)
from tests.contract.offices import ADMIN, CASHIER, SUPERVISOR, caller, sale
from tests.unit.refusing import refused

S = RefundStatus
OTHER = caller(Role.SUPERVISOR, "T. Blanc", "9")
MAKER_IN_PLACE = caller(Role.SUPERVISOR, CASHIER.operator)
LIMITS = Policy(limit_minor=400, second_supervisor_minor=1200)
ALL = {
    "sequencesToRefund": [1, 2, 3],
    "matchedPaymentDetails": [{"amountInCents": 1450, "paymentId": "OPH-1"}],
}


office = sound_office(sale(), settings=Settings(house=House(currency="CHF"), policy=LIMITS))


def approve(office: ConnectOffice, outcome: RefundOutcome, by: Caller = OTHER) -> RefundOutcome:
    number, fingerprint = outcome.refund.number, approval_fingerprint(outcome.refund)
    return office.backend.approve_refund(by, number, fingerprint)


def refuse(
    office: ConnectOffice, number: str, by: Caller = OTHER, reason: str = "too much"
) -> RefundOutcome:
    return office.backend.execute_void(by, office.backend.preview_void(by, number, reason))


def status(office: ConnectOffice, number: str) -> RefundStatus:
    return office.backend.refund(CASHIER, number).refund.status


def audited(office: ConnectOffice, action: str) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in office.backend.audit_export(ADMIN)]
    return [json.loads(one["body"]) for one in records if one["action"] == action]


@pytest.fixture
def waiting(office: ConnectOffice) -> RefundOutcome:
    return office.refund(1, 2, 3)


def test_nothing_is_sent_before_somebody_else_says_yes(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    assert waiting.refund.status is S.AWAITING_APPROVAL
    assert [leg.state for leg in waiting.refund.legs] == [LegState.AWAITING_APPROVAL]
    assert office.cinema.refunds == []
    assert status(office, waiting.refund.number) is S.AWAITING_APPROVAL
    (owed,) = office.backend.open_refunds(CASHIER).legs
    assert (owed.refund_number, owed.state) == (waiting.refund.number, LegState.AWAITING_APPROVAL)
    for _ in range(3):
        office.clock.move(minutes=9)
        office.backend.recover(SUPERVISOR)
        office.backend.settle(SUPERVISOR)
    assert office.cinema.refunds == []
    assert status(office, waiting.refund.number) is S.AWAITING_APPROVAL


def test_approved_it_is_sent_once_and_is_done(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    done = approve(office, waiting)
    assert (done.refund.status, done.refund.operator) == (S.DONE, CASHIER.operator)
    assert office.cinema.refunds == [ALL]
    events = office.backend.booking(CASHIER, "WPM8TS9").timeline
    assert [(one.what, one.operator) for one in events if one.what == "approved"] == [
        ("approved", OTHER.operator)
    ]
    (said,) = audited(office, "approve")
    assert (said["made_by"], said["amount_minor"]) == (CASHIER.operator, 1450)
    assert audited(office, "refund")[0]["waits"] is True


def test_below_the_limit_it_goes_at_once(office: ConnectOffice) -> None:
    assert office.refund(2).refund.status is S.DONE
    assert len(office.cinema.refunds) == 1


def test_what_is_promised_is_held_and_a_second_window_is_told(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    other = opened(office.folder, office.settings, office.clock, RandomTokens())
    with closing(other):
        view = other.booking(CASHIER, "WPM8TS9")
        assert {one.code for one in view.verdicts.values()} == {"refund-waits"}
        assert [one.number for one in view.refunds] == [waiting.refund.number]
        theirs = replace(office.request(2), booking_id=view.booking.id)
        with refused("refund-waits") as caught:
            other.preview_refund(SUPERVISOR, theirs)
    assert waiting.refund.number in caught.value.message
    assert CASHIER.operator in caught.value.message


def test_two_windows_that_promise_the_same_lines_do_it_once(office: ConnectOffice) -> None:
    plan = office.plan(office.request(1, 2, 3))
    office.refund(1, 2, 3)
    with refused("refund-waits"):
        office.backend.execute_refund(OTHER, plan)


APPROVERS: list[tuple[Caller, str]] = [
    (MAKER_IN_PLACE, "approval-own-refund"),
    (caller(Role.CASHIER, "L. Favre"), "not-allowed"),
    (ADMIN, "not-allowed"),
    (replace(OTHER, entrance=Entrance.UNATTENDED), "approval-by-nobody"),
]


@pytest.mark.parametrize(("by", "code"), APPROVERS)
def test_only_another_supervisor_approves(
    office: ConnectOffice, waiting: RefundOutcome, by: Caller, code: str
) -> None:
    with refused(code):
        approve(office, waiting, by)
    assert office.cinema.refunds == []
    assert status(office, waiting.refund.number) is S.AWAITING_APPROVAL


def test_the_same_yes_twice_is_one_call(office: ConnectOffice, waiting: RefundOutcome) -> None:
    approve(office, waiting)
    again = approve(office, waiting)
    assert (again.already_done, again.refund.status) == (True, S.DONE)
    late = caller(Role.SUPERVISOR, "L. Favre")
    with refused("already-decided") as caught:
        approve(office, waiting, late)
    assert OTHER.operator in caught.value.message
    assert len(office.cinema.refunds) == 1


def test_a_yes_to_something_else_is_none(office: ConnectOffice, waiting: RefundOutcome) -> None:
    with refused("plan-stale"):
        office.backend.approve_refund(OTHER, waiting.refund.number, "0" * 32)
    assert office.cinema.refunds == []


def _collected(booking: dict[str, Any]) -> None:
    booking["Tickets"][0]["CollectedStatus"] = "1"


def _given_back(booking: dict[str, Any]) -> None:
    give_back(booking, [3])


def _paid_back(booking: dict[str, Any]) -> None:
    booking["PaymentsRefunded"].append({"PaymentId": "OPH-1", "OrderPaymentAmount": 100})


@pytest.mark.parametrize("change", [_collected, _given_back, _paid_back])
def test_a_booking_that_changed_meanwhile_is_not_given_back(
    office: ConnectOffice, waiting: RefundOutcome, change: Callable[[dict[str, Any]], None]
) -> None:
    """What was approved is the booking as the cashier saw it; another one is looked at anew."""
    change(office.cinema.bookings["0001", "WPM8TS9"])
    with refused("plan-stale"):
        approve(office, waiting)
    assert office.cinema.refunds == []
    assert refuse(office, waiting.refund.number).refund.status is S.VOIDED


def test_refused_its_lines_can_be_given_back_again(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    number = waiting.refund.number
    assert refuse(office, number).refund.status is S.VOIDED
    assert office.cinema.refunds == []
    assert office.backend.open_refunds(CASHIER).legs == ()
    view = office.backend.booking(CASHIER, "WPM8TS9")
    assert [one.status for one in view.refunds] == [S.VOIDED]
    assert [(one.what, one.details.get("reason")) for one in view.timeline[-1:]] == [
        ("voided", "too much")
    ]
    with refused("already-decided"):
        approve(office, waiting)
    with refused("already-voided"):
        office.backend.preview_void(OTHER, number, "again")
    again = office.refund(1, 2, 3)
    assert approve(office, again).refund.status is S.DONE
    assert office.cinema.refunds == [ALL]


def test_who_made_it_takes_it_back_and_no_other_cashier(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    number = waiting.refund.number
    with refused("not-allowed"):
        refuse(office, number, caller(Role.CASHIER, "L. Favre"))
    with refused("reason-required"):
        refuse(office, number, CASHIER, "")
    plan = office.backend.preview_void(CASHIER, number, "customer stays")
    assert plan.amount_minor == 1450
    assert office.backend.execute_void(CASHIER, plan).refund.status is S.VOIDED
    assert office.backend.execute_void(CASHIER, plan).already_done


def test_it_is_taken_back_even_while_connect_is_down(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    office.cinema.unreadable = [None] * 4
    assert refuse(office, waiting.refund.number).refund.status is S.VOIDED
    office.cinema.unreadable = []


def test_what_was_sent_is_not_taken_back(office: ConnectOffice, waiting: RefundOutcome) -> None:
    approve(office, waiting)
    with refused("connect-no-changes"):
        office.backend.preview_void(OTHER, waiting.refund.number, "no")


def test_a_cinema_that_cannot_be_read_leaves_it_waiting(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    office.cinema.unreadable = [None]
    with refused("connect-unreachable"):
        approve(office, waiting)
    assert status(office, waiting.refund.number) is S.AWAITING_APPROVAL
    assert approve(office, waiting).refund.status is S.DONE


def test_a_clear_no_to_what_was_approved_is_told_and_stays_to_be_seen(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    office.cinema.troubles = [Trouble(Point.NOTHING, answer(ResultCode=12))]
    with refused("connect-declined"):
        approve(office, waiting)
    assert status(office, waiting.refund.number) is S.VOIDED
    assert office.backend.booking(CASHIER, "WPM8TS9").refunds
    assert office.plan(office.request(1, 2, 3)).awaits_approval


def test_an_answer_that_is_lost_after_the_yes_is_found_out(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    office.cinema.troubles = [Trouble(Point.NOTHING, None)]
    assert approve(office, waiting).refund.status is S.BEING_CHECKED
    assert approve(office, waiting).already_done
    booking = office.cinema.bookings["0001", "WPM8TS9"]
    office.cinema._carry_out(booking, office.cinema.refunds[0], Point.EVERYTHING)
    office.clock.move(minutes=1)
    office.backend.settle(SUPERVISOR)
    assert status(office, waiting.refund.number) is S.DONE
    assert len(office.cinema.refunds) == 1


def test_killed_while_the_approved_call_is_at_connect(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    with killed_at_connect():
        approve(office, waiting)
    assert approve(office, waiting).refund.status is S.ON_ITS_WAY
    assert office.backend.recover(SUPERVISOR) == 1
    assert status(office, waiting.refund.number) is S.DONE
    assert len(office.cinema.refunds) == 1


def test_two_supervisors_at_the_same_moment_send_it_once(
    office: ConnectOffice, waiting: RefundOutcome
) -> None:
    """The other one says yes between our reading of the booking and our call."""
    other: Backend = opened(office.folder, office.settings, office.clock, RandomTokens())
    fingerprint = approval_fingerprint(waiting.refund)
    reads = ConnectClient.booking
    late = caller(Role.SUPERVISOR, "L. Favre")

    def meanwhile(*arguments: Any) -> Any:
        said = reads(*arguments)
        patched.undo()
        other.approve_refund(late, waiting.refund.number, fingerprint)
        return said

    with closing(other), pytest.MonkeyPatch.context() as patched:
        patched.setattr(ConnectClient, "booking", meanwhile)
        with refused("already-decided"):
            approve(office, waiting)
    assert office.cinema.refunds == [ALL]


# ---------------------------------------------------------------- which limits


def test_a_supervisor_alone_has_a_limit_too(office: ConnectOffice) -> None:
    waiting = office.refund(1, 2, 3, by=OTHER)
    assert waiting.refund.status is S.AWAITING_APPROVAL
    with refused("approval-own-refund"):
        approve(office, waiting)
    assert approve(office, waiting, SUPERVISOR).refund.status is S.DONE


def test_what_was_given_back_there_counts_for_the_day(tmp_path: Path) -> None:
    house = Settings(house=House(currency="CHF"), policy=Policy(shift_limit_minor=1349))
    with connect_office(tmp_path, house) as office:
        office.sell(sale())
        assert office.refund(2).refund.amount_minor == 350
        assert office.plan(office.request(1, 3)).awaits_approval
        assert not office.plan(office.request(3)).awaits_approval
        assert not office.plan(office.request(1, 3), SUPERVISOR).awaits_approval


def test_the_number_of_a_gift_card_cannot_wait(office: ConnectOffice) -> None:
    """It is said with the preview, with what to do instead for whoever asks."""
    parts = (Part(Method.UNMATCHED),)
    with refused("number-cannot-wait") as caught:
        office.plan(office.request(1, 2, 3, parts=parts))
    assert "the number of a gift card is kept nowhere" in caught.value.message
    assert caught.value.action == "Choose another way, or give back less at once."
    assert office.plan(office.request(2, parts=parts)).missing == ("number",)


PIN = Pin("481516")


def signed_in(backend: Backend, name: str, role: Role, by: Caller | None = None) -> Caller:
    asking = Caller(name, Role.ADMIN, "3", "box-office", Entrance.WINDOW, "corr-1")
    backend.add_operator(by or asking, name, role, PIN)
    return backend.sign_in(asking, PIN)


def test_limits_that_admins_set_hold_there_too(tmp_path: Path) -> None:
    """Where operators sign in the store says the limits, whatever the settings say."""
    with connect_office(tmp_path) as office:
        office.sell(sale())
        admin = signed_in(office.backend, "C. Admin", Role.ADMIN)
        cashier = signed_in(office.backend, CASHIER.operator, Role.CASHIER, admin)
        request = office.request(2, by=cashier)
        before = office.plan(request, cashier)
        assert not before.awaits_approval
        office.backend.set_limit(admin, LimitName.LIMIT_MINOR, 100)
        assert 100 in [one.value for one in office.backend.house_limits(admin)]
        capabilities = office.backend.capabilities()
        assert capabilities.policy is not None
        assert capabilities.policy.limit_minor == 100
        with refused("plan-stale"):
            office.backend.execute_refund(cashier, before)
        assert office.plan(request, cashier).awaits_approval


def test_where_people_sign_in_only_who_did_approves(tmp_path: Path) -> None:
    """Beside the cashier, who stays signed in."""
    with connect_office(tmp_path, Settings(house=House(currency="CHF"), policy=LIMITS)) as office:
        office.sell(sale())
        admin = signed_in(office.backend, "C. Admin", Role.ADMIN)
        cashier = signed_in(office.backend, CASHIER.operator, Role.CASHIER, admin)
        plan = office.plan(office.request(1, 2, 3, by=cashier), cashier)
        waiting = office.backend.execute_refund(cashier, plan)
        with refused("sign-in-needed"):
            approve(office, waiting)
        supervisor = signed_in(office.backend, OTHER.operator, Role.SUPERVISOR, admin)
        assert approve(office, waiting, supervisor).refund.status is S.DONE
        assert office.backend.refund(cashier, waiting.refund.number).refund.status is S.DONE

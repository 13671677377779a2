"""A Connect call that breaks: every row of the failure table, at every point, and what is done."""

from __future__ import annotations

import pytest

from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.plan import Part
from backend_client.domain.refund import LegState, Method, RefundStatus
from tests.cinema import Point, Trouble, answer
from tests.connect_offices import (
    MIXED_KINDS,
    ConnectOffice,
    give_back_two_cards,
    sound_office,
)
from tests.contract.offices import CASHIER, SUPERVISOR, TWO_CARDS, sale, ticket
from tests.unit.providers.hosts import http
from tests.unit.refusing import refused

HTML = http(502, b"<html><h1>Bad Gateway</h1></html>", "Content-Type: text/html")
S = RefundStatus


office = sound_office()


CUT = None
DECLINED, AFTER = answer(ResultCode=12), answer(ResultCode=14)
ROWS = [
    # how far it got, what was answered, what the refund is then
    (Point.EVERYTHING, answer(), S.DONE),
    (Point.EVERYTHING, answer(204), S.DONE),
    (Point.EVERYTHING, answer(ResultCode=0), S.DONE),
    (Point.EVERYTHING, CUT, S.DONE),
    (Point.EVERYTHING, HTML, S.DONE),
    (Point.EVERYTHING, http(200, b"<html>"), S.DONE),
    (Point.EVERYTHING, http(200, b'{"ResultCode": 0, "x'), S.DONE),
    (Point.EVERYTHING, http(302, b"", "Location: /login"), S.DONE),
    (Point.EVERYTHING, answer(500, ResultCode=1), S.DONE),
    (Point.EVERYTHING, answer(ResultCode=63), S.DONE),
    (Point.NOTHING, CUT, S.BEING_CHECKED),
    (Point.NOTHING, HTML, S.BEING_CHECKED),
    (Point.NOTHING, answer(), S.BEING_CHECKED),
    (Point.NOTHING, answer(ResultCode=39), S.BEING_CHECKED),
    (Point.NOTHING, answer(ResultCode=5), S.BEING_CHECKED),
    (Point.NOTHING, answer(ResultCode=63), S.BEING_CHECKED),
    (Point.NOTHING, AFTER, S.BEING_CHECKED),
    (Point.NOTHING, answer(408), S.BEING_CHECKED),
    (Point.NOTHING, answer(500, ResultCode=1), S.BEING_CHECKED),
    (Point.FIRST_PAYMENT, answer(500, ResultCode=1), S.BEING_CHECKED),
    (Point.FIRST_PAYMENT, answer(500, ResultCode=24), S.REVIEW),
    (Point.FIRST_PAYMENT, answer(502, ResultCode=12), S.REVIEW),
    (Point.ALL_PAYMENTS, answer(500, Result=14), S.REVIEW),
    (Point.EVERYTHING, answer(500, ResultCode=24), S.DONE),
    (Point.FIRST_PAYMENT, DECLINED, S.REVIEW),
    (Point.ALL_PAYMENTS, AFTER, S.REVIEW),
    (Point.LINES_ALONE, AFTER, S.REVIEW),
    (Point.SOME_LINES, DECLINED, S.REVIEW),
]


@pytest.mark.parametrize(("point", "said", "status"), ROWS)
def test_what_became_of_a_call_is_read_from_the_booking(
    office: ConnectOffice, point: Point, said: bytes | None, status: RefundStatus
) -> None:
    outcome = give_back_two_cards(office, Trouble(point, said))
    assert outcome.refund.status is status
    kept = office.backend.refund(CASHIER, outcome.refund.number).refund
    assert kept == outcome.refund


HALF_DONE = [
    (Point.FIRST_PAYMENT, CUT),
    (Point.ALL_PAYMENTS, CUT),
    (Point.ALL_PAYMENTS, answer()),
    (Point.LINES_ALONE, answer()),
    (Point.LINES_ALONE, CUT),
    (Point.SOME_LINES, HTML),
]


@pytest.mark.parametrize(("point", "said"), HALF_DONE)
def test_half_a_refund_may_be_one_that_is_still_running(
    office: ConnectOffice, point: Point, said: bytes | None
) -> None:
    """Whoever was told too early that the rest is missing would pay it a second time."""
    number = give_back_two_cards(office, Trouble(point, said)).refund.number
    assert office.backend.refund(CASHIER, number).refund.status is S.BEING_CHECKED
    office.clock.move(minutes=4)
    office.backend.settle(SUPERVISOR)
    assert office.backend.refund(CASHIER, number).refund.status is S.BEING_CHECKED
    office.clock.move(minutes=1)
    office.backend.settle(SUPERVISOR)
    assert office.backend.refund(CASHIER, number).refund.status is S.REVIEW


def test_half_a_refund_that_goes_on_after_our_time_out_is_done(office: ConnectOffice) -> None:
    number = give_back_two_cards(office, Trouble(Point.FIRST_PAYMENT, CUT)).refund.number
    booking = office.cinema.bookings["0001", "WPM8TS9"]
    booking["PaymentsRefunded"].clear()
    office.cinema._carry_out(booking, office.cinema.refunds[0], Point.EVERYTHING)
    office.clock.move(seconds=30)
    office.backend.settle(SUPERVISOR)
    assert office.backend.refund(CASHIER, number).refund.status is S.DONE


@pytest.mark.parametrize("changes", [{"VistaTransactionId": "999"}, {"Tickets": []}])
def test_a_booking_that_is_not_there_any_more_is_decided_by_a_person(
    office: ConnectOffice, changes: dict[str, object]
) -> None:
    """Its id belongs to another customer by now, or it is shown empty: reading tells no more."""
    office.sell(sale(lines=(ticket(1, 1000),)))
    plan = office.plan(office.request(1))
    office.cinema.troubles = [Trouble(Point.NOTHING, CUT)]
    booking = office.cinema.bookings["0001", "WPM8TS9"]
    office.cinema.before_refund = lambda: booking.update(changes)
    refund = office.backend.execute_refund(CASHIER, plan).refund
    for minutes in (1, 2):
        office.clock.move(minutes=minutes)
        office.backend.settle(SUPERVISOR)
        assert office.backend.refund(CASHIER, refund.number).refund.status is S.BEING_CHECKED
    office.clock.move(minutes=2)
    office.backend.settle(SUPERVISOR)
    held = office.backend.refund(CASHIER, refund.number).refund
    assert held.status is S.REVIEW
    assert "not_seen" not in [one.outcome for one in held.legs[0].attempts]
    said = Resolution(held.legs[0].number, Finding.FOUND, "their-9", "asked the cinema")
    plan_now = office.backend.preview_resolution(SUPERVISOR, said)
    assert office.backend.execute_resolution(SUPERVISOR, plan_now).refund.status is S.DONE


CLEAR_NO = [
    (DECLINED, "connect-declined"),
    (answer(ResultCode=13), "connect-declined"),
    (answer(400, ResultCode=57), "connect-declined"),
    (answer(500, ResultCode=12), "connect-declined"),
    (answer(503, Result=79), "connect-forbidden"),
    (answer(400), "connect-refused"),
    (answer(422, message="sum"), "connect-refused"),
    (answer(ResultCode=69), "connect-refused"),
    (answer(404), "connect-refused"),
    (answer(401), "connect-forbidden"),
    (answer(403, ResultCode=79), "connect-forbidden"),
    (answer(Result=45), "connect-forbidden"),
    (http(429, b"", "Retry-After: 1"), "connect-not-sent"),
]


@pytest.mark.parametrize(("said", "code"), CLEAR_NO)
def test_a_clear_no_with_nothing_done_may_be_tried_again_by_a_person(
    office: ConnectOffice, said: bytes, code: str
) -> None:
    with refused(code):
        give_back_two_cards(office, Trouble(Point.NOTHING, said))
    assert office.backend.open_refunds(CASHIER).legs == ()
    again = office.plan(office.request(1, 2, 3, acknowledged=MIXED_KINDS))
    assert office.backend.execute_refund(CASHIER, again).refund.status is S.DONE
    assert len(office.cinema.refunds) == 2


def test_the_same_plan_may_be_tried_again_after_a_clear_no(office: ConnectOffice) -> None:
    """A command names its commit by the plan's fingerprint, which is the same as before."""
    office.sell(sale())
    office.cinema.troubles = [Trouble(Point.NOTHING, DECLINED)]
    plan = office.plan(office.request(1, 2, 3))
    with refused("connect-declined"):
        office.backend.execute_refund(CASHIER, plan)
    assert office.backend.already_done(CASHIER, plan.commit_key) is None
    assert office.backend.execute_refund(CASHIER, plan).refund.status is S.DONE


def test_what_is_not_known_blocks_the_booking_and_is_never_sent_again(
    office: ConnectOffice,
) -> None:
    number = give_back_two_cards(office, Trouble(Point.NOTHING, CUT)).refund.number
    view = office.backend.booking(CASHIER, "WPM8TS9")
    assert {verdict.code for verdict in view.verdicts.values()} == {"refund-in-progress"}
    with refused("refund-in-progress") as caught:
        office.plan(office.request(3))
    assert caught.value.details["refund"] == number
    for _ in range(3):
        office.backend.settle(SUPERVISOR)
    assert len(office.cinema.refunds) == 1


def test_a_refund_that_finishes_after_our_time_out_is_found(office: ConnectOffice) -> None:
    """It can even finish after our first reading."""
    outcome = give_back_two_cards(office, Trouble(Point.NOTHING, CUT))
    office.clock.move(seconds=30)
    office.cinema._carry_out(
        office.cinema.bookings["0001", "WPM8TS9"], office.cinema.refunds[0], Point.EVERYTHING
    )
    report = office.backend.settle(SUPERVISOR)
    assert report.states == {LegState.SUCCEEDED: 2}
    assert office.backend.refund(CASHIER, outcome.refund.number).refund.status is S.DONE


def test_unknown_becomes_review_when_the_grace_is_over_and_it_was_read_often(
    office: ConnectOffice,
) -> None:
    number = give_back_two_cards(office, Trouble(Point.NOTHING, CUT)).refund.number
    for minutes in (1, 2):
        office.clock.move(minutes=minutes)
        office.backend.settle(SUPERVISOR)
        assert office.backend.refund(CASHIER, number).refund.status is S.BEING_CHECKED
    office.clock.move(minutes=3)
    office.backend.settle(SUPERVISOR)
    assert office.backend.refund(CASHIER, number).refund.status is S.REVIEW


def test_who_drives_beside_a_window_reads_when_it_is_due(office: ConnectOffice) -> None:
    give_back_two_cards(office, Trouble(Point.NOTHING, CUT))
    reads = office.cinema.reads
    assert office.backend.settle(SUPERVISOR, patient=True).looked == 0
    assert office.cinema.reads == reads
    office.clock.move(minutes=2)
    assert office.backend.settle(SUPERVISOR, patient=True).looked == 1
    assert office.cinema.reads == reads + 1


def test_a_booking_that_cannot_be_read_stays_unknown_and_counts_for_nothing(
    office: ConnectOffice,
) -> None:
    office.sell(sale(payments=TWO_CARDS))
    plan = office.plan(office.request(1, 2, 3, acknowledged=MIXED_KINDS))
    office.cinema.troubles = [Trouble(Point.NOTHING, CUT)]
    office.cinema.before_refund = lambda: office.cinema.unreadable.extend([HTML, None, HTML, None])
    number = office.backend.execute_refund(CASHIER, plan).refund.number
    office.clock.move(minutes=10)
    office.backend.settle(SUPERVISOR)
    office.backend.settle(SUPERVISOR)
    office.cinema.unreadable.clear()
    assert office.backend.refund(CASHIER, number).refund.status is S.BEING_CHECKED


def test_a_clear_no_is_still_one_when_the_booking_can_be_read_again(
    office: ConnectOffice,
) -> None:
    office.sell(sale())
    plan = office.plan(office.request(1, 2, 3))
    office.cinema.troubles = [Trouble(Point.NOTHING, DECLINED)]
    office.cinema.before_refund = lambda: office.cinema.unreadable.append(HTML)
    refund = office.backend.execute_refund(CASHIER, plan).refund
    assert refund.status is S.BEING_CHECKED
    office.backend.settle(SUPERVISOR)
    assert office.backend.refund(CASHIER, refund.number).refund.status is S.VOIDED
    office.plan(office.request(1, 2, 3))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (CUT, "connect-unreachable"),
        (HTML, "connect-unreachable"),
        (answer(ResultCode=5), "connect-unreachable"),
        (answer(ResultCode=78), "booking-not-found"),
        (answer(ResultCode=72), "connect-forbidden"),
        (answer(ResultCode=73), "connect-misconfigured"),
        (http(200, b"<html>"), "connect-answer"),
        (http(200, b'{"ResultCode": 0, "Booking": {"Book'), "connect-answer"),
        (answer(ResultCode=0, Booking={"BookingId": 7}), "connect-answer"),
        (answer(), "connect-answer"),
        (http(302, b"", "Location: /login"), "connect-answer"),
        (http(401), "connect-forbidden"),
    ],
)
def test_a_booking_that_cannot_be_read_before_a_refund_sends_nothing(
    office: ConnectOffice, said: bytes | None, code: str
) -> None:
    office.sell(sale())
    plan = office.plan(office.request(2))
    office.cinema.unreadable = [said]
    with refused(code):
        office.backend.execute_refund(CASHIER, plan)
    assert office.cinema.refunds == []
    assert office.backend.recent(CASHIER) == ()


def test_a_mixed_refund_is_warned_of_before_it_is_made(office: ConnectOffice) -> None:
    office.sell(sale())
    parts = (Part(Method.MATCHED, 1000), Part(Method.EXTERNAL, reference="slip 7"))
    plan = office.plan(office.request(1, 2, 3, parts=parts))
    assert [notice.code for notice in plan.unacknowledged] == ["connect-mixed-kinds"]
    with refused("acknowledgement-required"):
        office.backend.execute_refund(CASHIER, plan)
    assert office.cinema.refunds == []

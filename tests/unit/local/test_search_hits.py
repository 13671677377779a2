"""What a row of a list says about its booking: what was paid, what can go back, and why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.answers import Hit
from backend_client.domain.incoming import IncomingBooking
from backend_client.domain.kinds import FeeKind, LineState, PaymentMethod
from backend_client.domain.plan import Part
from backend_client.domain.policy import Policy
from backend_client.domain.refund import Method
from backend_client.domain.refundability import can_go_back, line_verdicts
from backend_client.local.bookings import load
from backend_client.local.search_hits import hits
from backend_client.local.search_left import Rules
from backend_client.local.store import Store
from tests.unit import builders
from tests.unit.local.arriving import (
    CARD,
    booking,
    bring_in,
    with_line,
)
from tests.unit.local.looking import VENUE, look
from tests.unit.local.venue import Desk


def hit(desk: Desk, one: IncomingBooking) -> Hit:
    bring_in(desk.store, one)
    (only,) = look(desk.store, one.booking_id).hits
    return only


def test_a_hit_says_what_was_paid_and_what_can_go_back(desk: Desk) -> None:
    only = hit(desk, booking())
    assert (only.customer, only.performance, only.currency) == ("Bette Davis", "Hamlet", "CHF")
    assert (only.paid_minor, only.left_minor, only.partly_refunded, only.reason) == (
        1450,
        1450,
        False,
        "",
    )
    desk.backend.execute_refund(
        builders.caller(), desk.plan(builders.request(1, parts=[Part(Method.REQUESTED)]))
    )
    only = look(desk.store, "WPM8TS9").hits[0]
    assert (only.left_minor, only.partly_refunded, only.reason) == (450, True, "")
    plan = desk.plan(
        builders.request(2, parts=[Part(Method.REQUESTED)], acknowledged=["fee-stranded"])
    )
    desk.backend.execute_refund(builders.caller(), plan)
    only = look(desk.store, "WPM8TS9").hits[0]
    assert (only.left_minor, only.partly_refunded, only.reason) == (0, False, "only-fees-left")


@pytest.mark.parametrize(
    ("one", "left", "reason"),
    [
        (booking(is_paid=False, payments=(replace(CARD, settled_minor=0),)), 0, "not-paid"),
        (
            replace(
                booking(),
                lines=tuple(replace(line, state=LineState.CANCELLED) for line in booking().lines),
            ),
            0,
            "line-not-sold",
        ),
        (replace(with_line(booking(), 1, state=LineState.EXCHANGED), lines=(
            replace(booking().lines[0], state=LineState.EXCHANGED),)), 0, "line-not-sold"),
        (replace(booking(), lines=booking().lines[2:], payments=()), 0, "only-fees-left"),
        (replace(booking(), lines=(replace(booking().lines[1], value_minor=None),)), 0,
         "price-ambiguous"),
        (booking(prior_refunded_minor=1450), 0, "already-refunded"),
        (booking(prior_refunded_minor=1000), 450, ""),
        (replace(with_line(booking(), 1, state=LineState.RESERVED)), 450, ""),
        (replace(booking(), lines=(replace(booking().lines[1], price_minor=0, value_minor=0),),
                 payments=()), 0, ""),
        (booking(payments=(replace(CARD, method=PaymentMethod.WAITING_ACCOUNT,
                                   settled_minor=600),)), 600, ""),
    ],
)  # fmt: skip
def test_a_hit_says_why_nothing_can_go_back(
    desk: Desk, one: IncomingBooking, left: int, reason: str
) -> None:
    lines = tuple(replace(line, parent_sequence=None) for line in one.lines)
    only = hit(desk, replace(one, lines=lines))
    assert (only.left_minor, only.reason) == (left, reason)


def test_a_list_and_the_booking_itself_agree_on_what_can_go_back(venue: Store) -> None:
    """For every booking of the practice venue, whatever the rules of the house."""
    rules = (
        Policy(),
        Policy(collected_refundable=True, cut_off_minutes=60 * 24 * 30),
        Policy(kept_fee_kinds=frozenset({FeeKind.BOOKING_FEE})),
        Policy(closed_channels=frozenset({"internet"})),
    )
    ids = range(1, VENUE + 1)
    with venue.read() as connection:
        all_of_them = load(connection, ids)
        for policy in rules:
            shown = hits(connection, ids, Rules(policy, builders.NOW))
            for one, row in zip(all_of_them, shown, strict=True):
                verdicts = line_verdicts(one, policy, builders.NOW)
                assert row.left_minor == can_go_back(one, verdicts), one.key
                if not any(verdict.refundable for verdict in verdicts.values()):
                    assert row.reason, one.key


def test_hits_come_in_the_order_asked_for_and_unknown_ids_are_left_out(venue: Store) -> None:
    with venue.read() as connection:
        found_hits = hits(connection, [3, 1, 99_999, 3])
    assert [one.booking_id for one in found_hits] == [3, 1]


def test_an_anonymous_customer_has_no_name(desk: Desk) -> None:
    only = hit(desk, booking(contact=None, payments=(replace(CARD, payer=""),)))
    assert only.customer == ""

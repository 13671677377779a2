"""Manual resolution at Connect: what the booking shows now comes before a supervisor's word."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from backend_client.answers import RefundOutcome
from backend_client.domain.caller import Role
from backend_client.domain.connect_intent import Intent
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.refund import LegState, RefundStatus
from backend_client.domain.resolution import ResolutionPlan, Shown
from backend_client.local.journal import LocalJournal
from tests.cinema import Point, Trouble, answer, give_back
from tests.connect_offices import (
    MIXED_KINDS,
    ConnectOffice,
    give_back_two_cards,
    opened,
    sound_office,
)
from tests.contract.offices import CASHIER, SUPERVISOR, caller
from tests.unit.refusing import refused

CUT = None
DECLINED = answer(ResultCode=12)
OTHER = caller(Role.SUPERVISOR, "T. Blanc", "9")
S = RefundStatus


office = sound_office()


def decide(office: ConnectOffice, leg: str, finding: Finding) -> RefundOutcome:
    reference = "their-9" if finding is Finding.FOUND else ""
    said = Resolution(leg, finding, reference, "looked it up at the cinema")
    plan = office.backend.preview_resolution(SUPERVISOR, said)
    return office.backend.execute_resolution(SUPERVISOR, plan)


def test_manual_resolution_says_what_went_through_and_what_not(office: ConnectOffice) -> None:
    refund = give_back_two_cards(office, Trouble(Point.FIRST_PAYMENT, DECLINED)).refund
    assert [leg.state for leg in refund.legs] == [LegState.REVIEW] * 2
    assert [leg.attempts[-1].outcome for leg in refund.legs] == ["seen", "not_seen"]
    page = office.backend.open_refunds(CASHIER)
    assert [leg.leg_number for leg in page.legs] == [leg.number for leg in refund.legs]
    assert [(one.state, one.count, one.amount_minor) for one in page.totals] == [
        (LegState.REVIEW, 2, 1450)
    ]


def test_a_supervisor_clears_it_up_with_evidence(office: ConnectOffice) -> None:
    refund = give_back_two_cards(office, Trouble(Point.FIRST_PAYMENT, DECLINED)).refund
    first, second = (leg.number for leg in refund.legs)
    half = decide(office, first, Finding.FOUND).refund
    assert [leg.state for leg in half.legs] == [LegState.SUCCEEDED, LegState.REVIEW]
    assert half.legs[0].provider_refund_id == "their-9"
    done = decide(office, second, Finding.FOUND).refund
    assert done.status is S.DONE
    assert office.backend.open_refunds(CASHIER).legs == ()
    events = office.backend.booking(CASHIER, "WPM8TS9").timeline
    assert events[-1].details["outcome"] == "resolved"
    assert "their-9" in events[-1].details["text"]


def test_marked_not_done_the_lines_can_be_given_back_again(office: ConnectOffice) -> None:
    refund = give_back_two_cards(office, Trouble(Point.NOTHING, CUT)).refund
    for minutes in (2, 2, 2):
        office.clock.move(minutes=minutes)
        office.backend.settle(SUPERVISOR)
    for leg in refund.legs:
        decide(office, leg.number, Finding.NOT_FOUND)
    assert office.backend.refund(CASHIER, refund.number).refund.status is S.VOIDED
    again = office.plan(office.request(1, 2, 3, acknowledged=MIXED_KINDS))
    assert office.backend.execute_refund(CASHIER, again).refund.status is S.DONE


def test_only_a_supervisor_decides_and_only_with_evidence(office: ConnectOffice) -> None:
    leg = give_back_two_cards(office, Trouble(Point.FIRST_PAYMENT, DECLINED)).refund.legs[0].number
    with refused("not-allowed"):
        office.backend.preview_resolution(CASHIER, Resolution(leg, Finding.FOUND, "x"))
    bare = office.backend.preview_resolution(SUPERVISOR, Resolution(leg, Finding.FOUND))
    assert bare.missing == ("reference",)
    with refused("reference-required"):
        office.backend.execute_resolution(SUPERVISOR, bare)
    bare = office.backend.preview_resolution(SUPERVISOR, Resolution(leg, Finding.OTHER))
    with refused("evidence-required"):
        office.backend.execute_resolution(SUPERVISOR, bare)
    for unknown in ("R-10001.9", "R-9.1", "nonsense"):
        with refused("leg-not-found"):
            office.backend.preview_resolution(SUPERVISOR, Resolution(unknown, Finding.OTHER))


def test_what_is_not_in_review_is_nobodys_to_decide(office: ConnectOffice) -> None:
    leg = give_back_two_cards(office, Trouble(Point.NOTHING, CUT)).refund.legs[0].number
    with refused("not-in-review"):
        office.backend.preview_resolution(SUPERVISOR, Resolution(leg, Finding.FOUND, "x"))


# ---------------------------------------------------------------- read again first


@pytest.fixture
def half(office: ConnectOffice) -> Refund:
    """The second payment failed: the first is there, the lines are not gone."""
    return give_back_two_cards(office, Trouble(Point.FIRST_PAYMENT, DECLINED)).refund


def booking(office: ConnectOffice) -> dict[str, Any]:
    return office.cinema.bookings["0001", "WPM8TS9"]


def plan(office: ConnectOffice, leg: Leg, finding: Finding, **said: str) -> ResolutionPlan:
    resolution = Resolution(leg.number, finding, **said)
    return office.backend.preview_resolution(SUPERVISOR, resolution)


def second_is_paid(office: ConnectOffice) -> None:
    entry = {"PaymentId": "OPH-2", "OrderPaymentAmount": 450}
    booking(office)["PaymentsRefunded"].append(entry)


@pytest.mark.parametrize("finding", Finding)
def test_late_money_makes_it_clear_whatever_was_typed(
    office: ConnectOffice, half: Refund, finding: Finding
) -> None:
    """The rest went through after all: that is written down, for all of the refund."""
    second_is_paid(office)
    give_back(booking(office), [1, 2, 3])
    seen = plan(office, half.legs[1], finding, evidence="asked the cinema")
    assert (seen.shown, seen.after, seen.missing) == (Shown.WHOLE, LegState.SUCCEEDED, ())
    assert office.backend.refund(CASHIER, half.number).refund.status is S.REVIEW
    done = office.backend.execute_resolution(SUPERVISOR, seen).refund
    assert (done.status, done.legs[1].attempts[-1].text) == (S.DONE, "asked the cinema")
    assert len(office.cinema.refunds) == 1


def test_money_that_is_back_with_the_house_is_clear_too(
    office: ConnectOffice, half: Refund
) -> None:
    """Connect took its first payment back by itself: after a clear no, nothing was done."""
    booking(office)["PaymentsRefunded"].clear()
    seen = plan(office, half.legs[0], Finding.FOUND, reference="V-9")
    assert seen.shown is Shown.NOTHING
    assert office.backend.execute_resolution(SUPERVISOR, seen).refund.status is S.VOIDED
    assert office.plan(office.request(3)).amount_minor == 100


def test_what_is_shown_as_paid_was_not_never_made(office: ConnectOffice, half: Refund) -> None:
    second_is_paid(office)
    for leg in half.legs:
        with refused("shown-as-paid"):
            plan(office, leg, Finding.NOT_FOUND, evidence="not in the list")
    seen = plan(office, half.legs[1], Finding.FOUND, reference="V-9")
    assert (seen.shown, seen.missing) == (Shown.PAID, ())
    held = office.backend.execute_resolution(SUPERVISOR, seen).refund
    assert [leg.state for leg in held.legs] == [LegState.REVIEW, LegState.SUCCEEDED]
    assert held.legs[1].attempts[-1].outcome == "seen"


def test_a_word_against_what_is_shown_needs_evidence(office: ConnectOffice, half: Refund) -> None:
    bare = plan(office, half.legs[1], Finding.FOUND, reference="V-9")
    assert (bare.shown, bare.missing) == (Shown.NOT_PAID, ("evidence",))
    with refused("evidence-required"):
        office.backend.execute_resolution(SUPERVISOR, bare)
    told = plan(office, half.legs[1], Finding.FOUND, reference="V-9", evidence="the bank says so")
    assert told.missing == ()


def test_without_a_reading_a_word_needs_evidence(office: ConnectOffice, half: Refund) -> None:
    office.cinema.unreadable = [CUT] * 4
    for leg, shown in zip(half.legs, (Shown.WAS_PAID, Shown.UNREAD), strict=True):
        bare = plan(office, leg, Finding.FOUND, reference="V-9")
        assert (bare.shown, bare.missing) == (shown, ("evidence",))
        with refused("evidence-required"):
            office.backend.execute_resolution(SUPERVISOR, bare)


def test_a_cinema_that_is_down_takes_no_payment_back(office: ConnectOffice, half: Refund) -> None:
    """What the last reading showed as paid was made, whoever can read it now."""
    office.cinema.unreadable = [CUT, CUT]
    with refused("shown-as-paid"):
        plan(office, half.legs[0], Finding.NOT_FOUND, evidence="nobody answers")
    assert plan(office, half.legs[1], Finding.NOT_FOUND, evidence="nobody answers").missing == ()


def test_a_word_said_between_the_reading_and_the_writing_makes_it_stale(
    office: ConnectOffice, half: Refund
) -> None:
    """Another supervisor, at another window, says the opposite of the same payment."""
    mine = plan(office, half.legs[1], Finding.NOT_FOUND, evidence="not in the list")
    other = opened(office.folder, office.settings, office.clock)
    conclude = LocalJournal.conclude

    def late(*arguments: Any) -> Intent:
        patched.setattr(LocalJournal, "conclude", conclude)
        said = Resolution(half.legs[1].number, Finding.FOUND, "V-9", "the bank says so")
        other.execute_resolution(OTHER, other.preview_resolution(OTHER, said))
        return conclude(*arguments)

    with pytest.MonkeyPatch.context() as patched, closing(other):
        patched.setattr(LocalJournal, "conclude", late)
        with refused("plan-stale"):
            office.backend.execute_resolution(SUPERVISOR, mine)
    legs = office.backend.refund(CASHIER, half.number).refund.legs
    assert [leg.state for leg in legs] == [LegState.REVIEW, LegState.SUCCEEDED]


def test_a_booking_that_changes_after_the_plan_makes_it_stale(
    office: ConnectOffice, half: Refund
) -> None:
    seen = plan(office, half.legs[1], Finding.NOT_FOUND, evidence="not in the list")
    second_is_paid(office)
    with refused("shown-as-paid"):
        office.backend.execute_resolution(SUPERVISOR, seen)
    seen = plan(office, half.legs[1], Finding.OTHER, evidence="odd")
    give_back(booking(office), [3])
    with refused("plan-stale"):
        office.backend.execute_resolution(SUPERVISOR, seen)


def test_what_vanished_again_is_still_a_persons_before_the_wait_is_over(
    office: ConnectOffice,
) -> None:
    """“After the payment”, it said, and now none is there: no reading makes that clear."""
    said = Trouble(Point.FIRST_PAYMENT, answer(ResultCode=24))
    held = give_back_two_cards(office, said).refund
    booking(office)["PaymentsRefunded"].clear()
    seen = plan(office, held.legs[0], Finding.NOT_FOUND, evidence="not in the list")
    assert seen.shown is Shown.NOT_PAID
    after = office.backend.execute_resolution(SUPERVISOR, seen).refund
    assert [leg.state for leg in after.legs] == [LegState.REVIEW] * 2

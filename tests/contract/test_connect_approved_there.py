"""A refund that waits for approval again, at the store behind our own face of Connect: it is not
paid, it is said where it waits and under which number, and reading again finds what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.answers import RefundOutcome
from backend_client.domain.approval import approval_fingerprint
from backend_client.domain.caller import Role
from backend_client.domain.plan import Part
from backend_client.domain.policy import Policy
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.settings import House, Settings
from tests.connect_offices import MIXED_KINDS
from tests.contract.offices import ADMIN, CASHIER, SUPERVISOR, caller, card, sale, sound
from tests.served_office import ServedOffice, served_office
from tests.unit.refusing import refused
from tui.screens.telling import said, sentence
from tui.text.attempts import attempt_word, provider_words
from tui.text.events import event_text
from tui.text.wording import Wording

S = RefundStatus
THERE = caller(Role.SUPERVISOR, "T. Blanc", "office")
"""Who may approve at the store behind."""
NUMBER = "R-10002"
"""What it is called there, where another refund was made before."""


def limited(limit_minor: int) -> Settings:
    """What a token may give back there without anybody's yes."""
    policy = Policy(currency="CHF", limit_minor=limit_minor)
    return Settings(house=House(currency="CHF"), policy=policy)


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ServedOffice]:
    settings = limited(getattr(request, "param", 1449))
    with sound(served_office(tmp_path, settings)) as made:
        made.sell(sale(), sale(booking_id="OTHER1"))
        view = made.behind.booking(SUPERVISOR, "OTHER1")
        wish = replace(made.request(1, 2, 3), booking_id=view.booking.id)
        made.behind.execute_refund(SUPERVISOR, made.behind.preview_refund(SUPERVISOR, wish))
        yield made


def committed(office: ServedOffice, *parts: Part) -> RefundOutcome:
    """A supervisor's here needs nobody; the token it is sent with has a limit there."""
    plan = office.plan(office.request(1, 2, 3, parts=parts), SUPERVISOR)
    return office.backend.execute_refund(SUPERVISOR, plan)


def approved_there(office: ServedOffice) -> None:
    held = office.behind.refund(THERE, NUMBER).refund
    assert held.status is S.AWAITING_APPROVAL
    office.behind.approve_refund(THERE, NUMBER, approval_fingerprint(held))


def refused_there(office: ServedOffice) -> None:
    plan = office.behind.preview_void(THERE, NUMBER, "too much")
    office.behind.execute_void(THERE, plan)


def later(office: ServedOffice, **step: int) -> None:
    office.clock.move(**step)
    office.backend.settle(SUPERVISOR)


def status(office: ServedOffice, number: str) -> RefundStatus:
    return office.backend.refund(CASHIER, number).refund.status


def test_it_is_told_where_it_waits_and_whose_number_that_is(office: ServedOffice) -> None:
    refund = committed(office).refund
    (leg,) = refund.legs
    assert (refund.status, leg.awaits_there) == (S.BEING_CHECKED, NUMBER)
    wording = Wording()
    assert said(refund, wording) == (
        f"Refund {refund.number} awaits approval at the system it was sent to, where it is called "
        f"{NUMBER}: nothing is paid before. Do not pay it another way."
    )
    told = sentence(leg, refund.currency, office.backend.capabilities(), wording)
    assert "must be approved first" in told
    assert "Paid out once it is approved." in told
    (tried,) = leg.attempts
    assert attempt_word(wording, tried.outcome, tried.code) == "awaits approval there"
    words = provider_words(wording, tried.outcome, tried.code, tried.text)
    assert words == f"it is called {NUMBER} there"
    event = office.backend.booking(CASHIER, "WPM8TS9").timeline[-1]
    assert event_text(wording, event).endswith(
        f"awaits approval there (it is called {NUMBER} there)"
    )


@pytest.mark.parametrize("office", [1], indirect=True)
def test_what_has_no_status_of_its_own_waits_there_like_everything_else(
    office: ServedOffice,
) -> None:
    """A concession never says that it was given back: only the money does, once it is paid."""
    plan = office.plan(office.request(2), SUPERVISOR)
    refund = office.backend.execute_refund(SUPERVISOR, plan).refund
    assert (refund.status, refund.legs[0].awaits_there) == (S.BEING_CHECKED, NUMBER)
    approved_there(office)
    assert status(office, refund.number) is S.DONE


def test_approved_there_reading_it_again_finds_it_done(office: ServedOffice) -> None:
    number = committed(office).refund.number
    approved_there(office)
    found = office.backend.refund(CASHIER, number).refund
    assert (found.status, found.legs[0].awaits_there) == (S.DONE, "")
    assert found.legs[0].state is LegState.SUCCEEDED


def test_approved_there_settling_finds_it_too(office: ServedOffice) -> None:
    number = committed(office).refund.number
    later(office, minutes=6)
    assert status(office, number) is S.BEING_CHECKED
    approved_there(office)
    later(office, minutes=6)
    (leg,) = office.backend.refund(CASHIER, number).refund.legs
    assert leg.state is LegState.SUCCEEDED
    assert office.backend.open_refunds(CASHIER).legs == ()


def test_whoever_has_the_window_open_asks_every_few_minutes(office: ServedOffice) -> None:
    """The rounds of an open window leave alone what surely has no news yet."""
    committed(office)
    looked = []
    for minutes in (1, 2, 3, 1, 4):
        office.clock.move(minutes=minutes)
        looked.append(office.backend.settle(SUPERVISOR, patient=True).looked)
    assert looked == [0, 0, 1, 0, 1]


def test_a_record_of_what_was_paid_elsewhere_waits_there_as_well(office: ServedOffice) -> None:
    paid = Part(Method.EXTERNAL, reference="till 7")
    number = committed(office, paid).refund.number
    assert status(office, number) is S.BEING_CHECKED
    approved_there(office)
    assert status(office, number) is S.DONE


def test_refused_there_its_lines_are_sold_again_and_nothing_is_owed(office: ServedOffice) -> None:
    number = committed(office).refund.number
    refused_there(office)
    assert status(office, number) is S.VOIDED
    told = [one for one in office.backend.booking(CASHIER, "WPM8TS9").timeline if one.details]
    assert (told[-1].details["refund"], told[-1].details["text"]) == (
        number,
        "refused or taken back there",
    )
    assert office.backend.open_refunds(CASHIER).legs == ()
    again = committed(office).refund
    assert again.status is S.BEING_CHECKED, "it may be asked for once more"


@pytest.mark.parametrize("parts", [(), (Part(Method.EXTERNAL, reference="till 7"),)])
def test_refused_there_and_given_back_there_once_more_is_not_ours(
    office: ServedOffice, parts: tuple[Part, ...]
) -> None:
    """The same lines for the same sum, but another refund: whoever paid by ours has to know."""
    here, there = replace(SUPERVISOR, correlation_id="1"), replace(THERE, correlation_id="2")
    plan = office.plan(office.request(1, 2, 3, parts=parts), here)
    number = office.backend.execute_refund(here, plan).refund.number
    refused_there(office)
    booking = office.behind.booking(there, "WPM8TS9").booking
    request = replace(office.request(1, 2, 3), booking_id=booking.id)
    office.behind.execute_refund(there, office.behind.preview_refund(there, request))
    assert status(office, number) is S.REVIEW


def test_while_it_waits_nothing_else_of_the_booking_goes_back(office: ServedOffice) -> None:
    number = committed(office).refund.number
    with refused("refund-in-progress") as caught:
        office.plan(office.request(1), SUPERVISOR)
    assert caught.value.details["refund"] == number


def test_nobody_decides_about_it_here_before_a_week_is_over(office: ServedOffice) -> None:
    """People there take longer than a machine; for ever is too long."""
    number = committed(office).refund.number
    for _ in range(4):
        later(office, minutes=10)
    later(office, days=5)
    assert status(office, number) is S.BEING_CHECKED
    later(office, days=3)
    assert status(office, number) is S.REVIEW
    approved_there(office)
    office.backend.doctor(ADMIN)


def test_a_part_that_fails_there_once_it_is_approved_needs_a_person_here(
    office: ServedOffice,
) -> None:
    cards = (card(1000, key="OPH-1", reference="a"), card(450, key="OPH-2", reference="dead-b"))
    office.sell(sale(booking_id="TWO1", payments=cards))
    request = office.request(1, 2, 3, booking="TWO1", acknowledged=MIXED_KINDS)
    made = office.backend.execute_refund(SUPERVISOR, office.plan(request, SUPERVISOR)).refund
    assert {leg.awaits_there for leg in made.legs} == {NUMBER}
    approved_there(office)
    found = office.backend.refund(CASHIER, made.number).refund
    assert found.status is S.REVIEW
    assert [leg.state for leg in found.legs] == [LegState.REVIEW] * 2
    assert [leg.attempts[-1].outcome for leg in found.legs] == ["seen", "not_seen"]


def test_the_same_commit_again_sends_nothing(office: ServedOffice) -> None:
    plan = office.plan(office.request(1, 2, 3), SUPERVISOR)
    first = office.backend.execute_refund(SUPERVISOR, plan)
    again = office.backend.execute_refund(SUPERVISOR, plan)
    assert (again.already_done, again.refund.number) == (True, first.refund.number)
    waits = frozenset({LegState.AWAITING_APPROVAL})
    assert len(office.behind.open_refunds(THERE, states=waits).legs) == 1

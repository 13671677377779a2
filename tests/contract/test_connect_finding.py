"""How bookings at Connect are found: by their names, by what was typed, lately."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.refund import RefundStatus
from tests.connect_offices import (
    ConnectOffice,
    connect_office,
)
from tests.contract.offices import (
    CASHIER,
    SUPERVISOR,
    sale,
    ticket,
)
from tests.unit.refusing import refused


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ConnectOffice]:
    with connect_office(tmp_path) as made:
        yield made
        report = made.backend.doctor(SUPERVISOR)
        assert {check.code: check.findings for check in report.checks if not check.ok} == {}


@pytest.mark.parametrize(
    "said", ["WPM8TS9", "wpm8ts9", "  wpm8ts9 ", "3638", "0001:WPM8TS9:3679", "0001:wpm8ts9:3679"]
)
def test_a_booking_opens_by_any_of_its_names(office: ConnectOffice, said: str) -> None:
    office.cinema.sell(replace(sale(), number="3638", transaction_id="3679"))
    view = office.backend.booking(CASHIER, said)
    assert view.booking.key.booking_id == "WPM8TS9"
    assert office.backend.booking(CASHIER, f"#{view.booking.id}").booking == view.booking
    found = office.backend.lookup(CASHIER, said)
    assert ([hit.reference for hit in found.hits], found.exact) == (["WPM8TS9"], True)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("bette davis", {"FirstName": "bette", "LastName": "davis"}),
        ("Davis", {"LastName": "Davis"}),
        ("bette@example.org", {"Email": "bette@example.org"}),
        ("+41 22 000 00 01", {"Phone": "+41220000001"}),
        ("1111", {"CardInfo": {"CardLast4Digits": "1111"}}),
    ],
)
def test_what_was_typed_is_asked_for_by_its_form(
    office: ConnectOffice, said: str, asked: dict[str, object]
) -> None:
    person = sale()
    assert person.contact is not None
    office.sell(replace(person, contact=replace(person.contact, phone="+41220000001")))
    found = office.backend.lookup(CASHIER, said)
    assert [hit.reference for hit in found.hits] == ["WPM8TS9"]
    assert not found.exact
    assert office.cinema.searches == [{"CinemaId": "0001", **asked}]


def test_a_search_that_is_too_wide_says_what_is_wanted(office: ConnectOffice) -> None:
    office.cinema.fewest_criteria = 2
    office.sell(sale())
    with refused("search-too-little"):
        office.backend.lookup(CASHIER, "davis")
    assert len(office.backend.lookup(CASHIER, "bette davis").hits) == 1


def test_more_hits_than_are_read_are_told(office: ConnectOffice) -> None:
    for number in range(30):
        office.sell(sale(booking_id=f"WPQ{number:04d}"))
    found = office.backend.lookup(CASHIER, "bette davis")
    assert (len(found.hits), found.more) == (25, True)


def test_recent_bookings_cost_few_calls(office: ConnectOffice) -> None:
    for number in range(12):
        office.sell(sale(booking_id=f"WPQ{number:04d}"))
        office.refund(2, booking=f"WPQ{number:04d}")
        office.clock.move(seconds=1)
    reads = office.cinema.reads
    recent = office.backend.recent(CASHIER)
    assert [hit.reference for hit in recent] == [f"WPQ{n:04d}" for n in range(11, 3, -1)]
    assert office.cinema.reads == reads + 8


def test_a_hit_says_what_can_go_back(office: ConnectOffice) -> None:
    office.sell(sale((ticket(1, collected=True), ticket(2))))
    hit = office.backend.lookup(CASHIER, "WPM8TS9").hits[0]
    assert (hit.paid_minor, hit.left_minor, hit.reason) == (2000, 1000, "")
    office.refund(2)
    hit = office.backend.lookup(CASHIER, "WPM8TS9").hits[0]
    assert (hit.left_minor, hit.reason, hit.given_back) == (0, "collected", RefundStatus.DONE)

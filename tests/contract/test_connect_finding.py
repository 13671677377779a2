"""How bookings at Connect are found: by their names, by what was typed, lately."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.refund import RefundStatus
from tests.cinema import answer
from tests.connect_offices import (
    ConnectOffice,
    connect_office,
    sound_office,
)
from tests.contract.offices import (
    CASHIER,
    sale,
    ticket,
)
from tests.unit.refusing import refused

office = sound_office()


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


# ---------------------------------------------------------------- more cinemas than one


@pytest.fixture
def two(tmp_path: Path) -> Iterator[ConnectOffice]:
    """Two cinemas, each with a booking of number 3638."""
    with connect_office(tmp_path, others=("0002",)) as made:
        made.sell(replace(sale(), number="3638"))
        made.sell(replace(sale(booking_id="WPM8TT0"), number="3638", site="0002"))
        yield made


def test_a_number_is_looked_for_at_every_cinema(two: ConnectOffice) -> None:
    found = two.backend.lookup(CASHIER, "3638")
    assert [hit.reference for hit in found.hits] == ["WPM8TS9", "WPM8TT0"]
    assert (found.exact, found.unasked) == (False, ())
    with refused("booking-not-unique"):
        two.backend.booking(CASHIER, "3638")


def test_a_cinema_that_is_down_is_named_and_the_others_answer(two: ConnectOffice) -> None:
    two.cinema.down = {"0002"}
    found = two.backend.lookup(CASHIER, "3638")
    assert [hit.reference for hit in found.hits] == ["WPM8TS9"]
    assert (found.exact, found.unasked) == (False, ("Box office (0002)",))
    with refused("booking-maybe-not-unique") as caught:
        two.backend.booking(CASHIER, "3638")
    assert "0001:WPM8TS9:T-WPM8TS9" in caught.value.message
    assert two.backend.booking(CASHIER, "0001:WPM8TS9:T-WPM8TS9").booking.key.site == "0001"
    assert two.backend.booking(CASHIER, "WPM8TS9").booking.key.site == "0001"


@pytest.mark.parametrize("said", ["WPM8TT0", "3639", "Bette Davis", "nobody"])
def test_what_may_be_at_a_cinema_that_is_down_is_never_not_there(
    two: ConnectOffice, said: str
) -> None:
    two.cinema.down = {"0002"}
    two.cinema.bookings.pop(("0001", "WPM8TS9"))
    found = two.backend.lookup(CASHIER, said)
    assert (found.hits, found.unasked) == ((), ("Box office (0002)",))
    if " " not in said:
        with refused("cinema-unasked") as caught:
            two.backend.booking(CASHIER, said)
        assert "0002" in caught.value.message


def test_where_no_cinema_answers_it_says_why(two: ConnectOffice) -> None:
    two.cinema.down = {"0001", "0002"}
    for said in ("3638", "Bette Davis"):
        with refused("connect-unreachable"):
            two.backend.lookup(CASHIER, said)


def test_recent_bookings_of_a_cinema_that_is_down_are_named(two: ConnectOffice) -> None:
    for booking in ("WPM8TS9", "WPM8TT0"):
        two.refund(2, booking=booking)
        two.clock.move(seconds=1)
    two.cinema.down = {"0002"}
    down, up = two.backend.recent(CASHIER)
    assert (down.reference, down.reason) == ("WPM8TT0", "connect-unreachable")
    assert (up.reference, up.customer) == ("WPM8TS9", "Bette Davis")


# ---------------------------------------------------------------- one that cannot be read


def spoil(office: ConnectOffice, booking: str) -> None:
    office.cinema.bookings["0001", booking]["Payments"][0]["BillingValueCents"] = "ten"


def test_a_booking_that_cannot_be_read_hides_no_other(office: ConnectOffice) -> None:
    for booking in ("WPM8TS9", "WPM8TT0", "WPM8TT1"):
        office.sell(sale(booking_id=booking))
        office.refund(2, booking=booking)
        office.clock.move(seconds=1)
    spoil(office, "WPM8TT0")
    for hits in (office.backend.recent(CASHIER), office.backend.lookup(CASHIER, "Davis").hits):
        assert {hit.reference: hit.reason for hit in hits} == {
            "WPM8TS9": "",
            "WPM8TT0": "connect-answer",
            "WPM8TT1": "",
        }
    (row,) = (hit for hit in hits if hit.reason)
    with refused("connect-answer") as caught:
        office.backend.booking(CASHIER, f"#{row.booking_id}")
    assert "BillingValueCents" in caught.value.message
    office.cinema.bookings["0001", "WPM8TT0"]["Payments"][0]["BillingValueCents"] = 1450
    assert office.backend.booking(CASHIER, f"#{row.booking_id}").booking.key.booking_id == "WPM8TT0"


def test_looked_for_by_its_name_it_says_what_cannot_be_read(office: ConnectOffice) -> None:
    office.sell(sale())
    spoil(office, "WPM8TS9")
    (hit,) = office.backend.lookup(CASHIER, "wpm8ts9").hits
    assert (hit.reference, hit.reason) == ("WPM8TS9", "connect-answer")
    with refused("connect-answer"):
        office.backend.booking(CASHIER, "WPM8TS9")


@pytest.mark.parametrize("said", ["wpm8ts9", "3638"])
def test_what_is_called_like_another_is_not_called_missing(
    office: ConnectOffice, said: str
) -> None:
    """The cinema uses an id again after some time, and names neither of the two."""
    office.cinema.unreadable = [answer(ResultCode=61)] * 2
    (hit,) = office.backend.lookup(CASHIER, said).hits
    assert (hit.reference, hit.reason) == (said.upper(), "connect-not-unique")
    with refused("connect-not-unique"):
        office.backend.booking(CASHIER, said)


# ---------------------------------------------------------------- misread


@pytest.mark.parametrize(
    ("there", "said"), [("WPM8TS0", "wpm8tso"), ("WOMBAT7", "W0MBAT7"), ("WPI8TO9", "WP18T09")]
)
def test_a_letter_taken_for_a_digit_is_tried_once_and_said(
    office: ConnectOffice, there: str, said: str
) -> None:
    office.sell(sale(booking_id=there))
    found = office.backend.lookup(CASHIER, said)
    assert [hit.reference for hit in found.hits] == [there]
    assert (found.exact, found.read_as) == (False, there)
    assert office.cinema.reads == 2
    with refused("booking-not-found"):
        office.backend.booking(CASHIER, said)


def test_nothing_is_guessed_while_a_cinema_could_not_be_asked(two: ConnectOffice) -> None:
    two.sell(sale(booking_id="WPM8TS0"))
    two.cinema.down = {"0002"}
    found = two.backend.lookup(CASHIER, "WPM8TSO")
    assert (found.hits, found.read_as, found.unasked) == ((), "", ("Box office (0002)",))


def test_a_number_typed_with_letters_is_one(office: ConnectOffice) -> None:
    office.sell(replace(sale(), number="3601"))
    assert office.backend.lookup(CASHIER, "36OI").read_as == "3601"


@pytest.mark.parametrize("said", ["WPM8TS9", "Rossi", "nobody"])
def test_what_is_there_or_no_number_is_not_guessed_at(office: ConnectOffice, said: str) -> None:
    office.sell(sale())
    assert office.backend.lookup(CASHIER, said).read_as == ""
    assert office.cinema.reads == 1

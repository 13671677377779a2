"""The practice venue: the same for the same seed, valid throughout, awkward on purpose."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from backend_client.domain.card_numbers import has_card_number
from backend_client.domain.incoming import IncomingBooking, digest
from backend_client.domain.kinds import FeeKind, LineState, PaymentMethod
from backend_client.domain.texts import clean_text
from backend_client.importing.checks import check
from backend_client.importing.practice_venue import awkward_cases, practice_bookings
from backend_client.importing.reader import read
from backend_client.reports import ImportSource
from tests.native_lines import write_native
from tests.unit.importing.files import as_read

NOW = datetime(2026, 3, 14, 10, 0, 0, 123, tzinfo=UTC)
MANY = 2_000


@pytest.fixture(scope="module")
def venue() -> list[IncomingBooking]:
    return list(practice_bookings(MANY, 7, NOW))


@pytest.fixture(scope="module")
def awkward(venue: list[IncomingBooking]) -> dict[str, IncomingBooking]:
    return {booking.booking_id: booking for booking in venue[: len(awkward_cases())]}


def test_the_same_seed_and_time_make_the_same_venue(venue: list[IncomingBooking]) -> None:
    again = list(practice_bookings(MANY, 7, NOW))
    assert [digest(one) for one in again] == [digest(one) for one in venue]


def test_another_seed_makes_other_bookings_but_the_same_awkward_ones(
    venue: list[IncomingBooking],
) -> None:
    other = list(practice_bookings(MANY, 8, NOW))
    count = len(awkward_cases())
    assert other[:count] == venue[:count]
    assert not {one.booking_id for one in other[count:]} & {
        one.booking_id for one in venue[count : count + 20]
    }


@pytest.mark.parametrize("count", [0, 1, 5, 71, 300])
def test_any_size_is_exactly_that_size(count: int) -> None:
    assert sum(1 for _ in practice_bookings(count, 1, NOW)) == count


def test_a_large_venue_is_made_as_it_is_asked_for() -> None:
    first = list(islice(practice_bookings(10_000_000, 1, NOW), 3))
    assert first[0].booking_id == "WPM8TS9"


def test_every_booking_is_one_that_could_be_imported(venue: list[IncomingBooking]) -> None:
    for booking in venue:
        check(booking)
        assert booking.prior_refunded_minor <= booking.settled_minor
    assert len({booking.key for booking in venue}) == MANY


def test_the_venue_survives_a_round_trip_through_a_file(
    tmp_path: Path, venue: list[IncomingBooking]
) -> None:
    path = tmp_path / "venue.ndjson"
    assert write_native(path, venue) == MANY
    back = list(read(ImportSource(str(path), "native", "9999", "EUR", "UTC"), as_read))
    assert [digest(one) for one in back] == [digest(one) for one in venue]
    assert all(not booking.defaulted for booking in back)


def test_nobody_sits_on_anothers_seat(venue: list[IncomingBooking]) -> None:
    seats = Counter(
        (line.performance, line.seat)
        for booking in venue
        for line in booking.lines
        if line.seat and line.state is LineState.SOLD
    )
    assert not [seat for seat, count in seats.items() if count > 1]


def test_paid_bookings_add_up_and_no_text_is_harmful(venue: list[IncomingBooking]) -> None:
    for booking in venue[len(awkward_cases()) :]:
        total = sum(line.price_minor for line in booking.lines)
        paid = sum(payment.amount_minor for payment in booking.payments)
        assert paid == (total if booking.is_paid else 0)
    for booking in venue:
        for contact in booking.contacts:
            assert clean_text(contact.name, 200) == contact.name
            assert not has_card_number(f"{contact.name} {contact.email} {contact.phone}")


def test_sales_come_in_order_and_performances_after_them(venue: list[IncomingBooking]) -> None:
    others = venue[len(awkward_cases()) :]
    sold = [booking.sold_at for booking in others if booking.sold_at]
    assert sold == sorted(sold)
    assert len(sold) == len(others)
    assert sold[-1] < NOW < sold[-1] + timedelta(days=1)
    late = [
        booking
        for booking in others
        for show in booking.performances
        if show.starts_at and booking.sold_at and show.starts_at < booking.sold_at
    ]
    assert late == []
    upcoming = sum(
        show.starts_at is not None and show.starts_at > NOW
        for booking in others
        for show in booking.performances
    )
    assert 0.2 < upcoming / len(others) < 0.9


def test_every_awkward_case_is_listed_once_with_a_note(
    awkward: dict[str, IncomingBooking],
) -> None:
    cases = awkward_cases()
    assert [booking_id for booking_id, _ in cases].count("REUSED1") == 2
    assert {booking_id for booking_id, _ in cases} == set(awkward)
    assert all(note and note == note.strip() for _, note in cases)
    assert len({note for _, note in cases}) == len(cases)


def test_the_sample_booking_is_the_first(awkward: dict[str, IncomingBooking]) -> None:
    seed = awkward["WPM8TS9"]
    assert next(iter(awkward)) == "WPM8TS9"
    assert seed.contact is not None
    assert seed.contact.name == "Bette Davis"
    assert [line.price_minor for line in seed.lines] == [1000, 350, 100]
    assert seed.performances[0].event == "Hamlet"
    assert seed.payments[0].bank_reference == "41980"
    assert seed.settled_minor == 1450


def test_the_cases_show_what_they_say(awkward: dict[str, IncomingBooking]) -> None:
    def groups(booking_id: str) -> set[str]:
        return {group for line in awkward[booking_id].lines for group in line.groups}

    def payment(booking_id: str) -> PaymentMethod:
        return awkward[booking_id].payments[0].method

    assert groups("OVERLAP") == {"deal", "package"}
    assert awkward["DEAL3X2"].lines[2].price_minor == 0
    assert awkward["COLLECT"].lines[0].collected
    assert awkward["PASTCUT"].performances[0].starts_at < NOW  # type: ignore[operator]
    assert awkward["LONEFEE"].lines[2].parent_sequence is None
    assert awkward["AMBIG2X"].lines[1].value_minor is None
    assert awkward["REWARD0"].payments == ()
    assert {one.fee_kind for one in awkward["POSTFEE"].lines if one.fee_kind} == {
        FeeKind.CHARGE,
        FeeKind.SHIPMENT,
        FeeKind.OVERHEAD,
        FeeKind.INSURANCE,
    }
    assert len({one.payer for one in awkward["PAYERS3"].payments}) == 3
    assert awkward["ANONYM1"].contact is None
    assert (awkward["INSTALM"].settled_minor, awkward["INSTALM"].unsettled_minor) == (6000, 4000)
    assert awkward["UNSETTL"].settled_minor == 0
    assert not awkward["WQA7AAB"].is_paid
    assert awkward["RESERVE"].lines[1].state is LineState.RESERVED
    assert awkward["EXCHANG"].lines[0].state is LineState.EXCHANGED
    assert awkward["RESOLD1"].claims[0].amount_minor == 4200
    assert [line.value_minor for line in awkward["SEASON1"].lines] == [2600, 4200, 0, 3200]
    assert awkward["TERMNL1"].payments[0].provider == "terminal"
    assert awkward["EXPIRED"].payments[0].card_expiry < "2026"
    for booking_id, start in (("DEADCRD", "dead-"), ("SLOWCRD", "slow-"), ("LOSTANS", "lost-")):
        assert awkward[booking_id].payments[0].provider_reference.startswith(start)
    assert payment("EXTSALE") is PaymentMethod.EXTERNAL
    assert awkward["EXTSALE"].payments[0].reversal_data
    assert awkward["POSBACK"].prior_refunded_minor == 500
    assert sum(one.prior_refunded_minor for one in awkward["POSBACK"].payments) == 0
    assert {awkward["YEN0001"].currency, awkward["DINAR01"].currency} == {"JPY", "KWD"}
    assert awkward["0012345"].number == "000042"
    assert {payment(one) for one in ("CASHPAY", "VOUCHER", "WIREPAY", "CREDPAY")} == {
        PaymentMethod.CASH,
        PaymentMethod.VOUCHER,
        PaymentMethod.TRANSFER,
        PaymentMethod.CREDIT_ACCOUNT,
    }
    assert len(awkward["SCHOOL1"].lines) == 120

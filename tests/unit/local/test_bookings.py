"""Bookings come out of the store as they went in, in sets, and are found by what people say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend_client.domain.booking import Booking, BookingKey
from backend_client.domain.kinds import FeeKind, LineState, PaymentMethod
from backend_client.local import bookings
from backend_client.local.connect import driver
from backend_client.local.store import Store
from tests.unit import builders
from tests.unit.local.venue import Desk, put
from tests.unit.refusing import refused


def full_booking() -> Booking:
    """Every field of lines and payments says something."""
    line = replace(
        builders.ticket(1, 2500, groups=("deal/1", 'naïve, "quoted"')),
        value_minor=None,
        contingent="Stalls",
        category="A",
        tariff="Full",
        quantity=2,
        product="sub-1",
        parent_sequence=7,
        collected=True,
        collected_at=builders.NOW - timedelta(microseconds=1),
        state=LineState.EXCHANGED,
    )
    shipment = builders.fee(2, 700, parent=1, kind=FeeKind.SHIPMENT)
    paid = replace(
        builders.payment(1, 3200, PaymentMethod.EXTERNAL, settled=1200, prior=200, found=100),
        provider="worldline",
        provider_reference="pr",
        bank_reference="br",
        masked_number="411111......1111",
        card_type="VISA",
        card_expiry="2030-12",
        reversal_data="rev",
        refund_method="card",
    )
    anonymous = builders.payment(2, 100, PaymentMethod.CASH, payer=None)
    return builders.booking((line, shipment), (paid, anonymous), prior=300)


def unnumbered(booking: Booking) -> Booking:
    """Without the ids only the store gives."""
    lines = tuple(
        replace(line, performance=replace(line.performance, id=0)) if line.performance else line
        for line in booking.lines
    )
    payments = tuple(replace(one, id=0) for one in booking.payments)
    return replace(booking, id=0, lines=lines, payments=payments)


def test_a_booking_comes_back_as_it_was_sold(store: Store) -> None:
    booking = full_booking()
    assert unnumbered(put(store, booking)) == unnumbered(booking)


def test_any_number_of_bookings_takes_the_same_few_statements(store: Store) -> None:
    made = [put(store, full_booking(), named=f"B{number}") for number in range(20)]
    statements: list[str] = []
    with store.read() as connection:
        driver(connection).set_trace_callback(statements.append)
        found = bookings.load(connection, [one.id for one in reversed(made)])
        driver(connection).set_trace_callback(None)
    assert found == made[::-1], "they come in the order asked for"
    assert len([one for one in statements if "SELECT" in one]) <= 5


def test_what_does_not_exist_is_left_out_or_refused(store: Store) -> None:
    made = put(store, full_booking())
    with store.read() as connection:
        assert bookings.load(connection, [99, made.id, made.id]) == [made]
        assert bookings.load(connection, []) == []
        with refused("booking-not-found"):
            bookings.load_one(connection, 99)


@pytest.mark.parametrize(
    "said", ["WPM8TS9", " wpm8ts9 ", "3638", "#1", "0001:WPM8TS9:3679", "0001:wpm8ts9:3679"]
)
def test_a_booking_is_found_by_what_names_it(store: Store, said: str) -> None:
    made = put(store, builders.sample_booking())
    with store.read() as connection:
        assert bookings.find_one(connection, said) == made.id


@pytest.mark.parametrize(
    "said", ["", "#", "#x", "#99999999999999999999", "nobody", "0001:X:1", "٣"]
)
def test_what_names_nothing_is_not_found(store: Store, said: str) -> None:
    put(store, builders.sample_booking())
    with store.read() as connection, refused("booking-not-found"):
        bookings.find_one(connection, said)


def test_a_booking_id_used_twice_is_told_apart_by_the_full_key(store: Store) -> None:
    first = builders.sample_booking()
    second = replace(first, key=BookingKey("0001", "WPM8TS9", "9999"), number="77")
    made = [put(store, first), put(store, second)]
    with store.read() as connection:
        assert bookings.find_ids(connection, "wpm8ts9") == [made[1].id, made[0].id]
        with refused("booking-not-unique") as caught:
            bookings.find_one(connection, "WPM8TS9")
        assert bookings.find_one(connection, "0001:WPM8TS9:9999") == made[1].id
    named = ["0001:WPM8TS9:9999", "0001:WPM8TS9:3679"]
    assert caught.value.details["bookings"] == named


def test_what_is_promised_is_told_by_payer(desk: Desk) -> None:
    paid = [builders.payment(1, 3000), builders.payment(2, 1000, payer=builders.LUC)]
    lines = [builders.ticket(1, 2000), builders.ticket(2, 2000)]
    made = put(desk.store, builders.booking(lines, paid))
    desk.backend.execute_refund(builders.caller(), desk.plan(builders.request(1)))
    with desk.store.read() as connection:
        now = bookings.load_one(connection, made.id)
    payers = {one.payer_id: one.key for one in made.payments}
    by_payer = {payers[payer_id]: amount for payer_id, amount in now.promised_by_payer}
    assert now.promised_minor == 2000
    assert by_payer == {"P-1": 1500, "P-2": 500}
    assert [one.taken_minor for one in now.payments] == [1500, 500]

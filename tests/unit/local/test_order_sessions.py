"""A booking is known by the session of the client that sells it, whatever else it comes to say."""

from __future__ import annotations

from backend_client.importing.native import booking_from
from backend_client.local.order_sessions import bookings_of
from backend_client.local.store import Store
from backend_client.reports import ImportSource
from tests.native_lines import native_line
from tests.unit.importing.answers import changed
from tests.unit.local.arriving import booking, bring_in

SESSION = "b47e5287860b9c906125343c8dab09c2"


def found(store: Store, session: str = SESSION) -> list[int]:
    with store.read() as connection:
        return bookings_of(connection, session)


def test_the_session_of_an_answer_is_read() -> None:
    assert changed(UserSessionId=SESSION).order_session == SESSION
    assert changed().order_session == ""


def test_our_own_format_says_it_too() -> None:
    source = ImportSource("bookings.ndjson", "native", "0001", "CHF", "UTC")
    line = native_line(booking(order_session=SESSION)).encode()
    assert booking_from(line, source).order_session == SESSION


def test_a_booking_is_found_by_its_session_and_by_no_other(store: Store) -> None:
    bring_in(store, booking("AAA1111", order_session=SESSION), booking("BBB2222"))
    assert len(found(store)) == 1
    assert found(store, "") == []
    assert found(store, SESSION.upper()) == []


def test_a_new_session_takes_the_place_of_the_old_and_none_takes_nothing_away(
    store: Store,
) -> None:
    bring_in(store, booking(order_session="old"))
    bring_in(store, booking(order_session=SESSION))
    assert (len(found(store)), found(store, "old")) == (1, [])
    bring_in(store, booking(channel="internet"))
    assert len(found(store)) == 1

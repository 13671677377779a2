"""Stores and backends for tests of the local room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.booking import Booking
from backend_client.domain.incoming import IncomingBooking
from backend_client.importing.practice_venue import practice_bookings
from backend_client.local.store import Store
from tests.unit import builders
from tests.unit.local.arriving import bring_in_all
from tests.unit.local.cancelled_house import House
from tests.unit.local.looking import VENUE
from tests.unit.local.venue import MEMORY, Desk, findings, opened, put, url_of


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A new store, in memory and on a file."""
    url = MEMORY if request.param == "memory" else url_of(tmp_path / "store.db")
    with opened(url) as made:
        yield made


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    """A backend over the store; whatever a test does there, the doctor finds nothing wrong."""
    made = Desk(store)
    yield made
    if not made.harmed:
        assert findings(store) == []


@pytest.fixture
def booking(desk: Desk) -> Booking:
    """14.50 by card: ticket 10.00, pop corn 3.50, fee 1.00."""
    return put(desk.store, builders.sample_booking())


@pytest.fixture
def house(desk: Desk) -> House:
    """A house that cancels performances, in the currency of the builders' bookings."""
    francs = replace(desk.settings.house, currency="CHF")
    desk.settings = replace(desk.settings, house=francs)
    return House(desk)


@pytest.fixture(scope="session")
def made() -> list[IncomingBooking]:
    """The bookings of a practice venue, in the order of their ids."""
    return list(practice_bookings(VENUE, 5, builders.NOW))


@pytest.fixture(scope="session")
def venue(made: list[IncomingBooking]) -> Iterator[Store]:
    """A store that holds them all; nobody changes anything in it."""
    with opened() as store:
        bring_in_all(store, made)
        yield store

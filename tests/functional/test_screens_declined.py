"""A refund its provider declined: told as it is, and one key away from what can be done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.domain.refund import Method
from tests.functional.real_venue import CASHIER, Open, give_back, opened, windows_on
from tests.functional.window import Cashier, cashier
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.outcome import OutcomeScreen


@pytest.fixture
def open_as(venue: Path) -> Iterator[Open]:
    """Windows on a venue where one payment is open already."""
    backend = opened(venue, "before")
    try:
        give_back(backend, "WPM8TS9", Method.REQUESTED)
    finally:
        backend.close()
    with windows_on(venue) as opener:
        yield opener


async def declined(person: Cashier, reference: str = "DEADCRD") -> OutcomeScreen:
    """The outcome of giving back a booking whose card declines."""
    await person.choose_all_and_preview(reference)
    return await person.give_back()


async def test_what_was_declined_as_a_whole_is_not_called_a_part(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        screen = await declined(person)
        assert person.status == (
            f"Refund {screen.number} was declined: it stays owed, see Open refunds (F7)."
        )
        assert "F7 Open refunds" in person.text.splitlines()[-1]
        assert "Esc Back" in person.text.splitlines()[-1]


async def test_f7_after_a_decline_stands_on_what_was_declined(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        refund = await declined(person)
        await person.press("f7")
        await person.settled()
        screen = person.app.frame
        assert isinstance(screen, OpenRefundsScreen)
        assert screen.legs.total > 1
        current = screen.legs.current
        assert current is not None
        assert current.refund_number == refund.number
        await person.press("home", "f5")
        await person.settled()
        assert screen.legs.current is not None
        assert screen.legs.current.refund_number != refund.number


async def test_a_part_that_was_declined_is_called_a_part(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        screen = await declined(person, "HALFDED")
        assert person.status.startswith(f"Refund {screen.number} is made, but a part was declined")

"""A full card number typed into any field of the window is refused and does not stay in sight."""

from __future__ import annotations

import pytest

from tests.functional.open_payments import begun, payment
from tests.functional.real_venue import CASHIER, SUPERVISOR, Open
from tests.functional.window import Cashier, cashier
from tui.screens.hand_over import HandOverScreen
from tui.screens.performances import PerformancesScreen
from tui.screens.resolve import ResolveScreen

CARD = "4111 1111 1111 1111"


def gone(person: Cashier) -> None:
    """Refused in words, and no longer there."""
    assert "card number" in person.status, person.text
    assert "4111" not in person.text


async def test_in_the_search_for_performances(open_as: Open) -> None:
    async with cashier(open_as(SUPERVISOR)) as person:
        await person.press("f6", "c")
        await person.until(lambda: isinstance(person.app.frame, PerformancesScreen), "the list")
        await person.type(CARD)
        await person.settled()
        gone(person)
        assert not person.sees(" 0 performances"), "all of them are listed again"


async def test_in_the_proof_of_what_was_handed_over(open_as: Open) -> None:
    async with cashier(open_as(CASHIER)) as person:
        await payment(person, "MIXCARD")
        await begun(person, "ctrl+d", HandOverScreen)
        await person.type(CARD)
        await person.press("f5")
        await person.settled()
        gone(person)


@pytest.mark.parametrize("field", ["#their-reference", "#seen"])
async def test_in_what_a_supervisor_found_out(open_as: Open, field: str) -> None:
    async with cashier(open_as(SUPERVISOR)) as person:
        await payment(person, "LOSTANS")
        sheet = await begun(person, "ctrl+f", ResolveScreen)
        sheet.query_one("#their-reference").focus()
        await person.type("by phone ")
        sheet.query_one("#seen").focus()
        await person.type("seen in its list")
        sheet.query_one(field).focus()
        await person.type(CARD)
        await person.press("f5")
        await person.settled()
        gone(person)

"""F9 leads to what must be read or typed first, in words; what is not done yet is in sight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.domain.problems import Refused
from backend_client.domain.refund import RefundStatus
from tests.connect_offices import ConnectOffice, connect_office
from tests.contract.offices import card, sale, ticket
from tests.functional.real_venue import CASHIER, SUPERVISOR, windows_on
from tests.functional.test_screens_sums import ABROAD
from tests.functional.window import Cashier, cashier, house, window
from tui.dialogs.problem import ProblemDialog
from tui.widgets.amount_field import AmountField
from tui.widgets.text_fields import PlainField
from tui.widgets.tick import Tick

CODES = ("connect-mixed-kinds", "group-broken", "acknowledgement-required")
TWO = (card(1000, key="OPH-1", reference="a"), card(450, key="OPH-2", reference="b"))
STILL = "Nothing has been sent yet."


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ConnectOffice]:
    with connect_office(tmp_path) as made:
        made.sell(sale(payments=TWO))
        yield made


def row_of(person: Cashier, text: str) -> int:
    rows = person.text.splitlines()
    return next((place for place, row in enumerate(rows) if text in row), -1)


async def test_the_cursor_goes_to_the_warning_and_the_refund_through(
    office: ConnectOffice,
) -> None:
    async with cashier(window(office.backend)) as person:
        screen = await person.choose_all_and_preview()
        assert isinstance(screen.focused, AmountField)
        assert "F9 goes to it, Space ticks it" in person.status
        await person.press("f9")
        assert isinstance(screen.focused, Tick)
        assert person.status == (
            "Read this first, then Space ticks it, and F5 shows the plan again."
        )
        assert row_of(person, "› [ ] ⚠ Read: if the second payment fails") >= 0
        assert not any(person.sees(code) for code in CODES), person.text
        await person.press("space")
        await person.preview()
        outcome = (await person.give_back()).outcome
        assert outcome is not None
        assert outcome.refund.status is RefundStatus.DONE


async def test_a_broken_package_is_told_without_codes(venue: Path) -> None:
    with windows_on(venue) as open_as:
        async with cashier(open_as(SUPERVISOR)) as person:
            screen = await person.choose_all_and_preview("BROKEN1")
            await person.press("f9")
            assert isinstance(screen.focused, Tick)
            assert person.sees("Read: a part of this package was given back elsewhere.")
            assert not any(person.sees(code) for code in CODES), person.text
        async with cashier(open_as(CASHIER)) as person:
            await person.open("BROKEN1")
            await person.press("asterisk", "f5")
            await person.until(lambda: "A supervisor gives back" in person.status, "who may")
            assert not any(code in person.status for code in CODES)


async def test_the_cursor_goes_to_the_receipt_number_that_is_missing(
    office: ConnectOffice,
) -> None:
    """Taken elsewhere, without what its reversal needs: proposed is a record, which needs proof."""
    office.sell(sale((ticket(1),), (ABROAD,), booking_id="WPABRD1"))
    async with cashier(window(office.backend)) as person:
        screen = await person.choose_all_and_preview("WPABRD1")
        assert isinstance(screen.focused, AmountField)
        await person.press("f9")
        assert isinstance(screen.focused, PlainField), person.text
        assert "receipt number" in person.status
        await person.type("slip 7")
        await person.preview()
        assert person.sees("receipt slip 7"), person.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_that_nothing_is_sent_yet_is_in_sight_beside_a_long_preview(
    office: ConnectOffice, size: tuple[int, int]
) -> None:
    async with cashier(window(office.backend), size=size) as person:
        await person.choose_all_and_preview()
        assert person.text.count(STILL) == 1
        assert row_of(person, "This will happen") == row_of(person, STILL)
        await person.press("f9", "space")
        assert not person.sees(STILL), "the preview is not true any more"


async def test_nobody_is_told_that_nothing_was_sent_once_it_may_have_been() -> None:
    """The answer is not clear: the plan stays on the screen, so that F9 does the same again."""
    backend = house()
    backend.fail("execute_refund", Refused("commit-unknown"))
    async with cashier(window(backend)) as person:
        screen = await person.choose_all_and_preview()
        assert person.sees(STILL)
        await person.press("f9")
        await person.until(lambda: isinstance(person.app.screen, ProblemDialog), "it is told")
        await person.press("escape")
        assert screen.shown
        assert person.sees("This will happen")
        assert not person.sees(STILL)
        await person.press("f5")
        await person.until(lambda: person.sees(STILL), "another plan")

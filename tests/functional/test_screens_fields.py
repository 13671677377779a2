"""The fields of the method screen: cards and scans leave nothing, the cursor stays where it was."""

from __future__ import annotations

import pytest

from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.refund import Method
from tests.functional.method_rows import down_to, method_screen, one_card, refused, texts
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import cashier, typist, window
from tests.unit.builders import booking, payment, ticket
from tui.widgets.amount_field import AmountField

CARD = "4111 1111 1111 1111"


async def test_a_card_number_in_the_own_words_is_gone_after_the_refusal() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        await method_screen(person)
        app.frame.query_one("#reason").focus()
        await person.press("left")
        app.frame.query_one("#own-reason").focus()
        await person.type(CARD)
        await person.press("f5")
        await person.settled()
        assert refused(app)
        assert "card number" in person.status
        assert "4111" not in person.text
        assert all("4111" not in draft.reason for draft in app.drafts.values())


async def test_a_card_number_as_reference_is_gone_after_the_refusal() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        method = await method_screen(person)
        await person.type("0")
        assert method.placement is not None
        await down_to(person, method.placement, Method.EXTERNAL)
        await person.press("space", "down")
        await person.type(CARD)
        assert "4111" in person.text
        await person.press("f5")
        await person.settled()
        assert refused(app)
        assert "card number" in person.status
        assert "4111" not in person.text
        assert all(not place.reference for place in method.placement.places)
        assert "4111" not in repr(app.drafts)


async def test_the_reason_row_says_how_it_is_changed() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        await method_screen(person)
        app.frame.query_one("#reason").focus()
        await person.settled()
        assert person.sees(" › ‹ Customer request ›")
        assert "← →" in person.status
        await person.press("right")
        assert "← →" in person.text


@pytest.mark.parametrize("name", ["reason", "retained"])
async def test_the_cursor_is_there_again_after_a_terminal_too_small(name: str) -> None:
    app = window(one_card())
    async with cashier(app) as person:
        await method_screen(person)
        field = app.frame.query_one(f"#{name}")
        field.focus()
        await person.settled()
        await person.pilot.resize_terminal(60, 15)
        await person.settled()
        await person.pilot.resize_terminal(80, 24)
        await person.settled()
        assert app.focused is field
        assert person.text.count(" › ") >= 1


async def test_a_list_has_its_cursor_again_after_a_terminal_too_small() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        screen = await person.open("WPM8TS9")
        await person.pilot.resize_terminal(60, 15)
        await person.settled()
        await person.pilot.resize_terminal(80, 24)
        await person.settled()
        await person.press("space")
        assert screen.draft.chosen == {1}


async def test_the_cursor_begins_where_the_proposal_is() -> None:
    cash = payment(1, 3300, PaymentMethod.CASH)
    app = window(ScriptedBackend([booking((ticket(1, 3300),), (cash,))]))
    async with cashier(app) as person:
        method = await method_screen(person)
        assert method.placement is not None
        field = app.focused
        assert isinstance(field, AmountField)
        assert field.text == "33.00"
        assert method.placement.places[0].amount_minor == 0


async def test_space_with_nothing_left_says_so_and_changes_nothing() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        method = await method_screen(person, "f5")
        await person.press("down", "space")
        assert "Nothing more goes here" in person.status
        assert method.shown
        assert method.placement is not None
        assert not method.placement.by_hand


async def test_no_tick_while_a_cell_holds_no_amount() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        await method_screen(person)
        await person.press("down")
        await person.type("abc")
        assert person.sees("⚠        0.00")
        assert not person.sees("✓        0.00")


@pytest.mark.parametrize("pasted", ["12.5", "12,50", "123456.78"])
async def test_an_amount_that_comes_in_at_once_is_an_amount(pasted: str) -> None:
    app = window(one_card())
    async with cashier(app) as person:
        method = await method_screen(person)
        typist(app).gap_s = 0.001
        person.send(*pasted)
        await person.settled()
        assert texts(method)[0] == pasted


@pytest.mark.parametrize(
    "scanned", ["7612345678900", "WPM8TS9", "1450\r", "12.5.0", "1450 CHF", "761 2345 678"]
)
async def test_anything_else_at_once_leaves_the_amount(scanned: str) -> None:
    app = window(one_card())
    async with cashier(app) as person:
        method = await method_screen(person)
        typist(app).gap_s = 0.001
        await person.press("down")
        person.send(*("enter" if key == "\r" else key for key in scanned))
        await person.settled()
        assert texts(method)[:2] == ["33.00", "0.00"]
        assert "What came in at once is no amount" in person.status
        assert "F2, then scan again" in person.status

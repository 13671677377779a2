"""What is typed or pasted faster than the window moves goes where it was meant to, and once."""

from __future__ import annotations

import pytest
from textual.events import Paste

from tests.functional.method_rows import method_screen, one_card, texts, two_cards
from tests.functional.window import cashier, house, window
from tui.screens.booking import BookingScreen
from tui.widgets.text_fields import PlainField


@pytest.mark.parametrize("key", ["down", "tab"])
async def test_a_figure_right_after_an_arrow_is_for_the_next_row(key: str) -> None:
    async with cashier(window(two_cards())) as person:
        method = await method_screen(person)
        before = texts(method)
        person.send(key, "7")
        await person.settled()
        assert texts(method)[0] == before[0]
        assert texts(method)[1] == "7"


async def test_figures_and_arrows_keep_their_order() -> None:
    async with cashier(window(two_cards())) as person:
        method = await method_screen(person)
        person.send("5", "down", "7", "up", "6")
        await person.settled()
        assert texts(method)[:2] == ["6", "7"]


async def test_a_paste_is_taken_once() -> None:
    app = window(house())
    async with cashier(app) as person:
        app.post_message(Paste("WPM8TS9"))
        await person.settled()
        assert app.home.box.value == "WPM8TS9"
        await person.press("enter")
        await person.until(lambda: isinstance(app.screen, BookingScreen), "the booking")


async def test_a_paste_takes_the_place_of_what_is_selected() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.type("davis")
        app.home.box.select_all()
        app.post_message(Paste("wpk\x1b[31m2rr1\nsecond line"))
        await person.settled()
        assert app.home.box.value == "wpk2rr1"


async def test_a_paste_that_does_not_fit_is_said_and_not_taken() -> None:
    app = window(house())
    async with cashier(app) as person:
        app.post_message(Paste("x" * 900))
        await person.settled()
        assert app.home.box.value == ""
        assert "too long for this field: nothing of it was taken" in person.status


async def test_a_reference_is_pasted_once() -> None:
    async with cashier(window(one_card())) as person:
        method = await method_screen(person)
        field = next(iter(method.query(PlainField)))
        field.focus()
        await person.settled()
        person.app.post_message(Paste("QX-7"))
        await person.settled()
        assert field.value == "QX-7"

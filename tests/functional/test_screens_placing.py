"""What is typed on the method screen is what is meant, and it is still there after coming back."""

from __future__ import annotations

import pytest

from backend_client.domain.refund import Method
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import Cashier, cashier, window
from tests.unit.builders import LUC, booking, payment, ticket
from tui.app import TicketWindowApp
from tui.screens.booking import BookingScreen
from tui.screens.method import MethodScreen
from tui.widgets.frame_lines import Level

CARD = "4111 1111 1111 1111"


def one_card() -> ScriptedBackend:
    return ScriptedBackend([booking((ticket(1, 3300),))])


def two_cards() -> ScriptedBackend:
    payments = (payment(1, 3300), payment(2, 3300, payer=LUC))
    return ScriptedBackend([booking((ticket(1, 6600),), payments)])


async def method_screen(person: Cashier, key: str = "f4") -> MethodScreen:
    await person.open("WPM8TS9")
    await person.press("asterisk")
    return await again(person, key)


async def again(person: Cashier, key: str = "f4") -> MethodScreen:
    await person.press(key)
    await person.until(lambda: isinstance(person.app.frame, MethodScreen), "the method screen")
    await person.settled()
    screen = person.app.frame
    assert isinstance(screen, MethodScreen)
    return screen


def refused(app: TicketWindowApp) -> bool:
    return app.frame.said.level is Level.REFUSED


def texts(screen: MethodScreen) -> list[str]:
    assert screen.placement is not None
    return [place.text for place in screen.placement.places]


# ------------------------------------------------------------ zero is an amount


async def test_a_typed_zero_is_not_the_proposal() -> None:
    backend = one_card()
    app = window(backend)
    async with cashier(app) as person:
        method = await method_screen(person)
        await person.type("0")
        assert person.sees("⚠       33.00")
        await person.press("f5")
        await person.settled()
        assert refused(app)
        assert "Place exactly 33.00 CHF." in person.status
        assert not method.shown
        assert person.sees("⚠       33.00")
        assert texts(method)[0] == "0"
        await person.press("f9")
        await person.settled()
    assert "execute_refund" not in backend.calls


async def test_two_typed_zeros_are_not_the_proposal() -> None:
    app = window(two_cards())
    async with cashier(app) as person:
        method = await method_screen(person)
        await person.type("0")
        await person.press("down")
        await person.type("0")
        await person.press("f5")
        await person.settled()
        assert refused(app)
        assert "Place exactly 66.00 CHF." in person.status
        assert not method.shown
        assert texts(method)[:2] == ["0", "0"]


async def test_an_emptied_amount_is_nothing_placed() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        method = await method_screen(person)
        await person.press("delete", "f5")
        await person.settled()
        assert refused(app)
        assert not method.shown


async def test_zero_and_the_rest_kept_back_is_nothing_to_place() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        method = await method_screen(person)
        await person.type("0")
        app.frame.query_one("#retained").focus()
        await person.type("33")
        await person.settled()
        await person.press("f5")
        await person.settled()
        assert method.shown
        assert method.plan is not None
        assert method.plan.amount_minor == 0


async def test_what_is_left_follows_what_is_kept_back_with_typed_amounts() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        method = await method_screen(person)
        await person.type("30")
        app.frame.query_one("#retained").focus()
        await person.type("3")
        await person.settled()
        assert method.placement is not None
        assert method.placement.left_minor == 0
        assert texts(method)[0] == "30"
        assert not method.shown


async def test_typing_after_the_preview_was_asked_for_leaves_the_typed_amount() -> None:
    backend = one_card()
    app = window(backend)
    async with cashier(app) as person:
        method = await method_screen(person)
        door = backend.shut("preview_refund")
        await person.press("f5")
        await person.type("5")
        door.set()
        await person.settled()
        assert not method.shown
        assert texts(method)[0] == "5"


# ------------------------------------------------------------ coming back


@pytest.mark.parametrize("leave", ["escape", "f3"])
@pytest.mark.parametrize("typed", ["5", "0", "12.345"])
async def test_what_was_typed_is_there_after_coming_back(leave: str, typed: str) -> None:
    app = window(one_card())
    async with cashier(app) as person:
        await method_screen(person)
        await person.type(typed)
        await person.press("f5")
        await person.settled()
        assert refused(app)
        await person.press(leave)
        await person.settled()
        assert isinstance(app.frame, BookingScreen)
        method = await again(person)
        assert texts(method)[0] == typed
        assert person.sees("Back to")
        assert not method.shown
        await person.press("delete")
        await person.type("33")
        await person.preview()
        assert method.plan is not None
        assert method.plan.legs[0].amount_minor == 3300


async def test_coming_back_with_a_preview_refuses_what_was_refused_before() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        await method_screen(person)
        await person.type("5")
        await person.press("escape")
        await person.settled()
        method = await again(person, "f5")
        assert refused(app)
        assert "5.00 CHF" in person.status
        assert texts(method)[0] == "5"
        assert not method.shown


async def test_coming_back_with_good_parts_previews_them() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        await method_screen(person)
        await person.type("20")
        await person.press("down", "space", "escape")
        await person.settled()
        method = await again(person, "f5")
        assert method.shown
        assert method.plan is not None
        assert [leg.amount_minor for leg in method.plan.legs] == [2000, 1300]
        assert [leg.method for leg in method.plan.legs] == [Method.MATCHED, Method.CREDIT]


async def test_too_much_kept_back_can_be_put_right_after_coming_back() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        await method_screen(person)
        app.frame.query_one("#retained").focus()
        await person.type("99")
        await person.settled()
        await person.press("escape")
        await person.settled()
        method = await again(person)
        app.frame.query_one("#retained").focus()
        await person.type("3")
        await person.settled()
        assert method.placement is not None
        assert texts(method)[0] == "30.00"

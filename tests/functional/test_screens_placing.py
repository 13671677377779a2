"""What is typed on the method screen is what is meant, and it is still there after coming back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend_client.domain.booking import Performance
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.refund import Method
from tests.functional.method_rows import (
    again,
    down_to,
    method_screen,
    one_card,
    refused,
    texts,
    two_cards,
)
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import Cashier, cashier, window
from tests.unit.builders import NOW, booking, payment, ticket
from tui.screens.booking import BookingScreen
from tui.screens.outcome import OutcomeScreen
from tui.text.ranges import ranges


async def keep_back(person: Cashier, amount: str) -> None:
    person.app.frame.query_one("#retained").focus()
    await person.type(amount)
    await person.settled()


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
        await keep_back(person, "33")
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
        await keep_back(person, "3")
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
        await keep_back(person, "99")
        await person.press("escape")
        await person.settled()
        method = await again(person)
        await keep_back(person, "3")
        assert method.placement is not None
        assert texts(method)[0] == "30.00"


# ------------------------------------------------------------ what will happen, and what did


async def test_a_smaller_debt_is_not_money_handed_over() -> None:
    lines = (ticket(1, 4000), ticket(2, 6000))
    owed = payment(1, 10_000, PaymentMethod.WAITING_ACCOUNT, settled=6000)
    app = window(ScriptedBackend([booking(lines, (owed,))]))
    async with cashier(app, size=(100, 40)) as person:
        await person.open("WPM8TS9")
        await person.press("space")
        await again(person, "f5")
        assert person.sees(
            "The debt on the waiting account is 40.00 CHF smaller; nothing is handed"
        )
        assert "F9 makes the debt smaller; nothing is handed over." in person.status
        await person.press("f9")
        await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the outcome")
        await person.settled()
        assert "the debt is 40.00 CHF smaller, nothing is handed over" in person.status
        assert person.sees("Your debt is 40.00 CHF smaller.")
        assert person.sees("✓ off the debt")
        assert not person.sees("✓ handed over")


async def test_only_what_is_requested_is_paid_by_the_next_dispatch() -> None:
    app = window(one_card())
    async with cashier(app) as person:
        method = await method_screen(person)
        await person.type("20")
        assert method.placement is not None
        await down_to(person, method.placement, Method.REQUESTED)
        await person.press("space")
        await person.preview()
        await person.press("f9")
        await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the outcome")
        await person.settled()
        assert "the next dispatch pays 13.00 CHF" in person.status


async def test_seats_of_several_performances_are_counted_and_named() -> None:
    lear = Performance(2, "35627", "King Lear", NOW + timedelta(days=2))
    lines = (ticket(1, 1000, seat="M 1"), ticket(2, 1000, seat="M 1", performance=lear))
    app = window(ScriptedBackend([booking(lines)]))
    async with cashier(app, size=(120, 40)) as person:
        await method_screen(person, "f5")
        assert person.sees(
            "2 seats are free again: M 1 (Hamlet · 23 Nov 13:30), M 1 (King Lear · 24 Nov 13:30)."
        )


async def test_very_many_lines_leave_the_amount_in_sight() -> None:
    lines = tuple(ticket(number, 100, seat=f"Row {number} left") for number in range(1, 53))
    app = window(ScriptedBackend([booking(lines)]))
    async with cashier(app) as person:
        await method_screen(person, "f5")
        assert person.sees("52.00 CHF goes to VISA •••• 1111")
        assert person.sees("Lines 1–52 are cancelled. 52 seats are free again.")
        assert person.text.index("goes to VISA") < person.text.index("are cancelled")


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ((), ""),
        ((7,), "7"),
        ((2, 1), "1, 2"),
        ((1, 2, 3), "1–3"),
        ((9, 1, 2, 3, 5, 6, 9), "1–3, 5, 6, 9"),
    ],
)
def test_numbers_in_a_row_are_a_range(numbers: tuple[int, ...], words: str) -> None:
    assert ranges(numbers) == words

"""Signing in at the window, and its lock: few keys, nothing seen, nothing lost."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from backend_client.domain.caller import Role
from tests.functional.signing_in import (
    StaffedHouse,
    name_of,
    pin_of,
    sign_in,
    staffed_window,
)
from tests.functional.window import cashier, house, typist, window
from tui.screens.lookup import LookupScreen
from tui.screens.sign_in import SignInScreen
from tui.widgets.sign_in_fields import NameField, PinField

SWIPE = "%B4111111111111111^DAVIS/BETTE^2912?"


# ------------------------------------------------------------ signing in


async def test_without_operators_the_window_opens_as_ever() -> None:
    async with cashier(window(house())) as person:
        assert isinstance(person.app.screen, LookupScreen)
        await person.press("ctrl+backslash")
        assert isinstance(person.app.screen, LookupScreen)
        assert "Nobody signs in here" in person.status


async def test_with_operators_nothing_is_asked_of_the_store_before_one_signs_in() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        assert isinstance(person.app.screen, SignInScreen)
        assert made.calls == []
        assert "WPM8TS9" not in person.text


async def test_whoever_the_settings_name_types_the_pin_and_enter() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        assert (name_of(person), person.app.focused) == (
            "A. Rochat",
            person.app.screen.query_one(PinField),
        )
        await sign_in(person)
        assert isinstance(person.app.screen, LookupScreen)
        assert person.app.caller.role is Role.CASHIER
        assert made.calls[0] == "recent"
        await person.open("WPM8TS9")


async def test_somebody_else_types_a_letter_and_enter_first() -> None:
    async with cashier(staffed_window()) as person:
        await person.press("up")
        await person.type("k")
        await person.press("enter")
        assert name_of(person) == "B. Keller"
        await sign_in(person, "2580")
        assert (person.app.caller.operator, person.app.caller.role) == (
            "B. Keller",
            Role.SUPERVISOR,
        )
        assert "B. Keller" in person.text


async def test_a_letter_in_the_empty_pin_begins_another_name() -> None:
    """Three keys besides the PIN: a letter, Enter, and Enter after it."""
    async with cashier(staffed_window()) as person:
        await person.press("k", "enter", *"2580", "enter")
        await person.until(lambda: not person.app.lock.locked, "the window is open")
        await person.settled()
        assert person.app.caller.operator == "B. Keller"


async def test_letters_typed_fast_are_all_of_the_name() -> None:
    async with cashier(staffed_window()) as person:
        person.send(*"kel")
        await person.settled()
        assert (name_of(person), pin_of(person)) == ("kel", "")
        assert "› B. Keller" in person.text


async def test_names_are_chosen_with_the_arrows_too() -> None:
    app = staffed_window(StaffedHouse(*(f"Cashier {number:02}" for number in range(20))))
    app.caller = replace(app.caller, operator="root")
    async with cashier(app) as person:
        assert app.focused is app.screen.query_one(NameField)
        assert "› A. Rochat" in person.text
        assert "15 more" in person.text
        await person.press(*["down"] * 12)
        assert "› Cashier 09" in person.text
        await person.press(*["down"] * 30)
        assert "› Cashier 19" in person.text
        await person.press("enter")
        assert name_of(person) == "Cashier 19"
        await sign_in(person, "7352")


async def test_the_only_operator_there_is_has_nothing_to_choose() -> None:
    made = StaffedHouse()
    made.staff = {"Solo": (Role.ADMIN, "5071")}
    async with cashier(staffed_window(made)) as person:
        assert name_of(person) == "Solo"
        await sign_in(person)


async def test_a_wrong_pin_is_refused_in_words_and_the_field_is_empty() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await person.type("9021")
        assert "9021" not in person.text
        assert "••••" in person.text
        await person.press("enter")
        await person.until(lambda: "do not belong together" in person.text, "the refusal")
        assert pin_of(person) == ""
        assert made.tried == ["A. Rochat"]
        await sign_in(person)


async def test_why_one_name_was_refused_is_not_said_of_the_next() -> None:
    async with cashier(staffed_window(StaffedHouse())) as person:
        await person.type("9021")
        await person.press("enter")
        await person.until(lambda: "do not belong together" in person.text, "the refusal")
        await person.press("up")
        await person.type("N")
        assert "do not belong together" not in person.text
        assert "Type or choose your name" in person.text


async def test_a_name_nobody_has_is_answered_as_a_wrong_pin() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await person.press("up")
        await person.type("Nobody")
        assert "Nobody signs in by this name" in person.text
        await person.press("enter")
        await person.type("5071")
        await person.press("enter")
        await person.until(lambda: "do not belong together" in person.text, "the refusal")
        assert made.tried == ["Nobody"]


async def test_enter_without_a_pin_tries_nothing() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await person.press("enter", "enter")
        assert made.tried == []


@pytest.mark.parametrize("key", ["f1", "f2", "f5", "f6", "f7", "f9", "escape", "ctrl+p", "ctrl+e"])
async def test_no_key_leads_past_it(key: str) -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await person.press(key)
        assert isinstance(person.app.screen, SignInScreen)
        assert made.calls == []


async def test_leaving_is_possible_without_signing_in() -> None:
    async with cashier(staffed_window()) as person:
        await person.press("ctrl+c")
        assert "again" in person.text
        await person.press("ctrl+c")
        assert person.app.return_code == 0 or not person.app.is_running


async def test_a_pin_typed_before_it_was_asked_for_stands_nowhere() -> None:
    made = StaffedHouse()
    opened = threading.Event()

    def open_backend() -> StaffedHouse:
        assert opened.wait(30)
        return made

    async with cashier(window(open_backend), ready=False) as person:
        await person.type("5071")
        person.send("enter")
        await person.pilot.pause()
        opened.set()
        await person.ready()
        assert "5071" not in person.text
        await sign_in(person)
        assert person.box.value == ""
        assert made.asked == []


# ------------------------------------------------------------ scanners and cards


async def test_a_swipe_leaves_nothing_and_tries_nothing() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        typist(person.app).gap_s = 0.005
        person.send(*SWIPE, "enter")
        await person.settled()
        assert (pin_of(person), made.tried) == ("", [])
        assert "Nothing of it was kept" in person.text
        typist(person.app).gap_s = 0.2
        await sign_in(person)


async def test_a_scanner_without_prefix_is_no_pin() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        typist(person.app).gap_s = 0.005
        person.send(*"5071", "enter")
        await person.settled()
        assert (pin_of(person), made.tried) == ("", [])
        typist(person.app).gap_s = 0.2
        await sign_in(person)


async def test_a_scan_does_not_leak_into_the_pin_and_opens_nothing_later() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await person.scan("WPM8TS9")
        assert pin_of(person) == ""
        assert "dropped" in person.text
        await sign_in(person)
        assert isinstance(person.app.screen, LookupScreen)
        assert "booking" not in made.calls

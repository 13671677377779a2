"""Signing in at the window, and its lock: few keys, nothing seen, nothing lost."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from backend_client.domain.caller import Role
from backend_client.domain.problems import Refused
from tests.functional.run_steps import live_dispatch
from tests.functional.signing_in import StaffedHouse, StaffedRuns, sign_in, staffed_window
from tests.functional.window import Cashier, cashier, house, typist, window
from tui.screens.booking import BookingScreen
from tui.screens.lookup import LookupScreen
from tui.screens.outcome import OutcomeScreen
from tui.screens.sign_in import SignInScreen
from tui.widgets.sign_in_fields import NameField, PinField

SWIPE = "%B4111111111111111^DAVIS/BETTE^2912?"


def pin_of(person: Cashier) -> str:
    return person.app.screen.query_one(PinField).value


def name_of(person: Cashier) -> str:
    return person.app.screen.query_one(NameField).value


async def lock(person: Cashier) -> SignInScreen:
    await person.press("ctrl+backslash")
    screen = person.app.screen
    assert isinstance(screen, SignInScreen)
    await person.settled()
    return screen


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


# ------------------------------------------------------------ the lock


async def test_a_key_locks_and_the_pin_alone_opens_the_same_screen() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await sign_in(person)
        screen = await person.open("WPM8TS9")
        await person.press("asterisk")
        before, calls = person.text, list(made.calls)
        await lock(person)
        assert "A. Rochat goes on with the PIN" in person.text
        assert "WPM8TS9" not in person.text
        assert "Davis" not in person.text
        await sign_in(person)
        assert person.app.screen is screen
        assert (person.text, made.calls) == (before, calls)


async def test_an_idle_window_locks_itself_and_a_used_one_does_not() -> None:
    app = staffed_window()
    async with cashier(app) as person:
        await sign_in(person)
        typist(app).wait(299)
        app._tick()
        assert not app.lock.locked
        await person.press("down")
        typist(app).wait(299)
        app._tick()
        assert not app.lock.locked
        typist(app).wait(2)
        app._tick()
        assert app.lock.locked
        app._tick()
        assert isinstance(app.screen, SignInScreen)


async def test_the_settings_say_when_it_locks() -> None:
    app = window(StaffedHouse(), lock_after_minutes=1)
    async with cashier(app) as person:
        await sign_in(person)
        typist(app).wait(61)
        app._tick()
        assert app.lock.locked


async def test_a_dialog_is_where_it_was_after_the_lock() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await sign_in(person)
        screen = await person.choose_all_and_preview()
        person.app.show_problem(Refused("store-locked", seconds=5))
        await person.settled()
        dialog = person.app.screen
        person.app.lock.demand()
        await person.settled()
        await sign_in(person)
        assert person.app.screen is dialog
        await person.press("escape")
        assert person.app.screen is screen


async def test_what_is_being_written_goes_on_and_is_shown_after_the_lock() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await sign_in(person)
        await person.choose_all_and_preview()
        door = made.shut("execute_refund")
        await person.press("f9")
        person.app.lock.demand()
        await person.settled_but_for_workers()
        assert "Goes on behind this" in person.text
        door.set()
        await person.until(lambda: not person.app.writing, "the write ends")
        await person.settled()
        assert isinstance(person.app.screen, SignInScreen)
        assert len(made.refunds) == 1
        await sign_in(person)
        await person.until(lambda: isinstance(person.app.frame, OutcomeScreen), "the outcome")


async def test_a_run_goes_on_behind_the_lock_and_its_end_is_told_after_it() -> None:
    made = StaffedRuns()
    made.held = True
    app = staffed_window(made)
    app.caller = replace(app.caller, operator="B. Keller")
    async with cashier(app) as person:
        await sign_in(person, "2580")
        screen = await live_dispatch(person)
        app.lock.demand()
        await person.settled_but_for_workers()
        assert "A mass run goes on behind this" in person.text
        made.advance(screen.run_id, made.count)
        await person.until(lambda: not app.live_runs.under_way, "the run ends")
        await person.settled()
        assert isinstance(app.screen, SignInScreen)
        await sign_in(person, "2580")
        assert app.frame is screen
        await person.until(lambda: screen.phase == "done", "the end is shown")


async def test_an_answer_that_comes_behind_the_lock_waits_for_it() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await sign_in(person)
        door = made.shut("booking")
        await person.type("WPM8TS9")
        await person.until(lambda: person.sees("Bette"), "the hit")
        person.send("enter")
        await person.pilot.pause()
        person.app.lock.demand()
        door.set()
        await person.settled()
        assert isinstance(person.app.screen, SignInScreen)
        await sign_in(person)
        await person.until(lambda: isinstance(person.app.frame, BookingScreen), "the booking")


# ------------------------------------------------------------ somebody else


async def other(person: Cashier) -> None:
    await person.press("up")
    await person.type("k")
    await person.press("enter")
    await person.type("2580")
    await person.press("enter")


async def test_where_nothing_was_begun_another_operator_simply_sits_down() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await sign_in(person)
        await lock(person)
        await other(person)
        await person.until(lambda: not person.app.lock.locked, "the window is open")
        await person.settled()
        assert person.app.caller.operator == "B. Keller"
        assert isinstance(person.app.screen, LookupScreen)


async def test_what_was_begun_is_dropped_only_after_asking() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await sign_in(person)
        await person.open("WPM8TS9")
        await person.press("asterisk")
        await lock(person)
        await other(person)
        await person.until(lambda: "is dropped if B. Keller goes on" in person.text, "the question")
        await person.press("enter")
        assert person.app.lock.locked
        await person.press("escape")
        assert name_of(person) == "A. Rochat"
        await sign_in(person)
        assert isinstance(person.app.frame, BookingScreen)
        assert person.app.drafts
        await lock(person)
        await other(person)
        await person.until(lambda: "is dropped" in person.text, "the question")
        await person.press("f9")
        await person.settled()
        assert isinstance(person.app.screen, LookupScreen)
        assert person.app.caller.operator == "B. Keller"
        assert not person.app.drafts


async def test_while_something_is_written_nobody_else_sits_down() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await sign_in(person)
        await person.choose_all_and_preview()
        door = made.shut("execute_refund")
        await person.press("f9")
        person.app.lock.demand()
        await person.settled_but_for_workers()
        await other(person)
        await person.until(lambda: len(made.tried) == 2, "the PIN is looked at")
        await person.settled_but_for_workers()
        assert person.app.lock.locked
        assert person.app.caller.operator == "A. Rochat"
        door.set()
        await person.until(lambda: not person.app.writing, "the write ends")
        await sign_in_as_rochat(person)
        assert isinstance(person.app.frame, OutcomeScreen)


async def sign_in_as_rochat(person: Cashier) -> None:
    await person.press("up", "down")
    field = person.app.screen.query_one(NameField)
    field.value = "A. Rochat"
    await person.press("enter")
    await sign_in(person)


# ------------------------------------------------------------ who is not in any more


async def test_who_is_not_let_in_any_more_finds_the_window_locked() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        await sign_in(person)
        await person.open("WPM8TS9")
        made.fail("open_refunds", Refused("sign-in-needed"))
        await person.press("f7")
        await person.until(lambda: person.app.lock.locked, "the lock")


async def test_a_window_opened_before_there_were_operators_asks_as_soon_as_there_are() -> None:
    made = StaffedHouse()
    staff, made.staff = made.staff, {}
    async with cashier(staffed_window(made)) as person:
        assert isinstance(person.app.screen, LookupScreen)
        made.staff = staff
        person.app.show_problem(Refused("sign-in-needed"))
        await person.settled()
        assert isinstance(person.app.screen, SignInScreen)
        await sign_in(person)
        assert isinstance(person.app.screen, LookupScreen)

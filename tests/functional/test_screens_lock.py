"""The lock of the window: nothing seen, nothing lost, whoever comes back or sits down."""

from __future__ import annotations

import threading
from dataclasses import replace

from backend_client.domain.problems import Refused
from tests.functional.run_steps import live_dispatch
from tests.functional.signing_in import (
    StaffedHouse,
    StaffedRuns,
    lock,
    name_of,
    sign_in,
    staffed_window,
)
from tests.functional.window import Cashier, cashier, typist, window
from tui.screens.booking import BookingScreen
from tui.screens.lookup import LookupScreen
from tui.screens.outcome import OutcomeScreen
from tui.screens.sign_in import SignInScreen
from tui.widgets.sign_in_fields import NameField

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


async def locked_while_it_is_written(person: Cashier, made: StaffedHouse) -> threading.Event:
    """A refund that is written once the event is set, in a window that is locked meanwhile."""
    await sign_in(person)
    await person.choose_all_and_preview()
    door = made.shut("execute_refund")
    await person.press("f9")
    person.app.lock.demand()
    await person.settled_but_for_workers()
    return door


async def test_what_is_being_written_goes_on_and_is_shown_after_the_lock() -> None:
    made = StaffedHouse()
    async with cashier(staffed_window(made)) as person:
        door = await locked_while_it_is_written(person, made)
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
        door = await locked_while_it_is_written(person, made)
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

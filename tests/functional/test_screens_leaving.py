"""The way out: asked twice, and never in the middle of a refund."""

from __future__ import annotations

import threading

from backend_client.domain.problems import Refused
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import Cashier, cashier, house, window
from tui.app import TicketWindowApp
from tui.dialogs.leave import LeaveDialog
from tui.screens.outcome import OutcomeScreen


def has_left(app: TicketWindowApp) -> bool:
    return not app.is_running or app._exit


async def writing(person: Cashier, backend: ScriptedBackend) -> threading.Event:
    door = backend.shut("execute_refund")
    await person.open("WPM8TS9")
    await person.press("asterisk")
    await person.preview()
    await person.press("f9")
    await person.until(lambda: person.app.writing, "the write is under way")
    return door


async def test_leaving_takes_two_presses() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.press("ctrl+c")
        assert "again to leave" in person.status
        assert not has_left(app)
        await person.press("ctrl+c")
        assert has_left(app)


async def test_the_clock_of_the_frame_strikes_while_the_window_closes() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.press("ctrl+c", "ctrl+c")
    assert not app.is_running
    app._tick()


async def test_any_other_key_takes_the_first_press_back() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.press("ctrl+c", "down", "ctrl+c")
        assert not has_left(app)
        assert "again to leave" in person.status


async def test_the_usual_quit_keys_of_terminals_do_nothing() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.press("ctrl+q", "ctrl+z", "ctrl+s", "ctrl+d")
        assert not has_left(app)


async def test_leaving_during_a_commit_asks_first_and_escape_stays() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        door = await writing(person, backend)
        await person.press("ctrl+c")
        assert isinstance(app.screen, LeaveDialog)
        assert person.sees("14.50 CHF is being given back right now")
        await person.press("enter", "f9")
        assert isinstance(app.screen, LeaveDialog)
        await person.press("escape")
        assert not has_left(app)
        door.set()
        await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the outcome")
    assert len(backend.refunds) == 1


async def test_an_outcome_that_arrives_under_the_question_is_shown() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        door = await writing(person, backend)
        await person.press("ctrl+c")
        door.set()
        await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the outcome")
        assert person.sees("R-10001")


async def test_nothing_leads_away_from_a_commit_under_way() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        door = await writing(person, backend)
        frame = app.frame
        for key in ("escape", "f2", "f3", "f7", "f5", "f9"):
            await person.press(key)
            assert app.frame is frame
            assert "is being committed" in person.status
        door.set()
        await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the outcome")


def test_leaving_waits_for_the_write_and_closes_the_store() -> None:
    """The window is run as the command runs it; it comes back only when the refund is whole."""
    backend = house()
    app = window(backend)

    async def play(pilot: object) -> None:
        from textual.pilot import Pilot

        assert isinstance(pilot, Pilot)
        person = Cashier(app, pilot)
        await person.ready()
        door = await writing(person, backend)
        await person.press("ctrl+c", "ctrl+c")
        threading.Timer(0.05, door.set).start()

    app.run(headless=True, auto_pilot=play, size=(80, 24))
    assert len(backend.refunds) == 1
    assert backend.closed


def test_a_store_that_never_opened_needs_no_closing() -> None:
    def fails() -> ScriptedBackend:
        raise Refused("store-gone", store="x")

    app = window(fails)

    async def play(pilot: object) -> None:
        from textual.pilot import Pilot

        assert isinstance(pilot, Pilot)
        person = Cashier(app, pilot)
        await person.until(lambda: app.dialog_open, "the problem")
        await person.press("ctrl+c", "ctrl+c")

    app.run(headless=True, auto_pilot=play, size=(80, 24))
    assert app.backend is None

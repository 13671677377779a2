"""A store that does not open, and mistakes of the window itself: told, and nothing ends."""

from __future__ import annotations

import pytest

from backend_client.domain.problems import Refused
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import cashier, house, window
from tui.dialogs.problem import ProblemDialog
from tui.screens.lookup import LookupScreen


async def test_a_store_that_cannot_be_opened_is_a_dialog_and_f5_tries_again() -> None:
    backend = house()
    attempts: list[int] = []

    def fails_first() -> ScriptedBackend:
        attempts.append(1)
        if len(attempts) == 1:
            raise Refused("store-corrupt", detail="page 7")
        return backend

    app = window(fails_first)
    async with cashier(app, ready=False) as person:
        await person.until(lambda: isinstance(app.screen, ProblemDialog), "the problem")
        assert person.sees("The store is damaged (page 7).")
        await person.press("escape")
        assert "F5 tries again" in person.status
        await person.press("f5")
        await person.ready()
        assert person.sees("WPM8TS9")


async def test_an_unforeseen_error_is_a_dialog_and_the_window_goes_on() -> None:
    app = window(house())
    async with cashier(app, mistakes=1) as person:
        await person.type("boom")
        await person.until(lambda: isinstance(app.screen, ProblemDialog), "the problem")
        assert person.sees("internal")
        assert person.sees("RuntimeError")
        assert not person.sees("unforeseen")
        await person.press("escape")
        await person.press("f2")
        await person.open("WPM8TS9")


async def test_mistakes_that_repeat_pile_up_no_dialogs() -> None:
    app = window(house())
    async with cashier(app, mistakes=3) as person:
        for _ in range(3):
            app.unexpected(ValueError())
            await person.settled()
        await person.press("escape")
        assert isinstance(app.screen, LookupScreen)


async def test_the_last_words_of_a_crash_hold_no_values(
    capfd: pytest.CaptureFixture[str],
) -> None:
    app = window(house())
    async with app.run_test():
        customer = "4111" * 4
        try:
            raise ValueError(len(customer))
        except ValueError:
            app._fatal_error()
    app._print_error_renderables()
    printed = capfd.readouterr()
    assert "ValueError" in printed.err + printed.out
    assert customer not in printed.err + printed.out


async def test_a_mistake_in_a_handler_does_not_end_the_window() -> None:
    app = window(house())
    async with cashier(app, mistakes=1) as person:
        screen = await person.open("WPM8TS9")

        def broken() -> None:
            raise ZeroDivisionError

        screen.do_choose = broken  # type: ignore[method-assign]
        await person.press("space")
        await person.until(lambda: isinstance(app.screen, ProblemDialog), "the problem")
        await person.press("escape", "f2")
        assert isinstance(app.frame, LookupScreen)

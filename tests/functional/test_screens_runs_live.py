"""A live run on the screen: followed, stopped, gone on with, left."""

from __future__ import annotations

from backend_client.domain.runs import RunState
from tests.clocks import SteppingClock
from tests.functional.run_steps import (
    LIVE,
    SIMULATION,
    at_runs,
    go,
    history,
    live_dispatch,
    paused_dispatch,
    simulated_dispatch,
    through,
)
from tui.dialogs.confirm_run import EndRunDialog
from tui.dialogs.leave import LeaveRunDialog
from tui.screens.lookup import LookupScreen
from tui.screens.run import RunScreen
from tui.screens.runs import RunsScreen

# ------------------------------------------------------------ live


async def test_live_figures_come_from_one_question_and_not_from_items() -> None:
    async with at_runs(held=True) as (person, backend):
        screen = await live_dispatch(person)
        backend.advance(LIVE, 130)
        await person.until(lambda: person.sees("141 of 240"), "progress")
        assert person.sees("58 %")
        for text in ("✓ refunded 98", "◑ on its way 4", "✗ declined 4", "· waiting 99"):
            assert person.sees(text)
        await person.until(lambda: person.sees("WQ00130"), "the latest rows")
        assert backend.calls.count("run_items") <= backend.calls.count("run") + 2
        await through(person, backend, screen)
        assert person.sees("✓ refunded 192") or person.sees("✓ refunded")
        assert person.status.startswith("The run is done")


async def test_the_rate_and_the_time_left_follow_from_the_figures() -> None:
    async with at_runs(held=True) as (person, backend):
        screen = await live_dispatch(person)
        backend.advance(LIVE, 40)
        await person.until(lambda: screen.run is not None and screen.run.done == 40, "a reading")
        assert isinstance(person.app.clock, SteppingClock)
        person.app.clock.move(seconds=10)
        backend.advance(LIVE, 140)
        await person.until(lambda: person.sees("s left"), "the time that is left")
        assert person.sees("/s")
        await through(person, backend, screen)


async def test_a_live_run_goes_on_while_another_screen_is_shown() -> None:
    async with at_runs(held=True) as (person, backend):
        await live_dispatch(person)
        await person.press("f2")
        await person.until(lambda: isinstance(person.app.frame, LookupScreen), "the lookup")
        backend.advance(LIVE, 60)
        await person.until(lambda: backend.scripts[SIMULATION].done == 60, "it went on")
        await person.press("f6")
        await person.until(
            lambda: isinstance(person.app.frame, RunScreen) and person.sees("run 42"),
            "it is shown again",
        )
        screen = person.app.frame
        assert isinstance(screen, RunScreen)
        assert screen.phase == "live"
        await person.press("escape")
        await person.until(lambda: isinstance(person.app.frame, RunsScreen), "the list of runs")
        await person.press("f2")
        backend.advance(LIVE, 240)
        await person.until(lambda: "Run 42 is done" in person.status, "its end is told")


# ------------------------------------------------------------ halted


async def test_f8_stops_and_f9_goes_on() -> None:
    async with at_runs(held=True) as (person, backend):
        screen = await live_dispatch(person)
        backend.advance(LIVE, 60)
        await person.until(lambda: screen.run is not None and screen.run.done == 60, "progress")
        await person.press("f9")
        assert "live already" in person.status
        await person.press("f8")
        await person.until(lambda: screen.phase == "halted", "it is stopped")
        await person.settled()
        assert person.sees("Stopped by a person")
        assert "F9 goes on" in person.status
        assert screen.run is not None
        assert screen.run.state is RunState.STOPPED
        await person.press("f9")
        await person.until(lambda: screen.phase == "live", "it goes on")
        await through(person, backend, screen)
    assert backend.calls.count("go_live") == 1
    assert backend.calls.count("resume_run") == 1


async def test_a_stopped_run_is_ended_only_after_asking() -> None:
    async with at_runs(held=True) as (person, backend):
        screen = await live_dispatch(person)
        await person.press("ctrl+w")
        await person.until(lambda: screen.phase == "halted", "it is stopped")
        await go(person, "f8")
        assert isinstance(person.app.screen, EndRunDialog)
        await go(person, "enter")
        assert isinstance(person.app.screen, EndRunDialog)
        await go(person, "escape")
        assert "end_run" not in backend.calls
        await go(person, "f8")
        await go(person, "f9")
        assert screen.phase == "done"
    assert backend.calls.count("end_run") == 1


async def test_a_paused_run_says_why_and_goes_on() -> None:
    async with at_runs() as (person, backend):
        screen = await paused_dispatch(person, backend)
        assert person.sees("Paused: practice takes no refunds just now")
        await person.press("f9")
        await person.until(lambda: screen.phase == "done", "it is through")
        await person.settled()


async def test_a_run_whose_program_is_gone_can_be_gone_on_with() -> None:
    async with at_runs() as (person, backend):
        await paused_dispatch(person, backend)
        backend.set_live(LIVE, state=RunState.RUNNING, is_lost=True)
        await history(person)
        assert "Run 42 is not through" in person.status
        assert person.sees("? left behind")
        await go(person, "enter")
        assert person.sees("the program that carried it out is gone")
        found = person.app.frame
        assert isinstance(found, RunScreen)
        await person.press("f9")
        await person.until(lambda: found.phase == "done", "it is through")
        await person.settled()


# ------------------------------------------------------------ elsewhere


async def test_what_another_program_does_to_the_run_is_seen() -> None:
    async with at_runs() as (person, backend):
        screen = await paused_dispatch(person, backend)
        backend.set_live(LIVE, state=RunState.RUNNING)
        await person.until(lambda: screen.phase == "live", "it goes on elsewhere")
        backend.set_live(LIVE, state=RunState.STOPPED)
        await person.until(lambda: screen.phase == "halted", "it is stopped elsewhere")
        backend.set_live(LIVE, state=RunState.DONE)
        await person.until(lambda: screen.phase == "done", "it is ended elsewhere")
        await person.settled()


async def test_a_simulation_another_program_goes_live_with_says_so() -> None:
    async with at_runs() as (person, backend):
        screen = await simulated_dispatch(person)
        assert screen.run is not None
        live_id = backend.begin_elsewhere(screen.run.id, 50)
        await person.until(lambda: f"{live_id}" in person.status, "who carried it out is named")
        await person.settled()


# ------------------------------------------------------------ leaving


async def test_leaving_asks_first_and_stops_the_run_in_order() -> None:
    async with at_runs(held=True) as (person, backend):
        await live_dispatch(person)
        await person.press("f2")
        await person.until(lambda: isinstance(person.app.frame, LookupScreen), "the lookup")
        await person.press("ctrl+c")
        assert isinstance(person.app.screen, LeaveRunDialog)
        assert "stop_run" not in backend.calls
        await person.press("escape")
        assert not person.app.dialog_open
        await person.press("ctrl+c")
        await person.press("ctrl+c")
        await person.until(
            lambda: not person.app.is_running or person.app._exit, "the window closes"
        )
    person.app.close_backend()
    assert backend.calls.count("stop_run") == 1
    live = backend.scripts[SIMULATION].live
    assert live is not None
    assert live.state is RunState.STOPPED

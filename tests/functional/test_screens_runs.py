"""One run on the screen: seen, confirmed, live, stopped, gone on with, done, and the next step."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest

from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.runs import Difference, Differences, ItemOutcome, ItemPlan, RunState
from tests.clocks import SteppingClock
from tests.functional.run_steps import (
    LIVE,
    SIMULATION,
    cancellation_form,
    confirming,
    dispatch_form,
    go,
    gone_live,
    history,
    live_dispatch,
    simulated,
    supervised,
    through,
)
from tests.functional.scripted import HELD_AT_MOST_S
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.window import cashier, typist
from tui.dialogs.confirm_run import ConfirmRunDialog, EndRunDialog
from tui.dialogs.leave import LeaveRunDialog
from tui.dialogs.problem import ProblemDialog
from tui.screens.booking import BookingScreen
from tui.screens.dispatch import DispatchScreen
from tui.screens.lookup import LookupScreen
from tui.screens.run import RunScreen
from tui.screens.runs import RunsScreen

# ------------------------------------------------------------ simulated


async def test_a_simulation_shows_totals_that_are_the_sums_of_its_items() -> None:
    backend = ScriptedRuns(count=240)
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        assert screen.run is not None
        script = backend.scripts[SIMULATION]
        items = [backend.item(script, at, live=False) for at in range(1, 241)]
        for plan, label in (
            (ItemPlan.CARDS, "→ To cards"),
            (ItemPlan.CARDS_AND_STAYS, "Partly to cards, the rest stays requested"),
            (ItemPlan.STAYS, "Stay requested"),
            (ItemPlan.PERSON, "Need a person"),
        ):
            mine = [item for item in items if item.plan is plan]
            (row,) = [line for line in person.text.splitlines() if label in line]
            amount = sum(item.amount_minor for item in mine) / 100
            assert row.split()[-2:] == [f"{len(mine)}", f"{amount:,.2f}"]
        (row,) = [line for line in person.text.splitlines() if "Simulated" in line]
        assert row.split()[-2] == "240"
        assert person.sees("no card 12 · nobody to credit 12")
        assert "Nothing has been changed or sent" in person.status


async def test_a_batch_says_that_it_is_a_part_of_all() -> None:
    backend = ScriptedRuns(count=240)
    async with cashier(supervised(backend)) as person:
        form = await dispatch_form(person)
        form.query_one("#batch").focus()
        await person.pilot.pause()
        await person.type("100")
        await simulated(person)
        assert person.sees("Simulated 100 of 240")


async def test_left_and_right_show_one_kind_of_item() -> None:
    backend = ScriptedRuns(count=240)
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        totals = []
        for _ in range(6):
            totals.append(screen.rows.items.total)
            await go(person, "right")
        assert totals == [240, 216, 0, 24, 12, 240]


async def test_customers_are_never_markup() -> None:
    async with cashier(supervised(ScriptedRuns())) as person:
        await dispatch_form(person)
        await simulated(person)
        assert person.sees("[red]Rossi")


async def test_the_last_of_very_many_items_is_one_key_away() -> None:
    backend = ScriptedRuns(count=5000)
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        before = backend.calls.count("run_items")
        await go(person, "end")
        row = screen.rows.items.current
        assert row is not None
        assert person.sees("WQ05000")
        assert backend.calls.count("run_items") - before <= 2


async def test_f5_simulates_again_with_the_same_parameters() -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        await go(person, "f5")
        assert screen.run_id == SIMULATION + 1
        assert person.sees(f"simulation {SIMULATION + 1}")
        await go(person, "escape")
        assert isinstance(person.app.frame, DispatchScreen)
    first, second = backend.told
    assert first == second


async def test_what_changed_or_appeared_since_is_listed() -> None:
    backend = ScriptedRuns(count=20)
    backend.since = Differences((Difference(3, "WQ00003", "item-changed"),), 1, ("WQNEW01",), 2)
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        assert person.sees("1 item changed since")
        assert person.sees("2 items appeared since")
        await go(person, "left")
        assert screen.rows.items.total == 2
        assert person.sees("WQ00003")
        assert person.sees("changed since")
        assert person.sees("WQNEW01")
        await go(person, "f9")
        assert not person.app.dialog_open
        assert "F5 simulates again" in person.status


@pytest.mark.parametrize("what", ["expired", "nothing"])
async def test_a_simulation_that_cannot_go_live_says_why(what: str) -> None:
    backend = ScriptedRuns(count=20)
    if what == "expired":
        backend.valid = timedelta(minutes=-1)
    else:
        backend.plan = lambda kind, ordinal: ItemPlan.STAYS  # type: ignore[method-assign]
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        await simulated(person)
        await go(person, "f9")
        assert not app.dialog_open
        assert ("was valid until" if what == "expired" else "nothing to carry out") in person.status
        await go(person, "f8")
        assert "nothing to stop" in person.status
    assert "go_live" not in backend.calls


# ------------------------------------------------------------ confirming


async def test_live_needs_the_count_typed_and_f9() -> None:
    backend = ScriptedRuns(count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        assert screen.run is not None
        await confirming(person)
        await go(person, "f9", "enter")
        assert app.dialog_open
        assert person.sees("Not the number above")
        await person.type("17")
        await go(person, "f9", "enter")
        assert app.dialog_open
        await person.press("backspace", "backspace")
        await person.type("18")
        assert screen.run.taken == 18
        await go(person, "enter")
        assert app.dialog_open
        assert "go_live" not in backend.calls
        await person.press("f9")
        await person.until(lambda: screen.phase == "done", "it went live")
        await person.settled()
    assert backend.calls.count("go_live") == 1


async def test_the_dialog_is_deaf_until_it_can_be_read() -> None:
    """Keys on their way when it opens belong to the screen below; Escape is always heard."""
    backend = ScriptedRuns(count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        await simulated(person)
        await go(person, "f9")
        typist(app).gap_s = 0.05
        await person.press("1", "8")
        typist(app).gap_s = 0.2
        assert isinstance(app.screen, ConfirmRunDialog)
        await person.press("1")
        await person.press("8", "f9")
        await person.until(lambda: "go_live" in backend.calls, "what came later was heard")
        await person.settled()
    async with cashier(supervised(ScriptedRuns(count=20))) as person:
        await dispatch_form(person)
        await simulated(person)
        await go(person, "f9")
        typist(person.app).gap_s = 0.01
        await go(person, "escape")
        assert not person.app.dialog_open


async def test_a_burst_types_no_count() -> None:
    backend = ScriptedRuns(count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        await simulated(person)
        await confirming(person)
        typist(app).gap_s = 0.001
        person.send(*"WQ0001818", "enter")
        await person.settled()
        typist(app).gap_s = 0.2
        assert person.sees("not a number")
        await go(person, "f9")
        assert app.dialog_open
    assert "go_live" not in backend.calls


async def test_a_scan_waits_until_the_dialog_is_closed() -> None:
    from tests.functional.window import house_bookings

    backend = ScriptedRuns(house_bookings(), count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        await simulated(person)
        await confirming(person)
        await person.scan("WPM8TS9")
        assert app.dialog_open
        assert "WPM8TS9" in person.status
        await person.press("escape")
        await person.until(lambda: isinstance(app.frame, BookingScreen), "the scan has its turn")


async def test_what_is_refused_at_the_start_is_said_and_leaves_the_simulation() -> None:
    backend = ScriptedRuns(count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        backend.fail("go_live", Refused("run-changed", run=SIMULATION, count=2))
        backend.since = Differences((Difference(3, "WQ00003", "item-changed"),), 1, (), 0)
        await confirming(person)
        await person.type("18")
        await person.press("f9")
        await person.until(lambda: isinstance(app.screen, ProblemDialog), "the refusal")
        await go(person, "escape")
        assert screen.phase == "simulated"
        assert person.sees("1 item changed since")


# ------------------------------------------------------------ live


async def test_live_figures_come_from_one_question_and_not_from_items() -> None:
    backend = ScriptedRuns(count=240, held=True)
    app = supervised(backend)
    async with cashier(app) as person:
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
    backend = ScriptedRuns(count=240, held=True)
    app = supervised(backend)
    async with cashier(app) as person:
        screen = await live_dispatch(person)
        backend.advance(LIVE, 40)
        await person.until(lambda: screen.run is not None and screen.run.done == 40, "a reading")
        assert isinstance(app.clock, SteppingClock)
        app.clock.move(seconds=10)
        backend.advance(LIVE, 140)
        await person.until(lambda: person.sees("s left"), "the time that is left")
        assert person.sees("/s")
        await through(person, backend, screen)


async def test_a_live_run_goes_on_while_another_screen_is_shown() -> None:
    backend = ScriptedRuns(count=240, held=True)
    app = supervised(backend)
    async with cashier(app) as person:
        await live_dispatch(person)
        await person.press("f2")
        await person.until(lambda: isinstance(app.frame, LookupScreen), "the lookup")
        backend.advance(LIVE, 60)
        await person.until(lambda: backend.scripts[SIMULATION].done == 60, "it went on")
        await person.press("f6")
        await person.until(
            lambda: isinstance(app.frame, RunScreen) and person.sees("run 42"), "it is shown again"
        )
        screen = app.frame
        assert isinstance(screen, RunScreen)
        assert screen.phase == "live"
        await person.press("escape")
        await person.until(lambda: isinstance(app.frame, RunsScreen), "the list of runs")
        await person.press("f2")
        backend.advance(LIVE, 240)
        await person.until(lambda: "Run 42 is done" in person.status, "its end is told")


async def test_f8_stops_and_f9_goes_on() -> None:
    backend = ScriptedRuns(count=240, held=True)
    app = supervised(backend)
    async with cashier(app) as person:
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
    backend = ScriptedRuns(count=240, held=True)
    app = supervised(backend)
    async with cashier(app) as person:
        screen = await live_dispatch(person)
        await person.press("ctrl+w")
        await person.until(lambda: screen.phase == "halted", "it is stopped")
        await go(person, "f8")
        assert isinstance(app.screen, EndRunDialog)
        await go(person, "enter")
        assert isinstance(app.screen, EndRunDialog)
        await go(person, "escape")
        assert "end_run" not in backend.calls
        await go(person, "f8")
        await go(person, "f9")
        assert screen.phase == "done"
    assert backend.calls.count("end_run") == 1


async def test_a_paused_run_says_why_and_goes_on() -> None:
    backend = ScriptedRuns(count=240)
    backend.pauses_at = 50
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        await gone_live(person)
        await person.until(lambda: screen.phase == "halted", "it is paused")
        assert person.sees("Paused: practice takes no refunds just now")
        await person.press("f9")
        await person.until(lambda: screen.phase == "done", "it is through")
        await person.settled()


async def test_a_run_whose_program_is_gone_can_be_gone_on_with() -> None:
    backend = ScriptedRuns(count=240)
    backend.pauses_at = 50
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        await gone_live(person)
        await person.until(lambda: screen.phase == "halted", "it is paused")
        backend.set_live(LIVE, state=RunState.RUNNING, is_lost=True)
        await history(person)
        assert "Run 42 is not through" in person.status
        assert person.sees("? left behind")
        await go(person, "enter")
        assert person.sees("the program that carried it out is gone")
        found = app.frame
        assert isinstance(found, RunScreen)
        await person.press("f9")
        await person.until(lambda: found.phase == "done", "it is through")
        await person.settled()


async def test_what_another_program_does_to_the_run_is_seen() -> None:
    backend = ScriptedRuns(count=240)
    backend.pauses_at = 50
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        await gone_live(person)
        await person.until(lambda: screen.phase == "halted", "it is paused")
        backend.set_live(LIVE, state=RunState.RUNNING)
        await person.until(lambda: screen.phase == "live", "it goes on elsewhere")
        backend.set_live(LIVE, state=RunState.STOPPED)
        await person.until(lambda: screen.phase == "halted", "it is stopped elsewhere")
        backend.set_live(LIVE, state=RunState.DONE)
        await person.until(lambda: screen.phase == "done", "it is ended elsewhere")
        await person.settled()


async def test_a_simulation_another_program_goes_live_with_says_so() -> None:
    backend = ScriptedRuns(count=240)
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        assert screen.run is not None
        live_id = backend.begin_elsewhere(screen.run.id, 50)
        await person.until(lambda: f"{live_id}" in person.status, "who carried it out is named")
        await person.settled()


# ------------------------------------------------------------ leaving


async def test_leaving_asks_first_and_stops_the_run_in_order() -> None:
    backend = ScriptedRuns(count=240, held=True)
    app = supervised(backend)
    async with cashier(app) as person:
        await live_dispatch(person)
        await person.press("f2")
        await person.until(lambda: isinstance(app.frame, LookupScreen), "the lookup")
        await person.press("ctrl+c")
        assert isinstance(app.screen, LeaveRunDialog)
        assert "stop_run" not in backend.calls
        await person.press("escape")
        assert not app.dialog_open
        await person.press("ctrl+c")
        await person.press("ctrl+c")
        await person.until(lambda: not app.is_running or app._exit, "the window closes")
    app.close_backend()
    assert backend.calls.count("stop_run") == 1
    live = backend.scripts[SIMULATION].live
    assert live is not None
    assert live.state is RunState.STOPPED


# ------------------------------------------------------------ the next step


async def test_a_cancellation_leads_to_the_dispatch_of_today() -> None:
    backend = ScriptedRuns(count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await cancellation_form(person)
        screen = await simulated(person)
        assert person.sees("Hamlet · 07 Dec 13:30")
        await gone_live(person)
        await person.until(lambda: screen.phase == "done", "done")
        await person.settled()
        assert person.sees("✓ cancelled 18")
        assert person.sees("F5 Next: dispatch")
        await go(person, "f5")
        assert isinstance(app.frame, DispatchScreen)
        assert "as for run 42" in person.status
        await simulated(person)
    today = date(2026, 11, 22)
    assert backend.told[1] == DispatchParameters(today, today, CreditMode.NEVER)


async def test_never_leads_to_when_not_possible_with_everything_else_the_same() -> None:
    backend = ScriptedRuns(count=40)
    app = supervised(backend)
    async with cashier(app) as person:
        form = await dispatch_form(person)
        form.query_one("#sold_through").focus()
        await person.pilot.pause()
        await person.type("internet")
        screen = await simulated(person)
        await gone_live(person)
        await person.until(lambda: screen.phase == "done", "done")
        await person.settled()
        assert person.sees("F5 Next: credit the rest")
        await go(person, "f5")
        await simulated(person)
    never, then = backend.told
    assert isinstance(never, DispatchParameters)
    assert never.sold_through == ("internet",)
    assert then == replace(never, credit=CreditMode.WHEN_NOT_POSSIBLE)


async def test_when_nothing_is_left_there_is_no_next_step() -> None:
    backend = ScriptedRuns(count=20)
    backend.outcome = lambda kind, ordinal: ItemOutcome.REFUNDED  # type: ignore[method-assign]
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        await gone_live(person)
        await person.until(lambda: screen.phase == "done", "done")
        await person.settled()
        await go(person, "f5")
        assert app.frame is screen
        assert "Nothing is left to do" in person.status


# ------------------------------------------------------------ history


async def test_the_history_lists_newest_first_and_opens_a_log() -> None:
    backend = ScriptedRuns(count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        await gone_live(person)
        await person.until(lambda: screen.phase == "done", "done")
        await person.settled()
        runs = await history(person)
        numbers = [run.id for at in range(runs.runs.total) if (run := runs.runs.row(at))]
        assert numbers == [LIVE, SIMULATION]
        await go(person, "down", "enter")
        assert person.sees("simulation 41")
        await go(person, "f9")
        assert "carried out by run 42" in person.status


async def test_a_late_answer_of_the_screen_below_is_not_said_on_the_one_above() -> None:
    backend = ScriptedRuns()
    door = backend.shut("recent")
    app = supervised(backend)
    async with cashier(app, ready=False) as person:
        await person.until(lambda: "recent" in backend.calls, "the lookup asks")
        await person.press("f6")
        await person.until(lambda: person.sees("There was no run yet"), "the runs are read")
        door.set()
        await person.settled()
        assert person.sees("There was no run yet")
        assert app.home.said.text != app.frame.said.text


async def test_whoever_comes_before_the_store_is_open_sees_the_runs_when_it_is() -> None:
    backend = ScriptedRuns()
    opened = threading.Event()

    def opening() -> ScriptedRuns:
        assert opened.wait(HELD_AT_MOST_S)
        return backend

    app = supervised(backend)
    app.open_backend = opening
    async with cashier(app, ready=False) as person:
        await person.press("f6")
        assert "not open yet" in person.status
        opened.set()
        await person.until(lambda: person.sees("There was no run yet"), "the runs are read")

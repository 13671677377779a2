"""A simulation on the screen, and the question before it goes live."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from backend_client.domain.problems import Refused
from backend_client.domain.runs import Difference, Differences, ItemPlan
from tests.functional.run_steps import (
    SIMULATION,
    at_runs,
    confirming,
    dispatch_form,
    go,
    simulated,
    simulated_dispatch,
    supervised,
)
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.window import cashier, typist
from tui.dialogs.confirm_run import ConfirmRunDialog
from tui.dialogs.problem import ProblemDialog
from tui.screens.booking import BookingScreen
from tui.screens.dispatch import DispatchScreen
from tui.screens.run import RunScreen
from tui.text.money import money
from tui.widgets.frame_lines import StatusLine

# ------------------------------------------------------------ simulated


async def test_a_simulation_shows_totals_that_are_the_sums_of_its_items() -> None:
    async with at_runs() as (person, backend):
        screen = await simulated_dispatch(person)
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
        screen = await simulated_dispatch(person)
        totals = []
        for heading in ("all", "cards 216", "credit 0", "stay 24", "person 12"):
            totals.append(screen.rows.items.total)
            (filters,) = [line for line in person.text.splitlines() if "─ Items ‹" in line]
            assert f" {heading} " in filters
            await go(person, "right")
        assert totals == [240, 216, 0, 24, 12]
        assert person.sees("declined before 12")
        assert person.sees("✗ declined")
        await go(person, "right")
        assert screen.rows.items.total == 240


async def test_what_was_declined_before_is_told_of_before_it_is_confirmed() -> None:
    """A payment a cashier saw refused is taken along like a request."""
    backend = ScriptedRuns(count=240)
    async with cashier(supervised(backend)) as person:
        await simulated_dispatch(person)
        assert re.search(r"of that declined before, in no run +12 ", person.text)
        dialog = await confirming(person)
        assert dialog.body().plain.strip().endswith("12 of them were declined before.")


async def test_customers_are_never_markup() -> None:
    async with cashier(supervised(ScriptedRuns())) as person:
        await simulated_dispatch(person)
        assert person.sees("[red]Rossi")


async def test_the_last_of_very_many_items_is_one_key_away() -> None:
    backend = ScriptedRuns(count=5000)
    async with cashier(supervised(backend)) as person:
        screen = await simulated_dispatch(person)
        before = backend.calls.count("run_items")
        await go(person, "end")
        row = screen.rows.items.current
        assert row is not None
        assert person.sees("WQ05000")
        assert backend.calls.count("run_items") - before <= 2


async def test_f5_simulates_again_with_the_same_parameters() -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        screen = await simulated_dispatch(person)
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
        screen = await simulated_dispatch(person)
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
        await simulated_dispatch(person)
        assert ("F9" in person.text.splitlines()[-1]) == (what == "expired"), "is it offered?"
        await go(person, "f9")
        assert not app.dialog_open
        assert ("was valid until" if what == "expired" else "nothing to carry out") in person.status
        await go(person, "f8")
        assert "nothing to stop" in person.status
    assert "go_live" not in backend.calls


async def test_a_simulation_says_how_far_it_is_and_is_made_once() -> None:
    async with at_runs(count=200) as (person, backend):
        await dispatch_form(person)
        door = backend.shut("simulate")
        await person.press("f5")
        await person.until(lambda: "100 items" in person.status, "progress")
        await person.press("f5")
        assert "simulation is being made" in person.status
        door.set()
        await person.until(lambda: isinstance(person.app.frame, RunScreen), "the simulation")
        await person.settled()
    assert len(backend.told) == 1


# ------------------------------------------------------------ confirming


async def test_live_needs_the_count_typed_and_f9() -> None:
    async with at_runs(count=20) as (person, backend):
        screen = await simulated_dispatch(person)
        assert screen.run is not None
        await confirming(person)
        await go(person, "f9", "enter")
        assert person.app.dialog_open
        assert person.sees("Not the number above")
        await person.type("17")
        await go(person, "f9", "enter")
        assert person.app.dialog_open
        await person.press("backspace", "backspace")
        await person.type("18")
        assert screen.run.taken == 18
        await go(person, "enter")
        assert person.app.dialog_open
        assert "go_live" not in backend.calls
        await person.press("f9")
        await person.until(lambda: screen.phase == "done", "it went live")
        await person.settled()
    assert backend.calls.count("go_live") == 1


async def test_the_dialog_is_deaf_until_it_can_be_read() -> None:
    """Keys on their way when it opens belong to the screen below; Escape is always heard."""
    async with at_runs(count=20) as (person, backend):
        await simulated_dispatch(person)
        await go(person, "f9")
        typist(person.app).gap_s = 0.05
        await person.press("1", "8")
        typist(person.app).gap_s = 0.2
        assert isinstance(person.app.screen, ConfirmRunDialog)
        await person.press("1")
        await person.press("8", "f9")
        await person.until(lambda: "go_live" in backend.calls, "what came later was heard")
        await person.settled()
    async with cashier(supervised(ScriptedRuns(count=20))) as person:
        await simulated_dispatch(person)
        await go(person, "f9")
        typist(person.app).gap_s = 0.01
        await go(person, "escape")
        assert not person.app.dialog_open


@pytest.mark.parametrize("key", ["f1", "f2", "f5", "f6", "f7", "f8", "ctrl+l", "ctrl+p"])
async def test_a_key_of_the_screen_below_the_dialog_says_why_nothing_happens(key: str) -> None:
    app = supervised(ScriptedRuns(count=20))
    async with cashier(app) as person:
        await simulated_dispatch(person)
        dialog = await confirming(person)
        await go(person, key)
        assert app.screen is dialog
        said = dialog.query_one(StatusLine).status.text
        assert said.endswith("not while this is open. Esc closes it.")
        await person.type("18")
        assert dialog.matches, "and the field is as it was"


async def test_what_is_paid_out_is_counted_in_what_the_list_counts() -> None:
    app = supervised(ScriptedRuns(count=20))
    async with cashier(app) as person:
        screen = await simulated_dispatch(person)
        assert screen.run is not None
        paid = [one for one in screen.run.totals if one.name in ("card", "credit") and one.count]
        rows = person.text.splitlines()
        await confirming(person)
        shown = " ".join(person.text.split())
        assert f"{screen.run.taken} requests are paid out" in shown
        assert paid
        for one in paid:
            figure = money(one.amount_minor, "CHF")
            assert f"{figure} to {one.name}" in shown, "each destination has its figure"
            bare = figure.removesuffix(" CHF")
            assert any(row.rstrip().endswith(f" {bare}") for row in rows), "which stood above"
        assert f"Type {screen.run.taken}, then F9." in shown


async def test_a_burst_types_no_count() -> None:
    async with at_runs(count=20) as (person, backend):
        await simulated_dispatch(person)
        await confirming(person)
        typist(person.app).gap_s = 0.001
        person.send(*"WQ0001818", "enter")
        await person.settled()
        typist(person.app).gap_s = 0.2
        assert person.sees("not a number")
        await go(person, "f9")
        assert person.app.dialog_open
    assert "go_live" not in backend.calls


async def test_a_scan_waits_until_the_dialog_is_closed() -> None:
    from tests.functional.window import house_bookings

    backend = ScriptedRuns(house_bookings(), count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await simulated_dispatch(person)
        await confirming(person)
        await person.scan("WPM8TS9")
        assert app.dialog_open
        assert "WPM8TS9" in person.status
        await person.press("escape")
        await person.until(lambda: isinstance(app.frame, BookingScreen), "the scan has its turn")


async def test_what_is_refused_at_the_start_is_said_and_leaves_the_simulation() -> None:
    async with at_runs(count=20) as (person, backend):
        screen = await simulated_dispatch(person)
        backend.fail("go_live", Refused("run-changed", run=SIMULATION, count=2))
        backend.since = Differences((Difference(3, "WQ00003", "item-changed"),), 1, (), 0)
        await confirming(person)
        await person.type("18")
        await person.press("f9")
        await person.until(lambda: isinstance(person.app.screen, ProblemDialog), "the refusal")
        await go(person, "escape")
        assert screen.phase == "simulated"
        assert person.sees("1 item changed since")

"""Runs on the screen and a real store below: the prescribed procedure, its log, what is due."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest

from backend_client.domain.refund import LegState
from backend_client.domain.runs import ItemOutcome, RunMode
from tests.functional.real_venue import ADMIN, SUPERVISOR, Open
from tests.functional.run_steps import (
    cancellation_form,
    confirming,
    dispatch_form,
    go,
    history,
    simulated,
)
from tests.functional.window import Cashier, cashier
from tui.screens.dispatch import DispatchScreen
from tui.screens.hand_over_due import HandOverDueScreen
from tui.screens.outcome import OutcomeScreen
from tui.screens.run import RunScreen
from tui.screens.runs import RunsScreen


async def done(person: Cashier) -> RunScreen:
    """From a simulation that is shown to its live run that is done."""
    screen = person.app.frame
    assert isinstance(screen, RunScreen)
    assert screen.run is not None
    count = screen.run.taken
    await confirming(person)
    await person.type(str(count))
    await person.press("f9")
    await person.until(lambda: screen.phase == "done", "the run is done")
    await person.settled()
    return screen


async def test_the_prescribed_procedure_from_a_performance_to_credit(open_as: Open) -> None:
    """Every step comes with what was typed for the first; what moved is in the books."""
    app = open_as(SUPERVISOR)
    async with cashier(app) as person:
        await cancellation_form(person, "hamlet")
        screen = await simulated(person)
        assert screen.run is not None
        booked = screen.run.taken
        assert booked == 3
        await done(person)
        assert person.sees(f"✓ cancelled {booked}")
        await go(person, "f5")
        assert isinstance(app.frame, DispatchScreen)
        screen = await simulated(person)
        assert screen.run is not None
        planned = screen.run.taken
        assert planned == 5
        screen = await done(person)
        assert screen.run is not None
        assert screen.run.outcomes[ItemOutcome.REFUNDED] == 4
        assert screen.run.outcomes[ItemOutcome.DECLINED] == 1
        await go(person, "f5")
        assert person.sees("when not possible")
        await simulated(person)
        assert person.sees("credit account 21.00")
        screen = await done(person)
        assert screen.run is not None
        assert screen.run.outcomes[ItemOutcome.CREDITED] == 1
        await go(person, "f5")
        assert "Nothing is left" in person.status
        runs = await history(person)
        assert runs.runs.total == 6
        live = [run for at in range(6) if (run := runs.runs.row(at)) and run.mode is RunMode.LIVE]
        assert [run.outcomes for run in live] == [
            {ItemOutcome.CREDITED: 1},
            {ItemOutcome.REFUNDED: 4, ItemOutcome.DECLINED: 1},
            {ItemOutcome.CANCELLED: 3, ItemOutcome.SKIPPED: 4},
        ]


async def test_enter_on_an_item_opens_the_refund_it_is_about(open_as: Open) -> None:
    app = open_as(SUPERVISOR)
    async with cashier(app) as person:
        await cancellation_form(person, "hamlet")
        await simulated(person)
        await done(person)
        await go(person, "down")
        await go(person, "enter")
        assert isinstance(app.frame, OutcomeScreen)
        assert person.sees("COLLECT")
        await go(person, "escape")
        assert isinstance(app.frame, RunScreen)


async def test_the_log_is_saved_as_two_files_that_agree_with_the_screen(
    open_as: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = open_as(SUPERVISOR)
    async with cashier(app) as person:
        form = await dispatch_form(person)
        form.query_one("#preset").focus()
        await go(person, *["right"] * 3)
        await simulated(person)
        screen = await done(person)
        assert screen.run is not None
        await go(person, "ctrl+e")
        assert f"run-{screen.run.id}.csv" in person.status
        run = screen.run
    table, whole = tmp_path / f"run-{run.id}.csv", tmp_path / f"run-{run.id}.json"
    for path in (table, whole):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    log = json.loads(whole.read_text(encoding="utf-8"))
    assert log["run"]["id"] == run.id
    assert len(rows) == len(log["items"]) == run.items
    paid = sum(one.amount_minor for one in run.totals)
    assert sum(int(row["amount_minor"]) for row in rows) == paid
    assert sum(item["amount_minor"] for item in log["items"]) == paid


async def test_everything_due_is_ticked_off_from_the_dispatch(open_as: Open) -> None:
    app = open_as(SUPERVISOR)
    async with cashier(app) as person:
        await dispatch_form(person)
        assert person.sees("One payment is due, 20.00 CHF")
        await go(person, "ctrl+d")
        screen = app.frame
        assert isinstance(screen, HandOverDueScreen)
        await go(person, "f9")
        assert "F5 first" in person.status
        await go(person, "f5")
        assert "is missing" in person.status
        await person.type("SEPA 4711")
        await go(person, "f5")
        assert person.sees("one payment, 20.00 CHF")
        await go(person, "f9")
        assert isinstance(app.frame, DispatchScreen)
        assert person.status == "One payment is written as handed over: SEPA 4711."
        assert person.sees("Nothing is due by hand")
        await go(person, "ctrl+d")
        assert isinstance(app.frame, DispatchScreen)
        assert app.backend is not None
        page = app.backend.open_refunds(SUPERVISOR, states=frozenset({LegState.DUE}))
        assert page.legs == ()


async def test_what_is_typed_after_the_preview_needs_another_one(open_as: Open) -> None:
    app = open_as(SUPERVISOR)
    async with cashier(app) as person:
        await dispatch_form(person)
        await go(person, "ctrl+d")
        await person.type("SEPA 4711")
        await go(person, "f5")
        await person.type("2")
        await go(person, "f9")
        assert isinstance(app.frame, HandOverDueScreen)
        assert "F5 first" in person.status


async def test_an_administrator_looks_at_runs_and_cancels_nothing(open_as: Open) -> None:
    app = open_as(ADMIN)
    async with cashier(app) as person:
        await go(person, "f6")
        assert isinstance(app.frame, RunsScreen)
        await go(person, "c")
        assert isinstance(app.frame, RunsScreen)
        assert "supervisor" in person.status

"""The list of runs: what there was, who may begin one, and the ways into both forms."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from backend_client.domain.caller import Role
from backend_client.domain.runs import ItemPlan
from tests.functional.run_steps import (
    LIVE,
    SIMULATION,
    at_runs,
    carried_out,
    go,
    history,
    simulated_dispatch,
    supervised,
)
from tests.functional.scripted import HELD_AT_MOST_S
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.window import cashier
from tui.screens.dispatch import DispatchScreen
from tui.screens.lookup import LookupScreen
from tui.screens.performances import PerformancesScreen
from tui.screens.runs import RunsScreen

# ------------------------------------------------------------ who may


@pytest.mark.parametrize("role", [Role.CASHIER, Role.ADMIN])
@pytest.mark.parametrize("key", ["f6", "ctrl+u"])
async def test_everybody_looks_at_runs_and_only_supervisors_cancel(role: Role, key: str) -> None:
    app = supervised(ScriptedRuns(), role=role)
    async with cashier(app) as person:
        await go(person, key)
        assert isinstance(app.frame, RunsScreen)
        assert "D simulates a dispatch; supervisors carry runs out." in person.status
        await go(person, "c")
        assert isinstance(app.frame, RunsScreen)
        assert f"B. Keller is {role.value} here" in person.status
        assert "(supervisor)" in person.status


@pytest.mark.parametrize("role", [Role.CASHIER, Role.ADMIN])
async def test_everybody_simulates_a_dispatch_and_only_supervisors_go_live(role: Role) -> None:
    backend = ScriptedRuns()
    app = supervised(backend, role=role)
    async with cashier(app) as person:
        await simulated_dispatch(person)
        await go(person, "f9")
        assert f"B. Keller is {role.value} here" in person.status
        assert "go_live" not in backend.calls


async def test_the_palette_leads_to_both_forms_from_anywhere() -> None:
    app = supervised(ScriptedRuns())
    for typed, expected in (
        ("dispatch", DispatchScreen),
        ("cancel perf", PerformancesScreen),
    ):
        async with cashier(supervised(ScriptedRuns())) as person:
            app = person.app
            await go(person, "ctrl+p")
            await person.type(typed)
            await person.settled()
            await person.press("enter")
            await person.until(lambda: isinstance(app.frame, expected), "the form")  # noqa: B023
            await go(person, "escape")
            assert isinstance(app.frame, RunsScreen)


async def test_the_palette_refuses_a_cashier_in_words() -> None:
    app = supervised(ScriptedRuns(), role=Role.CASHIER)
    async with cashier(app) as person:
        await go(person, "ctrl+p")
        await person.type("cancel perf")
        await person.settled()
        await go(person, "enter")
        assert isinstance(app.frame, LookupScreen)
        assert "supervisor" in person.status


async def test_c_and_d_begin_runs_in_their_list_only() -> None:
    app = supervised(ScriptedRuns())
    async with cashier(app) as person:
        await person.type("cd")
        assert isinstance(app.frame, LookupScreen)
        assert person.box.value == "cd"
        await history(person)
        await go(person, "C")
        assert isinstance(app.frame, PerformancesScreen)


# ------------------------------------------------------------ the list


async def test_the_history_lists_newest_first_and_opens_a_log() -> None:
    async with at_runs(count=20) as (person, _backend):
        await simulated_dispatch(person)
        await carried_out(person)
        runs = await history(person)
        numbers = [run.id for at in range(runs.runs.total) if (run := runs.runs.row(at))]
        assert numbers == [LIVE, SIMULATION]
        await go(person, "down", "enter")
        assert person.sees("simulation 41")
        await go(person, "f9")
        assert "carried out by run 42" in person.status


async def test_a_simulation_says_in_the_list_what_can_become_of_it() -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        await simulated_dispatch(person)
        await carried_out(person)
        backend.plan = lambda kind, ordinal: ItemPlan.STAYS  # type: ignore[method-assign]
        await history(person)
        await go(person, "d", "f5")
        backend.valid = timedelta(minutes=-1)
        backend.plan = ScriptedRuns(count=20).plan  # type: ignore[method-assign]
        await go(person, "f5")
        await history(person)
        for number, state in ((41, "✓ by run 42"), (43, "– nothing to do"), (44, "◌ expired")):
            (row,) = [line for line in person.text.splitlines() if f" {number} Dispatch" in line]
            assert state in row


@pytest.mark.parametrize("key", ["f8", "f9", "ctrl+e"])
async def test_what_is_done_to_one_run_is_said_to_need_one(key: str) -> None:
    async with cashier(supervised(ScriptedRuns())) as person:
        await history(person)
        await go(person, key)
        assert person.status.startswith("Open ")


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


async def test_a_dispatch_asked_for_before_the_runs_are_read_opens_once_they_are() -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        door = backend.shut("runs")
        await person.press("f6")
        await person.until(lambda: "runs" in backend.calls, "the runs are asked for")
        await person.press("d")
        assert isinstance(app.frame, RunsScreen)
        door.set()
        await person.until(lambda: isinstance(app.frame, DispatchScreen), "the form")
        await person.settled()
        await person.press("escape")
        await person.settled()
        assert isinstance(app.frame, RunsScreen), "it opens once"


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

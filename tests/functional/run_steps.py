"""The way through the screens of runs in tests: to a form, a simulation, a live run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from textual.widgets import Input

from backend_client.domain.caller import Role
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.window import Cashier, cashier, typist, window
from tui.app import TicketWindowApp
from tui.dialogs.confirm_run import ConfirmRunDialog
from tui.screens.cancel_performance import CancelPerformanceScreen
from tui.screens.dispatch import DispatchScreen
from tui.screens.run import RunScreen
from tui.screens.runs import RunsScreen

SIMULATION, LIVE = 41, 42
"""The numbers of the first simulation and of its live run."""


def supervised(
    backend: ScriptedRuns, *, role: Role = Role.SUPERVISOR, theme: str = "dark"
) -> TicketWindowApp:
    """The window with a supervisor in front of it."""
    app = window(backend, theme=theme)
    app.caller = replace(app.caller, role=role, operator="B. Keller")
    return app


@asynccontextmanager
async def at_runs(count: int = 240, **backend: Any) -> AsyncIterator[tuple[Cashier, ScriptedRuns]]:
    """A supervisor at the open window of a house with so many items, and that house."""
    made = ScriptedRuns(count=count, **backend)
    async with cashier(supervised(made)) as person:
        yield person, made


async def go(person: Cashier, *keys: str) -> None:
    """Keys, and everything that follows from them."""
    await person.press(*keys)
    await person.settled()


async def history(person: Cashier) -> RunsScreen:
    await go(person, "f6")
    screen = person.app.frame
    assert isinstance(screen, RunsScreen), person.text
    return screen


async def dispatch_form(person: Cashier) -> DispatchScreen:
    await history(person)
    await go(person, "d")
    screen = person.app.frame
    assert isinstance(screen, DispatchScreen), person.text
    return screen


async def cancellation_form(person: Cashier, event: str = "hamlet") -> CancelPerformanceScreen:
    """The first performance that is called so."""
    await history(person)
    await go(person, "c")
    await person.type(event)
    await person.settled()
    await go(person, "down")
    await go(person, "enter")
    screen = person.app.frame
    assert isinstance(screen, CancelPerformanceScreen), person.text
    return screen


async def simulated(person: Cashier) -> RunScreen:
    """F5, until the simulation is shown."""
    await go(person, "f5")
    screen = person.app.frame
    assert isinstance(screen, RunScreen), person.text
    assert screen.phase == "simulated"
    return screen


async def confirming(person: Cashier) -> ConfirmRunDialog:
    """F9, and the time it takes to read the dialog."""
    await go(person, "f9")
    dialog = person.app.screen
    assert isinstance(dialog, ConfirmRunDialog), person.text
    typist(person.app).wait(1)
    return dialog


async def gone_live(person: Cashier) -> RunScreen:
    """The count typed, F9, until the live run has its number; nothing is waited for beyond."""
    screen = person.app.frame
    assert isinstance(screen, RunScreen)
    assert screen.run is not None
    simulation_id, count = screen.run.id, screen.run.taken
    await confirming(person)
    await person.type(str(count))
    await person.press("f9")
    await person.until(
        lambda: screen.run is not None and screen.run.simulation_id == simulation_id, "it is live"
    )
    return screen


async def live_dispatch(person: Cashier) -> RunScreen:
    await dispatch_form(person)
    await simulated(person)
    return await gone_live(person)


async def through(person: Cashier, backend: ScriptedRuns, screen: RunScreen) -> None:
    """Let everything that holds the live run go, and see it done."""
    backend.advance(screen.run_id, backend.count)
    await person.until(lambda: screen.phase == "done", "the run is done")
    await person.settled()


async def simulated_dispatch(person: Cashier) -> RunScreen:
    """A simulation of what the form of a dispatch says when it opens."""
    await dispatch_form(person)
    return await simulated(person)


async def carried_out(person: Cashier) -> RunScreen:
    """The simulation that is shown, live to its end."""
    screen = await gone_live(person)
    await person.until(lambda: screen.phase == "done", "the run is done")
    await person.settled()
    return screen


async def paused_dispatch(person: Cashier, backend: ScriptedRuns) -> RunScreen:
    """A live dispatch that its provider paused on the way."""
    backend.pauses_at = 50
    await simulated_dispatch(person)
    screen = await gone_live(person)
    await person.until(lambda: screen.phase == "halted", "it is paused")
    return screen


async def fill(person: Cashier, name: str, text: str) -> None:
    """Type into the field of this id, in place of what stands there."""
    field = person.app.frame.query_one(f"#{name}")
    field.focus()
    await person.pilot.pause()
    if isinstance(field, Input):
        field.select_all()
    else:
        await person.press("delete")
    await person.type(text)
    await person.settled()


async def pick(person: Cashier, name: str, times: int) -> None:
    """So many to the right; fewer than none to the left."""
    person.app.frame.query_one(f"#{name}").focus()
    await person.pilot.pause()
    await person.press(*["right"] * times, *["left"] * -times)
    await person.settled()

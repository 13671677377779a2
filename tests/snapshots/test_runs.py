"""Mass runs as pictures: told, simulated, approved, confirmed, live, paused and done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from textual.widgets import Input

from backend_client.answers import OpenLeg
from backend_client.domain.caller import Role
from backend_client.domain.refund import LegState, Method
from backend_client.domain.runs import Difference, Differences, RunState
from tests.functional.run_steps import (
    SIMULATION,
    cancellation_form,
    confirming,
    dispatch_form,
    go,
    history,
    simulated,
    supervised,
)
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.signing_in import StaffedRuns, sign_in
from tests.functional.window import Cashier, typist
from tests.snapshots.scenes import SMALL, Compare, pictured
from tests.unit.builders import NOW
from tui.screens.run import RunScreen

Scene = Callable[[Cashier, ScriptedRuns], Awaitable[None]]
ITEMS, THROUGH = 1294, 672


async def runs(person: Cashier, backend: ScriptedRuns) -> None:
    """One of each state, the newest one on top."""
    for done, state in ((ITEMS, RunState.DONE), (THROUGH, RunState.STOPPED)):
        await dispatched(person, backend, done, state=state)
    await cancellation_form(person)
    await simulated(person)
    await history(person)


async def performances(person: Cashier, _backend: ScriptedRuns) -> None:
    await history(person)
    await go(person, "c")
    await go(person, "down", "space")


async def cancellation(person: Cashier, _backend: ScriptedRuns) -> None:
    await cancellation_form(person)


async def cancellation_simulated(person: Cashier, backend: ScriptedRuns) -> None:
    changed = (Difference(3, "WQ00003", "item-changed"),)
    backend.since = Differences(changed, 1, ("WQNEW01", "WQNEW02"), 2)
    await cancellation_form(person)
    await simulated(person)
    await go(person, "right", "right")


async def dispatch(person: Cashier, backend: ScriptedRuns) -> None:
    backend.open_legs = [due(1, 2000), due(2, 3150)]
    await dispatch_form(person)


async def dispatch_mistake(person: Cashier, _backend: ScriptedRuns) -> None:
    form = await dispatch_form(person)
    field = form.query_one("#last", Input)
    field.focus()
    field.select_all()
    await person.type("1 Nov 2026")
    await go(person, "f5")


async def dispatch_simulated(person: Cashier, _backend: ScriptedRuns) -> None:
    await dispatch_form(person)
    await simulated(person)


async def confirm(person: Cashier, _backend: ScriptedRuns) -> None:
    await dispatch_form(person)
    await simulated(person)
    await confirming(person)
    await person.type("116")
    await go(person, "f9")


async def to_approve(person: Cashier, backend: ScriptedRuns) -> None:
    backend.four_eyes = True
    await dispatch_simulated(person, backend)


async def dispatched(
    person: Cashier, backend: ScriptedRuns, done: int, **changes: object
) -> RunScreen:
    """A live run that did so many items by now, as another window would have it."""
    await dispatch_form(person)
    screen = await simulated(person)
    live_id = backend.begin_elsewhere(screen.run_id, done, **changes)
    shown = RunScreen(live_id)
    person.app.push_screen(shown)
    await person.until(lambda: shown.run is not None, "it is read")
    await person.settled()
    return shown


async def live(person: Cashier, backend: ScriptedRuns) -> None:
    screen = await dispatched(person, backend, 0)
    await person.until(lambda: screen.pace._readings, "a first reading")
    person.app.clock.move(seconds=30)  # type: ignore[attr-defined]
    backend.scripts[SIMULATION].done = THROUGH
    latest = ("waiting 559", "› R-11102")
    await person.until(lambda: all(map(person.sees, latest)), "the latest rows, below all counters")


async def paused(person: Cashier, backend: ScriptedRuns) -> None:
    note = "practice takes no refunds just now"
    await dispatched(person, backend, THROUGH, state=RunState.PAUSED, note=note)


async def done(person: Cashier, backend: ScriptedRuns) -> None:
    await dispatched(person, backend, ITEMS, state=RunState.DONE)


async def due_by_hand(person: Cashier, backend: ScriptedRuns) -> None:
    await dispatch(person, backend)
    await go(person, "ctrl+d")
    await person.type("SEPA 4711")
    await go(person, "f5")


def due(number: int, amount: int) -> OpenLeg:
    return OpenLeg(
        leg_id=number,
        leg_number=f"R-{10_430 + number}.1",
        refund_number=f"R-{10_430 + number}",
        booking_reference=f"WQ{number:05d}",
        customer="Bette Davis",
        method=Method.TRANSFER,
        state=LegState.DUE,
        amount_minor=amount,
        currency="CHF",
        requested_at=NOW - timedelta(days=2),
    )


SCENES: dict[str, Scene] = {
    "RUNS": runs,
    "PERFORMANCES": performances,
    "CANCELLATION": cancellation,
    "CANCELLATION_SIMULATED": cancellation_simulated,
    "DISPATCH": dispatch,
    "DISPATCH_MISTAKE": dispatch_mistake,
    "DISPATCH_SIMULATED": dispatch_simulated,
    "TO_APPROVE": to_approve,
    "CONFIRM": confirm,
    "LIVE": live,
    "PAUSED": paused,
    "DONE": done,
    "DUE_BY_HAND": due_by_hand,
}


def picture(
    compare: Compare, name: str, *, size: tuple[int, int] = SMALL, theme: str = "dark"
) -> bool:
    backend = ScriptedRuns(count=ITEMS)
    app = supervised(backend, theme=theme)

    return pictured(compare, app, lambda person: SCENES[name](person, backend), size)


@pytest.mark.parametrize("name", SCENES)
def test_run(snap_compare: Compare, name: str) -> None:
    assert picture(snap_compare, name)


@pytest.mark.parametrize("name", ["DISPATCH_SIMULATED", "LIVE"])
def test_large(snap_compare: Compare, name: str) -> None:
    assert picture(snap_compare, name, size=(120, 40))


@pytest.mark.parametrize(
    ("name", "theme"),
    [("DISPATCH_SIMULATED", "high-contrast"), ("LIVE", "high-contrast"), ("LIVE", "light")],
)
def test_themes(snap_compare: Compare, name: str, theme: str) -> None:
    assert picture(snap_compare, name, theme=theme)


def test_another_supervisor_beside_the_maker(snap_compare: Compare) -> None:
    """A wrong PIN was typed, and the right one is on its way."""
    backend = StaffedRuns()
    backend.four_eyes = True
    backend.staff |= dict.fromkeys(("D. Roth", "張偉 [1]"), (Role.SUPERVISOR, "1947"))
    app = supervised(backend)

    async def refused(person: Cashier) -> None:
        await sign_in(person, "2580")
        await dispatch_simulated(person, backend)
        await go(person, "v")
        typist(app).wait(1)
        await person.type("7352")
        await person.press("f9")
        await person.until(lambda: person.sees("do not belong"), "the refusal")
        await go(person, "down")
        await person.type("194")

    assert pictured(snap_compare, app, refused)

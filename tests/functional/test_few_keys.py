"""Signing in, the lock and approvals: at most three keys besides the PIN, each of them counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.functional.few_keys import few_keys
from tests.functional.run_steps import SIMULATION, go, history, simulated_dispatch, supervised
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.signing_in import StaffedRuns, sign_in, staffed_window
from tests.functional.test_screens_runs_four_eyes import kellers, staffed, waiting
from tests.functional.window import Cashier, cashier
from tui.screens.lookup import LookupScreen


def is_approved(backend: ScriptedRuns) -> bool:
    return backend.scripts[SIMULATION].simulation.approval is not None


async def opened(person: Cashier) -> None:
    await person.until(lambda: not person.app.lock.locked, "the window is open")


async def test_whose_window_it_is_presses_enter() -> None:
    async with cashier(staffed_window()) as person:
        await few_keys(person, "5071", "enter")
        await opened(person)


async def test_somebody_else_chooses_their_name_first() -> None:
    async with cashier(staffed_window()) as person:
        await few_keys(person, "k", "enter", "2580", "enter")
        await opened(person)
        assert person.app.caller.operator == "B. Keller"


async def test_locking_and_coming_back() -> None:
    async with cashier(staffed_window()) as person:
        await sign_in(person)
        screen = await person.open("WPM8TS9")
        await few_keys(person, "ctrl+backslash", "5071", "enter")
        await opened(person)
        assert person.app.screen is screen


async def test_another_person_takes_a_locked_window_over() -> None:
    async with cashier(staffed_window()) as person:
        await sign_in(person)
        await person.press("ctrl+backslash")
        await few_keys(person, "k", "enter", "2580", "enter")
        await opened(person)
        assert isinstance(person.app.screen, LookupScreen)
        assert person.app.caller.operator == "B. Keller"


@pytest.mark.parametrize(
    ("others", "keys"), [((), ("v", "1947", "f9")), (("E. Frei",), ("v", "e", "1947", "f9"))]
)
async def test_a_run_is_approved_beside_its_maker(
    others: tuple[str, ...], keys: tuple[str, ...]
) -> None:
    backend: StaffedRuns = staffed(*others)
    async with cashier(kellers(backend)) as person:
        await sign_in(person, "2580")
        await simulated_dispatch(person)
        await few_keys(person, *keys)
        await person.until(lambda: is_approved(backend), "the approval")


async def test_a_run_is_approved_at_the_own_window() -> None:
    """From the list of runs: Enter opens the one that waits."""
    backend = waiting()
    async with cashier(supervised(backend)) as person:
        await simulated_dispatch(person)
        person.app.caller = replace(person.app.caller, operator="D. Roth")
        await go(person, "escape")
        await history(person)
        await few_keys(person, "enter", "v", "f9")
        await person.until(lambda: is_approved(backend), "the approval")

"""The prescribed order: each finished run leads to the next step, with what was typed once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.runs import ItemOutcome, RunState
from tests.functional.run_steps import (
    at_runs,
    cancellation_form,
    carried_out,
    dispatch_form,
    go,
    history,
    simulated,
    simulated_dispatch,
    supervised,
)
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.window import cashier
from tests.unit.builders import NOW
from tui.screens.dispatch import DispatchScreen


async def test_a_cancellation_leads_to_the_dispatch_of_today() -> None:
    async with at_runs(count=20) as (person, backend):
        await cancellation_form(person)
        await simulated(person)
        assert person.sees("Hamlet · 07 Dec 13:30")
        await carried_out(person)
        assert person.sees("✓ cancelled 18")
        assert person.sees("F5 Next: dispatch")
        await go(person, "f5")
        assert isinstance(person.app.frame, DispatchScreen)
        assert "as for run 42" in person.status
        await simulated(person)
    today = date(2026, 11, 22)
    assert backend.told[1] == DispatchParameters(today, today, CreditMode.NEVER)


@pytest.mark.parametrize("keys", [("f6", "d"), ("ctrl+p",)])
async def test_a_dispatch_begun_by_itself_is_of_what_was_cancelled_last(
    keys: tuple[str, ...],
) -> None:
    async with at_runs(count=20) as (person, backend):
        await cancellation_form(person)
        await simulated(person)
        await carried_out(person)
        await go(person, *keys)
        if keys == ("ctrl+p",):
            await person.type("dispatch")
            await person.settled()
            await go(person, "enter")
        await person.until(lambda: isinstance(person.app.frame, DispatchScreen), "the form")
        assert "as for run 42" in person.status
        await simulated(person)
        await carried_out(person)
        await history(person)
        await go(person, "d")
        assert "as for run 44" in person.status, "what was cancelled is dispatched"
        await simulated(person)
    today = date(2026, 11, 22)
    assert backend.told[1] == DispatchParameters(today, today, CreditMode.NEVER)
    assert backend.told[2] == DispatchParameters(today, today, CreditMode.WHEN_NOT_POSSIBLE)


@pytest.mark.parametrize("done", ["today", "yesterday", "stopped"])
async def test_after_a_dispatch_that_left_nothing_its_days_are_those_of_the_next(done: str) -> None:
    """For as long as it is of today; before and after, a dispatch is of last week."""
    backend = ScriptedRuns(count=20)
    backend.outcome = lambda kind, ordinal: ItemOutcome.REFUNDED  # type: ignore[method-assign]
    app = supervised(backend)
    async with cashier(app) as person:
        form = await dispatch_form(person)
        form.query_one("#preset").focus()
        await go(person, "left")
        today = date(2026, 11, 22)
        assert (form.day("first"), form.day("last")) == (today, today)
        form.query_one("#mode").focus()
        await go(person, "right")
        await simulated(person)
        await carried_out(person)
        if done == "yesterday":
            backend.set_live(42, ended_at=NOW - timedelta(days=1))
        if done == "stopped":
            backend.set_live(42, state=RunState.STOPPED)
        form = await dispatch_form(person)
        days = (today, today) if done == "today" else (date(2026, 11, 9), date(2026, 11, 15))
        assert (form.day("first"), form.day("last"), form.mode) == (*days, CreditMode.NEVER)
        assert "as for run" not in person.status


async def test_never_leads_to_when_not_possible_with_everything_else_the_same() -> None:
    async with at_runs(count=40) as (person, backend):
        form = await dispatch_form(person)
        form.query_one("#sold_through").focus()
        await person.pilot.pause()
        await person.type("internet")
        await simulated(person)
        await carried_out(person)
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
        await simulated_dispatch(person)
        screen = await carried_out(person)
        await go(person, "f5")
        assert app.frame is screen
        assert "Nothing is left to do" in person.status

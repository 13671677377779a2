"""A form that is left half filled, whichever way: nothing that was typed is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from backend_client.domain.run_parameters import CancellationParameters
from tests.functional.run_steps import (
    cancellation_form,
    dispatch_form,
    fill,
    go,
    history,
    pick,
    simulated,
    supervised,
)
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.window import Cashier, cashier
from tui.screens.cancel_performance import CancelPerformanceScreen
from tui.screens.dispatch import DispatchScreen
from tui.widgets.amount_field import AmountField
from tui.widgets.choice import Choice

WAYS_OUT = ("f6", "f2", "f7", "escape")


def text_of(person: Cashier, name: str) -> str:
    return person.app.frame.query_one(f"#{name}", Input).value


async def other_event(person: Cashier, name: str) -> None:
    """From the list of performances on."""
    box = person.app.frame.query_one("#box", Input)
    box.focus()
    box.value = ""
    await person.type(name)
    await person.settled()
    await go(person, "down")
    await go(person, "enter")


@pytest.mark.parametrize("way", WAYS_OUT)
async def test_a_dispatch_comes_back_as_it_was_left(way: str) -> None:
    """Mistakes too: they are still to be put right."""
    app = supervised(ScriptedRuns(count=20))
    async with cashier(app) as person:
        await dispatch_form(person)
        typed = {"first": "1 Nov", "last": "no day", "sold_through": "web, ١٢", "batch": "-5"}
        for name, text in typed.items():
            await fill(person, name, text)
        await pick(person, "mode", 2)
        await go(person, way)
        await history(person)
        assert "half filled in: D goes on" in person.status
        await go(person, "d")
        form = app.frame
        assert isinstance(form, DispatchScreen)
        assert {name: text_of(person, name) for name in typed} == typed
        assert form.query_one("#mode", Choice).index == 2
        assert person.sees("a whole number, or empty")
        assert "As you left it" in person.status
        await fill(person, "desk", "4")
        assert "As you left it" not in person.status
        await go(person, "escape", "d")
        assert (text_of(person, "first"), text_of(person, "desk")) == ("1 Nov", "4")


@pytest.mark.parametrize("way", WAYS_OUT)
async def test_a_cancellation_comes_back_with_its_performance(way: str) -> None:
    backend = ScriptedRuns(count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await cancellation_form(person)
        await fill(person, "contingents", "stalls, balcony")
        await pick(person, "keep", 1)
        await fill(person, "kept", "2.50")
        await go(person, way)
        await history(person)
        assert "half filled in: C goes on" in person.status
        await go(person, "c")
        form = app.frame
        assert isinstance(form, CancelPerformanceScreen)
        assert [one.event for one in form.performances] == ["Hamlet"]
        assert text_of(person, "contingents") == "stalls, balcony"
        assert form.query_one("#kept", AmountField).text == "2.50"
        await simulated(person)
        await history(person)
        assert "half filled" not in person.status, "a run has it now"
    (told,) = backend.told
    assert isinstance(told, CancellationParameters)
    assert told.contingents == ("stalls", "balcony")
    assert told.retained is not None
    assert told.retained.amount == 250


async def test_own_words_for_a_reason_come_back() -> None:
    app = supervised(ScriptedRuns(count=20))
    app.settings = replace(app.settings, policy=replace(app.settings.policy, free_reasons=True))
    async with cashier(app) as person:
        await cancellation_form(person)
        await pick(person, "reason", -1)
        while not app.frame.query_one("#own-row").display:
            await pick(person, "reason", 1)
        await fill(person, "own-reason", "a flooded stage")
        await go(person, "f6")
        await go(person, "c")
        assert text_of(person, "own-reason") == "a flooded stage"
        assert app.frame.query_one("#own-row").display


async def test_another_event_begins_empty_and_the_first_one_keeps_what_is_its() -> None:
    app = supervised(ScriptedRuns(count=20))
    async with cashier(app) as person:
        await cancellation_form(person)
        await fill(person, "tariffs", "child")
        await fill(person, "batch", "7")
        await go(person, "escape")
        await other_event(person, "lac")
        assert text_of(person, "tariffs") == ""
        await go(person, "escape")
        await other_event(person, "hamlet")
        assert text_of(person, "tariffs") == "child"


async def test_a_card_number_is_kept_nowhere() -> None:
    app = supervised(ScriptedRuns(count=20))
    async with cashier(app) as person:
        await dispatch_form(person)
        await fill(person, "sold_through", "4111 1111 1111 1111")
        await fill(person, "desk", "3")
        await go(person, "f6", "d")
        assert (text_of(person, "sold_through"), text_of(person, "desk")) == ("", "3")


async def test_another_person_begins_afresh() -> None:
    app = supervised(ScriptedRuns(count=20))
    async with cashier(app) as person:
        await dispatch_form(person)
        await fill(person, "batch", "12")
        assert app.lock.begun
        app.lock.hand_over(replace(app.caller, operator="S. Other"))
        await person.settled()
        await dispatch_form(person)
        assert text_of(person, "batch") == ""

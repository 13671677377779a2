"""What a dispatch is told: days, presets, channels, and mistakes beside their fields."""

from __future__ import annotations

from datetime import date

import pytest
from textual.widgets import Input

from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CreditMode, DispatchParameters, Through
from tests.functional.run_steps import (
    dispatch_form,
    fill,
    go,
    pick,
    simulated,
    simulated_dispatch,
    supervised,
)
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.window import cashier
from tui.screens.dispatch import DispatchScreen
from tui.widgets.choice import Choice


async def test_the_dispatch_starts_with_last_week_and_credit_never() -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        await simulated_dispatch(person)
    assert backend.told == [
        DispatchParameters(date(2026, 11, 9), date(2026, 11, 15), CreditMode.NEVER)
    ]


@pytest.mark.parametrize(
    ("steps", "first", "last"),
    [
        (1, date(2026, 10, 1), date(2026, 10, 31)),
        (3, date(2026, 11, 22), date(2026, 11, 22)),
    ],
)
async def test_a_preset_fills_the_days_in(steps: int, first: date, last: date) -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        await pick(person, "preset", steps)
        await simulated(person)
    (told,) = backend.told
    assert isinstance(told, DispatchParameters)
    assert (told.first, told.last) == (first, last)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-01", date(2026, 11, 1)),
        ("01 Nov 2026", date(2026, 11, 1)),
        ("1 nov", date(2026, 11, 1)),
        ("24 Dec", date(2025, 12, 24)),
    ],
)
async def test_days_are_typed_as_the_house_writes_them_or_as_iso(typed: str, meant: date) -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        form = await dispatch_form(person)
        await fill(person, "first", typed)
        assert person.sees("as written below")
        assert form.day("first") == meant
        await simulated(person)
    (told,) = backend.told
    assert isinstance(told, DispatchParameters)
    assert told.first == meant


async def test_every_parameter_of_a_dispatch_arrives() -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        await fill(person, "sold_through", "internet, app; internet")
        await fill(person, "batch", "1,200")
        await pick(person, "mode", 1)
        await pick(person, "email", 1)
        await fill(person, "channel", "internet")
        await fill(person, "desk", "9")
        await simulated(person)
    assert backend.told == [
        DispatchParameters(
            date(2026, 11, 9),
            date(2026, 11, 15),
            CreditMode.WHEN_NOT_POSSIBLE,
            sold_through=("internet", "app"),
            email=False,
            through=Through("internet", "9"),
            batch=1200,
        )
    ]


async def test_a_house_without_mail_mails_nobody() -> None:
    backend = ScriptedRuns(count=20)
    backend.mails = False
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        await pick(person, "email", 1)
        shown = person.app.screen.query_one("#email", Choice).render()
        assert "no: there is no mail" in shown.plain
        await simulated(person)
    (told,) = backend.told
    assert isinstance(told, DispatchParameters)
    assert told.email is False


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("first", "31 Feb", "as 22 Nov 2026 or 22.11."),
        ("last", "soon", "as 22 Nov 2026 or 22.11."),
        ("last", "2026-11-01", "before the first day"),
        ("batch", "all", "a whole number"),
        ("batch", "0", "a whole number"),
    ],
)
async def test_a_mistake_stands_beside_its_field_and_nothing_is_simulated(
    name: str, text: str, said: str
) -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        await fill(person, name, text)
        (row,) = [line for line in person.text.splitlines() if said in line]
        assert text in row
        await go(person, "f5")
        assert isinstance(app.frame, DispatchScreen)
        assert said in person.status
        assert backend.told == []
        await go(person, "escape", "d")
        assert "Esc drops it" in person.status
        await go(person, "escape", "d")
        assert not person.sees(said), "it begins afresh"
        await simulated(person)


async def test_what_the_backend_finds_wrong_stands_beside_its_field_too() -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        backend.fail("simulate", Refused("run-dates", first="9 Nov", last="15 Nov"))
        await go(person, "f5")
        assert isinstance(app.frame, DispatchScreen)
        assert "is not a range of days" in person.status
        (row,) = [line for line in person.text.splitlines() if "To, included" in line]
        assert "not a range of days" in row
        await fill(person, "last", "16 Nov")
        assert "is not a range of days" not in person.status, "that is put right"
        await simulated(person)


async def test_a_channel_nothing_was_sold_through_is_said_at_its_field() -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        await fill(person, "sold_through", "XYZ")
        backend.fail("simulate", Refused("run-filter-unknown", field="channel", value="XYZ"))
        await go(person, "f5")
        assert isinstance(app.frame, DispatchScreen)
        assert app.focused is not None
        assert app.focused.id == "sold_through"
        (row,) = [line for line in person.text.splitlines() if "Sold through" in line]
        assert "XYZ is not known" in row


async def test_a_card_number_in_a_field_is_refused_there() -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        backend.fail("simulate", Refused("full-card-number", field="sold_through"))
        await go(person, "f5")
        assert "looks like a full card number" in person.status
        (row,) = [line for line in person.text.splitlines() if "Sold through" in line]
        assert "like a card number" in row


async def test_what_is_typed_first_replaces_the_day_that_stood_there() -> None:
    app = supervised(ScriptedRuns())
    async with cashier(app) as person:
        form = await dispatch_form(person)
        form.query_one("#first").focus()
        await person.settled()
        await person.type("1.11.")
        await person.settled()
        assert form.query_one("#first", Input).value == "1.11."


@pytest.mark.parametrize("name", ["channel", "desk"])
async def test_a_card_number_is_told_of_where_it_was_typed(name: str) -> None:
    """Both are one thing to the run, and two fields here."""
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        await fill(person, name, "4111 1111 1111 1111")
        backend.fail("simulate", Refused("full-card-number", field="through"))
        await go(person, "f5")
        assert app.focused is not None
        assert app.focused.id == name
        (row,) = [line for line in person.text.splitlines() if "like a card number" in line]
        assert "4111" not in person.text
        assert row.strip().startswith("›")

"""What runs are told: fields, presets, mistakes beside them, and who may tell them anything."""

from __future__ import annotations

from datetime import date

import pytest
from textual.widgets import Input

from backend_client.domain.amounts import Retention, RetentionKind
from backend_client.domain.caller import Role
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
    Through,
)
from tests.functional.run_steps import (
    cancellation_form,
    dispatch_form,
    go,
    history,
    simulated,
    supervised,
)
from tests.functional.scripted_runs import HAMLET, ScriptedRuns
from tests.functional.window import Cashier, cashier
from tui.screens.cancel_performance import CancelPerformanceScreen
from tui.screens.dispatch import DispatchScreen
from tui.screens.lookup import LookupScreen
from tui.screens.performances import PerformancesScreen
from tui.screens.run import RunScreen
from tui.screens.runs import RunsScreen


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
    person.app.frame.query_one(f"#{name}").focus()
    await person.pilot.pause()
    await person.press(*["right"] * times)
    await person.settled()


# ------------------------------------------------------------ who may


@pytest.mark.parametrize("role", [Role.CASHIER, Role.ADMIN])
@pytest.mark.parametrize("key", ["f6", "ctrl+u"])
async def test_runs_are_refused_in_words_with_who_may(role: Role, key: str) -> None:
    app = supervised(ScriptedRuns(), role=role)
    async with cashier(app) as person:
        await go(person, key)
        assert isinstance(app.frame, LookupScreen)
        assert "supervisor" in person.status
        assert f"B. Keller is {role.value} here" in person.status


async def test_the_palette_leads_to_both_forms_from_anywhere() -> None:
    app = supervised(ScriptedRuns())
    for typed, expected in (
        ("dispatch req", DispatchScreen),
        ("cancel a perf", PerformancesScreen),
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
        await person.type("dispatch req")
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


# ------------------------------------------------------------ dispatch


async def test_the_dispatch_starts_with_last_week_and_credit_never() -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        await simulated(person)
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
        assert "From 9 Nov to 15 Nov is" in row
        await fill(person, "last", "16 Nov")
        assert "is not a range of days" not in person.status, "that is put right"
        await simulated(person)


async def test_a_card_number_in_a_field_is_refused_there() -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        backend.fail("simulate", Refused("full-card-number", field="sold_through"))
        await go(person, "f5")
        assert "looks like a full card number" in person.status
        (row,) = [line for line in person.text.splitlines() if "Sold through" in line]
        assert "That looks like" in row


# ------------------------------------------------------------ cancellation


async def test_performances_are_found_chosen_and_named_in_the_form() -> None:
    backend = ScriptedRuns(count=20)
    app = supervised(backend)
    async with cashier(app) as person:
        await history(person)
        await go(person, "c")
        await person.type("ham")
        await person.settled()
        assert person.sees("2 performances")
        await go(person, "down", "space", "down", "space")
        assert "2 performances chosen" in person.status
        await go(person, "enter")
        assert isinstance(app.frame, CancelPerformanceScreen)
        assert person.text.count("Hamlet") == 2
        await simulated(person)
    (told,) = backend.told
    assert isinstance(told, CancellationParameters)
    assert told == CancellationParameters((8, HAMLET.id), "performance-cancelled")
    assert told.blocks


async def test_performances_of_two_events_are_refused_where_they_are_chosen() -> None:
    app = supervised(ScriptedRuns())
    async with cashier(app) as person:
        await history(person)
        await go(person, "c", "down", "space", "end", "space")
        assert "performances of one event" in person.status
        screen = app.frame
        assert isinstance(screen, PerformancesScreen)
        assert list(screen.chosen) == [8]


async def test_enter_in_the_box_chooses_nothing() -> None:
    """A scanner ends with Enter."""
    app = supervised(ScriptedRuns())
    async with cashier(app) as person:
        await history(person)
        await go(person, "c")
        person.send(*"hamlet", "enter")
        await person.settled()
        assert isinstance(app.frame, PerformancesScreen)
        assert app.frame.performances.has_focus
        assert app.frame.performances.total == 2
        await go(person, "up")
        assert not app.frame.performances.has_focus


async def test_up_and_down_go_through_the_fields_of_a_form_higher_than_the_screen() -> None:
    async with cashier(supervised(ScriptedRuns())) as person:
        screen = await cancellation_form(person)
        sheet = screen.query_one("#sheet")
        assert sheet.max_scroll_y > 0, "all of it fits, and nothing would be shown"
        before = screen.focused
        await go(person, "down", "down", "down")
        focused = screen.focused
        assert focused is not None
        assert focused.id == "keep"
        await go(person, "up", "up", "up")
        assert screen.focused is before


async def test_every_parameter_of_a_cancellation_arrives() -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        await cancellation_form(person)
        await pick(person, "charges", 1)
        await pick(person, "shipment", 1)
        await pick(person, "keep", 3)
        await fill(person, "kept", "10.5")
        await pick(person, "block", 2)
        await fill(person, "contingents", "C1, C2")
        await fill(person, "categories", "A")
        await fill(person, "tariffs", "child")
        await fill(person, "sold_through", "internet")
        await pick(person, "excluded", 1)
        await fill(person, "methods", "Gift card, cash")
        await fill(person, "files", "WPM8TS9")
        await fill(person, "contacts", "C-1")
        await fill(person, "batch", "50")
        await fill(person, "channel", "internet")
        await simulated(person)
    assert backend.told == [
        CancellationParameters(
            (8,),
            "performance-cancelled",
            contingents=("C1", "C2"),
            categories=("A",),
            tariffs=("child",),
            sold_through=("internet",),
            methods=(PaymentMethod.GIFT_CARD, PaymentMethod.CASH),
            methods_excluded=True,
            files=("WPM8TS9",),
            contacts=("C-1",),
            charges=False,
            shipment=True,
            retained=Retention(RetentionKind.PERCENT, 1050),
            block=False,
            through=Through("internet"),
            batch=50,
        )
    ]


async def test_an_amount_kept_back_is_in_the_houses_currency() -> None:
    backend = ScriptedRuns(count=20)
    async with cashier(supervised(backend)) as person:
        await cancellation_form(person)
        await pick(person, "keep", 2)
        await fill(person, "kept", "2.50")
        await simulated(person)
    (told,) = backend.told
    assert isinstance(told, CancellationParameters)
    assert told.retained == Retention(RetentionKind.PER_TICKET, 250)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("methods", "crad", "no method crad"),
        ("files", ",".join(f"W{number}" for number in range(401)), "401 named, at most 400"),
    ],
)
async def test_mistakes_of_a_cancellation(name: str, text: str, said: str) -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        form = await cancellation_form(person)
        field = form.query_one(f"#{name}", Input)
        field.focus()
        field.value = text
        await person.settled()
        await go(person, "f5")
        assert isinstance(app.frame, CancelPerformanceScreen)
        assert said in person.status
        assert backend.told == []


async def test_more_than_all_of_it_cannot_be_kept_back() -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await cancellation_form(person)
        await pick(person, "keep", 3)
        await fill(person, "kept", "100.01")
        await go(person, "f5")
        assert isinstance(app.frame, CancelPerformanceScreen)
        assert backend.told == []
        await fill(person, "kept", "100")
        await simulated(person)


async def test_what_is_typed_first_replaces_the_day_that_stood_there() -> None:
    app = supervised(ScriptedRuns())
    async with cashier(app) as person:
        form = await dispatch_form(person)
        form.query_one("#first").focus()
        await person.settled()
        await person.type("1.11.")
        await person.settled()
        assert form.query_one("#first", Input).value == "1.11."


@pytest.mark.parametrize(
    ("kept", "typed", "said"),
    [
        (2, "2.5.", "type an amount in CHF"),
        (3, "", "type a number up to 100"),
        (3, "101", "type a number up to 100"),
    ],
)
async def test_what_cannot_be_kept_back_is_said_in_full(kept: int, typed: str, said: str) -> None:
    async with cashier(supervised(ScriptedRuns()), size=(80, 24)) as person:
        form = await cancellation_form(person)
        await pick(person, "keep", kept)
        form.query_one("#kept").focus()
        await person.type(typed)
        await person.settled()
        assert person.sees(said)


async def test_the_form_says_whether_the_performance_is_blocked() -> None:
    async with cashier(supervised(ScriptedRuns())) as person:
        await cancellation_form(person)
        assert person.sees("will be blocked")
        await fill(person, "tariffs", "child")
        assert person.sees("stays on sale")


async def test_an_unknown_filter_of_the_backend_is_said_at_its_field() -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await cancellation_form(person)
        await fill(person, "tariffs", "chidl")
        problem = Refused("run-filter-unknown", field="tariff", value="chidl", known="child")
        backend.fail("simulate", problem)
        await go(person, "f5")
        assert isinstance(app.frame, CancelPerformanceScreen)
        assert "chidl" in person.status
        assert app.focused is not None
        assert app.focused.id == "tariffs"


# ------------------------------------------------------------ while it is simulated


async def test_a_simulation_says_how_far_it_is_and_is_made_once() -> None:
    backend = ScriptedRuns(count=200)
    app = supervised(backend)
    async with cashier(app) as person:
        await dispatch_form(person)
        door = backend.shut("simulate")
        await person.press("f5")
        await person.until(lambda: "100 items" in person.status, "progress")
        await person.press("f5")
        assert "simulation is being made" in person.status
        door.set()
        await person.until(lambda: isinstance(app.frame, RunScreen), "the simulation")
        await person.settled()
    assert len(backend.told) == 1

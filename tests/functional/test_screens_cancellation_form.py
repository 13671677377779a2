"""What a cancellation is told: which performances, what goes back, and of which bookings."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from backend_client.domain.amounts import Retention, RetentionKind
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CancellationParameters, Through
from tests.functional.run_steps import (
    cancellation_form,
    fill,
    go,
    history,
    pick,
    simulated,
    supervised,
)
from tests.functional.scripted_runs import HAMLET, PERFORMANCES, ScriptedRuns
from tests.functional.window import cashier
from tui.screens.cancel_performance import CancelPerformanceScreen
from tui.screens.performances import PerformancesScreen

# ------------------------------------------------------------ performances


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
        await go(person, "f5")
        assert "Enter goes on" in person.status
        assert "first" not in person.status, "they are chosen"
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


async def test_performances_of_one_name_are_told_apart_by_their_keys() -> None:
    """Two of them may even begin at the same instant."""
    async with cashier(supervised(ScriptedRuns())) as person:
        await history(person)
        await go(person, "c")
        await person.type("ham")
        await person.settled()
        keys = {one.key for one in PERFORMANCES if one.event == "Hamlet"}
        rows = [line.split() for line in person.text.splitlines() if "Hamlet" in line]
        assert {row[row.index("Hamlet") - 1] for row in rows} == keys


async def test_the_star_chooses_all_that_is_listed_if_it_is_of_one_event() -> None:
    app = supervised(ScriptedRuns())
    async with cashier(app) as person:
        await history(person)
        await go(person, "c", "down", "asterisk")
        screen = app.frame
        assert isinstance(screen, PerformancesScreen)
        assert "of several events" in person.status
        assert screen.chosen == {}
        await go(person, "up")
        await person.type("ham")
        await person.settled()
        await go(person, "down", "asterisk")
        assert "2 performances chosen" in person.status
        assert set(screen.chosen) == {7, 8}
        await go(person, "asterisk")
        assert screen.chosen == {}


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


# ------------------------------------------------------------ the form


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


async def test_a_card_number_typed_as_the_reason_is_refused_and_out_of_sight() -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await cancellation_form(person)
        await pick(person, "reason", -2)
        await fill(person, "own-reason", "4111 1111 1111 1111")
        backend.fail("simulate", Refused("full-card-number", field="reason"))
        await go(person, "f5")
        assert "looks like a full card number" in person.status
        assert not person.sees("4111")
        assert app.focused is not None
        assert app.focused.id == "own-reason"
        await go(person, "f5")
        assert len(backend.told) == 1, "an empty reason is none"
        await person.type("Strike")
        await simulated(person)
    told = backend.told[1]
    assert isinstance(told, CancellationParameters)
    assert told.reason == "Strike"


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
    async with cashier(supervised(ScriptedRuns())) as person:
        await cancellation_form(person, "cygnes")
        assert person.sees("is blocked already")


@pytest.mark.parametrize(
    ("problem", "name", "label"),
    [
        (Refused("run-filter-unknown", field="tariff", value="XYZ"), "tariffs", "Tariffs"),
        (Refused("run-filter-unknown", field="contingent", value="XYZ"), "contingents", "Contin"),
        (Refused("run-filter-unknown", field="category", value="XYZ"), "categories", "Seat cat"),
        (Refused("run-filter-unknown", field="channel", value="XYZ"), "sold_through", "Sold thr"),
        (Refused("run-booking-unknown", value="XYZ"), "files", "Bookings"),
        (Refused("run-contact-unknown", value="XYZ"), "contacts", "Not these contacts"),
    ],
)
async def test_what_the_backend_does_not_know_is_said_at_its_field(
    problem: Refused, name: str, label: str
) -> None:
    backend = ScriptedRuns()
    app = supervised(backend)
    async with cashier(app) as person:
        await cancellation_form(person)
        await fill(person, name, "XYZ")
        backend.fail("simulate", problem)
        await go(person, "f5")
        assert isinstance(app.frame, CancelPerformanceScreen)
        assert "XYZ" in person.status
        assert app.focused is not None
        assert app.focused.id == name
        (row,) = [line for line in person.text.splitlines() if line.strip(" ›").startswith(label)]
        assert row.count("XYZ") == 2, "as it is typed, and in what is said beside it"

"""From a booking to money given back, with the keyboard alone, at 80×24."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.caller import Role
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.domain.policy import DEFAULT_REASONS, Policy, Reason
from backend_client.domain.refund import Method
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import cashier, house, window
from tests.unit.builders import BETTE, booking, caller, payment, ticket
from tui.screens.lookup import LookupScreen
from tui.screens.method import MethodScreen
from tui.widgets.frame_lines import Level
from tui.widgets.tick import Tick


async def test_the_whole_journey_with_the_keyboard() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        assert person.sees("Hamlet · 23 Nov 13:30 · G 16")
        await person.press("space")
        assert "To give back  10.00 CHF" in person.text
        await person.press("down", "down", "space", "a")
        assert "To give back  14.50 CHF" in person.text
        method = await person.preview()
        assert method.plan is not None
        assert person.sees("14.50 CHF goes to VISA •••• 1111 through the practice provider")
        assert backend.calls.count("execute_refund") == 0
        outcome = await person.give_back()
        assert outcome.number == "R-10001"
        assert person.sees("✓ refunded")
        assert person.sees("There in 2 to 5 working days.")
        assert person.sees("Please quote R-10001")
        await person.press("escape")
        assert isinstance(app.frame, LookupScreen)
        assert app.frame.box.value == ""
    assert backend.calls.count("execute_refund") == 1
    assert [done.refund.amount_minor for done in backend.done.values()] == [1450]


async def test_f4_shows_the_method_and_commits_only_after_f5() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("asterisk", "f4")
        await person.until(
            lambda: isinstance(app.frame, MethodScreen) and app.frame.plan is not None, "a plan"
        )
        await person.press("f9")
        assert "F5 first" in person.status
        await person.press("f5")
        await person.settled()
        await person.give_back()
    assert backend.calls.count("execute_refund") == 1


async def test_amounts_are_placed_by_hand_and_the_rest_shown() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
        await person.type("10")
        assert method.placement is not None
        assert method.placement.left_minor == 450
        assert person.sees("⚠        4.50")
        assert not method.shown
        await person.press("f9")
        assert "F5 first" in person.status
        await person.press("down", "space")
        assert method.placement.left_minor == 0
        await person.preview()
        assert person.sees("4.50 CHF goes to the credit account of Bette Davis.")
        outcome = await person.give_back()
    assert outcome.outcome is not None
    methods = {leg.method: leg.amount_minor for leg in outcome.outcome.refund.legs}
    assert methods == {Method.MATCHED: 1000, Method.CREDIT: 450}


async def test_not_enough_placed_is_refused_with_what_to_place() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
        await person.type("10")
        await person.press("f5")
        await person.settled()
        assert app.frame.said.level is Level.REFUSED
        assert "10.00 CHF" in person.status
        assert "14.50 CHF" in person.status
        assert not method.shown
    assert "execute_refund" not in backend.calls


@pytest.mark.parametrize("typed", ["-1", "1e3", "12.345", "NaN", "٣", "99999999999999"])
async def test_what_is_no_amount_is_said_beside_the_field(typed: str) -> None:
    app = window(house())
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
        await person.type(typed)
        assert method.placement is not None
        assert len(method.placement.mistakes) == 1
        assert person.sees("is not an amount in CHF") or person.sees("card number")
        await person.press("f5")
        assert not method.shown
        assert app.frame.said.level is Level.REFUSED


async def test_more_than_fits_is_marked_and_refused() -> None:
    app = window(house())
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
        await person.type("99")
        assert person.sees("max. 14.50")
        await person.press("f5")
        await person.settled()
        assert not method.shown


async def test_keeping_something_back_changes_the_proposal() -> None:
    app = window(house())
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
        app.frame.query_one("#retained").focus()
        await person.type("2.50")
        await person.until(
            lambda: method.plan is not None and method.plan.amount_minor == 1200, "a new proposal"
        )
        assert not method.shown
        await person.preview()
        assert person.sees("2.50 CHF is kept back.")
        assert method.placement is not None
        assert method.placement.left_minor == 0


async def test_a_reason_with_a_fee_keeps_it() -> None:
    policy = Policy(reasons=(*DEFAULT_REASONS, Reason("late", "Too late", 300)))
    app = window(house(policy=policy))
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
        app.frame.query_one("#reason").focus()
        await person.press("left", "left")
        assert person.sees("Too late · keeps 3.00 CHF")
        await person.preview()
        assert person.sees("3.00 CHF is kept as the fee for this reason.")
        assert method.plan is not None
        assert method.plan.amount_minor == 1150


async def test_a_reason_with_a_fee_in_another_currency_is_refused() -> None:
    backend = house(policy=Policy(reasons=(*DEFAULT_REASONS, Reason("late", "Too late", 300))))
    backend.policy = replace(backend.policy, currency="EUR")
    app = window(backend)
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
        app.frame.query_one("#reason").focus()
        await person.press("left", "left")
        assert person.sees("Too late · keeps 3.00 EUR")
        await person.press("f5")
        words = "The fee for “Too late” is 3.00 EUR, and this booking is in CHF."
        await person.until(lambda: person.sees(words), "a refusal in words")
        assert not method.shown


async def test_own_words_as_reason_are_required_when_chosen() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        await person.choose_all_and_preview()
        app.frame.query_one("#reason").focus()
        await person.press("left")
        await person.preview()
        assert "A reason is missing" in person.status
        await person.press("f9")
        assert "A reason is missing" in person.status
        app.frame.query_one("#own-reason").focus()
        await person.type("wrong day")
        await person.preview()
        await person.give_back()
    assert backend.refunds["R-10001"].reason == "wrong day"


async def test_a_record_needs_its_reference_before_the_commit() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
        await person.type("0")
        await person.press("down", "down", "down", "space")
        assert method.placement is not None
        assert method.placement.left_minor == 0
        await person.preview()
        assert "receipt number" in person.status
        await person.press("f9")
        assert "execute_refund" not in backend.calls
        await person.type("T-4711")
        await person.preview()
        await person.give_back()
    leg = backend.refunds["R-10001"].legs[0]
    assert (leg.method, leg.reference) == (Method.EXTERNAL, "T-4711")


async def test_several_payers_are_named() -> None:
    other = replace(BETTE, id=2, name="Luc Favre")
    payments = (payment(1, 700), payment(2, 300, payer=other))
    backend = ScriptedBackend([booking((ticket(1, 1000),), payments)])
    app = window(backend)
    async with cashier(app) as person:
        await person.choose_all_and_preview()
        assert person.sees("· Luc Favre")


async def test_the_operator_on_the_header_is_the_one_who_asks() -> None:
    app = window(house())
    async with cashier(app) as person:
        assert person.sees(f"{caller().operator}, cashier")
        assert person.sees("PRACTICE · 13:30")


async def test_a_supervisor_reads_the_warning_of_a_broken_package_first() -> None:
    broken = booking(
        (
            ticket(1, 800, groups=("deal",), state=LineState.CANCELLED),
            ticket(2, 800, groups=("deal",)),
        ),
        (payment(1, 1600, prior=800),),
    )
    backend = ScriptedBackend([broken], role=Role.SUPERVISOR)
    app = window(backend)
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("asterisk")
        method = await person.preview()
        assert "warning must be read first: F9 goes to it" in person.status
        await person.press("f9")
        assert "execute_refund" not in backend.calls
        assert app.frame.query_one(Tick).has_focus
        await person.press("enter")
        assert not app.frame.query_one(Tick).ticked
        await person.press("space")
        await person.preview()
        assert method.plan is not None
        assert not method.plan.unacknowledged
        assert app.frame.query_one(Tick).has_focus
        await person.give_back()


async def test_nothing_is_left_to_place_where_debt_takes_it_all() -> None:
    owed = booking(
        (ticket(1, 4000), ticket(2, 4000)),
        (payment(1, 8000, PaymentMethod.WAITING_ACCOUNT, settled=0),),
    )
    app = window(ScriptedBackend([owed]))
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("space")
        method = await person.preview()
        assert method.placement is not None
        assert method.placement.places == []
        assert person.sees("The debt on the waiting account is 40.00 CHF smaller")
        await person.give_back()

"""From a booking to money given back, with the keyboard alone, at 80×24."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.booking import LineState, PaymentMethod
from backend_client.domain.caller import Role
from backend_client.domain.policy import DEFAULT_REASONS, Policy, Reason
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import Cashier, cashier, house_bookings, window
from tests.unit.builders import BETTE, booking, caller, fee, payment, ticket
from tui.dialogs.plan_changed import PlanChangedDialog
from tui.dialogs.problem import ProblemDialog
from tui.screens.booking import BookingScreen
from tui.screens.lookup import LookupScreen
from tui.screens.method import MethodScreen
from tui.screens.outcome import OutcomeScreen
from tui.widgets.frame_lines import Level
from tui.widgets.tick import Tick


def house(**changes: object) -> ScriptedBackend:
    return ScriptedBackend(house_bookings(), **changes)  # type: ignore[arg-type]


async def chosen_and_previewed(person: Cashier) -> MethodScreen:
    await person.open("WPM8TS9")
    await person.press("asterisk")
    return await person.preview()


async def given_back(person: Cashier) -> OutcomeScreen:
    await person.press("f9")
    await person.until(lambda: isinstance(person.app.frame, OutcomeScreen), "the outcome is shown")
    screen = person.app.frame
    assert isinstance(screen, OutcomeScreen)
    return screen


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
        assert person.sees("14.50 CHF goes to VISA •••• 1111 through practice (PRACTICE).")
        assert backend.calls.count("execute_refund") == 0
        outcome = await given_back(person)
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
        await given_back(person)
    assert backend.calls.count("execute_refund") == 1


async def test_a_group_moves_together_and_says_so() -> None:
    app = window(house())
    async with cashier(app) as person:
        screen = await person.open("WPK2RR1")
        await person.press("down", "down", "down", "space")
        assert screen.draft.chosen == {4, 5, 6}
        assert "4 goes back only together with 5, 6" in person.status
        await person.press("down", "space")
        assert screen.draft.chosen == frozenset()
        assert "none of them is chosen" in person.status


async def test_a_blocked_line_says_why_and_stays_unchosen() -> None:
    app = window(house())
    async with cashier(app) as person:
        screen = await person.open("WPK2RR1")
        assert person.sees("collected (policy)")
        await person.press("end", "up", "up", "space")
        assert screen.draft.chosen == frozenset()
        assert app.frame.said.level is Level.REFUSED
        assert "was collected" in person.status


async def test_space_below_the_lines_chooses_nothing() -> None:
    app = window(house())
    async with cashier(app) as person:
        screen = await person.open("WPM8TS9")
        await person.press("end", "space")
        assert screen.draft.is_empty
        assert "Only lines can be chosen" in person.status


async def test_everything_and_nothing_again() -> None:
    app = window(house())
    async with cashier(app) as person:
        screen = await person.open("WPK2RR1")
        await person.press("asterisk")
        assert screen.draft.chosen == {1, 2, 3, 4, 5, 6}
        await person.press("asterisk")
        assert screen.draft.chosen == frozenset()


async def test_enter_never_toggles() -> None:
    app = window(house())
    async with cashier(app) as person:
        screen = await person.open("WPM8TS9")
        await person.press("enter", "enter", "enter")
        assert screen.draft.is_empty


@pytest.mark.parametrize("answer", ["a", "s"])
async def test_a_stranded_fee_must_be_decided_about(answer: str) -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        screen = await person.open("WPM8TS9")
        await person.press("space", "down", "down", "space")
        assert "could never go back later" in person.status
        assert person.sees("would stay and never go back ⚠")
        await person.press("f5")
        assert "Decide about the fee first" in person.status
        await person.press(answer)
        assert screen.draft.chosen == ({1, 2, 3} if answer == "a" else {1, 2})
        method = await person.preview()
        assert method.plan is not None
        assert method.plan.amount_minor == (1450 if answer == "a" else 1350)
        await given_back(person)


async def test_fee_keys_do_nothing_where_no_fee_is_stranded() -> None:
    app = window(house())
    async with cashier(app) as person:
        screen = await person.open("WPM8TS9")
        await person.press("a", "s")
        assert screen.draft.is_empty
        assert "No fee would be stranded" in person.status


async def test_nothing_chosen_goes_nowhere_and_says_why() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("f4")
        assert isinstance(app.frame, BookingScreen)
        assert "Choose at least one line first" in person.status


async def test_amounts_are_placed_by_hand_and_the_rest_shown() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        method = await chosen_and_previewed(person)
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
        outcome = await given_back(person)
    assert outcome.outcome is not None
    methods = {leg.method: leg.amount_minor for leg in outcome.outcome.refund.legs}
    assert methods == {Method.MATCHED: 1000, Method.CREDIT: 450}


async def test_not_enough_placed_is_refused_with_what_to_place() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        method = await chosen_and_previewed(person)
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
        method = await chosen_and_previewed(person)
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
        method = await chosen_and_previewed(person)
        await person.type("99")
        assert person.sees("at most 14.50")
        await person.press("f5")
        await person.settled()
        assert not method.shown


async def test_keeping_something_back_changes_the_proposal() -> None:
    app = window(house())
    async with cashier(app) as person:
        method = await chosen_and_previewed(person)
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
        method = await chosen_and_previewed(person)
        app.frame.query_one("#reason").focus()
        await person.press("left", "left")
        assert person.sees("Too late · keeps 3.00 CHF")
        await person.preview()
        assert person.sees("3.00 CHF is kept as the fee for this reason.")
        assert method.plan is not None
        assert method.plan.amount_minor == 1150


async def test_own_words_as_reason_are_required_when_chosen() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        await chosen_and_previewed(person)
        app.frame.query_one("#reason").focus()
        await person.press("left")
        await person.preview()
        assert "A reason is missing" in person.status
        await person.press("f9")
        assert "A reason is missing" in person.status
        app.frame.query_one("#own-reason").focus()
        await person.type("wrong day")
        await person.preview()
        await given_back(person)
    assert backend.refunds["R-10001"].reason == "wrong day"


async def test_a_record_needs_its_reference_before_the_commit() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        method = await chosen_and_previewed(person)
        await person.type("0")
        await person.press("down", "down", "down", "space")
        assert method.placement is not None
        assert method.placement.left_minor == 0
        await person.preview()
        assert "receipt number" in person.status
        await person.press("f9")
        assert "execute_refund" not in backend.calls
        await person.press("down")
        await person.type("T-4711")
        await person.preview()
        await given_back(person)
    leg = backend.refunds["R-10001"].legs[0]
    assert (leg.method, leg.reference) == (Method.EXTERNAL, "T-4711")


async def test_f9_twice_gives_back_once() -> None:
    backend = house()
    door = backend.shut("execute_refund")
    app = window(backend)
    async with cashier(app) as person:
        await chosen_and_previewed(person)
        person.send("f9", "f9", "f9", "f9")
        await person.until(lambda: app.writing, "the write is under way")
        await person.press("f9", "ctrl+y")
        assert "is being committed" in person.status
        door.set()
        await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the outcome")
        await person.press("f9")
        assert "no preview here" in person.status
    assert backend.calls.count("execute_refund") == 1


async def test_an_uncertain_commit_is_repeated_under_the_same_key() -> None:
    backend = house()
    backend.fail("execute_refund", Refused("commit-unknown"))
    app = window(backend)
    async with cashier(app) as person:
        method = await chosen_and_previewed(person)
        assert method.plan is not None
        key = method.plan.commit_key
        await person.press("f9")
        await person.until(lambda: isinstance(app.screen, ProblemDialog), "the problem is shown")
        assert person.sees("commit-unknown")
        assert person.sees("It is not certain whether money has moved.")
        assert person.sees("corr-1-1")
        await person.press("enter", "f9")
        assert backend.calls.count("execute_refund") == 1
        await person.press("escape")
        await given_back(person)
    assert list(backend.done) == [key]


async def test_a_stale_plan_shows_what_changed_before_anything_happens() -> None:
    backend = ScriptedBackend([booking((ticket(1, 1000), ticket(2, 500), fee(3, 100)))])
    app = window(backend)
    async with cashier(app) as person:
        method = await chosen_and_previewed(person)
        before = method.plan
        first = backend.bookings[1]
        changed = tuple(
            replace(line, value_minor=400) if line.sequence == 2 else line for line in first.lines
        )
        backend.bookings[1] = replace(first, lines=changed, version=2)
        await person.press("f9")
        await person.until(lambda: isinstance(app.screen, PlanChangedDialog), "the difference")
        assert person.sees("16.00 CHF before, 15.00 CHF now")
        assert not backend.refunds
        await person.press("escape")
        assert method.plan is not before
        assert method.shown
        await given_back(person)
    assert backend.refunds["R-10001"].amount_minor == 1500


async def test_a_plan_that_became_impossible_is_told_in_a_dialog() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        await chosen_and_previewed(person)
        backend.change(1, {1, 2, 3})
        await person.press("f9")
        await person.until(lambda: isinstance(app.screen, ProblemDialog), "the problem")
        assert person.sees("already-refunded")
        assert person.sees("No money has moved.")
    assert not backend.refunds


async def test_a_refused_commit_is_a_dialog_and_the_basket_stays() -> None:
    backend = house()
    backend.fail("execute_refund", Refused("store-locked", seconds=5))
    app = window(backend)
    async with cashier(app) as person:
        method = await chosen_and_previewed(person)
        await person.press("f9")
        await person.until(lambda: isinstance(app.screen, ProblemDialog), "the problem")
        assert person.sees("store-locked")
        await person.press("escape")
        assert app.frame is method
        assert app.drafts[1].chosen == {1, 2, 3}
        await person.preview()
        await given_back(person)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (LegState.UNKNOWN, "do not pay it another way"),
        (LegState.DECLINED, "declined"),
        (LegState.ACCEPTED, "on its way"),
    ],
)
async def test_the_outcome_says_what_is_true(state: LegState, said: str) -> None:
    backend = house()
    backend.answer_with = state
    app = window(backend)
    async with cashier(app) as person:
        await chosen_and_previewed(person)
        await given_back(person)
        assert said in person.status


async def test_a_refund_is_opened_again_from_its_booking() -> None:
    app = window(house())
    async with cashier(app) as person:
        await chosen_and_previewed(person)
        await given_back(person)
        await person.press("f2")
        await person.open("WPM8TS9")
        assert person.sees("given back 22 Nov (R-10001)")
        await person.press("f3", "down", "down", "down", "enter")
        await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the refund opens")
        await person.settled()
        assert person.sees("REFUND R-10001")
        await person.press("escape")
        assert isinstance(app.frame, BookingScreen)


async def test_several_payers_are_named() -> None:
    other = replace(BETTE, id=2, name="Luc Favre")
    payments = (payment(1, 700), payment(2, 300, payer=other))
    backend = ScriptedBackend([booking((ticket(1, 1000),), payments)])
    app = window(backend)
    async with cashier(app) as person:
        await chosen_and_previewed(person)
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
        assert "warning must be read" in person.status
        await person.press("f9")
        assert "execute_refund" not in backend.calls
        app.frame.query_one(Tick).focus()
        await person.press("enter")
        assert not app.frame.query_one(Tick).ticked
        await person.press("space")
        await person.preview()
        assert method.plan is not None
        assert not method.plan.unacknowledged
        await given_back(person)


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
        await given_back(person)

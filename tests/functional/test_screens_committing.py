"""F9: once, under one key, never anything but what is shown, and told as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.planning import plan_refund
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import cashier, house, window
from tests.unit.builders import booking, circumstances, fee, request, ticket
from tui.dialogs.plan_changed import PlanChangedDialog
from tui.dialogs.problem import ProblemDialog
from tui.screens.booking import BookingScreen
from tui.screens.method import MethodScreen
from tui.screens.outcome import OutcomeScreen
from tui.widgets.frame_lines import Level


async def test_f9_twice_gives_back_once() -> None:
    backend = house()
    door = backend.shut("execute_refund")
    app = window(backend)
    async with cashier(app) as person:
        await person.choose_all_and_preview()
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
        method = await person.choose_all_and_preview()
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
        await person.give_back()
    assert list(backend.done) == [key]


async def test_a_stale_plan_shows_what_changed_before_anything_happens() -> None:
    backend = ScriptedBackend([booking((ticket(1, 1000), ticket(2, 500), fee(3, 100)))])
    app = window(backend)
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
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
        await person.give_back()
    assert backend.refunds["R-10001"].amount_minor == 1500


async def test_a_plan_that_became_impossible_is_told_in_a_dialog() -> None:
    backend = house()
    app = window(backend)
    async with cashier(app) as person:
        await person.choose_all_and_preview()
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
        method = await person.choose_all_and_preview()
        await person.press("f9")
        await person.until(lambda: isinstance(app.screen, ProblemDialog), "the problem")
        assert person.sees("store-locked")
        await person.press("escape")
        assert app.frame is method
        assert app.drafts[1].chosen == {1, 2, 3}
        await person.preview()
        await person.give_back()


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
        await person.choose_all_and_preview()
        await person.give_back()
        assert said in person.status


async def test_a_refund_is_opened_again_from_its_booking() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.choose_all_and_preview()
        await person.give_back()
        await person.press("f2")
        await person.open("WPM8TS9")
        assert person.sees("given back 22 Nov (R-10001)")
        await person.press("f3", "down", "down", "down", "enter")
        await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the refund opens")
        await person.settled()
        assert person.sees("REFUND R-10001")
        await person.press("escape")
        assert isinstance(app.frame, BookingScreen)


async def test_f3_leads_from_a_refund_to_its_booking_and_piles_up_nothing() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.choose_all_and_preview()
        await person.give_back()
        await person.press("f3")
        await person.until(lambda: isinstance(app.frame, BookingScreen), "its booking")
        await person.settled()
        assert person.sees("given back 22 Nov (R-10001)")
        depth = len(app.screen_stack)
        await person.press("f3", "down", "down", "down", "enter")
        await person.until(lambda: isinstance(app.frame, OutcomeScreen), "the refund opens")
        await person.settled()
        await person.press("f3")
        assert isinstance(app.frame, BookingScreen)
        assert len(app.screen_stack) == depth


async def test_many_changed_lines_are_told_in_ranges_on_one_screen() -> None:
    """However much is different, the dialog fits 80×24 and its last sentence is in sight."""
    sold = booking([ticket(number, 100) for number in range(1, 200)])
    before, after = (
        plan_refund(sold, request(*lines), circumstances(sold))
        for lines in (range(1, 101), (*range(90, 101), *range(101, 200, 2)))
    )
    app = window(ScriptedBackend([sold]))
    async with cashier(app) as person:
        problem = Refused("plan-stale", changed="lines")
        await app.push_screen(PlanChangedDialog(problem, before, after))
        await person.settled()
        assert person.sees("89 lines are not part of it any more: 1–89")
        assert person.sees("50 lines came to it: 101, 103, 105")
        assert person.sees("then press F9")
        assert person.sees("Esc Close")


async def test_f9_before_the_preview_is_there_says_why_it_did_nothing() -> None:
    backend = house()
    door = backend.shut("preview_refund")
    app = window(backend)
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        person.send("*", "f5", "f9")
        await person.until(lambda: isinstance(app.frame, MethodScreen), "the preview is asked for")
        await person.pilot.pause()
        assert "still being computed" in person.status
        door.set()
        await person.until(
            lambda: isinstance(app.frame, MethodScreen) and app.frame.shown, "the preview is shown"
        )
        assert app.frame.said.level is Level.WARNING
        assert "F9 came before" in person.status
        assert "execute_refund" not in backend.calls
        await person.give_back()
    assert backend.calls.count("execute_refund") == 1


async def test_without_haste_nothing_is_said_of_it() -> None:
    app = window(house())
    async with cashier(app) as person:
        method = await person.choose_all_and_preview()
        assert "F9 came before" not in person.status
        assert method.said.level is Level.INFO

"""The basket: what belongs together moves together, and what cannot go says why."""

from __future__ import annotations

import pytest

from tests.functional.real_venue import CASHIER, Open
from tests.functional.window import cashier, house, window
from tui.screens.booking import BookingScreen
from tui.widgets.frame_lines import Level


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


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("end", "space"), "Only lines can be chosen"),
        (("a", "s"), "No fee would be stranded"),
    ],
)
async def test_where_there_is_nothing_to_choose_a_key_says_so(
    keys: tuple[str, ...], said: str
) -> None:
    async with cashier(window(house())) as person:
        screen = await person.open("WPM8TS9")
        await person.press(*keys)
        assert screen.draft.is_empty
        assert said in person.status


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


@pytest.mark.parametrize("answer", ["a", "s", "A", "S"])
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
        assert screen.draft.chosen == ({1, 2, 3} if answer in "aA" else {1, 2})
        method = await person.preview()
        assert method.plan is not None
        assert method.plan.amount_minor == (1450 if answer in "aA" else 1350)
        await person.give_back()


@pytest.mark.parametrize("keys", [("space", "a"), ("asterisk",)])
async def test_a_fee_that_came_with_its_ticket_leaves_with_it(
    open_as: Open, keys: tuple[str, ...]
) -> None:
    async with cashier(open_as(CASHIER)) as person:
        screen = await person.open("STRAND1")
        await person.press(*keys)
        assert screen.draft.chosen == {1, 2}
        await person.press("space")
        assert screen.draft.is_empty
        assert "The fee on line 2 went along with line 1" in person.status
        await person.press("f5")
        assert "Choose at least one line first" in person.status


async def test_a_fee_chosen_by_itself_stays_when_its_ticket_leaves() -> None:
    async with cashier(window(house())) as person:
        screen = await person.open("WPK2RR1")
        await person.press("down", "space", "up", "space", "space")
        assert screen.draft.chosen == {3}
        await person.press("asterisk", "space")
        assert screen.draft.chosen == {2, 3, 4, 5, 6}


async def test_a_fee_of_another_ticket_stays_when_one_leaves() -> None:
    async with cashier(window(house())) as person:
        screen = await person.open("WPK2RR1")
        await person.press("asterisk", "down", "down", "space")
        assert screen.draft.chosen == {1, 3, 4, 5, 6}
        await person.press("up", "up", "space")
        assert screen.draft.chosen == {4, 5, 6}


async def test_nothing_chosen_goes_nowhere_and_says_why() -> None:
    app = window(house())
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("f4")
        assert isinstance(app.frame, BookingScreen)
        assert "Choose at least one line first" in person.status
        await person.press("f2")
        await person.open("WQA7AAB")
        await person.press("f4")
        assert "Nothing of this booking can go back." in person.status, "it was never paid"

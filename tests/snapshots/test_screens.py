"""Every view as a picture, at 80×24 and dark; chosen ones larger and in other colours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from tests.functional.scripted import ScriptedBackend
from tests.functional.window import Cashier, window
from tests.snapshots.house import house, house_with_open_legs
from tests.snapshots.scenes import SMALL, Compare, pictured
from tui.screens.outcome import OutcomeScreen

Scene = Callable[[Cashier, ScriptedBackend], Awaitable[None]]

LARGE = (120, 40)


def picture(
    compare: Compare,
    scene: Scene,
    *,
    size: tuple[int, int] = SMALL,
    theme: str = "dark",
    backend: ScriptedBackend | None = None,
    language: str = "en",
) -> bool:
    """Play the scene in front of a fresh window and compare what is on the screen."""
    made = backend or house()
    app = window(made, theme=theme, language=language)

    return pictured(compare, app, lambda person: scene(person, made), size)


# ------------------------------------------------------------ scenes


async def recent(_person: Cashier, _backend: ScriptedBackend) -> None:
    pass


async def lookup(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.type("davis")
    await person.until(lambda: person.sees(" of 12,408"), "results")
    await person.press("down")


async def booking(person: Cashier, _backend: ScriptedBackend) -> None:
    """A package and a single line chosen, everything else still free."""
    await person.open("WPK2RR1")
    await person.press("down", "down", "space", "down", "space")


async def stranded(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.open("WPM8TS9")
    await person.press("space", "down", "down", "space")


async def blocked(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.open("WQA7AAB")
    await person.press("space")


async def method(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.open("WPM8TS9")
    await person.press("asterisk")
    await person.preview()


async def method_split(person: Cashier, _backend: ScriptedBackend) -> None:
    """Two payers, an amount placed by hand, something still to place."""
    await person.open("WPK2RR1")
    await person.press("asterisk", "f4")
    await person.settled()
    await person.type("50")


async def method_mistake(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.open("WPM8TS9")
    await person.press("asterisk", "f4")
    await person.settled()
    await person.type("12.345")
    await person.press("f5")


async def method_owed(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.open("WQ2DEBT")
    await person.press("space")
    await person.preview()


async def gift_card_number(person: Cashier, backend: ScriptedBackend) -> None:
    """Its number is asked for at the commit, and typed without being seen."""
    backend.loads_gift_cards = "practice"
    await person.open("WPM8TS9")
    await person.press("asterisk", "f4")
    await person.settled()
    await person.type("0")
    await person.press(*["down"] * 6, "space")
    await person.preview()
    await person.press("f9")
    await person.type("9870555123456789")


async def outcome(person: Cashier, backend: ScriptedBackend) -> None:
    await method(person, backend)
    await commit(person)


async def outcome_checked(person: Cashier, backend: ScriptedBackend) -> None:
    backend.answer_with = LegState.UNKNOWN
    await method(person, backend)
    await commit(person)


async def outcome_split(person: Cashier, backend: ScriptedBackend) -> None:
    """Partly back to the card, which declines, partly as credit."""
    backend.answer_with = LegState.DECLINED
    await method(person, backend)
    await person.type("10")
    await person.press("down", "space")
    await person.preview()
    await commit(person)


async def commit(person: Cashier) -> None:
    await person.press("f9")
    await person.until(lambda: isinstance(person.app.frame, OutcomeScreen), "the outcome")


async def refunded(person: Cashier, backend: ScriptedBackend) -> None:
    await outcome_split(person, backend)
    await person.press("f2")
    await person.open("WPM8TS9")


async def open_refunds(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.press("f7")
    await person.settled()
    await person.press("pagedown", "down")


async def help_screen(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.open("WPM8TS9")
    await person.press("f1")


async def palette(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.open("WPM8TS9")
    await person.press("ctrl+p")


async def problem(person: Cashier, backend: ScriptedBackend) -> None:
    backend.fail("execute_refund", Refused("commit-unknown"))
    await method(person, backend)
    await person.press("f9")
    await person.until(lambda: person.app.dialog_open, "the problem")


async def plan_changed(person: Cashier, backend: ScriptedBackend) -> None:
    await method(person, backend)
    before = backend.bookings[1]
    lines = tuple(
        replace(line, value_minor=250) if line.sequence == 2 else line for line in before.lines
    )
    backend.bookings[1] = replace(before, lines=lines, version=2)
    await person.press("f9")
    await person.until(lambda: person.app.dialog_open, "what changed")


async def too_small(person: Cashier, _backend: ScriptedBackend) -> None:
    await person.open("WPM8TS9")
    await person.pilot.resize_terminal(60, 16)


CHOSEN: dict[str, Scene] = {
    "LOOKUP": lookup,
    "BOOKING": booking,
    "METHOD": method,
    "OUTCOME": outcome,
}
"""The four the README shows."""

SCENES: dict[str, Scene] = {
    "RECENT": recent,
    "STRANDED": stranded,
    "BLOCKED": blocked,
    "REFUNDED": refunded,
    "METHOD_SPLIT": method_split,
    "METHOD_MISTAKE": method_mistake,
    "METHOD_OWED": method_owed,
    "OUTCOME_CHECKED": outcome_checked,
    "OUTCOME_SPLIT": outcome_split,
    "HELP": help_screen,
    "PALETTE": palette,
    "PROBLEM": problem,
    "PLAN_CHANGED": plan_changed,
    "GIFT_CARD_NUMBER": gift_card_number,
}

EVERY = {**CHOSEN, **SCENES}

TEN = (
    *CHOSEN,
    "METHOD_SPLIT",
    "REFUNDED",
    "OUTCOME_SPLIT",
    "PROBLEM",
    "STRANDED",
    "HELP",
)
"""Those also shown larger and in high contrast, both in one picture."""


def test_lookup(snap_compare: Compare) -> None:
    assert picture(snap_compare, lookup)


def test_booking(snap_compare: Compare) -> None:
    assert picture(snap_compare, booking)


def test_method(snap_compare: Compare) -> None:
    assert picture(snap_compare, method)


def test_outcome(snap_compare: Compare) -> None:
    assert picture(snap_compare, outcome)


@pytest.mark.parametrize("name", SCENES)
def test_view(snap_compare: Compare, name: str) -> None:
    assert picture(snap_compare, SCENES[name])


def test_open_refunds(snap_compare: Compare) -> None:
    assert picture(snap_compare, open_refunds, backend=house_with_open_legs())


def test_too_small(snap_compare: Compare) -> None:
    assert picture(snap_compare, too_small)


@pytest.mark.parametrize("name", TEN)
def test_large_in_high_contrast(snap_compare: Compare, name: str) -> None:
    assert picture(snap_compare, EVERY[name], size=LARGE, theme="high-contrast")


@pytest.mark.parametrize("name", CHOSEN)
def test_light(snap_compare: Compare, name: str) -> None:
    assert picture(snap_compare, EVERY[name], theme="light")


@pytest.mark.parametrize("theme", ["colour-blind", "mono"])
def test_states_without_red_and_green(snap_compare: Compare, theme: str) -> None:
    assert picture(snap_compare, outcome_split, theme=theme)

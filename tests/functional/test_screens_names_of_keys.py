"""Footer, palette and help agree on every screen: one name for a key, and no key that cannot be."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping

import pytest

import tui.screens
from backend_client.domain.caller import Caller
from tests.functional.open_payments import listed, payment
from tests.functional.real_venue import CASHIER, SUPERVISOR, Open
from tests.functional.window import Cashier, cashier
from tui import keys
from tui.dialogs.palette import NAME_CELLS, Actions
from tui.screens.frame import FrameScreen
from tui.screens.help import HelpScreen
from tui.text.columns import pad
from tui.widgets.frame_lines import KeyBar, Level

Way = Callable[[Cashier], Awaitable[object]]


async def here(_person: Cashier) -> None:
    """The lookup."""


def opened(reference: str, *pressed: str) -> Way:
    async def go(person: Cashier) -> None:
        await person.open(reference)
        await walked(person, *pressed)

    return go


def pressed(*names: str) -> Way:
    return lambda person: walked(person, *names)


def of_payment(reference: str, *names: str) -> Way:
    async def go(person: Cashier) -> None:
        await payment(person, reference)
        await walked(person, *names)

    return go


async def walked(person: Cashier, *names: str) -> None:
    for name in names:
        await person.press(name)
        await person.settled()


async def what_waits_alone(person: Cashier) -> None:
    await listed(person)
    await walked(person, "right")


async def of_hamlet(person: Cashier) -> None:
    await walked(person, "f6", "c")
    await person.type("hamlet")
    await person.settled()
    await walked(person, "down", "enter")


async def simulated(person: Cashier) -> None:
    """Of the requests of today."""
    await walked(person, "f6", "d", "left", "f5")
    await person.until(lambda: person.sees("Go live"), "the simulation")
    await person.settled()


PLACES: Mapping[str, tuple[Caller, Way, frozenset[str]]] = {
    "lookup": (CASHIER, here, frozenset()),
    "booking": (CASHIER, opened("TWOEVES"), frozenset({"method", "preview"})),
    "booking, given back": (CASHIER, opened("MIXCARD"), frozenset()),
    "booking, not paid": (CASHIER, opened("WQA7AAB"), frozenset()),
    "booking, chosen": (CASHIER, opened("TWOEVES", "space"), frozenset()),
    "method": (CASHIER, opened("TWOEVES", "space", "f4"), frozenset({"commit"})),
    "method, previewed": (CASHIER, opened("TWOEVES", "space", "f5"), frozenset()),
    "outcome, done": (CASHIER, opened("TWOEVES", "space", "f5", "f9"), frozenset()),
    "outcome, open": (CASHIER, opened("SLOWCRD", "asterisk", "f5", "f9"), frozenset()),
    "open_refunds": (CASHIER, listed, frozenset()),
    "open_refunds, to approve": (CASHIER, what_waits_alone, frozenset({"approve", "refuse"})),
    "payment, declined": (CASHIER, of_payment("DEADCRD"), frozenset()),
    "payment, requested": (CASHIER, of_payment("WPM8TS9"), frozenset()),
    "payment, due": (CASHIER, of_payment("MIXCARD"), frozenset()),
    "payment, in review": (CASHIER, of_payment("LOSTANS"), frozenset()),
    "payment, to decide": (SUPERVISOR, of_payment("LOSTANS"), frozenset()),
    "change": (CASHIER, of_payment("DEADCRD", "f4"), frozenset({"commit"})),
    "retry": (CASHIER, of_payment("DEADCRD", "ctrl+x"), frozenset({"commit"})),
    "hand_over": (CASHIER, of_payment("MIXCARD", "ctrl+d"), frozenset({"commit"})),
    "resolve": (SUPERVISOR, of_payment("LOSTANS", "ctrl+f"), frozenset({"commit"})),
    "runs": (SUPERVISOR, pressed("f6"), frozenset()),
    "dispatch": (SUPERVISOR, pressed("f6", "d"), frozenset()),
    "hand_over_due": (SUPERVISOR, pressed("f6", "d", "ctrl+d"), frozenset({"choose", "commit"})),
    "performances": (SUPERVISOR, pressed("f6", "c"), frozenset()),
    "cancel_performance": (SUPERVISOR, of_hamlet, frozenset()),
    "run": (SUPERVISOR, simulated, frozenset()),
    "help": (CASHIER, pressed("f1"), frozenset()),
}
"""Who goes there and how, and which keys of the footer wait for something done there first."""


def name_of(place: str) -> str:
    return place.partition(",")[0]


def test_every_screen_is_among_the_places() -> None:
    for module in pkgutil.iter_modules(tui.screens.__path__):
        importlib.import_module(f"tui.screens.{module.name}")
    found = {FrameScreen}
    while more := {sub for one in found for sub in one.__subclasses__()} - found:
        found |= more
    assert {one.NAME for one in found if one.NAME} == set(map(name_of, PLACES))


@pytest.mark.parametrize("place", PLACES)
async def test_a_key_has_one_name_and_does_something(open_as: Open, place: str) -> None:
    who, way, later = PLACES[place]
    app = open_as(who)
    async with cashier(app) as person:
        await way(person)
        screen = app.frame
        assert name_of(place) == screen.NAME, person.text
        footer = {one: screen.key_label(one) for one in screen.footer()}
        assert {one for one in footer if screen.why_not(one)} == later, person.text
        assert len(footer) <= KeyBar.MOST
        bar = person.text.splitlines()[-1]
        for action, label in footer.items():
            assert f"{keys.shown_key(action, {})} {label}" in bar, "cut off"

        palette = [str(one.text) async for one in Actions(app.screen).discover()]
        for action in keys.KEYS:
            if action not in ("palette", "open"):
                row = pad(screen.key_label(action), NAME_CELLS) + keys.shown_key(action, {})
                assert row in palette

        if isinstance(screen, HelpScreen):
            return
        await walked(person, "f1")
        told = str(app.frame._text())  # type: ignore[attr-defined]
        for action, label in footer.items():
            assert f"{keys.shown_key(action, {}):<8}{label} " in told, told


IN_PLACE = ("choose", "choose_all", "preview", "copy")
"""What leads nowhere else and writes nothing."""


@pytest.mark.parametrize("place", [one for one in PLACES if name_of(one) != "help"])
async def test_what_the_footer_offers_is_not_refused(open_as: Open, place: str) -> None:
    who, way, later = PLACES[place]
    app = open_as(who)
    async with cashier(app) as person:
        await way(person)
        offered = [action for action in app.frame.footer() if action in set(IN_PLACE) - later]
        for action in offered:
            await walked(person, keys.KEYS[action].keys[0])
            assert app.frame.said.level is not Level.REFUSED, (action, app.frame.said.text)

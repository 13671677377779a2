"""Money onto a gift card at the window: its number is asked for at the commit and never shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.backend import Backend
from backend_client.domain.caller import Caller, Role
from backend_client.domain.legs import Leg
from backend_client.domain.refund import LegState, Method
from backend_client.provider_settings import ProviderSettings
from backend_client.settings import House, Settings
from tests.clocks import CountingTokens, SteppingClock
from tests.contract.offices import ADMIN, CASHIER, STOCK, SUPERVISOR, sale
from tests.functional.method_rows import method_screen
from tests.functional.window import PREFIX_KEY, Cashier, Typist, cashier
from tests.sound import wrong
from tui import places, wiring
from tui.app import TicketWindowApp
from tui.dialogs.number import NumberDialog
from tui.screens.method import MethodScreen
from tui.screens.outcome import OutcomeScreen
from tui.screens.payment import PaymentScreen
from tui.text.wording import Wording

PROVIDER = ProviderSettings(
    "practice", "practice", payments=frozenset({"practice"}), unmatched=True
)
SETTINGS = Settings(
    house=House(name="Palais", currency="CHF"),
    desk="3",
    providers=(PROVIDER,),
)
NUMBER = "9870123456789012"
OUTAGE = "outage12345678"


def opened(folder: Path, *, create: bool = False) -> Backend:
    return wiring.open_backend(
        places.sqlite_url(folder / "store.db"),
        SETTINGS,
        create=create,
        clock=SteppingClock(),
        tokens=CountingTokens("a" if create else "b"),
        read_source=lambda _, prepare: map(prepare, [sale()]),
    )


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Path]:
    """A store with one booking; afterwards it is sound, and no number is in any of its files."""
    with closing(opened(tmp_path, create=True)) as backend:
        backend.import_bookings(ADMIN, STOCK, lambda _count: None)
    yield tmp_path
    with closing(opened(tmp_path)) as backend:
        report = backend.doctor(ADMIN)
    assert wrong(report) == {}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    kept = [path.read_bytes() for path in files]
    assert len(kept) >= 2
    assert not [one for one in kept if NUMBER.encode() in one or OUTAGE.encode() in one]


@pytest.fixture
def app(shop: Path) -> Iterator[TicketWindowApp]:
    yield from window_of(shop, CASHIER)


def window_of(shop: Path, caller: Caller) -> Iterator[TicketWindowApp]:
    made = TicketWindowApp(lambda: opened(shop), caller, SETTINGS, Wording(), SteppingClock())
    made.key_time = Typist()  # type: ignore[method-assign,assignment]
    yield made
    made.close_backend()


async def onto_gift_card(person: Cashier) -> MethodScreen:
    """The preview of everything going onto a gift card."""
    screen = await method_screen(person)
    assert screen.placement is not None
    ways = [place.destination.method for place in screen.placement.places]
    await person.type("0")
    await person.press(*["down"] * ways.index(Method.UNMATCHED), "space")
    return await person.preview()


async def asked(person: Cashier) -> NumberDialog:
    await person.press("f9")
    await person.until(lambda: isinstance(person.app.screen, NumberDialog), "the number is asked")
    dialog = person.app.screen
    assert isinstance(dialog, NumberDialog)
    return dialog


async def committed(person: Cashier) -> Leg:
    await person.press("f9")
    await person.until(lambda: isinstance(person.app.frame, OutcomeScreen), "the outcome")
    screen = person.app.frame
    assert isinstance(screen, OutcomeScreen)
    assert screen.outcome is not None
    (leg,) = screen.outcome.refund.legs
    return leg


async def test_the_number_is_asked_for_at_the_commit_and_is_on_no_screen(
    app: TicketWindowApp,
) -> None:
    async with cashier(app) as person:
        await onto_gift_card(person)
        assert person.sees("14.50 CHF is loaded onto a gift card")
        await asked(person)
        await person.type(NUMBER)
        assert not person.sees(NUMBER[:4])
        assert person.sees("•" * len(NUMBER))
        leg = await committed(person)
        assert leg.state is LegState.SUCCEEDED
        assert person.sees("14.50 CHF for the gift card whose number you gave.")
        assert not person.sees(NUMBER[-4:])


async def test_enter_commits_nothing_and_what_is_refused_is_gone(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await onto_gift_card(person)
        dialog = await asked(person)
        await person.press("f9")
        assert person.sees("The number of the gift card is missing.")
        for wrong, said in (
            ("4111111111111111", "That is the number of a payment card."),
            ("123", "That is not the number of a gift card."),
        ):
            await person.type(wrong)
            await person.press("enter")
            assert app.screen is dialog
            await person.press("f9")
            assert app.screen is dialog
            assert person.sees(said)
            assert dialog.field.value == ""
        await person.press("escape")
        assert isinstance(app.screen, MethodScreen)
        assert app.backend is not None
        assert app.backend.booking(CASHIER, "WPM8TS9").refunds == ()


async def test_a_scan_with_its_prefix_goes_into_the_field_and_nowhere_else(
    app: TicketWindowApp,
) -> None:
    async with cashier(app) as person:
        await onto_gift_card(person)
        dialog = await asked(person)
        person.send(PREFIX_KEY, *NUMBER, "enter")
        await person.pilot.pause()
        assert dialog.field.value == NUMBER
        assert not person.sees(NUMBER[:6])
        assert NUMBER not in person.status
        assert (await committed(person)).state is LegState.SUCCEEDED


async def test_a_payment_that_waits_for_its_number_says_so_and_takes_it(
    app: TicketWindowApp,
) -> None:
    async with cashier(app) as person:
        await onto_gift_card(person)
        await asked(person)
        await person.type(OUTAGE)
        assert (await committed(person)).needs_number
        assert person.sees("14.50 CHF is not on your gift card yet.")
        assert person.sees("needs a number")
        await person.press("f7")
        await person.settled()
        assert person.sees("needs a number")
        await person.press("enter")
        await person.settled()
        screen = app.frame
        assert isinstance(screen, PaymentScreen)
        assert person.sees("Give the number")
        await person.press("ctrl+x")
        await person.until(lambda: isinstance(app.screen, NumberDialog), "the number is asked")
        await person.type(NUMBER)
        await person.press("f9")
        await person.until(lambda: person.sees("number-differs"), "another card is refused")
        await person.press("escape", "ctrl+x")
        await person.type(OUTAGE)
        await person.press("f9")
        await person.settled()
        assert screen.leg.needs_number
        assert len(screen.leg.attempts) == 2
        await person.press("f4")
        await person.settled()
        assert not person.sees("Only requested, due or declined changes.")


async def test_who_decides_about_no_money_gives_no_number(shop: Path) -> None:
    for app in window_of(shop, CASHIER):
        async with cashier(app) as person:
            await onto_gift_card(person)
            await asked(person)
            await person.type(OUTAGE)
            await committed(person)
    for app in window_of(shop, replace(SUPERVISOR, role=Role.ADMIN)):
        async with cashier(app) as person:
            await person.press("f7")
            await person.settled()
            await person.press("enter")
            await person.settled()
            await person.press("ctrl+x")
            assert isinstance(app.screen, PaymentScreen)
            assert person.sees("Your role does not decide about money.")

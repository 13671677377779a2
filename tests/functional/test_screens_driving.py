"""An open window drives by itself: what was on its way arrives on the screen, trouble is calm."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.backend import Backend
from backend_client.domain.driving import DriveReport, Pause
from backend_client.domain.mailing import MailRun
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, RefundStatus
from backend_client.settings import House, Settings
from tests.beat import Beat
from tests.clocks import CountingTokens, SteppingClock
from tests.functional.window import Cashier, Typist, cashier
from tests.unit.builders import NOW
from tests.unit.builders import caller as any_caller
from tui import places, wiring
from tui.app import TicketWindowApp
from tui.commands.window import drive_beside
from tui.driving import Driving
from tui.screens.messages import Mailed, Settled
from tui.screens.open_refunds import OpenRefundsScreen
from tui.screens.outcome import OutcomeScreen
from tui.text.wording import Wording
from tui.widgets.frame_lines import Level

SETTINGS = Settings(
    house=House(name="Palais", currency="CHF", zone="Europe/Zurich"), desk="3", operator="A. Rochat"
)
PAUSED = DriveReport(paused={"psp-practice": Pause("not_executed", "connect", "no answer")})


class Venue:
    """A store, its clock and the timer its window drives by."""

    def __init__(self, folder: Path) -> None:
        self.url = places.sqlite_url(folder / "store.db")
        self.clock = SteppingClock(NOW)
        self.timer = Beat()

    def backend(self, tokens: str) -> Backend:
        return wiring.open_backend(
            self.url, SETTINGS, create=False, clock=self.clock, tokens=CountingTokens(tokens)
        )

    def drive(self, app: TicketWindowApp, backend: Backend) -> Driving:
        return drive_beside(app, backend, self.timer)

    async def round(self) -> None:
        """One round, and the window has heard of it."""
        await asyncio.get_running_loop().run_in_executor(None, self.timer.beat)


@pytest.fixture
def house(tmp_path: Path) -> Venue:
    made = Venue(tmp_path)
    wiring.build_practice_venue(
        made.url,
        SETTINGS,
        bookings=120,
        seed=1,
        clock=made.clock,
        tokens=CountingTokens("import"),
        progress=lambda _count: None,
    )
    return made


@pytest.fixture
def app(house: Venue) -> Iterator[TicketWindowApp]:
    made = TicketWindowApp(
        lambda: house.backend("window"),
        any_caller(),
        SETTINGS,
        Wording(),
        house.clock,
        drive=house.drive,
    )
    made.key_time = Typist()  # type: ignore[method-assign,assignment]
    yield made
    made.close_backend()
    backend = house.backend("doctor")
    try:
        assert [one.code for one in backend.doctor(any_caller()).checks if not one.ok] == []
    finally:
        backend.close()


async def given_back(person: Cashier, reference: str) -> OutcomeScreen:
    await person.open(reference)
    await person.press("asterisk")
    await person.preview()
    await person.press("f9")
    await person.until(lambda: isinstance(person.app.frame, OutcomeScreen), "the outcome")
    screen = person.app.frame
    assert isinstance(screen, OutcomeScreen)
    return screen


async def test_what_was_on_its_way_arrives_on_the_open_refunds_by_itself(
    app: TicketWindowApp, house: Venue
) -> None:
    async with cashier(app) as person:
        outcome = await given_back(person, "SLOWCRD")
        assert outcome.outcome is not None
        assert outcome.outcome.refund.status is RefundStatus.ON_ITS_WAY
        await person.press("f7")
        await person.until(lambda: person.sees("SLOWCRD"), "the payment is listed")
        assert person.sees("accepted, on its way")
        await house.round()
        await person.until(lambda: not person.sees("SLOWCRD"), "it is refunded and gone")


async def test_the_outcome_on_screen_becomes_what_it_is_now(
    app: TicketWindowApp, house: Venue
) -> None:
    async with cashier(app) as person:
        outcome = await given_back(person, "SLOWCRD")
        await house.round()
        await person.until(
            lambda: outcome.outcome and outcome.outcome.refund.status is RefundStatus.DONE,
            "the outcome is read again",
        )
        assert person.sees("refunded")


async def test_a_window_that_closes_leaves_the_driving_to_others(house: Venue) -> None:
    app = TicketWindowApp(
        lambda: house.backend("window"),
        any_caller(),
        SETTINGS,
        Wording(),
        house.clock,
        drive=house.drive,
    )
    other = house.backend("other")
    try:
        async with cashier(app) as person:
            await house.round()
            busy = other.settle(any_caller())
            assert busy.held_by is not None, "the window drives"
            await person.settled()
        app.close_backend()
        assert other.settle(any_caller()).held_by is None
    finally:
        other.close()


async def test_a_window_waits_while_somebody_else_drives(
    app: TicketWindowApp, house: Venue
) -> None:
    other = house.backend("other")
    try:
        async with cashier(app) as person:
            await given_back(person, "SLOWCRD")
            assert other.settle(any_caller(), patient=True).states == {LegState.SUCCEEDED: 1}
            other_drives = person.status
            await house.round()
            await person.settled()
            assert person.status == other_drives, "that another one drives is no trouble"
            other.close()
            await house.round()
            third = house.backend("third")
            assert third.settle(any_caller()).held_by is not None, "now the window drives"
            third.close()
    finally:
        other.close()


async def told(person: Cashier, result: DriveReport | Refused) -> None:
    person.app.post_message(Settled(result))
    await person.pilot.pause()


async def test_a_provider_that_is_away_is_said_once_and_taken_back(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await told(person, PAUSED)
        assert person.status.startswith("the practice provider takes no refunds just now")
        assert app.frame.said.level is Level.WARNING
        await person.type("davis")
        await person.settled()
        looked = person.status
        await told(person, PAUSED)
        assert person.status == looked, "the same again is no news"
        await person.press("f7")
        await person.settled()
        assert isinstance(app.frame, OpenRefundsScreen)
        assert person.status.startswith("the practice provider takes no refunds"), (
            "here it is looked for"
        )
        await told(person, DriveReport(looked=1))
        assert person.status == ""


async def test_trouble_with_mail_stands_beside_trouble_with_payments(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await told(person, PAUSED)
        app.post_message(Mailed(Refused("mail-server", host="smtp.example", detail="refused")))
        await person.pilot.pause()
        assert "takes no refunds just now" in person.status
        assert "Mail to customers waits: The mail server smtp.example" in person.status
        app.post_message(Mailed(MailRun()))
        await told(person, DriveReport(looked=1))
        assert (app.troubles.text, person.status) == ("", "")


async def test_where_a_refund_is_made_no_trouble_interrupts(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await person.open("WPM8TS9")
        await person.press("asterisk")
        await person.preview()
        before = person.status
        await told(person, PAUSED)
        await told(person, replace(PAUSED, discrepancies=1))
        assert person.status == before


async def test_a_difference_names_what_a_supervisor_runs(app: TicketWindowApp) -> None:
    async with cashier(app) as person:
        await told(person, DriveReport(discrepancies=2))
        assert "reconcile" in person.status


def test_no_thread_of_a_window_outlives_it(house: Venue) -> None:
    backend = house.backend("window")
    driving = Driving(
        backend,
        any_caller(),
        settled=lambda _result: None,
        mailed=lambda _result: None,
        timer=house.timer,
    )
    before = threading.active_count()
    driving.start()
    house.timer.beat()
    driving.end()
    assert threading.active_count() == before
    backend.close()

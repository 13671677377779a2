"""Opens the real window in tests: keys in, screens out, nothing slept for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from backend_client.backend import Backend
from backend_client.domain.booking import Booking, BookingKey, Contact
from backend_client.settings import House, Settings
from tests.clocks import SteppingClock
from tests.functional.scripted import ScriptedBackend
from tests.unit.builders import NOW, booking, caller, concession, fee, sample_booking, ticket
from tui.app import TicketWindowApp
from tui.screens.booking import BookingScreen
from tui.screens.lookup import LookupScreen
from tui.screens.method import MethodScreen
from tui.screens.outcome import OutcomeScreen
from tui.text.wording import Wording

PATIENCE = 4000
"""How often a test looks before it gives up: a way out, not a limit on speed."""

PREFIX = "\x1e"
PREFIX_KEY = "ctrl+circumflex_accent"


class Typist:
    """When keys arrive: a person's pace, unless a test says they come in a burst."""

    def __init__(self) -> None:
        self.gap_s = 0.2
        self._now_s = 0.0

    def __call__(self, _event: Key) -> float:
        self._now_s += self.gap_s
        return self._now_s

    def now(self) -> float:
        return self._now_s

    def wait(self, seconds: float) -> None:
        self._now_s += seconds


def family_booking() -> Booking:
    """Every shape of line: a fee under its ticket, a package, a collected ticket."""
    lines = (
        ticket(1, 1000, seat="G 16"),
        fee(3, 100, parent=1),
        concession(2, 350),
        ticket(4, 1000, groups=("family",)),
        ticket(5, 500, groups=("family",)),
        concession(6, 1000, groups=("family",)),
        ticket(7, 1000, collected=True),
    )
    made = booking(lines)
    return replace(made, id=2, key=BookingKey("0001", "WPK2RR1", "3680"))


def unpaid_booking() -> Booking:
    """Never paid, and its customer's name is full of markup and another script."""
    customer = Contact(3, "C-3", "[red]Davis, Anna[/red] 張偉")
    made = booking((ticket(1, 2400),), (), is_paid=False)
    return replace(made, id=3, key=BookingKey("0001", "WQA7AAB", "3681"), contact=customer)


def house_bookings() -> list[Booking]:
    return [sample_booking(), family_booking(), unpaid_booking()]


def house(**changes: Any) -> ScriptedBackend:
    """A backend in memory that holds them all."""
    return ScriptedBackend(house_bookings(), **changes)


def window(
    backend: Backend | Callable[[], Backend],
    *,
    theme: str = "dark",
    language: str = "en",
    **settings: Any,
) -> TicketWindowApp:
    """The window on this backend, with a clock that stands still and keys a person types."""
    made = Settings(
        house=House(name="Palais", currency="CHF"),
        desk="3",
        theme=theme,
        language=language,
        **settings,
    )
    opener = backend if callable(backend) else lambda: backend
    app = TicketWindowApp(opener, caller(), made, Wording(language), SteppingClock(NOW))
    person = Typist()
    app.key_time = person  # type: ignore[method-assign,assignment]
    app.key_now = person.now  # type: ignore[method-assign]
    return app


def typist(app: TicketWindowApp) -> Typist:
    assert isinstance(app.key_time, Typist)
    return app.key_time


class Cashier:
    """Sits in front of the window: presses keys and reads what it says."""

    def __init__(self, app: TicketWindowApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type letters; names of keys are not looked for in it."""
        for letter in text:
            self.send(letter)
        await self.pilot.pause()

    def send(self, *keys: str) -> None:
        """Keys as a scanner sends them: all at once, nobody waits for the screen."""
        assert self.app._driver is not None
        for key in keys:
            character = {"enter": "\r", PREFIX_KEY: PREFIX}.get(key, key)
            name = {" ": "space", "*": "asterisk", PREFIX: PREFIX_KEY}.get(key, key)
            event = Key(name, character if len(character) == 1 else None)
            self.app._driver.send_message(event)

    async def scan(self, code: str) -> None:
        self.send(PREFIX_KEY, *code, "enter")
        await self.pilot.pause()

    async def until(self, happened: Callable[[], object], what: str) -> None:
        for _ in range(PATIENCE):
            if happened():
                await self.pilot.pause()
                return
            await asyncio.sleep(0.001)
        raise AssertionError(f"never happened: {what}\n{self.text}")

    async def settled(self) -> None:
        """Until no worker runs and no key is unanswered."""
        for _ in range(3):
            await self.pilot.pause()
            await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    async def settled_but_for_workers(self) -> None:
        """Until no key is unanswered; what a door holds shut still runs."""
        for _ in range(20):
            await asyncio.sleep(0)
            await self.pilot.pause()

    @property
    def text(self) -> str:
        """The whole screen as a person reads it."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    @property
    def status(self) -> str:
        return self.app.frame.said.text

    def sees(self, text: str) -> bool:
        return text in self.text

    async def ready(self) -> None:
        await self.until(lambda: self.app.backend is not None, "the store opens")
        await self.settled()

    async def open(self, reference: str) -> BookingScreen:
        """From the lookup to a booking, as with a scanner in the box."""
        await self.type(reference)
        self.send("enter")
        await self.until(
            lambda: isinstance(self.app.frame, BookingScreen) and self.app.frame.view is not None,
            f"booking {reference} opens",
        )
        screen = self.app.frame
        assert isinstance(screen, BookingScreen)
        return screen

    async def preview(self) -> MethodScreen:
        """F5 from wherever it works, until its plan is shown."""
        await self.press("f5")
        await self.until(
            lambda: isinstance(self.app.frame, MethodScreen) and self.app.frame.shown,
            "the preview is shown",
        )
        screen = self.app.frame
        assert isinstance(screen, MethodScreen)
        return screen

    async def choose_all_and_preview(self, reference: str = "WPM8TS9") -> MethodScreen:
        """From the lookup to the preview of everything that can go back."""
        await self.open(reference)
        await self.press("asterisk")
        return await self.preview()

    async def give_back(self) -> OutcomeScreen:
        """F9, until the outcome is shown."""
        await self.press("f9")
        await self.until(lambda: isinstance(self.app.frame, OutcomeScreen), "the outcome")
        screen = self.app.frame
        assert isinstance(screen, OutcomeScreen)
        return screen

    @property
    def box(self) -> Input:
        assert isinstance(self.app.frame, LookupScreen)
        return self.app.frame.box


@asynccontextmanager
async def cashier(
    app: TicketWindowApp,
    *,
    size: tuple[int, int] = (80, 24),
    ready: bool = True,
    mistakes: int = 0,
) -> AsyncIterator[Cashier]:
    """A cashier at the open window; at the end no handler may have failed unseen."""
    async with app.run_test(size=size) as pilot:
        person = Cashier(app, pilot)
        if ready:
            await person.ready()
        yield person
        await person.settled()
    assert len(app.mistakes) == mistakes, app.mistakes

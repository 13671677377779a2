"""The window while it carries out a cancellation and shows it: how late its loop wakes from a nap
of 5 ms, and how long a key takes to be painted; beside both, the same window before the run."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App
from textual.events import Key
from textual.screen import Screen
from textual.types import CSSPathType

import tui
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.runs import Run, RunMode, RunState
from backend_client.ports import SystemClock
from backend_client.settings import Settings
from tests.benchmarks.cancelling import sold
from tests.benchmarks.cashier import share_of
from tests.benchmarks.figure import Figure
from tests.shop import SUPERVISOR, open_shop
from tui import interpreter
from tui.app import TicketWindowApp
from tui.screens.run import RunScreen
from tui.text.wording import Wording
from tui.wiring import open_backend

ITEMS, QUICK_ITEMS = 100_000, 3_000
NAP_S = 0.005
KEY_EVERY_S = 0.25
READ_S = 0.5
"""A person reads the question before the count is typed, and types one digit after the other."""
TYPED_S = 0.12
BEFORE_S = 3
HOME = Path(tui.__file__).parent


@dataclass(slots=True)
class Felt:
    """Milliseconds: what naps took too long, and what each key took until it was painted."""

    late: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)


class Watched(TicketWindowApp):
    """The window as it is; it remembers when a key was acted upon and when something was painted
    after that."""

    CSS_PATH: ClassVar[CSSPathType | None] = [HOME / "base.tcss", HOME / "screens" / "lookup.tcss"]
    acted = painted = 0.0

    async def run_action(self, *arguments: Any, **named: Any) -> bool:
        done = await super().run_action(*arguments, **named)
        self.acted = time.perf_counter()
        return done

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        if self.acted > self.painted:
            self.painted = time.perf_counter()


def run(quick: bool) -> list[Figure]:
    items = QUICK_ITEMS if quick else ITEMS
    with tempfile.TemporaryDirectory() as name:
        shop = open_shop(Path(name), settles=False)
        shop.sell(sold(number) for number in range(1, items + 1))
        shop.backend.close()
        before, during, seconds = asyncio.run(_watch(f"sqlite:///{name}/store.db"))
    told = f"with a run of {items:,} on screen"
    figures = [
        Figure(f"late from a nap of 5 ms, {said}", share_of(during.late, share), "ms", goal, floor)
        for said, share, goal in (("p50", 0.5, ""), ("p99", 0.99, "≤ 20"), ("most", 1.0, "≤ 100"))
        for floor in [share_of(before.late, share)]
    ]
    figures += [
        Figure(f"key to paint, {said}", share_of(during.keys, share), "ms", "", floor)
        for said, share in (("p50", 0.5), ("p99", 0.99), ("most", 1.0))
        for floor in [share_of(before.keys, share)]
    ]
    return [*figures, Figure(told, items / seconds, "items/s")]


async def _watch(url: str) -> tuple[Felt, Felt, float]:
    backend = open_backend(url, Settings(), create=False)
    parameters = CancellationParameters((1,), "performance-cancelled")
    simulation = backend.simulate_cancellation(SUPERVISOR, parameters)
    app = Watched(
        lambda: backend,
        SUPERVISOR,
        Settings(),
        Wording("en"),
        SystemClock(),
        after_start=interpreter.keep_what_is_loaded,
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await _until(lambda: app.backend is not None)
        screen = RunScreen(simulation)
        await app.push_screen(screen)
        await pilot.pause()
        limit = time.monotonic() + BEFORE_S
        before = await _feel(app, lambda: time.monotonic() < limit)
        await _confirm(app, simulation)
        await _until(lambda: screen.run is not None and screen.run.mode is RunMode.LIVE)
        began = time.perf_counter()
        during = await _feel(app, lambda: bool(app.live_runs.under_way))
        seconds = time.perf_counter() - began
        assert screen.run is not None
        live = backend.run(SUPERVISOR, screen.run.id)
        assert (live.state, live.done) == (RunState.DONE, simulation.items), live
    backend.close()
    return before, during, seconds


async def _confirm(app: App[None], simulation: Run) -> None:
    """As a supervisor does it: F9, the count, F9."""
    _press(app, "f9")
    await asyncio.sleep(READ_S)
    for digit in str(simulation.taken):
        _press(app, digit)
        await asyncio.sleep(TYPED_S)
    _press(app, "f9")


async def _feel(app: Watched, goes_on: Callable[[], bool]) -> Felt:
    felt, keys, pressed = Felt(), 0, time.perf_counter()
    waits = False
    while goes_on():
        start = time.perf_counter()
        await asyncio.sleep(NAP_S)
        now = time.perf_counter()
        felt.late.append((now - start - NAP_S) * 1000)
        if waits and app.painted > app.acted > pressed:
            felt.keys.append((app.painted - pressed) * 1000)
            waits = False
        if not waits and now - pressed >= KEY_EVERY_S:
            keys, pressed, waits = keys + 1, time.perf_counter(), True
            _press(app, "right" if keys % 2 else "left")
    return Felt(sorted(felt.late), sorted(felt.keys))


def _press(app: App[None], key: str) -> None:
    assert app._driver is not None
    app._driver.send_message(Key(key, key if len(key) == 1 else None))


async def _until(happened: Callable[[], bool]) -> None:
    while not happened():
        await asyncio.sleep(NAP_S)

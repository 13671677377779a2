"""Being told to end: by Ctrl+C, by the system, or because the terminal was closed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FIRST_CODE = 128


@dataclass(slots=True)
class Told:
    """Which signal came, if one did."""

    number: int = 0

    @property
    def exit_code(self) -> int:
        """As a shell reports a program that a signal ended."""
        return FIRST_CODE + self.number


@contextmanager
def told_to_end(stop: Callable[[], None]) -> Iterator[Told]:
    """While this lasts a signal calls `stop` instead of breaking off what is being done."""
    told = Told()
    if threading.current_thread() is not threading.main_thread():
        yield told
        return

    def handle(number: int, _frame: FrameType | None) -> None:
        told.number = told.number or number
        stop()

    before = {one: signal.signal(one, handle) for one in SIGNALS}
    try:
        yield told
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)

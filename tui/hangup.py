"""The way out when the terminal is gone: orderly if it can be, in any case within seconds."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

GRACE_S = 5.0
"""How long a write under way has; what a longer one leaves is taken up by the next start."""
_SHELL_ADDS = 128


def leave_on_hangup(leave: Callable[[], object]) -> None:
    """From now on SIGHUP and SIGTERM call `leave`, and end the process if that takes too long.

    The handler runs in the main thread even while that waits for a terminal that no longer takes
    anything, where an event loop would never come to it. The store keeps whole transactions only,
    so ending here is no worse than a power cut.
    """

    def handle(number: int, _frame: FrameType | None) -> None:
        last_way_out = threading.Timer(GRACE_S, os._exit, [_SHELL_ADDS + number])
        last_way_out.daemon = True
        last_way_out.start()
        leave()

    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, handle)

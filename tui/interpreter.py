"""How Python itself works for this program: when it looks for garbage, and how its threads take
turns.

Garbage is not looked for while the window starts, then rarely, and never among what was loaded:
nothing of what a start makes is garbage, and looking costs a tenth of the time to the first screen;
full collections over the modules and screens were stalls of 50 to 90 ms under the keys.
"""

from __future__ import annotations

import gc
import sys

STARTING = (250_000, 50, 1_000)
"""Twice the objects there are when the store is open; should one never open, this is still a
limit."""
THRESHOLDS = (10_000, 50, 1_000)
TURN_S = 0.001
"""A thread that comes back from the database or a key waits this long for one that calculates, a
fifth of Python's own: reading, deciding and writing of a run wait less for one another."""


def start() -> None:
    """For the whole process; before anything heavy is loaded."""
    gc.set_threshold(*STARTING)
    sys.setswitchinterval(TURN_S)


def collect_rarely() -> None:
    """For a command, whose work may be long; the window does it when it has started."""
    gc.set_threshold(*THRESHOLDS)


def keep_what_is_loaded() -> None:
    """What there is now stays for good: no later collection looks at it."""
    gc.freeze()
    collect_rarely()

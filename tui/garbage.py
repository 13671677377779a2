"""When Python looks for garbage: rarely, and never among what was loaded at start.

Looking costs a tenth of the time to the first screen while modules load; full collections over
the modules and screens were stalls of 50 to 90 ms under the keys.
"""

from __future__ import annotations

import gc

THRESHOLDS = (10_000, 50, 1_000)


def collect_rarely() -> None:
    """For the whole process; before anything heavy is loaded."""
    gc.set_threshold(*THRESHOLDS)


def keep_what_is_loaded() -> None:
    """What there is now stays for good: no later collection looks at it."""
    gc.freeze()

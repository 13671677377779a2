"""How far a live run is, how fast it goes and how long it still takes, in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime

from backend_client.domain.runs import ItemOutcome, Run
from tui.text.wording import Wording

READINGS = 50
"""The rate is that of so many readings: the last ten seconds."""
NOT_YET = frozenset({ItemOutcome.WAITING, ItemOutcome.TO_SEND, ItemOutcome.LEFT})


def progress_of(run: Run) -> tuple[int, int]:
    """Items that are through, and all there are; what only waits for its turn is not through."""
    whole = sum(run.outcomes.values())
    waiting = sum(run.outcomes.get(one, 0) for one in NOT_YET)
    return whole - waiting, whole


class Pace:
    """Items a second by the latest readings."""

    def __init__(self) -> None:
        self._readings: deque[tuple[datetime, int]] = deque(maxlen=READINGS)

    def read(self, at: datetime, run: Run) -> None:
        self._readings.append((at, progress_of(run)[0]))

    def clear(self) -> None:
        self._readings.clear()

    @property
    def rate(self) -> float | None:
        """None while there is nothing to tell it from."""
        if len(self._readings) < 2:
            return None
        (first_at, first), (last_at, last) = self._readings[0], self._readings[-1]
        seconds = (last_at - first_at).total_seconds()
        return (last - first) / seconds if seconds >= 1 and last > first else None


def figures(run: Run, rate: float | None, wording: Wording) -> Iterator[str]:
    """`40 %`, `8 of 20`, and when it goes on `2/s` and `6 s left`."""
    done, whole = progress_of(run)
    yield f"{int(done / whole * 100) if whole else 100} %"
    yield wording.text("screen.run.of", done=f"{done:,}", all=f"{whole:,}")
    if rate:
        yield wording.text("screen.run.rate", rate=f"{rate:,.0f}" if rate >= 1 else f"{rate:.1f}")
        seconds = (whole - done) / rate
        unit, left = ("seconds", seconds) if seconds < 90 else ("minutes", seconds / 60)
        yield wording.text(f"screen.run.left.{unit}", count=f"{left:.0f}")

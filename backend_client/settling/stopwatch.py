"""How long something has really been: two clocks, because one may have been set."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from backend_client.domain.settlement import LegToSend
from backend_client.ports import Clock

MOST = 10_000


class Stopwatch:
    """The wall clock, which survives a restart, beside ticks that nobody can set.

    The settle window takes the smaller of both, so that a clock set forward does not end it; the
    age of a key takes the larger, so that a clock set back does not make it young. Without ticks
    of its own (tests) it counts on the wall clock alone.
    """

    def __init__(self, clock: Clock, ticks: Callable[[], float] | None) -> None:
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._seen: dict[tuple[int, int], float] = {}

    def begin(self, leg: LegToSend) -> None:
        """From now on ticks are counted for this sending of this leg."""
        if self._ticks is None:
            return
        with self._lock:
            if len(self._seen) >= MOST:
                self._seen.clear()
            self._seen.setdefault((leg.leg_id, leg.attempts), self._ticks())

    def waited(self, leg: LegToSend, since: datetime) -> timedelta:
        wall = self._clock.now() - since
        ticked = self._ticked(leg)
        return wall if ticked is None else min(wall, ticked)

    def age_of_key(self, leg: LegToSend) -> timedelta:
        """Since its first sending; a leg cannot be younger than what is written about it."""
        first = leg.first_sent_at or leg.changed_at
        wall = max(self._clock.now(), leg.changed_at) - first
        ticked = self._ticked(leg)
        return wall if ticked is None else max(wall, ticked)

    def age_of_claim(self, leg: LegToSend) -> timedelta:
        """By ticks, since `begin`: nothing where that was not in this process."""
        return self._ticked(leg) or timedelta()

    def _ticked(self, leg: LegToSend) -> timedelta | None:
        if self._ticks is None:
            return None
        with self._lock:
            began = self._seen.get((leg.leg_id, leg.attempts))
        return None if began is None else timedelta(seconds=self._ticks() - began)

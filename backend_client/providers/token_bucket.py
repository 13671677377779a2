"""How fast a provider may be asked: a token bucket that halves when it is told "too many"."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

DEFAULT_RATE = 20.0
LONGEST_WAIT_S = 10.0
"""A leg that waits longer is already claimed and would look abandoned; it is better given back."""

_SLOWEST = 0.5
_HALVED_ONCE_IN_S = 1.0
_RAISED_ONCE_IN_S = 5.0
_RAISED_BY = 1.25


class TokenBucket:
    """Lets `rate` calls a second through, a quarter of a second's worth at once.

    Refusals of calls that were on their way together halve the rate once; while calls go well it
    climbs back. Safe to use from many threads.
    """

    def __init__(
        self,
        rate: float = DEFAULT_RATE,
        *,
        longest_wait_s: float = LONGEST_WAIT_S,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._full = self._rate = rate
        self._burst = max(1.0, rate / 4)
        self._longest_wait_s = longest_wait_s
        self._now = now
        self._stopped = threading.Event()
        self._sleep = sleep or self._stopped.wait
        self._lock = threading.Lock()
        self._tokens = self._burst
        self._filled_at = self._blocked_until = self._halved_at = self._raised_at = now()
        self._was_halved = False

    @property
    def rate(self) -> float:
        return self._rate

    def take(self) -> bool:
        """Wait for a turn; False when that would take too long, or the bucket was closed."""
        with self._lock:
            now = self._now()
            self._fill(now)
            wait_s = max((1 - self._tokens) / self._rate, self._blocked_until - now, 0.0)
            if wait_s > self._longest_wait_s:
                return False
            self._tokens -= 1
        if wait_s:
            self._sleep(wait_s)
        return not self._stopped.is_set()

    def refused(self, pause_s: float = 0.0) -> None:
        """The provider said "too many": go half as fast, and not at all for `pause_s`."""
        with self._lock:
            now = self._now()
            self._fill(now)
            if not self._was_halved or now - self._halved_at >= _HALVED_ONCE_IN_S:
                self._rate = max(self._rate / 2, min(_SLOWEST, self._full))
                self._halved_at = now
                self._was_halved = True
            self._tokens = min(self._tokens, 0.0)
            self._blocked_until = max(self._blocked_until, now + min(pause_s, self._longest_wait_s))

    def went_well(self) -> None:
        with self._lock:
            now = self._now()
            steady_since = max(self._halved_at, self._raised_at)
            if self._rate < self._full and now - steady_since >= _RAISED_ONCE_IN_S:
                self._fill(now)
                self._rate = min(self._full, self._rate * _RAISED_BY)
                self._raised_at = now

    def close(self) -> None:
        """Nobody waits any longer."""
        self._stopped.set()

    def _fill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now

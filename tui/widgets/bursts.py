"""Tells a scanner's burst of keys from a person typing."""

from __future__ import annotations

FASTEST_TYPING_S = 0.030
BURST_KEYS = 3


class BurstWatch:
    """More than three keys, each within 30 ms of the one before, were not typed by a person."""

    def __init__(self) -> None:
        self._last_at_s = float("-inf")
        self._run = 0

    def key(self, at_s: float) -> bool:
        """Note a key at `at_s` of a monotonic clock; True while it belongs to a burst."""
        self._run = self._run + 1 if at_s - self._last_at_s < FASTEST_TYPING_S else 1
        self._last_at_s = at_s
        return self._run > BURST_KEYS

    @property
    def first(self) -> bool:
        """The last key stands alone so far: what was there before it is worth remembering."""
        return self._run == 1

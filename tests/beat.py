"""A timer for rounds that come when a test says so."""

from __future__ import annotations

import threading


class Beat:
    """`beat` lets one wait end; `asked` are the seconds somebody wanted to wait."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._changed = threading.Condition()
        self._beats = 0
        self._set = False

    def wait(self, timeout: float) -> bool:
        with self._changed:
            self.asked.append(timeout)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._beats or self._set)
            self._beats -= not self._set
            return self._set

    def set(self) -> None:
        with self._changed:
            self._set = True
            self._changed.notify_all()

    def beat(self) -> None:
        """One round; back when it is over and the next is waited for."""
        with self._changed:
            self._changed.wait_for(lambda: self.asked)
            rounds = len(self.asked)
            self._beats += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: len(self.asked) > rounds)

"""The times and counts mail goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class MailLimits:
    """`claim` is longer than any handing over takes; `first_wait` doubles up to `longest_wait`.

    A server that says "later" is asked for `patience`, and at least `tries` times; a mail nobody
    knows the fate of is sent `unclear` times at most, under its one Message-ID. After `dead_lines`
    in a row the server is left alone for this run.
    """

    claim: timedelta = timedelta(minutes=30)
    first_wait: timedelta = timedelta(minutes=5)
    longest_wait: timedelta = timedelta(hours=4)
    patience: timedelta = timedelta(days=3)
    tries: int = 8
    unclear: int = 3
    dead_lines: int = 3

    def wait(self, attempts: int) -> timedelta:
        """How long after so many attempts to wait for the next."""
        doublings = min(attempts - 1, 16)
        return min(self.first_wait * (1 << doublings), self.longest_wait)

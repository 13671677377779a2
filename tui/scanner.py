"""Scanners type: what stands between their prefix and Enter is a scan, whatever has the focus.

Anything slower than a scanner, longer than a code or cut off is dropped, and said to be. A swiped
payment card is dropped too, and nothing of it is kept.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

LONGEST_SCAN = 64
TIMEOUT_S = 0.5
SWIPE_STARTS = frozenset("%;")


class Heard(Enum):
    NOTHING = auto()
    """The key is nobody's scan; let it through."""
    PART = auto()
    """The key belongs to a scan that is not over."""
    SCAN = auto()
    TOO_LONG = auto()
    BROKEN_OFF = auto()
    """The scan before this key never ended; the key itself is let through."""
    SWIPE = auto()


class Verdict(NamedTuple):
    heard: Heard
    code: str = ""

    @property
    def swallowed(self) -> bool:
        return self.heard not in (Heard.NOTHING, Heard.BROKEN_OFF)


NOTHING = Verdict(Heard.NOTHING)
PART = Verdict(Heard.PART)


class ScanCollector:
    """Hears every key with its instant, and says what it is part of."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._letters: list[str] | None = None
        self._length = 0
        self._heard_at_s = 0.0
        self._swipe = False

    @property
    def listening(self) -> bool:
        return self._letters is not None

    def hear(self, key: str, character: str | None, at_s: float, *, typing: bool) -> Verdict:
        """One key at `at_s` of a monotonic clock; `typing` says a text field has the focus.

        In a text field `%` and `;` are ordinary letters, and the field drops a swipe itself.
        """
        stale = self.listening and at_s - self._heard_at_s > TIMEOUT_S
        was_scan = stale and not self._swipe
        if stale:
            self._letters = None
        verdict = self._hear(key, character, at_s, typing=typing)
        if was_scan and verdict is NOTHING:
            return Verdict(Heard.BROKEN_OFF)
        return verdict

    def _hear(self, key: str, character: str | None, at_s: float, *, typing: bool) -> Verdict:
        if self._prefix and character == self._prefix:
            self._begin(at_s, swipe=False)
            return PART
        if not self.listening:
            if typing or character not in SWIPE_STARTS or character is None:
                return NOTHING
            self._begin(at_s, swipe=True)
            return PART
        assert self._letters is not None
        self._heard_at_s = at_s
        if key == "enter":
            return self._end()
        if character and character.isprintable():
            self._length += 1
            if self._length <= LONGEST_SCAN and not self._swipe:
                self._letters.append(character)
            if not self._swipe and self._length == 1 and character in SWIPE_STARTS:
                self._begin(at_s, swipe=True)
        return PART

    def _begin(self, at_s: float, *, swipe: bool) -> None:
        self._letters, self._length = [], 0
        self._heard_at_s, self._swipe = at_s, swipe

    def _end(self) -> Verdict:
        letters, self._letters = self._letters or [], None
        if self._swipe:
            return Verdict(Heard.SWIPE)
        if self._length > LONGEST_SCAN:
            return Verdict(Heard.TOO_LONG)
        code = "".join(letters).strip()
        return Verdict(Heard.SCAN, code) if code else PART

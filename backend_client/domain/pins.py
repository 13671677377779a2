"""A PIN as it was typed: seen by nobody, and refused where anybody would guess it."""

from __future__ import annotations

import re
from itertools import pairwise

from backend_client.domain.problems import Refused

LONGEST_TYPED = 64
_FORM = re.compile(r"[0-9]{4,12}")


class Pin:
    """Shows itself to whoever asks for it by name, and to nothing that prints, logs or pickles."""

    __slots__ = ("_typed",)

    def __init__(self, typed: str) -> None:
        self._typed = typed[:LONGEST_TYPED]

    def reveal(self) -> str:
        return self._typed

    def refuse_weak(self) -> None:
        """Raise `pin-form` or `pin-trivial` unless it may become somebody's PIN."""
        digits = self._typed
        if not _FORM.fullmatch(digits):
            raise Refused("pin-form")
        if _counts(digits) or _repeats(digits):
            raise Refused("pin-trivial")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pin) and self._typed == other._typed

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Pin(…)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a PIN is not for keeping")


def _counts(digits: str) -> bool:
    """Equal steps up or down, through 0 as well: 1234, 4321, 2468, 8901; and none at all: 1111."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1


def _repeats(digits: str) -> bool:
    """Two digits over and over, or digits doubled that count: 1212, 12121; 1122, 224466."""
    pairs = digits[::2]
    return digits == (digits[:2] * len(digits))[: len(digits)] or (
        pairs == digits[1::2] and _counts(pairs)
    )

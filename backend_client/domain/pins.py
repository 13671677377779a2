"""A PIN as it was typed: seen by nobody, and refused where anybody would guess it."""

from __future__ import annotations

import re

from backend_client.domain.problems import Refused

LONGEST_TYPED = 64
_FORM = re.compile(r"[0-9]{4,12}")
_ROWS = ("01234567890123456789", "98765432109876543210")


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
        if any(digits in row for row in _ROWS) or _repeats(digits):
            raise Refused("pin-trivial")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pin) and self._typed == other._typed

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return "Pin(…)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a PIN is not for keeping")


def _repeats(digits: str) -> bool:
    """One or two digits over and over: 0000, 1212, 12121."""
    return any(digits == (digits[:size] * len(digits))[: len(digits)] for size in (1, 2))

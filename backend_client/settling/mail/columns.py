"""Lines of plain text no wider than a mail's 72 columns, whatever letters they hold."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

WIDTH = 72


def cells(text: str) -> int:
    """How many columns the text takes: wide letters two, accents that stand on others none."""
    return sum(_cells(letter) for letter in text)


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """The text in lines of at most `width` columns; a word that is wider is cut."""
    lines: list[str] = []
    line = ""
    for word in _words(text, width):
        longer = f"{line} {word}" if line else word
        if line and cells(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def pair(left: str, right: str, width: int = WIDTH) -> list[str]:
    """Words at the left, as many lines as they need, and a figure at the end of the first."""
    first, *others = wrap(left, width - cells(right) - 2) or [""]
    gap = " " * (width - cells(first) - cells(right))
    return [f"{first}{gap}{right}", *(f"  {line}" for line in others)]


def _words(text: str, width: int) -> Iterator[str]:
    for word in text.split(" "):
        piece = ""
        for letter in word:
            if cells(piece) + _cells(letter) > width:
                yield piece
                piece = ""
            piece += letter
        if piece:
            yield piece


def _cells(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1

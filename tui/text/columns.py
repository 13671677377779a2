"""Columns that line up on a terminal, where a Chinese character takes two cells and an accent none.

The standard library's table is enough for text that was made inert before; rich would cost a
command 60 ms.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

ELLIPSIS = "…"
NARROWEST = 24
"""A folded column is no narrower."""
INVISIBLE = frozenset({"Mn", "Me", "Cf", "Cc"})


def cells(text: str) -> int:
    """How many cells of a terminal `text` takes."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    if unicodedata.category(character) in INVISIBLE:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int) -> str:
    """`text` in at most `width` cells, its end marked as cut."""
    if cells(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += _cells_of(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept) + ELLIPSIS


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` cut or filled to exactly `width` cells."""
    text = fit(text, width)
    blank = " " * (width - cells(text))
    return blank + text if right else text + blank


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` cells, broken at spaces, and inside words too long."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        for piece in _pieces(word, width):
            joined = f"{line} {piece}" if line else piece
            if cells(joined) <= width:
                line = joined
            else:
                lines.append(line)
                line = piece
    return [*lines, line] if line or not lines else lines


def _pieces(word: str, width: int) -> list[str]:
    pieces, piece, used = [], "", 0
    for character in word:
        needed = _cells_of(character)
        if used + needed > width:
            pieces.append(piece)
            piece, used = "", 0
        piece += character
        used += needed
    return [*pieces, piece]


def folded(
    rows: Iterable[Sequence[str]], width: int, *, head: Sequence[str] = (), indent: str = "  "
) -> list[str]:
    """As `table`, in `width` cells: the last column goes on below itself, or below its row where
    it would be too narrow, and nothing is cut."""
    body = [list(row) for row in rows]
    every = [list(head), *body] if head else body
    before = [max(cells(row[index]) for row in every) for index in range(len(every[0]) - 1)]
    room = width - cells(indent) - sum(one + 2 for one in before)
    if room < NARROWEST:
        return _below(every, width, bool(head), indent)
    blank = [""] * len(before)
    lines = [
        [*(blank if number else row[:-1]), piece]
        for row in every
        for number, piece in enumerate(wrap(row[-1], room))
    ]
    return table(lines, indent=indent)


def _below(every: list[list[str]], width: int, has_head: bool, indent: str) -> list[str]:
    """Each row in a line, and under it what its last column says."""
    lines = []
    for number, line in enumerate(table([row[:-1] for row in every], indent=indent)):
        lines.append(line)
        if number or not has_head:
            more = wrap(every[number][-1], max(width - cells(indent) * 3, NARROWEST))
            lines += [indent * 3 + piece for piece in more]
    return lines


def table(
    rows: Iterable[Sequence[str]],
    *,
    head: Sequence[str] = (),
    right: frozenset[int] = frozenset(),
    limits: Sequence[int | None] = (),
    indent: str = "  ",
) -> list[str]:
    """Lines of aligned columns; `right` ones end at the same cell, `limits` cap their width."""
    body = [list(row) for row in rows]
    every = [list(head), *body] if head else body
    if not every:
        return []
    widths = [max(cells(row[index]) for row in every) for index in range(len(every[0]))]
    for index, limit in enumerate(limits):
        if limit is not None:
            widths[index] = min(widths[index], limit)
    return [
        (
            indent
            + "  ".join(
                pad(text, width, right=index in right)
                for index, (text, width) in enumerate(zip(row, widths, strict=True))
            )
        ).rstrip()
        for row in every
    ]

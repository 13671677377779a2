"""Lines of a screen: pieces of text with a style each, cut and aligned by cells, never markup."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tui.text.columns import cells, fit

Part = str | tuple[str, str]
"""Text, or text with the style it is shown in (`$muted`, `bold $accent`)."""


def text_of(part: Part) -> str:
    return part if isinstance(part, str) else part[0]


def width_of(parts: Sequence[Part]) -> int:
    return sum(cells(text_of(part)) for part in parts)


def cut(parts: Sequence[Part], width: int) -> list[Part]:
    """The parts in at most `width` cells; what does not fit ends in an ellipsis."""
    kept: list[Part] = []
    left = width
    for part in parts:
        text = text_of(part)
        needed = cells(text)
        if needed > left:
            short = fit(text, left) if left > 0 else ""
            kept.append(short if isinstance(part, str) else (short, part[1]))
            break
        kept.append(part)
        left -= needed
    return kept


def spread(width: int, left: Sequence[Part], right: Sequence[Part] = ()) -> Content:
    """`left` at the left edge and `right` at the right one; the left side gives way."""
    right = cut(right, width)
    room = width - width_of(right) - (1 if right else 0)
    left = cut(left, max(room, 0))
    gap = width - width_of(left) - width_of(right)
    return Content.assemble(*left, " " * max(gap, 0), *right)


def rule(width: int, title: str = "", right: str = "") -> Content:
    """A thin line with a title in it: ` ─ Lines ──────`, one cell free at both edges.

    `right` heads the column of amounts. A title never stands without its line: where there is no
    room for both, as before a screen has its size, there is a line alone.
    """
    head: list[Part] = [" "]
    if title:
        head += [("─ ", "$rule"), (fit(title, max(width - 12, 8)), "$accent"), (" ", "$rule")]
    tail: list[Part] = [(f" {right}", "$muted")] if right else []
    dashes = width - 1 - width_of(head) - width_of(tail)
    if dashes < 1:
        head, tail, dashes = [" "], [], max(width - 2, 0)
    return Content.assemble(*head, ("─" * dashes, "$rule"), *tail)

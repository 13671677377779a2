"""What is said of what a lookup found: how many there are, and how sure one can be of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.text.inert import inert

if TYPE_CHECKING:
    from backend_client.answers import Lookup

Words = Callable[..., str]
"""The words of the screen, by their key."""


def namesakes(shown: Lookup | None, text: str) -> int:
    """How many of the bookings shown are called exactly this."""
    hits = shown.hits if shown else ()
    return sum(hit.reference.casefold() == text.casefold() for hit in hits)


def several(words: Words, shown: Lookup | None, text: str) -> str:
    count = namesakes(shown, text)
    return words("called" if count > 1 else "several", text=text, count=count)


def how_many(words: Words, found: Lookup, *, elsewhere: bool) -> str:
    """Of all there are; a system `elsewhere` does not say how many those are."""
    key = "count_more" if found.more else "count"
    shown, total = len(found.hits), found.bookings_total
    return words(f"{key}_there" if elsewhere else key, found=f"{shown:,}", total=f"{total:,}")


def doubt(words: Words, found: Lookup) -> str:
    """Who could not be asked, or how it was read."""
    nobody = "unasked" if found.hits else "unasked_nothing"
    return words(
        nobody if found.unasked else "read_as",
        text=found.text.strip(),
        cinemas=", ".join(map(inert, found.unasked)),
        other=inert(found.read_as),
    )

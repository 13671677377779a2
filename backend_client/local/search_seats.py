"""The seat somebody typed, among the lines of each booking found by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from backend_client.domain.kinds import LineState
from backend_client.local.connect import ask
from backend_client.local.rows import id_list
from backend_client.local.search_text import REPEATED, seat_words
from backend_client.local.times import maybe_from_us

if TYPE_CHECKING:
    from backend_client.answers import Hit

LONGEST_WORD = 6
_LINES = """
SELECT l.booking_id, l.sequence, l.seat, p.event, p.starts_at_us
FROM line l LEFT JOIN performance p ON p.id = l.performance_id
WHERE l.booking_id IN (SELECT value FROM json_each(?)) AND l.seat <> ''
ORDER BY l.booking_id, l.state <> ?, p.starts_at_us, l.sequence"""
"""Lines still sold first, then the earliest: of a season's seat that is the next one."""


@dataclass(frozen=True, slots=True)
class _Seat:
    """A line whose seat fits, and what it is a seat for."""

    line: int
    seat: str
    event: str
    starts_at: datetime | None


def may_name_a_seat(words: Iterable[str]) -> bool:
    """Seats have a number and are short; most of what is looked for needs no look at lines."""
    return any(
        len(word) <= LONGEST_WORD and any(letter.isdecimal() for letter in word) for word in words
    )


@lru_cache(maxsize=REPEATED)
def fit(seat: str, words: tuple[str, ...]) -> int:
    """How well it is what was typed: 2 where each part of it begins with a word (`g 1` for G 16),
    or the whole with one that has both (`g16`); 1 where only its number is a word; or not: 0."""
    *parts, whole = seat_words(seat).split() or [""]
    if any(whole.startswith(word) and not word.isalpha() for word in words):
        return 2
    if parts and all(any(part.startswith(word) for word in words) for part in parts):
        return 2
    return int(any(part in words for part in parts if part.isdecimal()))


def with_seats(
    connection: Connection, hits: tuple[Hit, ...], words: tuple[str, ...]
) -> tuple[Hit, ...]:
    """The same hits; where a seat fits the words typed, with it and the performance it is for."""
    if not hits or not may_name_a_seat(words):
        return hits
    best: dict[int, tuple[int, _Seat]] = {}
    asked = id_list(hit.booking_id for hit in hits)
    for booking_id, line, seat, event, starts_at_us in ask(
        connection, _LINES, asked, LineState.SOLD.value
    ):
        how_well = fit(seat, words)
        if how_well > (best[booking_id][0] if booking_id in best else 0):
            found = _Seat(line, seat, event or "", maybe_from_us(starts_at_us))
            best[booking_id] = how_well, found
    return tuple(
        _named(hit, best[hit.booking_id][1]) if hit.booking_id in best else hit for hit in hits
    )


def _named(hit: Hit, found: _Seat) -> Hit:
    if not found.event:
        return replace(hit, line=found.line, seat=found.seat)
    return replace(
        hit,
        line=found.line,
        seat=found.seat,
        performance=found.event,
        starts_at=found.starts_at,
    )

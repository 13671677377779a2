"""Lookups as they are typed, in a large store, beside the bare statement for the same words.

The mix: 60 % ids (half of them booking ids, the rest numbers and references of payments), 25 %
names of three letters and more (beginnings, surnames, full names), 15 % others: one and two
letters, two short beginnings, e-mail, phone, last four digits, seats.
"""

from __future__ import annotations

import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.incoming import IncomingBooking
from backend_client.domain.policy import Policy
from backend_client.importing.practice_venue import practice_bookings
from backend_client.local.intake import store_bookings
from backend_client.local.search import lookup
from backend_client.local.search_left import Rules
from backend_client.local.search_query import query_from
from backend_client.local.store import Store
from backend_client.ports import SystemClock
from tests.benchmarks.figure import Figure

BOOKINGS, QUICK_BOOKINGS = 1_000_000, 100_000
QUERIES, ROUNDS = 2_000, 3
ROWS = 50
CALLER = Caller("Benchmark", Role.ADMIN, "1", "box-office", Entrance.COMMAND_LINE, "bench")
_BARE = """
SELECT d.id, d.name, b.booking_id, b.settled_minor, b.prior_refunded_minor, b.promised_minor,
  c.name, (SELECT SUM(l.value_minor) FROM line l WHERE l.booking_id = b.id AND l.state = 'sold')
FROM (SELECT rowid AS id FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT 50) found
JOIN search_doc d ON d.id = found.id JOIN booking b ON b.id = found.id
LEFT JOIN contact c ON c.id = b.contact_id ORDER BY d.id DESC"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody types, and which part of the mix it belongs to."""

    kind: str
    text: str


def run(quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        asked = build(path, QUICK_BOOKINGS if quick else BOOKINGS)
        return measure(path, asked)


def build(path: Path, bookings: int) -> list[Asked]:
    """Fill a store and remember what could be asked of it."""
    now = datetime.now(UTC)
    chosen = set(random.Random(3).sample(range(bookings), QUERIES))
    asked: list[Asked] = []

    def watched() -> Iterator[IncomingBooking]:
        rng = random.Random(4)
        for place, one in enumerate(practice_bookings(bookings, 1, now)):
            if place in chosen:
                asked.append(_question(one, rng))
            yield one

    store = Store.open(f"sqlite:///{path}", create=True, clock=SystemClock())
    store_bookings(store, watched(), caller=CALLER, clock=SystemClock(), pause=lambda _: None)
    store.close()
    random.Random(5).shuffle(asked)
    return asked


def _question(one: IncomingBooking, rng: random.Random) -> Asked:
    roll = rng.random()
    if roll < 0.60:
        names = [one.booking_id, one.booking_id, one.number]
        names += [payment.provider_reference or one.number for payment in one.payments[:1]]
        return Asked("id", rng.choice(names))
    name = one.contact.name if one.contact else "Davis"
    words = [word for word in name.split() if len(word) >= 3] or ["Davis"]
    if roll < 0.85:
        word = rng.choice(words)
        return Asked("name", rng.choice((word[: max(3, len(word) // 2)], word, name)))
    others = [words[0][:1], words[0][:2], f"{words[0][:1]} {words[-1][:2]}"]
    others += [one.contact.email or "com", one.contact.phone or "079"] if one.contact else []
    others += [payment.masked_number[-4:] or "1111" for payment in one.payments[:1]]
    others += [line.seat or "a 1" for line in one.lines[:1]]
    return Asked("other", rng.choice(others))


def measure(path: Path, asked: Sequence[Asked]) -> list[Figure]:
    """Ours and the bare statement, query by query in turns; the quickest of three rounds counts,
    since other programs on the machine only ever add."""
    store = Store.open(f"sqlite:///{path}", create=False, clock=SystemClock())
    bare = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    ours_ms: dict[str, list[float]] = {"id": [], "name": [], "other": []}
    bare_ms: dict[str, list[float]] = {"id": [], "name": [], "other": []}
    rules = Rules(Policy(), datetime.now(UTC))
    with store.read() as connection:
        for one in asked:
            expression = query_from(one.text).prefixes
            ours: list[float] = []
            raw: list[float] = []
            for _ in range(ROUNDS):
                ours.append(_ms(partial(lookup, connection, one.text, ROWS, rules)))
                raw.append(_ms(partial(_fetch, bare, expression)))
            ours_ms[one.kind].append(min(ours))
            bare_ms[one.kind].append(min(raw))
    bare.close()
    store.close()
    figures = [
        figure
        for kind in ours_ms
        for figure in _figures(f"lookup, {kind}", ours_ms[kind], bare_ms[kind])
    ]
    everything = [value for values in ours_ms.values() for value in values]
    bare_all = [value for values in bare_ms.values() for value in values]
    return [*figures, *_figures("lookup, whole mix", everything, bare_all, goal="≤ 15 ms, ≤ 2×")]


def _figures(
    name: str, ours: list[float], bare: list[float], goal: str = ""
) -> tuple[Figure, Figure]:
    return (
        Figure(f"{name}: p50", statistics.median(ours), "ms", floor=statistics.median(bare)),
        Figure(f"{name}: p99", _p99(ours), "ms", goal, floor=_p99(bare)),
    )


def _p99(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _fetch(connection: sqlite3.Connection, expression: str) -> None:
    connection.execute(_BARE, (expression,)).fetchall()


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000

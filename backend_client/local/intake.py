"""Takes bookings into the store: in chunks short enough that no window waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sqlalchemy.engine import Connection

from backend_client.domain.caller import Caller
from backend_client.domain.incoming import IncomingBooking
from backend_client.local.audit import Record
from backend_client.local.intake_chunk import (
    REWRITTEN_AT_ONCE,
    Done,
    Office,
    store_chunk,
)
from backend_client.local.intake_people import Memory
from backend_client.local.intake_rows import Prepared, prepared
from backend_client.local.search_index import rewrite_search
from backend_client.local.store import Store
from backend_client.ports import Clock, RandomTokens, TokenSource
from backend_client.reports import ImportReport, ImportSource

T = TypeVar("T")
FIRST_BOOKINGS = 300
MOST_BOOKINGS = 1_000
FEWEST_BOOKINGS = 20
MOST_LINES = 5_000
HELD_GOAL_S = 0.07
"""How long a chunk aims to hold the write lock; 0.1 s is the most it may."""
GAP_S = 0.006
"""Between chunks the lock is free: committing back to back starves every other program."""


@dataclass(slots=True)
class Counts:
    """What became of the bookings; `contradicted` are the full keys of those not taken over."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    contradicted: list[str] = field(default_factory=list)
    defaulted: set[str] = field(default_factory=set)

    def add(self, done: Done) -> None:
        self.added += done.added
        self.updated += done.updated
        self.unchanged += done.unchanged
        self.contradicted += done.contradicted


def import_file(
    store: Store,
    source: ImportSource,
    bookings: Iterable[Prepared],
    *,
    caller: Caller,
    clock: Clock,
    progress: Callable[[int], None] = lambda _: None,
    tokens: TokenSource | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> ImportReport:
    """Store what was read from `source` and report; `progress` is told how many are done."""
    office = Office(caller, clock.now(), store.audit, tokens or RandomTokens())
    counts = _store(store, bookings, office, progress, pause, named=source.path)
    settings = {"site": source.site, "currency": source.currency, "zone": source.zone}
    return ImportReport(
        path=source.path,
        format=source.format,
        read=counts.read,
        added=counts.added,
        updated=counts.updated,
        unchanged=counts.unchanged,
        contradicted=tuple(counts.contradicted),
        defaults={name: settings[name] for name in settings if name in counts.defaulted},
    )


def store_bookings(
    store: Store,
    bookings: Iterable[IncomingBooking],
    *,
    caller: Caller,
    clock: Clock,
    progress: Callable[[int], None] = lambda _: None,
    tokens: TokenSource | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> Counts:
    """Store bookings that come from no file."""
    office = Office(caller, clock.now(), store.audit, tokens or RandomTokens())
    return _store(store, map(prepared, bookings), office, progress, pause, named="practice venue")


def _store(
    store: Store,
    bookings: Iterable[Prepared],
    office: Office,
    progress: Callable[[int], None],
    pause: Callable[[float], None],
    *,
    named: str,
) -> Counts:
    """Store bookings as they come, in constant memory; the same ones again change nothing."""
    memory = Memory()
    counts = Counts()
    pace = _Pace(store, pause)
    chunks = _chunks(bookings, pace, counts)
    chunk = next(chunks, None)
    while chunk:
        read = counts.read
        on_disk = pace.begin(partial(store_chunk, chunk=chunk, memory=memory, office=office))
        pace.heed(len(chunk))
        chunk = next(chunks, None)
        done = on_disk()
        memory.learn(done.people, done.shows)
        counts.add(done)
        for ids in _slices(done.stale):
            pace.write(partial(rewrite_search, booking_ids=ids))
        progress(read)
    _sign_off(store, office, counts, named)
    return counts


class _Pace:
    """Writes in turns: leaves the lock free between them, and makes chunks as large as they may
    be without holding it too long."""

    def __init__(self, store: Store, pause: Callable[[float], None]) -> None:
        self.bookings = FIRST_BOOKINGS
        self._store = store
        self._pause = pause
        self._free_since = -GAP_S
        self._held_s = 0.0

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do `work` in a write transaction, not sooner than a gap after the last one."""
        return self.begin(work)()

    def begin(self, work: Callable[[Connection], T]) -> Callable[[], T]:
        """As `write`, but back as soon as only the commit is left, which takes the processor and
        the disk a while and this thread not at all; what is answered waits for it."""
        free_s = time.monotonic() - self._free_since
        if free_s < GAP_S:
            self._pause(GAP_S - free_s)
        committing, over = threading.Event(), threading.Event()

        def ended(_: Future[T]) -> None:
            self._free_since = time.monotonic()
            committing.set()
            over.set()

        future = self._store.start(
            partial(self._timed, work), label="import", run=True, committing=committing.set
        )
        future.add_done_callback(ended)
        committing.wait()
        return partial(self._on_disk, future, over)

    def _on_disk(self, future: Future[T], over: threading.Event) -> T:
        over.wait()
        return future.result()

    def _timed(self, work: Callable[[Connection], T], connection: Connection) -> T:
        start = time.perf_counter()
        done = work(connection)
        self._held_s = time.perf_counter() - start
        return done

    def heed(self, size: int) -> None:
        """Learn from how long a chunk of this many bookings took."""
        fitting = int(size * HELD_GOAL_S / self._held_s) if self._held_s else MOST_BOOKINGS
        if self._held_s > HELD_GOAL_S:
            self.bookings = max(fitting, FEWEST_BOOKINGS)
        elif size >= self.bookings:
            grown = min(self.bookings + self.bookings // 4, fitting, MOST_BOOKINGS)
            self.bookings = max(grown, self.bookings)


def _chunks(bookings: Iterable[Prepared], pace: _Pace, counts: Counts) -> Iterator[list[Prepared]]:
    """Bookings in chunks; one booking id never stands twice in a chunk, because what is there
    already is looked up once for all of it."""
    chunk: list[Prepared] = []
    seen: set[tuple[str, str]] = set()
    lines = 0
    for one in bookings:
        named = (one.site, one.booking_id)
        full = len(chunk) >= pace.bookings or lines + len(one.lines) > MOST_LINES
        if chunk and (full or named in seen):
            yield chunk
            chunk, lines = [], 0
            seen.clear()
        chunk.append(one)
        seen.add(named)
        lines += len(one.lines)
        counts.read += 1
        counts.defaulted.update(one.defaulted)
    if chunk:
        yield chunk


def _slices(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), REWRITTEN_AT_ONCE):
        yield ids[start : start + REWRITTEN_AT_ONCE]


def _sign_off(store: Store, office: Office, counts: Counts, named: str) -> None:
    body: Mapping[str, object] = {
        "read": counts.read,
        "added": counts.added,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "contradicted": len(counts.contradicted),
        "defaulted": sorted(counts.defaulted),
    }
    record = Record("import", named, body)
    store.write(
        lambda c: office.audit.append(c, office.caller, office.at, record),
        label="import",
        run=True,
    )

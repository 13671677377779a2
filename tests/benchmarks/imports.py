"""Native files from disk into the store, every line checked first, beside bare inserts of as many
rows; and the memory of a file ten times as large."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from backend_client.importing.practice_venue import practice_bookings
from tests.benchmarks.figure import Figure
from tests.native_lines import write_native

BOOKINGS, QUICK_BOOKINGS = 100_000, 10_000
CHUNK = 300
_IMPORT = """
import json, resource, sys, time
from backend_client.reports import ImportSource
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.importing.reader import read
from backend_client.local.intake import import_file
from backend_client.local.intake_rows import prepared
from backend_client.local.store import Store
from backend_client.ports import SystemClock
from tui import interpreter

interpreter.start()
interpreter.collect_rarely()
path, url = sys.argv[1:]
store = Store.open(url, create=True, clock=SystemClock())
caller = Caller("Benchmark", Role.ADMIN, "1", "box-office", Entrance.COMMAND_LINE, "bench")
source = ImportSource(path, "native", "0001", "CHF", "UTC")
own, helper = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN

def peak(*whose):
    return sum(resource.getrusage(one).ru_maxrss for one in whose) / 1024

def checked():
    for place, booking in enumerate(read(source, prepared)):
        if place == 0:
            peaks.append(peak(own, helper))  # from here on there is no helper
        yield booking

peaks = []
start, cpu = time.perf_counter(), time.process_time()
report = import_file(store, source, checked(), caller=caller, clock=SystemClock())
seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
store.close()
cpu += sum(resource.getrusage(helper)[:2])
print(json.dumps([report.added, seconds, cpu, max(*peaks, peak(own))]))
"""


def run(quick: bool) -> list[Figure]:
    bookings = QUICK_BOOKINGS if quick else BOOKINGS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, _, _, little_memory = _imported(folder, bookings // 10)
        added, seconds, cpu, memory = _imported(folder, bookings)
        bare = _bare_rows_a_second(folder / "bare.db", bookings)
        assert (small, added) == (bookings // 10, bookings)
    return [
        Figure("import, native", added / seconds, "bookings/s", "≥ 5,000", floor=bare),
        Figure("import, native, by its own processor time", added / cpu, "bookings/s", ""),
        Figure("import, peak memory", memory, "MiB", "≤ 150 MiB", floor=little_memory),
    ]


def _imported(folder: Path, bookings: int) -> tuple[int, float, float, float]:
    """Added, seconds, seconds of processor time and peak MiB, in a process of its own; what its
    helper used is counted in, as if both had their most at once while they check."""
    path = folder / f"{bookings}.ndjson"
    write_native(path, practice_bookings(bookings, 1, datetime.now(UTC)))
    url = f"sqlite:///{folder / f'{bookings}.db'}"
    answer = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(path), url], check=True, capture_output=True, text=True
    )
    added, seconds, cpu, memory = json.loads(answer.stdout)
    return added, seconds, cpu, memory


def _bare_rows_a_second(path: Path, bookings: int) -> float:
    """Bookings a second if all there were to do is insert their rows, without any index."""
    chunk: list[tuple[object, ...]] = []
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    columns = ", ".join(f"c{place}" for place in range(18))
    connection.execute(f"CREATE TABLE bare(id INTEGER PRIMARY KEY, {columns})")
    statement = f"INSERT INTO bare({columns}) VALUES ({', '.join('?' * 18)})"
    seconds = 0.0
    for place, one in enumerate(practice_bookings(bookings, 1, datetime.now(UTC)), 1):
        shared = (one.booking_id, one.number, one.channel, one.currency, one.transaction_id)
        rows = 4 + len(one.lines) + len(one.payments)
        chunk += [(*shared, *range(13))] * rows
        if place % CHUNK == 0 or place == bookings:
            start = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, chunk)
            connection.execute("COMMIT")
            seconds += time.perf_counter() - start
            chunk = []
    connection.close()
    return bookings / seconds

"""A cancelled performance (two tickets and a charge a booking): simulated, then live, beside the
same rows written by sqlite3 alone into the same tables without their triggers."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from backend_client.domain.incoming import IncomingBooking, IncomingLine, IncomingPerformance
from backend_client.domain.kinds import FeeKind, LineKind
from tests.benchmarks.figure import Figure
from tests.shop import open_shop, sale, ticket

SIZES, QUICK_SIZES = (1_000, 10_000, 100_000), (1_000, 10_000)
CHUNK = 250
HAMLET = IncomingPerformance("35626", "Hamlet", event_key="E-1")
CHARGE = IncomingLine(
    3, LineKind.FEE, "Charge", 100, 100, fee_kind=FeeKind.CHARGE, parent_sequence=1
)
_LIVE = """
import json, resource, sys, time
from pathlib import Path
from backend_client.domain.run_parameters import CancellationParameters
from tests.shop import SUPERVISOR, open_shop
from tui import interpreter

interpreter.start()
interpreter.collect_rarely()
shop = open_shop(Path(sys.argv[1]), settles=False)
figures = []

def measured(work):
    start, cpu = time.perf_counter(), time.process_time()
    done = work()
    figures.extend([time.perf_counter() - start, time.process_time() - cpu])
    return done

parameters = CancellationParameters((1,), "performance-cancelled")
simulation = measured(lambda: shop.backend.simulate_cancellation(SUPERVISOR, parameters))
live = measured(lambda: shop.backend.go_live(SUPERVISOR, simulation.id))
assert live.state == "done" and live.totals == simulation.totals, live
figures.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
shop.backend.close()
print(json.dumps([live.done, *figures]))
"""


def run(quick: bool) -> list[Figure]:
    figures: list[Figure] = []
    for bookings in QUICK_SIZES if quick else SIZES:
        with tempfile.TemporaryDirectory() as name:
            figures += _measured(Path(name), bookings)
    return figures


def _measured(folder: Path, bookings: int) -> Iterator[Figure]:
    shop = open_shop(folder, settles=False)
    shop.sell(sold(number) for number in range(1, bookings + 1))
    shop.backend.close()
    shutil.copyfile(folder / "store.db", folder / "bare.db")
    answer = subprocess.run(
        [sys.executable, "-c", _LIVE, str(folder)], check=True, capture_output=True, text=True
    )
    done, simulated, _, seconds, cpu, peak = json.loads(answer.stdout)
    assert done == bookings
    bare_s, bare_cpu = _bare(folder / "bare.db", folder / "store.db", bookings)
    bare = bookings / bare_s
    size = f"{bookings:,}"
    yield Figure(f"cancellation simulated, {size}", done / simulated, "bookings/s", "", floor=bare)
    yield Figure(f"cancellation, {size}", done / seconds, "bookings/s", "≥ 3,000", floor=bare)
    bare_ms = 1000 * bare_cpu / done
    yield Figure(f"cancellation, {size}", 1000 * cpu / done, "ms CPU each", "≤ 0.35", floor=bare_ms)
    yield Figure(f"cancellation, {size}", peak, "MiB", "≤ 200")


def sold(number: int) -> IncomingBooking:
    lines = (
        replace(ticket(1), performance=HAMLET.key, seat=f"G {number}"),
        replace(ticket(2), performance=HAMLET.key, seat=f"H {number}"),
        CHARGE,
    )
    return replace(sale(number, lines=lines), performances=(HAMLET,))


_INSERTED = ("refund", "refund_line", "leg", "book_entry", "posting", "audit")
_CHANGED = (
    ("UPDATE line SET state = 'cancelled' WHERE id = ?", "SELECT line_id FROM refund_line"),
    (
        "UPDATE booking SET version = version + 1, promised_minor = promised_minor + ? "
        "WHERE id = ?",
        "SELECT amount_minor, booking_id FROM leg",
    ),
    (
        "UPDATE run_item SET outcome = 'cancelled', refund_id = ? WHERE run_id = ? AND ordinal = ?",
        "SELECT refund_id, run_id, ordinal FROM run_item",
    ),
)


def _bare(before: Path, after: Path, bookings: int) -> tuple[float, float]:
    """Seconds, and those of the processor, for the rows a run left, with nothing decided, checked,
    counted or hashed."""
    with (
        closing(sqlite3.connect(before, isolation_level=None)) as bare,
        closing(sqlite3.connect(after)) as done,
    ):
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        for (trigger,) in bare.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            bare.execute(f"DROP TRIGGER {trigger}")
        for table in ("run", "run_item"):
            _insert(bare, table, done.execute(f"SELECT * FROM {table}").fetchall())
        work = [(_into(done, table), done.execute(_new(table))) for table in _INSERTED]
        work += [(statement, done.execute(rows)) for statement, rows in _CHANGED]
        seconds = processor = 0.0
        for _ in range(0, bookings, CHUNK):
            chunk = [(statement, rows.fetchmany(_share(statement))) for statement, rows in work]
            start, cpu = time.perf_counter(), time.process_time()
            bare.execute("BEGIN IMMEDIATE")
            for statement, rows in chunk:
                bare.executemany(statement, rows)
            bare.execute("COMMIT")
            seconds += time.perf_counter() - start
            processor += time.process_time() - cpu
    return seconds, processor


def _new(table: str) -> str:
    """What was not there before: of the audit log the records that name a refund."""
    where = " WHERE action = 'refund'" if table == "audit" else ""
    return f"SELECT * FROM {table}{where}"


def _share(statement: str) -> int:
    """Three lines and three postings a booking, one row of everything else."""
    return CHUNK * (3 if any(name in statement for name in _THREE) else 1)


_THREE = ("refund_line", "posting", "UPDATE line")


def _into(connection: sqlite3.Connection, table: str) -> str:
    columns = connection.execute(f"SELECT COUNT(*) FROM pragma_table_info('{table}')").fetchone()[0]
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"


def _insert(connection: sqlite3.Connection, table: str, rows: list[tuple[object, ...]]) -> None:
    connection.execute("BEGIN")
    connection.executemany(_into(connection, table), rows)
    connection.execute("COMMIT")

"""The doctor on a store of 100,000 payments, by the clock and by its own processor time; beside it
what SQLite and HMAC alone take to read the whole file once and to follow the audit chain."""

from __future__ import annotations

import hmac
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from backend_client.local.doctor import examine
from backend_client.local.store import Store
from tests.benchmarks.figure import Figure
from tests.benchmarks.many_legs import build
from tests.clocks import SteppingClock

LEGS, QUICK_LEGS = 100_000, 10_000


def run(quick: bool) -> list[Figure]:
    legs = QUICK_LEGS if quick else LEGS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store.open(build(folder, legs), create=False, clock=SteppingClock())
        try:
            seconds, cpu = _timed(lambda: _examined(store))
        finally:
            store.close()
        bare_seconds, bare_cpu = _timed(lambda: _bare(folder))
    return [
        Figure(f"doctor, {legs:,} payments", seconds, "s", "≤ 5 s", floor=bare_seconds),
        Figure("doctor, by its own processor time", cpu, "s", "", floor=bare_cpu),
    ]


def _timed(work: Callable[[], None]) -> tuple[float, float]:
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - start, time.process_time() - cpu


def _examined(store: Store) -> None:
    red = [check.code for check in examine(store).checks if not check.ok]
    assert red == [], red


def _bare(folder: Path) -> None:
    """SQLite's own look at every page and reference, one sum of each table, one HMAC a record."""
    with closing(sqlite3.connect(folder / "store.db")) as raw:
        for pragma in ("quick_check", "foreign_key_check"):
            raw.execute(f"PRAGMA {pragma}").fetchall()
        for table, column in (("posting", "amount_minor"), ("leg", "amount_minor")):
            raw.execute(f"SELECT SUM({column}) FROM {table}").fetchall()
        for record in raw.execute("SELECT prev || body || object || operator FROM audit"):
            hmac.digest(b"key", record[0].encode(), "sha256")

"""Refunds committed a second, each durable; beside raw inserts with as many commits."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.settings import Settings
from tests.benchmarks.figure import Figure
from tests.benchmarks.venue import practice_store
from tui.wiring import open_backend

CALLER = Caller("Benchmark", Role.SUPERVISOR, "1", "box-office", Entrance.COMMAND_LINE, "bench")
ROWS_A_REFUND = 8
"""Refund, line, leg, entry, two postings, audit and booking: what a small refund writes."""


def run(quick: bool) -> list[Figure]:
    wanted = 200 if quick else 1_000
    with tempfile.TemporaryDirectory() as folder:
        ours = _refunds_a_second(practice_store(Path(folder), bookings=wanted * 3), wanted)
        raw = _commits_a_second(Path(folder) / "raw.db", wanted)
    return [Figure("refunds committed", ours, "1/s", "", floor=raw)]


def _refunds_a_second(url: str, wanted: int) -> float:
    backend = open_backend(url, Settings(), create=False)
    done = booking_id = 0
    seconds = 0.0
    while done < wanted:
        booking_id += 1
        try:
            view = backend.booking(CALLER, f"#{booking_id}")
        except Refused:
            break
        ready = tuple(s for s, verdict in view.verdicts.items() if verdict.refundable)
        request = RefundRequest(
            view.booking.id,
            ready,
            reason="goodwill",
            parts=(Part(Method.REQUESTED),),
            acknowledged=frozenset({"fee-stranded"}),
        )
        start = time.perf_counter()
        try:
            backend.execute_refund(CALLER, backend.preview_refund(CALLER, request))
        except Refused:
            continue
        seconds += time.perf_counter() - start
        done += 1
    backend.close()
    return done / seconds


def _commits_a_second(path: Path, count: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row(id INTEGER PRIMARY KEY, a TEXT, b INTEGER)")
    start = time.perf_counter()
    for _ in range(count):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO row(a, b) VALUES(?, ?)", [("x" * 40, n) for n in range(ROWS_A_REFUND)]
        )
        connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    connection.close()
    return count / seconds

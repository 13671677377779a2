"""Memory of a window that has opened its store, answered one lookup and now waits."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.figure import Figure
from tests.benchmarks.venue import practice_store
from tests.terminal import Terminal


def run(quick: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        store = practice_store(Path(folder), bookings=1_000 if quick else 20_000)
        with Terminal(["--store", store]) as terminal:
            terminal.wait_for("Find")
            terminal.press("WPM8TS9")
            terminal.wait_for("Bette Davis")
            pid = terminal.process.pid
            assert pid is not None
            return [Figure("idle memory", _resident_mib(pid), "MiB", "≤ 90 MiB")]


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(row for row in status.splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024

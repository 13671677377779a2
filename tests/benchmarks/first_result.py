"""From exec to the first lookup result, the name typed before the program is there."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from tests.benchmarks.compiled import compiled
from tests.benchmarks.figure import Figure
from tests.benchmarks.venue import practice_store
from tests.terminal import Terminal


def run(quick: bool) -> list[Figure]:
    seconds: list[float] = []
    with tempfile.TemporaryDirectory() as folder, compiled() as environment:
        store = practice_store(Path(folder), bookings=1_000 if quick else 20_000)
        for _ in range(5 if quick else 11):
            with Terminal(["--store", store], environment=environment) as terminal:
                terminal.wait_for("Find")
                terminal.press("WPM8TS9")
                seconds.append(terminal.wait_for("Bette Davis"))
    return [
        Figure(
            "first lookup result after start",
            statistics.median(seconds[1:]) * 1000,
            "ms",
            "≤ 700 ms",
        )
    ]

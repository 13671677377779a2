"""From exec to the first painted frame, beside a Textual app with one line of text."""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.compiled import compiled
from tests.benchmarks.figure import Figure
from tests.benchmarks.venue import practice_store
from tests.terminal import COMMAND, Terminal

FIRST_WORD = "Find"
BARE = (sys.executable, "-m", "tests.benchmarks.bare_app")


def run(quick: bool) -> list[Figure]:
    ours: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as folder, compiled() as environment:
        store = practice_store(Path(folder), bookings=1_000)
        for _ in range(5 if quick else 15):
            ours.append(_seconds(COMMAND, ["--store", store], FIRST_WORD, environment))
            bare.append(
                _seconds(
                    (sys.executable, "-m", "tests.benchmarks.bare_app"), [], "ready", environment
                )
            )
    return [
        Figure(
            "first paint",
            statistics.median(ours[1:]) * 1000,
            "ms",
            "≤ 1.3×",
            floor=statistics.median(bare[1:]) * 1000,
        )
    ]


def _seconds(
    command: tuple[str, ...], arguments: list[str], word: str, environment: Mapping[str, str]
) -> float:
    with Terminal(arguments, command=command, environment=environment) as terminal:
        return terminal.wait_for(word)

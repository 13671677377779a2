"""One benchmark in a process of its own: the most that a process has had in memory counts as that
of every program it starts."""

from __future__ import annotations

import importlib

from tests.benchmarks.figure import Figure
from tui import interpreter


def figures_of(name: str, *, quick: bool) -> list[Figure]:
    """What the benchmark of this name measures; Python is set as the program itself sets it."""
    interpreter.start()
    interpreter.collect_rarely()
    figures: list[Figure] = importlib.import_module(f"tests.benchmarks.{name}").run(quick)
    return figures

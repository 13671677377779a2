"""Tests by name, for lists of what each of them shows.

A name is `file without test_ and .py::test without test_`, looked for under `tests/`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent


def missing(names: Iterable[str]) -> list[str]:
    """Which of these are no test."""
    parts = ((name, *name.split("::")) for name in names)
    return [name for name, file, test in parts if test not in _known().get(file, ())]


@cache
def _known() -> dict[str, set[str]]:
    """By file, the names of its tests, without test_."""
    found: dict[str, set[str]] = {}
    for path in TESTS.rglob("test_*.py"):
        names = {
            node.name.removeprefix("test_")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        found.setdefault(path.stem.removeprefix("test_"), set()).update(names)
    return found

"""Every acceptance case is shown by tests that exist, or named as left."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.faults.acceptance import LEFT, SHOWN

TESTS = Path(__file__).parent.parent


@cache
def known() -> dict[str, set[str]]:
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


def test_every_case_is_shown_or_left() -> None:
    assert not SHOWN.keys() & LEFT.keys()
    assert SHOWN.keys() | LEFT.keys() == {f"A{number}" for number in range(1, 63)}


@pytest.mark.parametrize("case", SHOWN)
def test_what_shows_a_case_exists(case: str) -> None:
    tests = known()
    assert SHOWN[case]
    for name in SHOWN[case]:
        file, _, test = name.partition("::")
        assert test in tests.get(file, ()), name

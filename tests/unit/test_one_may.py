"""Rights are asked in one place: whoever refuses one anywhere else would answer another way at the
window, at the command line or to a program."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RIGHTS = "backend_client/domain/permissions.py"
RAISED: Mapping[str, set[str]] = {
    "not-allowed": {RIGHTS},
    "not-in-scope": {RIGHTS},
    "limit-exceeded": {RIGHTS},
    "sign-in-needed": {"backend_client/local/doors.py", "backend_client/local/operators.py"},
    "approval-own-refund": {"backend_client/domain/approval.py"},
    "approval-own": {"backend_client/domain/run_limits.py"},
}
"""Which files may refuse with these codes."""
ASK_NOBODY_S_ROLE = ("tui", "backend_client/server", "backend_client/remote")

ABOUT_OTHERS = {"tui/commands/operators.py"}
"""It looks whether a role was typed for somebody, and asks nobody for theirs."""


def trees(*rooms: str, word: str) -> Iterator[tuple[str, ast.AST]]:
    """The files of these rooms that have this word at all."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            if word in text:
                yield path.relative_to(ROOT).as_posix(), ast.parse(text)


def refused_with(tree: ast.AST) -> set[str]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "Refused"
        and isinstance(call.args[0], ast.Constant)
    }


def compares_a_role(tree: ast.AST) -> bool:
    """Does it ask what role a caller has, instead of whether they may?"""
    compared = (node for node in ast.walk(tree) if isinstance(node, ast.Compare))
    return any(
        isinstance(side, ast.Attribute) and side.attr == "role"
        for one in compared
        for side in (one.left, *one.comparators)
    )


@pytest.mark.parametrize("code", RAISED)
def test_a_right_is_refused_in_its_place_alone(code: str) -> None:
    files = trees("backend_client", "tui", word=f'"{code}"')
    assert {file for file, tree in files if code in refused_with(tree)} == RAISED[code]


def test_no_screen_command_or_route_decides_by_role() -> None:
    files = trees(*ASK_NOBODY_S_ROLE, word=".role")
    assert {file for file, tree in files if compares_a_role(tree)} <= ABOUT_OTHERS

"""The catalogue of problems: complete, well worded, and the only source of codes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import backend_client
from backend_client.domain.policy import Policy
from backend_client.domain.problems import PROBLEMS, Kind, MoneyMoved, Problem, Refused, Retry

ROOMS = Path(backend_client.__file__).parent
DOMAIN = ROOMS / "domain"
CODE = re.compile(r"[a-z]+(-[a-z]+)+")
HOUSE = Policy()
NOT_PROBLEMS = {
    reason.code for reason in (*HOUSE.reasons, *HOUSE.change_reasons, *HOUSE.retry_reasons)
}


def constants(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def refusals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "Refused"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


@pytest.mark.parametrize("path", sorted(DOMAIN.glob("*.py")), ids=lambda path: path.stem)
def test_every_code_of_the_rules_is_in_the_catalogue(path: Path) -> None:
    codes = {text for text in constants(path) if CODE.fullmatch(text)} - NOT_PROBLEMS
    assert codes <= set(PROBLEMS)


def test_every_refusal_behind_the_screens_is_in_the_catalogue() -> None:
    unknown = {
        (path.relative_to(ROOMS).as_posix(), code)
        for path in ROOMS.rglob("*.py")
        for code in refusals(path)
        if code not in PROBLEMS
    }
    assert not unknown


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda problem: problem.code)
def test_every_row_is_well_worded(problem: Problem) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", problem.code)
    for text in (problem.message, problem.action):
        assert text
        assert text.endswith((".", "?", "!"))
        assert "  " not in text
        for _, name, spec, conversion in Formatter().parse(text):
            assert name is None or re.fullmatch(r"[a-z_]+", name)
            assert not spec
            assert not conversion


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda problem: problem.code)
def test_a_rule_never_moves_money_and_doubt_is_never_retried_blindly(problem: Problem) -> None:
    if problem.kind in (Kind.REFUSED, Kind.USAGE, Kind.NOT_FOUND):
        assert problem.money_moved is MoneyMoved.NO
    if problem.money_moved is not MoneyMoved.NO:
        assert problem.retry is not Retry.NOW


def test_exit_codes_are_those_of_the_command_line() -> None:
    assert {kind.name: kind.value for kind in Kind} == {
        "REFUSED": 1,
        "USAGE": 2,
        "NOT_FOUND": 3,
        "UNSURE": 4,
        "UNAVAILABLE": 5,
    }


def test_details_fill_the_texts_and_lists_read_well() -> None:
    refusal = Refused("group-incomplete", chosen=[1], required=[1, 2])
    assert refusal.message == "Lines 1, 2 go back as one: 1 alone cannot."
    assert refusal.action == "Choose 1, 2 together."
    assert str(refusal) == f"group-incomplete: {refusal.message}"


def test_a_missing_detail_does_not_hide_the_problem() -> None:
    assert Refused("booking-not-found").message == "No booking “…”."


def test_an_unknown_code_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Refused("no-such-code")

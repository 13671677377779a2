"""The files around the code: what they must and must not say."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TOP_LEVEL = {"README.md", "pyproject.toml", "constraints.txt", "LICENSE"}
ROOMS = {"tui", "backend_client", "themes", "tests"}


def committed() -> list[str]:
    answer = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        pytest.skip("this is not a git checkout, so nothing says which files belong to it")
    return answer.stdout.splitlines()


@pytest.mark.parametrize("line", CONSTRAINTS)
def test_a_constraint_is_a_name_and_a_version_and_nothing_else(line: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)


def test_everything_asked_for_has_a_constraint() -> None:
    constrained = {name(line) for line in CONSTRAINTS}
    asked = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]
    assert {name(requirement) for requirement in asked} <= constrained


def test_the_top_level_is_what_was_decided() -> None:
    tops = {path.partition("/")[0] for path in committed()}
    assert {top for top in tops if not top.startswith(".")} <= TOP_LEVEL | ROOMS


def name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()

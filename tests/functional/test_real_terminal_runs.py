"""The whole procedure in a pseudo-terminal: cancel, dispatch with never, credit what is left, save
the log."""

from __future__ import annotations

import csv
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.real_command import build, command, copy, is_sound, place
from tests.terminal import Terminal
from tui.dialogs.confirm_run import DEAF_S

pytestmark = pytest.mark.pty
CREDIT_STEPS = ["never", "when_not_possible"]
SUPERVISOR = ("--operator", "B. Keller")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"), 200)


@pytest.fixture
def venue(built: Path, tmp_path: Path) -> Iterator[Path]:
    """A practice venue of its own for each test; the doctor looks at it afterwards."""
    yield copy(built, tmp_path)
    assert is_sound(tmp_path)


def confirmed(window: Terminal) -> int:
    """F9 on a simulation, the question read, the count typed, F9; the count."""
    window.press("f9")
    window.wait_for("then F9.")
    read_by = time.monotonic() + DEAF_S
    window.until(lambda: time.monotonic() > read_by, "somebody to read the question")
    found = re.search(r"Type ([0-9,]+), then F9", window.text)
    assert found is not None
    count = found[1].replace(",", "")
    for digit in count:
        window.press(digit)
    window.wait_for("F9 goes live.")
    window.press("f9")
    return int(count)


def dispatched_minor(run: dict[str, Any]) -> int:
    """What a live dispatch was about, by its own totals."""
    return sum(one["amount_minor"] for one in run["planned"] if one["name"] == "plan")


def test_a_supervisor_walks_through_the_whole_procedure(venue: Path) -> None:
    with Terminal([*place(venue), *SUPERVISOR], cwd=venue) as window:
        window.wait_for("Find")
        window.press("f6")
        window.wait_for("There was no run yet")
        window.press("c")
        window.wait_for("performances")
        for letter in "godot":
            window.press(letter)
        window.until(lambda: "Hamlet" not in window.text, "only one event to be listed")
        window.press("down", "enter")
        window.wait_for("Charges go back too")
        window.press("f5")
        window.wait_for("Nothing has been changed or sent.")
        cancelled = confirmed(window)
        window.wait_for("The run is done.")
        window.press("f5")
        window.wait_for("Filled in as for run 2")
        window.press("f5")
        window.wait_for("simulation 3")
        window.wait_for("Nothing has been changed or sent.")
        confirmed(window)
        window.wait_for("run 4 of simulation 3")
        window.wait_for("The run is done.")
        window.press("f5")
        window.wait_for("Filled in as for run 4")
        window.wait_for("when not possible")
        window.press("f5")
        window.wait_for("simulation 5")
        window.wait_for("Nothing has been changed or sent.")
        confirmed(window)
        window.wait_for("run 6 of simulation 5")
        window.wait_for("The run is done.")
        window.press("ctrl+e")
        window.wait_for("run-6.json")
        window.press("f6")
        window.wait_for("Of what")
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
    log = json.loads((venue / "run-6.json").read_text(encoding="utf-8"))
    with (venue / "run-6.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(log["items"]) == log["run"]["items"]
    assert sum(int(row["amount_minor"]) for row in rows) == dispatched_minor(log["run"])
    listed = json.loads(command(venue, "runs", "--json").stdout)
    runs = {run["id"]: run for run in listed["runs"]}
    assert [run["mode"] for run in listed["runs"]] == ["live", "simulation"] * 3
    assert {runs[number]["state"] for number in (2, 4, 6)} == {"done"}
    assert runs[2]["outcomes"]["cancelled"] == cancelled
    assert [runs[number]["parameters"]["credit"] for number in (4, 6)] == CREDIT_STEPS
    assert log["run"]["outcomes"] == runs[6]["outcomes"]
    assert runs[6]["outcomes"]["credited"] > 0, "what no card took is credited"
    left = ("declined", "stays", "partly")
    assert not any(runs[6]["outcomes"].get(outcome, 0) for outcome in left)


def test_a_held_key_confirms_nothing(venue: Path) -> None:
    with Terminal([*place(venue), *SUPERVISOR], cwd=venue) as window:
        window.wait_for("Find")
        window.press("f6")
        window.wait_for("There was no run yet")
        window.press("c")
        window.wait_for("performances")
        window.press("down", "enter")
        window.wait_for("Charges go back too")
        window.press("f5")
        window.wait_for("Nothing has been changed or sent.")
        window.press(*["f9"] * 30, *["enter"] * 5)
        window.wait_for("then F9.")
        window.press("escape")
        window.wait_until_gone("then F9.")
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
    listed = json.loads(command(venue, "runs", "--json").stdout)
    assert [run["mode"] for run in listed["runs"]] == ["simulation"]

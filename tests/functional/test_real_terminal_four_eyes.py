"""The real command in a pseudo-terminal: a limit set by an admin, and four eyes at one window."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.functional.real_command import build, place
from tests.terminal import COMMAND, Terminal

pytestmark = pytest.mark.pty

UNSURE = 4
ADMIN, MAKER, OTHER = "481516", "507193", "730264"


def told(folder: Path, *arguments: str, pins: tuple[str, ...] = (), by: str = "") -> str:
    """The answer of a command that does what it is told, though some of it may need a person; PINs
    are given on stdin."""
    who = [*(["--operator", by] if by else []), *(["--pin-stdin"] if pins else [])]
    answer = subprocess.run(
        [*COMMAND, *place(folder), *arguments, *who],
        input="".join(f"{pin}\n" for pin in pins),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode in (0, UNSURE), answer.stderr
    return answer.stdout


@pytest.fixture
def venue(tmp_path: Path) -> Path:
    """A practice venue where every run needs another supervisor, and B. Keller simulated one."""
    folder = build(tmp_path / "staffed", 60)
    told(folder, "operators", "add", "C. Admin", "--role", "admin", pins=(ADMIN,))
    for name, pin in (("B. Keller", MAKER), ("D. Roth", OTHER)):
        told(
            folder,
            *("operators", "add", name, "--role", "supervisor"),
            pins=(ADMIN, pin),
            by="C. Admin",
        )
    told(folder, "limits", "set", "four_eyes_minor", "0", pins=(ADMIN,), by="C. Admin")
    listed = told(folder, "performances", "--json", pins=(MAKER,), by="B. Keller")
    (first, *_) = [one for one in json.loads(listed)["performances"] if one["tickets"]]
    told(
        folder,
        *("cancel-performance", f"#{first['id']}", "--reason", "performance-cancelled"),
        "--simulate",
        pins=(MAKER,),
        by="B. Keller",
    )
    return folder


def type_pin(window: Terminal, pin: str) -> None:
    """As a person does: a digit after the other, each seen before the next."""
    for count in range(1, len(pin) + 1):
        window.press(pin[count - 1])
        window.wait_for("•" * count)


def test_another_supervisor_approves_beside_the_maker_and_it_goes_live(venue: Path) -> None:
    with Terminal([*place(venue), "--operator", "B. Keller"]) as window:
        window.wait_for("Sign in")
        window.wait_for("B. Keller")
        type_pin(window, MAKER)
        window.press("enter")
        window.wait_for("Find")
        window.press("f6")
        window.wait_for("to approve")
        window.press("enter")
        window.wait_for("waits for the approval")
        window.press("f9")
        window.wait_for("approves it first")
        window.press("v")
        window.wait_for("› D. Roth")
        type_pin(window, OTHER)
        window.press("f9")
        window.wait_for("approved by D. Roth")
        assert OTHER not in window.text
    live = told(
        venue,
        *("cancel-performance", "--live", "--simulation", "1", "--json"),
        pins=(MAKER,),
        by="B. Keller",
    )
    assert json.loads(live)["run"]["approval"]["operator"] == "D. Roth"
    assert is_sound_for(venue)


def is_sound_for(venue: Path) -> bool:
    answer = told(venue, "doctor", "--json", pins=(MAKER,), by="B. Keller")
    return bool(json.loads(answer)["ok"])

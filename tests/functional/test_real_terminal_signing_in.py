"""The real command in a pseudo-terminal: operators are made, sign in, lock and come back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.functional.real_command import build, place
from tests.terminal import COMMAND, Terminal

pytestmark = pytest.mark.pty

ADMIN, PIN = "481516", "507193"
LOCK = "\x1c"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice venue whose admin was made on the terminal, and who made a cashier."""
    folder = build(tmp_path_factory.mktemp("staffed"), 60)
    add = [*place(folder), "operators", "add"]
    with Terminal([*add, "C. Admin", "--role", "admin"]) as terminal:
        terminal.wait_for("New PIN of C. Admin")
        terminal.press(f"{ADMIN}\r")
        terminal.wait_for("Once more")
        terminal.press(f"{ADMIN}\r")
        terminal.wait_for("signs in as admin")
        assert terminal.wait_for_exit() == 0
        assert ADMIN.encode() not in terminal.sent
    with Terminal([*add, "A. Rochat", "--role", "cashier", "--operator", "C. Admin"]) as terminal:
        terminal.wait_for("PIN of C. Admin")
        terminal.press(f"{ADMIN}\r")
        terminal.wait_for("New PIN of A. Rochat")
        terminal.press(f"{PIN}\r")
        terminal.wait_for("Once more")
        terminal.press(f"{PIN}\r")
        assert terminal.wait_for_exit() == 0
        assert PIN.encode() not in terminal.sent
    return folder


def with_pin(folder: Path, pin: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *place(folder), *arguments, "--pin-stdin"],
        input=f"{pin}\n",
        capture_output=True,
        text=True,
        check=False,
    )


def type_pin(window: Terminal, pin: str) -> None:
    """As a person does: a digit after the other, each seen before the next."""
    for count in range(1, len(pin) + 1):
        window.press(pin[count - 1])
        window.wait_for("•" * count)
    window.press("enter")


def test_a_cashier_signs_in_locks_the_window_and_comes_back_to_the_same_screen(
    venue: Path,
) -> None:
    with Terminal(place(venue)) as window:
        window.wait_for("Sign in")
        window.wait_for("A. Rochat")
        type_pin(window, "999999")
        window.wait_for("do not belong together")
        type_pin(window, PIN)
        window.wait_for("Find")
        window.press("WPM8TS9")
        window.wait_for("Bette Davis")
        window.press("enter")
        window.wait_for("Small Pop Corn")
        window.press(LOCK)
        window.wait_for("Locked")
        assert "Bette Davis" not in window.text
        type_pin(window, PIN)
        window.wait_for("Small Pop Corn")
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
        assert PIN.encode() not in window.sent
    log = with_pin(venue, ADMIN, "audit", "export", "--operator", "C. Admin").stdout
    assert log.count('"action": "signed_in"') >= 3
    assert '"action": "sign_in_refused"' in log
    assert PIN not in log


def test_a_lost_connection_while_it_is_locked_ends_the_window(venue: Path) -> None:
    with Terminal(place(venue)) as window:
        window.wait_for("Sign in")
        assert window.hang_up()


def test_the_store_is_sound_with_operators(venue: Path) -> None:
    done = with_pin(venue, ADMIN, "doctor", "--operator", "C. Admin")
    assert done.returncode == 0, done.stdout
    assert with_pin(venue, "123", "doctor", "--operator", "C. Admin").returncode == 1

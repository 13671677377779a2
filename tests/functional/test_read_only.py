"""A store nobody may write to: everything is shown, nothing is written, and both are said.

The real commands, without root's powers: for root permissions would prove nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.functional.desk import SAMPLE, SETTINGS
from tests.powerless import bound, contents, make_read_only, make_writable
from tests.terminal import COMMAND, Terminal
from tests.unit.builders import sample_booking
from tests.unit.local.venue import opened, put

SAID = "READ ONLY"
REFUND = ("refund", "WPK2RR1", "--lines", "2", "--reason", "goodwill")


@contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Nobody may write there, and nothing was written."""
    make_read_only(folder)
    before = contents(folder)
    yield
    after = contents(folder)
    make_writable(folder)
    assert after == before


@pytest.fixture
def archive(stocked: Path, tmp_path: Path) -> Iterator[Path]:
    """A venue with refunds in every state, where nothing may be written; nothing was, either."""
    folder = venue_at(stocked, tmp_path / "archive")
    with untouched(folder):
        yield folder


def venue_at(stocked: Path, folder: Path) -> Path:
    shutil.copytree(stocked, folder)
    (folder / "config.toml").write_text(SETTINGS, encoding="utf-8")
    return folder


def place(folder: Path, more: str = "") -> list[str]:
    config = ["--config", str(folder / "config.toml")]
    return ["--store", f"sqlite:///{folder / 'store.db'}{more}", *config]


def ask(where: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = bound([*COMMAND, *where, "--operator", "B. Keller", *arguments])
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("lookup", "davis"), "WPM8TS9"),
        (("show", "WPM8TS9"), "Bette Davis"),
        (("show", "R-10001"), "R-10001"),
        (("show", "R-10001", "--receipt"), "R-10001"),
        (("open",), "requested"),
        (("audit", "verify"), "chain holds"),
        (("audit", "export"), '"seq": 1'),
        (("doctor",), "read_only"),
        (("outbox",), "no mail"),
        ((*REFUND, "--preview"), "Plan"),
    ],
)
def test_what_only_reads_works(archive: Path, command: tuple[str, ...], told: str) -> None:
    answer = ask(place(archive), *command)
    assert (answer.returncode, told in answer.stdout, SAID in answer.stderr) == (0, True, True), (
        answer.stdout + answer.stderr
    )


def test_credit_is_shown_and_not_spent(archive: Path) -> None:
    booking = json.loads(ask(place(archive), "show", "WPM8TS9", "--json").stdout)
    contact = booking["contact"]["key"]
    shown = ask(place(archive), "credit", contact)
    assert (shown.returncode, "Bette Davis" in shown.stdout) == (0, True)
    spent = ask(place(archive), "credit", contact, "--spend", "1", "--reference", "x", "--json")
    assert spent.returncode != 0
    assert contact not in spent.stdout


@pytest.mark.parametrize(
    "command",
    [
        (*REFUND, "--commit"),
        ("import", str(SAMPLE)),
        ("settle", "--once"),
    ],
)
def test_what_writes_is_refused_in_words(archive: Path, command: tuple[str, ...]) -> None:
    answer = ask(place(archive), *command)
    assert (answer.returncode, answer.stdout) == (5, "")
    assert "The store cannot be written to" in answer.stderr
    assert "No money has moved." in answer.stderr
    assert "(store-read-only)" in answer.stderr


def test_without_its_key_the_log_cannot_be_checked_and_all_else_is_shown(archive: Path) -> None:
    key = archive / "store.db.audit-key"
    mode = key.stat().st_mode
    key.chmod(0)
    try:
        answer = ask(place(archive), "audit", "verify")
        shown = ask(place(archive), "show", "WPK2RR1")
    finally:
        key.chmod(mode)
    assert (answer.returncode, "this user may not read it" in answer.stderr) == (5, True)
    assert shown.returncode == 0


def test_who_only_wants_to_read_leaves_no_trace(stocked: Path, tmp_path: Path) -> None:
    """`?mode=ro`, where writing would be possible."""
    folder = venue_at(stocked, tmp_path / "venue")
    before = contents(folder)
    for command in (("show", "WPM8TS9"), ("audit", "verify"), ("doctor",)):
        answer = ask(place(folder, "?mode=ro"), *command)
        assert (answer.returncode, SAID in answer.stderr) == (0, True)
    refused = ask(place(folder, "?mode=ro"), *REFUND, "--commit")
    assert (refused.returncode, "?mode=ro" in refused.stderr) == (5, True)
    assert contents(folder) == before


@pytest.fixture
def crashed(stocked: Path, tmp_path: Path) -> Iterator[Path]:
    """A venue whose writer is gone, where nothing may be written; the log has its last booking."""
    folder, left = venue_at(stocked, tmp_path / "venue"), tmp_path / "left"
    with opened(f"sqlite:///{folder / 'store.db'}") as store:
        put(store, sample_booking(), named="LAST123")
        shutil.copytree(folder, left, ignore=shutil.ignore_patterns("*-shm"))
    with untouched(left):
        yield left


def test_what_a_crash_left_is_read_from_a_copy_with_its_log(crashed: Path, tmp_path: Path) -> None:
    """The file without its log would be an earlier moment, in which refunds are missing."""
    private = tmp_path / "private"
    private.mkdir()
    environment = {**os.environ, "TMPDIR": str(private)}
    command = bound([*COMMAND, *place(crashed), "--operator", "B. Keller", "show", "LAST123"])
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (answer.returncode, "LAST123" in answer.stdout) == (0, True), answer.stderr
    assert SAID in answer.stderr
    assert "A COPY, made just now" in answer.stderr
    assert list(private.iterdir()) == [], "it is cleared away"
    assert ask(place(crashed), "doctor").returncode == 0
    assert ask(place(crashed), "audit", "verify").returncode == 0
    refused = ask(place(crashed), *REFUND, "--commit")
    assert (refused.returncode, "(store-read-only)" in refused.stderr) == (5, True)


def test_where_somebody_may_be_writing_nothing_is_copied(crashed: Path) -> None:
    """A file only who has it open keeps there, and that we may not look into."""
    crashed.chmod(0o755)
    shared = crashed / "store.db-shm"
    shared.touch(mode=0)
    crashed.chmod(0o555)
    answer = ask(place(crashed), "show", "LAST123", "--json")
    crashed.chmod(0o755)
    shared.unlink()
    crashed.chmod(0o555)
    assert (answer.returncode, json.loads(answer.stdout)["code"]) == (5, "store-not-closed")


@pytest.mark.pty
def test_the_window_says_that_it_is_a_copy(crashed: Path) -> None:
    command = bound([*COMMAND, *place(crashed), "--operator", "B. Keller"])
    with Terminal([], command=command) as terminal:
        terminal.wait_for("READ ONLY, A COPY")
        terminal.wait_for("A copy, made just now")
        terminal.press("LAST123")
        terminal.wait_for("Bette Davis")
        terminal.press("ctrl+c", "ctrl+c")
        assert terminal.wait_for_exit() == 0


@pytest.mark.pty
def test_the_window_shows_everything_and_gives_nothing_back(archive: Path) -> None:
    command = bound([*COMMAND, *place(archive), "--operator", "B. Keller"])
    with Terminal([], command=command) as terminal:
        terminal.wait_for(SAID)
        terminal.press("WPK2RR1")
        terminal.wait_for("Bette Davis")
        terminal.press("enter")
        terminal.wait_for("B 4")
        terminal.press("*", "f5")
        terminal.wait_for("43.00 CHF goes to")
        terminal.press("f9")
        terminal.wait_for("This store can only be read")
        terminal.press("f7")
        terminal.wait_for("Oldest first")
        terminal.press("enter")
        terminal.wait_for("What can be done")
        terminal.press("ctrl+c", "ctrl+c")
        assert terminal.wait_for_exit() == 0

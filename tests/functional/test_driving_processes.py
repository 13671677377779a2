"""Windows that drive, as programs of their own, beside commands that do so too."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.functional.real_command import (
    HURRIED,
    LOOKS_EVERY_S,
    build,
    command,
    copy,
    is_sound,
    place,
)
from tests.terminal import COMMAND, Terminal

pytestmark = pytest.mark.pty


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture
def venue(built: Path, tmp_path: Path) -> Iterator[Path]:
    """A practice venue of its own for each test; the doctor looks at it afterwards."""
    yield copy(built, tmp_path)
    assert is_sound(tmp_path)


def give_back(folder: Path, booking: str) -> None:
    """From the command line, which sends it and leaves what is not final to others."""
    answer = command(folder, "refund", booking, "--all", "--reason", "goodwill", "--commit")
    assert answer.returncode in (0, 4), answer.stderr


def driver(folder: Path) -> str:
    """Who holds the lease, by the number of its process; empty for nobody."""
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        row = connection.execute("SELECT holder FROM lease").fetchone()
    return str(row[0]).split(":")[1] if row else ""


def wait_for_driver(folder: Path, pid: int | None, window: Terminal) -> None:
    window.until(lambda: driver(folder) == str(pid), f"process {pid} drives")


def attempts(folder: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        return connection.execute(
            "SELECT state, attempts FROM leg WHERE attempts > 0 ORDER BY id"
        ).fetchall()


def test_a_slow_payment_is_refunded_on_the_open_refunds_by_itself(venue: Path) -> None:
    with Terminal(place(venue)) as window:
        window.wait_for("Find")
        window.press("SLOWCRD")
        window.wait_for("Luc Favre")
        window.press("enter")
        window.wait_for("Nothing chosen yet")
        window.press("*", "f4")
        window.wait_for("Left to place")
        window.press("f5")
        window.wait_for("Nothing has been sent yet.")
        window.press("f9")
        window.wait_for("on its way")
        window.press("f7")
        window.wait_for("Oldest first")
        window.until(lambda: ("succeeded", 1) in attempts(venue), "the window drives")
        window.wait_until_gone("SLOWCRD")
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
    assert driver(venue) == "", "the lease is given up"


def test_settle_once_beside_an_open_window_leaves_it_to_that(venue: Path) -> None:
    with Terminal(place(venue)) as window:
        window.wait_for("Find")
        wait_for_driver(venue, window.process.pid, window)
        give_back(venue, "SLOWCRD")
        busy = command(venue, "settle", "--once", "--json")
        said = json.loads(busy.stdout)
        assert f"process {window.process.pid}" in said["held_by"]["name"]
        assert (busy.returncode, "pending" in said["left"]) == (0, False), said
        listed = command(venue, "open", "--json")
        assert listed.returncode == 0, "what is open is listed all the same"
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
    free = command(venue, "settle", "--once", "--json")
    assert (free.returncode, json.loads(free.stdout)["held_by"]) == (0, None)
    assert all(count == 1 for _, count in attempts(venue)), "nothing was sent twice"


def test_a_window_waits_for_who_drives_and_then_drives(venue: Path) -> None:
    watcher = subprocess.Popen(
        [*COMMAND, *place(venue), "settle", "--watch"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        while driver(venue) != str(watcher.pid):
            assert watcher.poll() is None
            time.sleep(LOOKS_EVERY_S)
        with Terminal(place(venue), command=HURRIED) as window:
            window.wait_for("Find")
            give_back(venue, "WPK2RR1")
            assert driver(venue) == str(watcher.pid), "the window waits"
            watcher.terminate()
            watcher.communicate()
            wait_for_driver(venue, window.process.pid, window)
            assert window.hang_up()
    finally:
        watcher.kill()
        watcher.communicate()
    assert driver(venue) == "", "a lost terminal gives the lease up too"

"""The practice window and the payment provider beside it, as the programs they are."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from backend_client.providers.practice_program.address import read_address
from tests.functional.real_command import copy
from tests.terminal import COMMAND, Terminal
from tui import wiring

pytestmark = pytest.mark.pty


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    arguments = ["demo", "--dir", str(folder), "--bookings", "100", "--no-tui"]
    subprocess.run([*COMMAND, *arguments], capture_output=True, check=True)
    assert not address(folder).exists(), "building alone starts nothing"
    return folder


@pytest.fixture
def venue(built: Path, tmp_path: Path) -> Path:
    return copy(built, tmp_path)


def address(folder: Path) -> Path:
    return wiring.practice_file(folder / "store.db", ".address")


def demo(folder: Path, *more: str) -> Terminal:
    return Terminal(["demo", "--dir", str(folder), *more])


def running(window: Terminal, folder: Path) -> str:
    """Where the provider answers, once it does."""
    window.wait_for("Find")
    window.until(lambda: address(folder).exists() and read_address(address(folder)), "a provider")
    found = read_address(address(folder))
    assert found
    return found


def wait_for_end(folder: Path) -> None:
    with address(folder).open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)


def leave(window: Terminal) -> None:
    window.press("ctrl+c", "ctrl+c")
    assert window.wait_for_exit() == 0


def give_back(folder: Path, booking: str) -> str:
    """The state it is in afterwards."""
    store, config = folder / "store.db", folder / "config.toml"
    where = ["--store", f"sqlite:///{store}", "--config", str(config)]
    what = ["refund", booking, "--all", "--reason", "goodwill", "--commit"]
    subprocess.run([*COMMAND, *where, *what], capture_output=True, check=False)
    with closing(sqlite3.connect(store)) as books:
        row = books.execute("SELECT state FROM leg ORDER BY id DESC LIMIT 1").fetchone()
    return str(row[0])


def test_two_windows_share_a_provider_that_ends_with_the_first(venue: Path) -> None:
    with demo(venue) as first:
        url = running(first, venue)
        with demo(venue, "--faults", "dead=1") as second:
            assert running(second, venue) == url
            second.until(lambda: faults(venue) == "dead", "the trouble of the second window")
            leave(second)
        assert read_address(address(venue)) == url, "it is the first window's"
        leave(first)
    wait_for_end(venue)
    assert give_back(venue, "WPM8TS9") == "succeeded", "trouble ends with the program"


def faults(folder: Path) -> str:
    """What goes wrong at the provider now: `dead`, if a payment made up for this is dead."""
    url = read_address(address(folder))
    assert url
    from backend_client.providers.port import RefundOrder
    from tests.programs import adapter

    provider = adapter("worldline", url)
    probe = RefundOrder(os.urandom(8).hex(), os.urandom(8).hex(), "made-up", 1, "CHF", 1, 1)
    try:
        return "dead" if provider.refund(probe).kind.value == "declined" else ""
    finally:
        provider.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_the_provider_ends_with_the_window_however_that_ends(
    venue: Path, number: signal.Signals
) -> None:
    with demo(venue) as window:
        running(window, venue)
        assert window.process.pid is not None
        os.kill(window.process.pid, number)
        window.wait_for_exit()
    wait_for_end(venue)
    assert read_address(address(venue)) is None

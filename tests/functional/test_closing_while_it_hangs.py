"""A provider that takes a refund and never answers: the window that waits for it can be left."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.functional.real_command import build, is_sound, place
from tests.terminal import Terminal
from tui.commands.practice_provider import settings_for

pytestmark = pytest.mark.pty
LEGS = "SELECT state, attempts FROM leg WHERE attempts > 0"


class Mute:
    """Takes every connection and what is said on it, and says nothing."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._lines: list[socket.socket] = []
        self.heard: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._listening.accept()
                self._lines.append(line)
                self.heard.append(line.recv(65536))

    def end(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for line in self._lines:
            line.close()
        self._thread.join()


@pytest.fixture
def mute() -> Iterator[Mute]:
    made = Mute()
    yield made
    made.end()


@pytest.fixture
def venue(tmp_path: Path, mute: Mute) -> Iterator[Path]:
    config = build(tmp_path) / "config.toml"
    house, _, _ = config.read_text(encoding="utf-8").partition("[providers.")
    config.write_text(house + "\n".join(settings_for("worldline", mute.url)), encoding="utf-8")
    yield tmp_path
    assert is_sound(tmp_path)


def ask(folder: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        return connection.execute(statement).fetchall()


def refund(window: Terminal, mute: Mute) -> None:
    """Commit one and come to where the provider has it and keeps silent."""
    window.wait_for("Find")
    window.press("WPM8TS9")
    window.wait_for("Bette Davis")
    window.press("enter")
    window.wait_for("Nothing chosen yet")
    window.press("*", "f4")
    window.wait_for("Left to place")
    window.press("f5")
    window.wait_for("Nothing has been sent yet.")
    window.press("f9")
    window.until(lambda: any(one.startswith(b"POST") for one in mute.heard), "it was sent")


def test_a_window_is_left_while_a_provider_keeps_silent(venue: Path, mute: Mute) -> None:
    """Not the provider's time-out ends it, as the reason kept shows; the next window looks it up
    and sends nothing, and is left as easily."""
    with Terminal(place(venue)) as window:
        refund(window, mute)
        window.press("ctrl+c")
        window.wait_for("A refund is being committed")
        window.press("ctrl+c")
        assert window.wait_for_exit() == 0
    assert ask(venue, LEGS) == [("unknown", 1)]
    assert ask(venue, "SELECT outcome, code FROM attempt") == [("interrupted", "stopped")]
    with Terminal(place(venue)) as window:
        window.wait_for("Find")
        window.until(lambda: len(mute.heard) > 1, "the outcome is asked for")
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
    assert ask(venue, LEGS) == [("unknown", 1)]
    assert [one.split()[0] for one in mute.heard] == [b"POST", b"GET"]
    ((key,),) = ask(venue, "SELECT provider_key FROM leg WHERE attempts > 0")
    assert str(key).encode() in mute.heard[0], "what it may be sent again under"


def test_a_lost_terminal_ends_the_window_in_order_meanwhile(venue: Path, mute: Mute) -> None:
    with Terminal(place(venue)) as window:
        refund(window, mute)
        assert window.hang_up()
    assert ask(venue, LEGS) == [("unknown", 1)], "written down, not left for a takeover"
    assert ask(venue, "SELECT * FROM lease") == []

"""The window in a real terminal, on a Vista Connect system that is our own served store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.real_command import build, command, copy, is_sound, place
from tests.functional.serving import BASE, Server, rows, served, token_for
from tests.terminal import Terminal

pytestmark = pytest.mark.pty

HOUSE = """
[house]
site = "0001"
name = "Palais"
currency = "CHF"
zone = "Europe/Zurich"
environment = "practice"

[desk]
name = "3"
operator = "A. Rochat"

[operators]
"A. Rochat" = "cashier"

[connect]
url = "{url}"

[connect.cinemas.0001]
name = "Palais"
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"), 120)


@pytest.fixture
def venue(built: Path, tmp_path: Path) -> Iterator[Path]:
    """Where the bookings are."""
    (tmp_path / "venue").mkdir()
    yield copy(built, tmp_path / "venue")
    assert is_sound(tmp_path / "venue")


@pytest.fixture
def server(venue: Path) -> Iterator[Server]:
    with served(venue) as made:
        yield made


@pytest.fixture
def desk(
    venue: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A desk of its own: settings, a token, and a journal of what it did there."""
    secrets = tmp_path / "config" / "ticket-window" / "secrets"
    secrets.mkdir(parents=True)
    token = secrets / "connect.practice.token"
    token.touch(mode=0o600)
    token.write_text(token_for(venue), encoding="ascii")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "config.toml").write_text(HOUSE.format(url=server.url + BASE), encoding="utf-8")
    yield folder
    assert is_sound(folder)


def states(venue: Path, booking: str) -> list[str]:
    found = rows(
        venue / "store.db",
        "SELECT l.state FROM leg l JOIN booking b ON b.id = l.booking_id "
        f"WHERE b.booking_id = '{booking}'",
    )
    return [row[0] for row in found]


def test_a_cashier_gives_a_booking_back(venue: Path, desk: Path) -> None:
    with Terminal(place(desk)) as window:
        window.wait_for("Find")
        window.press("WPM8TS9", "enter")
        window.wait_for("Nothing chosen yet")
        window.press("*", "f5")
        window.wait_for("Nothing has been sent yet.")
        window.press("f9")
        window.wait_for("Refund R-10001 is done.")
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
    assert states(venue, "WPM8TS9") == ["succeeded"]
    again = command(desk, "refund", "WPM8TS9", "--all", "--reason", "goodwill", "--preview")
    assert (again.returncode, "already-refunded" in again.stderr) == (1, True)


def test_a_card_that_declines_is_said_and_nothing_is_given_back(venue: Path, desk: Path) -> None:
    with Terminal(place(desk)) as window:
        window.wait_for("Find")
        window.press("DEADCRD", "enter")
        window.wait_for("Nothing chosen yet")
        window.press("*", "f5")
        window.wait_for("Nothing has been sent yet.")
        window.press("f9")
        window.wait_for("declined")
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
    assert states(venue, "DEADCRD") == ["voided"]

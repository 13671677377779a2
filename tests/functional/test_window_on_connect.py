"""The window in a real terminal, on a Vista Connect system that is our own served store."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.real_command import build, copy, is_sound, place
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
"B. Keller" = "supervisor"

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


def choose(window: Terminal, booking: str, *keys: str) -> None:
    """Look a booking up, choose of its lines, and see what giving them back would do."""
    window.wait_for("Find")
    window.press(booking, "enter")
    window.wait_for("Nothing chosen yet")
    window.press(*keys, "f5")
    window.wait_for("goes to")


def test_a_cashier_gives_a_booking_back_in_parts_until_nobody_answers(
    venue: Path, desk: Path, server: Server
) -> None:
    """A part to the card it came from, the rest recorded as paid outside; then Connect is gone."""
    with Terminal(place(desk)) as window:
        choose(window, "WPM8TS9", "down", "space")
        window.wait_for("1.00 CHF goes to VISA •••• 1111 through Connect")
        window.press("f9")
        window.wait_for("Refund R-10001 is done.")
        window.press("f2")
        choose(window, "WPM8TS9", "*")
        window.wait_for("13.50 CHF goes to VISA •••• 1111 through Connect")
        window.press("0", "tab")
        window.wait_for("› Paid elsewhere")
        window.wait_for("Left to place")
        window.press("space")
        window.wait_for("its receipt number (needed)")
        window.press("tab", "slip 7")
        window.wait_for("slip 7")
        window.press("f5")
        window.wait_for("13.50 CHF is recorded as already paid elsewhere, receipt slip 7")
        window.press("f9")
        window.wait_for("Refund R-10002 is done.")
        window.press("f2")
        choose(window, "FAMPACK", "*")
        server.tell(signal.SIGKILL)
        server.end()
        window.press("f9")
        window.wait_for("connect-unreachable")
        window.wait_for("Nothing was sent")
        window.press("escape", "f2")
        window.wait_for("Find")
        window.press("DEADCRD", "enter")
        window.wait_for("Connect cannot be reached")
        window.press("ctrl+c", "ctrl+c")
        assert window.wait_for_exit() == 0
    assert states(venue, "WPM8TS9") == ["succeeded", "recorded"]
    assert states(venue, "FAMPACK") == []


def test_half_a_refund_is_shown_and_decided_by_a_supervisor(venue: Path, desk: Path) -> None:
    """The second payment fails at the cinema: nobody tries again, and a person writes down what
    was found out there."""
    with Terminal(place(desk)) as window:
        choose(window, "HALFDED", "*")
        window.wait_for("A warning must be read first")
        window.press("tab", "tab", "tab", "tab", "space")
        window.wait_for("[x]")
        window.press("f5")
        window.wait_for("F9 gives the money back")
        window.press("f9")
        window.wait_for("(P1) · paid back there")
        window.wait_for("(P2) · not paid back there")
        window.wait_for("a supervisor looks at")
    with Terminal([*place(desk), "--operator", "B. Keller"]) as window:
        window.wait_for("then Enter")
        window.press("f7")
        window.wait_for("R-10001.2")
        window.press("enter")
        window.wait_for("paid back there")
        window.press("\x06")
        window.wait_for("What was found out")
        window.press("tab", "cinema 77")
        window.wait_for("cinema 77")
        window.press("f5")
        window.wait_for("is written as refunded")
        window.press("f9")
        window.wait_for("R-10001.1: refunded")
    assert states(venue, "HALFDED") == ["succeeded", "declined"]


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

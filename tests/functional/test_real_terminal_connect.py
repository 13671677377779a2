"""The real command in a pseudo-terminal at a Connect system that breaks, or is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend_client.domain.incoming import IncomingBooking
from tests.cinema import Cinema, Point, Trouble, answer, served
from tests.connect_offices import keep_token
from tests.contract.offices import HAMLET, TWO_CARDS, cash, sale
from tests.terminal import Terminal

pytestmark = pytest.mark.pty

SETTINGS = """
[house]
name = "Palais"
currency = "CHF"
zone = "Europe/Zurich"
[desk]
name = "3"
operator = "{operator}"
[operators]
"A. Rochat" = "cashier"
"B. Keller" = "supervisor"
[connect]
url = "{url}"
[connect.cinemas."0001"]
external_fields = ["masked_number"]
"""


def sold(**changes: object) -> IncomingBooking:
    """The sample of the document, for a performance that is still to come."""
    ever = replace(HAMLET, starts_at=datetime(2099, 3, 22, 19, tzinfo=UTC))
    return replace(sale(**changes), performances=(ever,))  # type: ignore[arg-type]


@contextmanager
def window(folder: Path, url: str, operator: str = "A. Rochat") -> Iterator[Terminal]:
    config = folder / f"{operator[0]}.toml"
    config.write_text(SETTINGS.format(url=url, operator=operator), encoding="utf-8")
    place = ["--config", str(config), "--store", f"sqlite:///{folder / 'window.db'}"]
    home = {"XDG_CONFIG_HOME": str(folder / "config")}
    with Terminal(place, environment=home) as terminal:
        terminal.wait_for("then Enter")
        yield terminal


def look_up(terminal: Terminal, text: str, found: str) -> None:
    terminal.press(text)
    terminal.wait_for(f"Find  {text}")
    terminal.press("enter")
    terminal.wait_for(found)


def preview(terminal: Terminal) -> None:
    terminal.press("*")
    terminal.wait_for("Chosen 3 of 3")
    terminal.press("f5")
    terminal.wait_for("This will happen")


def test_search_is_on_enter_and_what_is_not_there_says_why(tmp_path: Path) -> None:
    keep_token(tmp_path / "config")
    cinema = Cinema()
    cinema.sell(sold())
    with served(cinema) as line, window(tmp_path, f"{line.url}/WSVistaWebClient") as terminal:
        terminal.press("WPM8TS9")
        terminal.wait_for("Find  WPM8TS9")
        assert cinema.reads == 0
        terminal.press("enter")
        terminal.wait_for("Small Pop Corn")
        preview(terminal)
        terminal.wait_for("through Connect")
        assert "Keep back" not in terminal.text
        assert "Connect keeps no accounts" in terminal.text
        for key in ("f6", "f8"):
            terminal.press(key)
            terminal.wait_for("Connect has no mass runs")
            terminal.press("f5")
            terminal.wait_for("F9 gives the money back")


def test_an_external_payment_is_recorded_with_its_card(tmp_path: Path) -> None:
    keep_token(tmp_path / "config")
    cinema = Cinema()
    cinema.sell(sold(payments=(cash(1450),)))
    with served(cinema) as line, window(tmp_path, f"{line.url}/WSVistaWebClient") as terminal:
        look_up(terminal, "WPM8TS9", "Small Pop Corn")
        preview(terminal)
        terminal.wait_for("› Paid elsewhere")
        terminal.wait_for("The receipt number")
        terminal.press("tab", "slip 7")
        terminal.wait_for("slip 7")
        terminal.press("f5")
        terminal.wait_for("wants the masked card number")
        terminal.wait_for("below the receipt number")
        terminal.wait_for("card, as in 411111....1111 VISA 05/26")
        terminal.press("tab", "412403....5226 VISA 05/26")
        terminal.wait_for("VISA 05/26")
        terminal.press("f5")
        terminal.wait_for("F9 gives the money back")
        terminal.press("f9")
        terminal.wait_for("R-10001")
    assert cinema.refunds[0]["externalPaymentDetails"] == [
        {
            "amountInCents": 1450,
            "cardNumberMasked": "412403....5226",
            "cardExpiryMonth": "05",
            "cardExpiryYear": "26",
            "cardType": "VISA",
        }
    ]


def test_a_system_that_is_gone_is_said_and_the_window_stays(tmp_path: Path) -> None:
    keep_token(tmp_path / "config")
    cinema = Cinema()
    cinema.sell(sold())
    with ExitStack() as line:
        url = line.enter_context(served(cinema)).url
        with window(tmp_path, f"{url}/WSVistaWebClient") as terminal:
            look_up(terminal, "WPM8TS9", "Small Pop Corn")
            preview(terminal)
            terminal.wait_for("F9 gives the money back")
            line.close()
            terminal.press("f9")
            terminal.wait_for("connect-unreachable")
            terminal.wait_for("Nothing was sent")
            terminal.press("escape")
            terminal.press("f2")
            look_up(terminal, "FAMPACK", "Connect cannot be reached")
            terminal.press("ctrl+c", "ctrl+c")
            assert terminal.wait_for_exit() == 0
    assert cinema.refunds == []


def test_manual_resolution_shows_what_went_through_and_is_written_down(tmp_path: Path) -> None:
    keep_token(tmp_path / "config")
    cinema = Cinema()
    cinema.sell(sold(payments=TWO_CARDS))
    cinema.troubles = [Trouble(Point.FIRST_PAYMENT, answer(ResultCode=12))]
    with served(cinema) as line:
        url = f"{line.url}/WSVistaWebClient"
        with window(tmp_path, url) as terminal:
            look_up(terminal, "WPM8TS9", "Small Pop Corn")
            preview(terminal)
            terminal.wait_for("A warning must be read first")
            terminal.wait_for("› Back to           VISA •••• 1111 (OPH-1)")
            terminal.press("tab")
            terminal.wait_for("› Back to           VISA •••• 1111 (OPH-2)")
            terminal.press("tab")
            terminal.wait_for("› Paid elsewhere")
            terminal.press("tab", "tab", "space")
            terminal.wait_for("[x]")
            terminal.press("f5")
            terminal.wait_for("F9 gives the money back")
            terminal.press("f9")
            terminal.wait_for("(OPH-1) · paid back there")
            terminal.wait_for("(OPH-2) · not paid back there")
        with window(tmp_path, url, "B. Keller") as terminal:
            terminal.press("f7")
            terminal.wait_for("R-10001.1")
            terminal.press("enter")
            terminal.wait_for("Say what became of it")
            terminal.press("\x06")
            terminal.wait_for("What was found out")
            terminal.press("tab", "cinema 77")
            terminal.wait_for("cinema 77")
            terminal.press("f5")
            terminal.wait_for("is written as refunded")
            terminal.press("f9")
            terminal.wait_for("R-10001.1: refunded")
    assert len(cinema.refunds) == 1

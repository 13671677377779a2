"""A command killed while its one call is at Connect: the next one finds out, and sends nothing."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cinema import PREFIX, Cinema, Point, Trouble, served
from tests.connect_offices import keep_token
from tests.contract.offices import HAMLET, sale
from tests.terminal import COMMAND

pytestmark = pytest.mark.faults

SETTINGS = """
[house]
currency = "CHF"
[operators]
"A. Rochat" = "cashier"
"B. Keller" = "supervisor"
[policy]
limit_minor = 400
[connect]
url = "{url}"
[connect.cinemas."0001"]
"""


ALL = ("refund", "WPM8TS9", "--all", "--reason", "illness", "--commit")
APPROVED = ("approve", "R-10001", "--operator", "B. Keller")


@dataclass(frozen=True)
class Desk:
    """A desk at a cinema, whose commands are programs of their own."""

    cinema: Cinema
    place: tuple[str, ...]
    environment: dict[str, str]

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [*COMMAND, *self.place, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    def killed_while_sending(self, *arguments: str) -> None:
        child = subprocess.Popen([*COMMAND, *self.place, *arguments], env=self.environment)
        self.cinema.before_refund = lambda: os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
        self.cinema.before_refund = lambda: None


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    keep_token(tmp_path / "config")
    cinema = Cinema()
    ever = replace(HAMLET, starts_at=datetime(2099, 3, 22, 19, tzinfo=UTC))
    cinema.sell(replace(sale(), performances=(ever,)))
    with served(cinema) as line:
        config = tmp_path / "config.toml"
        config.write_text(SETTINGS.format(url=line.url + PREFIX), encoding="utf-8")
        place = ("--config", str(config), "--store", f"sqlite:///{tmp_path / 'store.db'}")
        made = Desk(cinema, place, {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")})
        yield made
        assert '"ok": false' not in made.command("doctor", "--json")
    assert len(cinema.refunds) == 1


ENDS = [(Point.EVERYTHING, "done"), (Point.NOTHING, "being_checked")]


@pytest.mark.parametrize(("point", "status"), ENDS)
def test_killed_while_it_is_sending(desk: Desk, point: Point, status: str) -> None:
    desk.cinema.troubles = [Trouble(point, None)]
    desk.killed_while_sending(*ALL, "--operator", "B. Keller")
    desk.command("settle")
    assert f'"status": "{status}"' in desk.command("show", "R-10001", "--json")
    desk.command(*ALL)


@pytest.mark.parametrize(("point", "status"), ENDS)
def test_killed_while_what_was_approved_is_sent(desk: Desk, point: Point, status: str) -> None:
    desk.command(*ALL, "--operator", "A. Rochat")
    assert desk.cinema.refunds == []
    desk.cinema.troubles = [Trouble(point, None)]
    desk.killed_while_sending(*APPROVED)
    desk.command(*APPROVED)
    desk.command("settle")
    assert f'"status": "{status}"' in desk.command("show", "R-10001", "--json")

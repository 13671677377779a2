"""A command killed while its one call is at Connect: the next one finds out, and sends nothing."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import replace
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
[connect]
url = "{url}"
[connect.cinemas."0001"]
"""


@pytest.mark.parametrize(
    ("point", "status"), [(Point.EVERYTHING, "done"), (Point.NOTHING, "being_checked")]
)
def test_killed_while_it_is_sending(tmp_path: Path, point: Point, status: str) -> None:
    keep_token(tmp_path / "config")
    cinema = Cinema()
    ever = replace(HAMLET, starts_at=datetime(2099, 3, 22, 19, tzinfo=UTC))
    cinema.sell(replace(sale(), performances=(ever,)))
    with served(cinema) as line:
        config = tmp_path / "config.toml"
        config.write_text(SETTINGS.format(url=line.url + PREFIX), encoding="utf-8")
        place = ["--config", str(config), "--store", f"sqlite:///{tmp_path / 'store.db'}"]
        environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
        refund = ["refund", "WPM8TS9", "--all", "--reason", "illness", "--commit"]
        child = subprocess.Popen([*COMMAND, *place, *refund], env=environment)
        cinema.before_refund = lambda: os.kill(child.pid, signal.SIGKILL)
        cinema.troubles = [Trouble(point, None)]
        assert child.wait() == -signal.SIGKILL
        cinema.before_refund = lambda: None

        def command(*arguments: str) -> str:
            done = subprocess.run(
                [*COMMAND, *place, *arguments],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            return done.stdout

        command("settle")
        assert f'"status": "{status}"' in command("show", "R-10001", "--json")
        command(*refund)
        assert '"ok": false' not in command("doctor", "--json")
    assert len(cinema.refunds) == 1

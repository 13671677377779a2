"""The real server killed around the one refund a client called for: the client reads the booking
again and knows; nothing is paid twice, and the store is sound."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.connect_offices import keep_token
from tests.functional.real_command import HURRIED, build, command, copy, is_sound, place
from tests.functional.serving import (
    BASE,
    FULL,
    REFUND,
    Server,
    beside_provider,
    booking,
    client,
    dying,
    leg_states,
    on_the_wire,
    refunds_at,
    served,
    token_for,
)
from tests.terminal import COMMAND

pytestmark = pytest.mark.faults

KEY = {"Idempotency-Key": "0123456789abcdef"}
DEATHS = {
    "committed, nothing sent": ("backend_client.settling.settler:Settler.settle", ["pending"], 0),
    "paid, not answered": (
        "backend_client.server.connect_face:refund_json",
        ["succeeded"],
        1,
    ),
}
"""Where it dies, what its store then says of the payment, and how many the provider made."""
each_death = pytest.mark.parametrize(("dies_at", "states", "made"), DEATHS.values(), ids=DEATHS)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"), 20)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "provider.db"


@pytest.fixture
def venue(built: Path, tmp_path: Path, ledger: Path) -> Iterator[Path]:
    folder = tmp_path / "venue"
    folder.mkdir()
    with beside_provider(copy(built, folder), ledger) as made:
        yield made
    assert is_sound(made)


def is_refunded(calls: httpx.Client) -> bool:
    back = booking(calls)["PaymentsRefunded"]
    return [one["BillingValueCents"] for one in back] == [1450]


@each_death
def test_whoever_reads_again_knows_and_nothing_is_paid_twice(
    venue: Path, ledger: Path, dies_at: str, states: list[str], made: int
) -> None:
    token = token_for(venue)
    with served(venue, program=dying(dies_at)) as server, client(server, token) as calls:
        with pytest.raises(httpx.TransportError):
            calls.post(REFUND, json=FULL, headers=KEY)
        assert server.end() == -signal.SIGKILL
    assert leg_states(venue) == states
    assert len(refunds_at(ledger)) == made
    assert is_sound(venue)
    with served(venue, program=HURRIED) as server, client(server, token) as calls:
        assert booking(calls)["CancelledStatus"] == "1"
        server.until(lambda: is_refunded(calls))
        again = calls.post(REFUND, json=FULL)
        assert (again.status_code, again.json()["resultCode"]) == (409, 49)
        under_its_key = calls.post(REFUND, json=FULL, headers=KEY)
        assert under_its_key.status_code == 200, under_its_key.text
        assert under_its_key.headers["Idempotency-Replayed"] == "true"
        assert is_refunded(calls)
    assert leg_states(venue) == ["succeeded"]
    assert refunds_at(ledger) == [(1450,)]


def test_before_its_commit_nothing_was_done(venue: Path, ledger: Path) -> None:
    token = token_for(venue)
    dies_at = "backend_client.local.refunding:Refunding.execute"
    with served(venue, program=dying(dies_at)) as server, client(server, token) as calls:
        with pytest.raises(httpx.TransportError):
            calls.post(REFUND, json=FULL, headers=KEY)
        assert server.end() == -signal.SIGKILL
    assert (leg_states(venue), refunds_at(ledger)) == ([], [])
    with served(venue, program=HURRIED) as server, client(server, token) as calls:
        assert booking(calls)["PaymentsRefunded"] == []
        answer = calls.post(REFUND, json=FULL, headers=KEY)
        assert answer.status_code == 200
        assert "Idempotency-Replayed" not in answer.headers
    assert refunds_at(ledger) == [(1450,)]


def test_killed_while_the_provider_answers(built: Path, tmp_path: Path) -> None:
    """The money has moved and nobody has heard of it: whoever drives next finds it out."""
    venue, ledger = copy(built, tmp_path), tmp_path / "books.db"
    token = token_for(venue)
    with beside_provider(venue, ledger, "late-answer=1"):
        with on_the_wire(venue, token, ledger) as (server, answer):
            server.tell(signal.SIGKILL)
            server.end()
            with pytest.raises(httpx.TransportError):
                answer.result()
        assert leg_states(venue) == ["sending"]
        assert is_sound(venue)
        settled = command(venue, "settle", "--once", "--json")
        assert json.loads(settled.stdout)["states"] == {"succeeded": 1}
        with served(venue, program=HURRIED) as server, client(server, token) as calls:
            assert calls.post(REFUND, json=FULL).json()["code"] == "already-refunded"
            assert is_refunded(calls)
    assert refunds_at(ledger) == [(1450,)]
    assert leg_states(venue) == ["succeeded"]
    assert is_sound(venue)


# ------------------------------------------------------------ our own client at the other end


class Window:
    """The command line of a house whose bookings are behind that server."""

    def __init__(self, folder: Path, server: Server, token: str) -> None:
        self.folder = folder
        keep_token(folder / "config", token)
        there = f'[connect]\nurl = "{server.url}{BASE}"\n[connect.cinemas."0001"]\n'
        text = f'[house]\ncurrency = "CHF"\n{there}'
        (folder / "config.toml").write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XDG_CONFIG_HOME": str(self.folder / "config")}
        return subprocess.run(
            [*COMMAND, *place(self.folder), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def commit(self) -> subprocess.CompletedProcess[str]:
        return self("refund", "WPM8TS9", "--all", "--reason", "illness", "--commit")

    def refund(self) -> int:
        return self.commit().returncode

    def status(self) -> Any:
        self("settle", "--once")
        return json.loads(self("show", "R-10001", "--json").stdout)["status"]


@pytest.fixture
def there(tmp_path: Path) -> Path:
    folder = tmp_path / "there"
    folder.mkdir()
    return folder


@each_death
def test_our_own_client_finds_out_and_sends_nothing_more(
    venue: Path, ledger: Path, there: Path, dies_at: str, states: list[str], made: int
) -> None:
    token = token_for(venue)
    with served(venue, program=dying(dies_at)) as server:
        window = Window(there, server, token)
        assert window.refund() == 4, "nobody knows"
        assert server.end() == -signal.SIGKILL
    assert (leg_states(venue), len(refunds_at(ledger))) == (states, made)
    with served(venue, program=HURRIED, port=server.port) as server, client(server, token) as calls:
        server.until(lambda: is_refunded(calls))
        assert window.status() == "done"
        assert window.refund() != 0, "nothing is left"
        assert window("doctor").returncode == 0
    assert refunds_at(ledger) == [(1450,)]


# ------------------------------------------------------------ what awaits approval


def limited(venue: Path) -> None:
    config = venue / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(f"{text}\n[policy]\nlimit_minor = 1449\n", encoding="utf-8")


def approve(venue: Path) -> None:
    approved = command(venue, "--operator", "B. Keller", "approve", "R-10001")
    assert approved.returncode == 0, approved.stderr


def test_what_awaits_approval_is_told_as_not_paid_until_somebody_says_yes(
    venue: Path, ledger: Path
) -> None:
    token = token_for(venue)
    limited(venue)
    with served(venue, program=HURRIED) as server, client(server, token) as calls:
        for _ in range(2):
            answer = calls.post(REFUND, json=FULL, headers=KEY)
            said = answer.json()
            assert (answer.status_code, said["code"]) == (504, "awaits-approval")
            assert (said["resultCode"], said["moneyMoved"]) == (1, "no")
            (payment,) = said["details"]["payments"]
            assert payment["state"] == "awaiting_approval"
        there = booking(calls)
        assert (there["CancelledStatus"], there["PaymentsRefunded"]) == ("1", [])
        assert calls.post(REFUND, json=FULL).json()["resultCode"] == 49
        assert refunds_at(ledger) == []
        approve(venue)
        server.until(lambda: is_refunded(calls))
        answer = calls.post(REFUND, json=FULL, headers=KEY)
        assert (answer.status_code, answer.json()["payments"][0]["state"]) == (200, "succeeded")
    assert refunds_at(ledger) == [(1450,)]


def test_our_own_client_waits_for_the_approval(venue: Path, ledger: Path, there: Path) -> None:
    token = token_for(venue)
    limited(venue)
    with served(venue, program=HURRIED) as server, client(server, token) as calls:
        window = Window(there, server, token)
        told = window.commit()
        assert told.returncode == 4
        assert (
            "the system it was sent to knows it as R-10001, and a supervisor there" in told.stderr
        )
        assert window.status() == "being_checked"
        assert window.refund() != 0, "it is not sent again"
        assert refunds_at(ledger) == []
        approve(venue)
        server.until(lambda: is_refunded(calls))
        assert window.status() == "done"
        assert window("doctor").returncode == 0
    assert refunds_at(ledger) == [(1450,)]

"""The number of a gift card at the command line: from the terminal unseen or from a pipe, and
afterwards nowhere."""

from __future__ import annotations

import io
import logging
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pexpect
import pytest

from backend_client.providers.port import Answer, RefundOrder
from backend_client.providers.practice import PracticeProvider
from tests.functional.desk import SETTINGS, Desk
from tests.functional.desk import Answer as Said
from tests.terminal import COMMAND, PATIENCE_S

PROVIDER = """
[providers.practice]
dialect = "practice"
methods = ["card", "gift_card"]
unmatched = true
"""
MAIL = """
[mail]
start = 2026-01-01
from = "tickets@example.org"
host = "localhost"
encryption = "none"
"""
TYPED = "9870 5551 2345 6789"
NUMBER = TYPED.replace(" ", "")
LINES = ("refund", "WPM8TS9", "--lines", "1,2,3", "--reason", "goodwill", "--to", "unmatched")
LEG = "R-10001.1"
TROUBLES = ("", "outage", "dead", "lost", "slow", "broke")

Pipe = Callable[[str], None]


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Pipe:
    """What the next command finds on its standard input."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


@pytest.fixture
def desk(sample: Desk) -> Desk:
    sample.config.write_text(SETTINGS + PROVIDER + MAIL, encoding="utf-8")
    return sample


def commit(desk: Desk, pipe: Pipe, number: str, *more: str) -> Said:
    pipe(f"{number}\n")
    return desk(*LINES, "--commit", *more)


def test_a_preview_asks_for_nothing_and_names_what_the_commit_needs(desk: Desk, pipe: Pipe) -> None:
    pipe("")
    answer = desk(*LINES, "--preview", "--json")
    assert (answer.code, answer.json["missing"]) == (0, ["number"])
    assert "the number of the gift card" in desk(*LINES, "--preview").err


def test_the_number_comes_from_the_pipe_and_is_used(desk: Desk, pipe: Pipe) -> None:
    wanted = desk(*LINES, "--preview", "--json").json["fingerprint"]
    answer = commit(desk, pipe, TYPED, "--plan", wanted, "--json")
    assert answer.code == 0
    assert answer.json["legs"][0]["state"] == "succeeded"
    pipe("")
    again = desk(*LINES, "--commit", "--plan", wanted, "--json")
    assert (again.code, again.json["already_done"]) == (0, True)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "number-required"),
        ("12345", "number-invalid"),
        ("9870" * 40, "number-invalid"),
        ("4111 1111 1111 1111", "payment-card-number"),
    ],
)
def test_what_is_no_number_commits_nothing(
    desk: Desk, pipe: Pipe, typed: str, problem: str
) -> None:
    answer = commit(desk, pipe, typed, "--json")
    assert (answer.code, answer.problem) == (1, problem)
    assert not typed or typed not in answer.out + answer.err
    assert desk("show", "WPM8TS9", "--json").json["refunds"] == []


def test_bytes_that_are_no_text_are_no_number(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = io.TextIOWrapper(io.BytesIO(b"98705551\xff\n"), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", broken)
    answer = desk(*LINES, "--commit", "--json")
    assert (answer.code, answer.problem) == (1, "number-invalid")
    assert "9870" not in answer.out


def test_what_waits_says_so_and_takes_the_same_number_alone(desk: Desk, pipe: Pipe) -> None:
    first = commit(desk, pipe, f"outage{NUMBER}")
    assert first.code == 4
    assert "waits for the number of its gift card" in first.err
    assert "needs a number" in first.out
    pipe(f"{NUMBER}\n")
    other = desk("number", LEG, "--json")
    assert (other.code, other.problem) == (1, "number-differs")
    pipe(f"outage-{TYPED}\n")
    again = desk("number", LEG, "--json")
    assert (again.code, again.problem) == (4, "number-needed")
    pipe("")
    change = ("method", LEG, "--to", "requested", "--reason", "card lost", "--json")
    assert desk(*change).code == 0
    gone = desk("number", LEG, "--json")
    assert (gone.code, gone.problem) == (1, "number-not-needed")


def test_another_gift_card_is_another_way(desk: Desk, pipe: Pipe) -> None:
    commit(desk, pipe, f"dead{NUMBER}")
    pipe(TYPED)
    answer = desk("method", LEG, "--to", "unmatched", "--reason", "other card", "--json")
    assert answer.code == 0
    assert answer.json["legs"][-1]["state"] == "succeeded"


def test_it_is_off_unless_switched_on(desk: Desk, pipe: Pipe) -> None:
    desk.config.write_text(SETTINGS, encoding="utf-8")
    answer = commit(desk, pipe, TYPED, "--json")
    assert (answer.code, answer.problem) == (1, "unmatched-disabled")
    stripe = PROVIDER.replace('"practice"', '"stripe"').replace(
        "unmatched", 'endpoint = "http://127.0.0.1:9"\nunmatched'
    )
    desk.config.write_text(SETTINGS + stripe, encoding="utf-8")
    assert desk(*LINES, "--preview", "--json").problem == "provider-misconfigured"
    assert "does not load gift cards" in desk("config", "check").out


def test_the_configuration_says_who_loads_gift_cards(desk: Desk) -> None:
    told = desk("config", "check", "--json").json["providers"][0]["arranged"]
    assert told["unmatched"] is True
    assert "by their number" in desk("config", "check").out


class Telltale(PracticeProvider):
    """An adapter with the worst mistake it can have: it speaks of the number."""

    def refund(self, order: RefundOrder) -> Answer:
        assert order.gift_card is not None
        raise RuntimeError(f"cannot load {order.gift_card.spend()}")


def reads(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def holds(text: bytes) -> bool:
    return any(one.encode() in text for one in (NUMBER, TYPED, NUMBER[4:], TYPED[5:]))


@pytest.mark.parametrize("telltale", [False, True])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_number_is_nowhere_afterwards(
    desk: Desk,
    pipe: Pipe,
    trouble: str,
    telltale: bool,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In no file (store, its log of writes, free pages, key, ledger), no line said, no log."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    if telltale:
        monkeypatch.setattr(
            "backend_client.providers.configured.PracticeProvider", Telltale, raising=True
        )
    said = [commit(desk, pipe, f"{trouble}{TYPED}"), commit(desk, pipe, f"{trouble}{TYPED}")]
    with closing(sqlite3.connect(desk.store)) as held:
        held.execute("SELECT * FROM leg").fetchall()
        for command in (
            ("number", LEG, "--json"),
            ("number", LEG),
            ("method", LEG, "--to", "unmatched", "--reason", "another"),
        ):
            pipe(f"{trouble}{TYPED}\n")
            said.append(desk(*command))
        for command in (
            ("show", "WPM8TS9"),
            ("show", "R-10001", "--json"),
            ("show", "R-10001", "--receipt"),
            ("open", "--json"),
            ("settle", "--json"),
            ("reconcile", "--json"),
            ("outbox", "--json"),
            ("audit", "export"),
            ("audit", "verify"),
            ("doctor", "--json"),
        ):
            said.append(desk(*command))
        files = dict(reads(desk.folder))
    assert {"store.db", "store.db-wal"} <= set(files)
    assert [name for name, text in files.items() if holds(text)] == []
    assert [one for one in said if holds((one.out + one.err).encode())] == []
    assert not holds(caplog.text.encode())
    assert desk("doctor", "--json").code == 0
    assert [name for name, text in reads(desk.folder) if holds(text)] == []


@pytest.mark.pty
def test_at_a_terminal_it_is_asked_for_without_an_echo(desk: Desk) -> None:
    where = ["--store", desk.url, "--config", str(desk.config)]
    arguments = [*COMMAND[1:], *where, *LINES, "--commit"]
    child = pexpect.spawn(COMMAND[0], arguments, encoding="utf-8", timeout=PATIENCE_S)
    child.logfile_read = heard = io.StringIO()
    child.expect_exact("Number of the gift card (not shown, not kept): ")
    child.waitnoecho()
    child.sendline(TYPED)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "R-10001.1  gift card by its number" in heard.getvalue()
    assert not holds(heard.getvalue().encode())

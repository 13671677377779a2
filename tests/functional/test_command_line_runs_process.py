"""Runs by the command as a process: told to end in the middle, and the whole procedure as a
supervisor does it at a terminal."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.functional.cancelled_evening import CANCEL, sell_evening, with_ceilings
from tests.functional.desk import SETTINGS, Desk, booking, card, ticket
from tests.functional.real_command import copy, place
from tests.terminal import COMMAND, Terminal

SOLD = 2000
"""More than a few commits of a cancellation."""
DAYS = ("--from", "yesterday", "--to", "today")
LIVE = ("cancel-performance", "--live", "--simulation", "1")
NIGHTLY = ("dispatch", *DAYS, "--credit", "never", "--unattended")


Halted: TypeAlias = "tuple[subprocess.Popen[str], sqlite3.Connection]"
"""The command, and who keeps it from writing until told `ROLLBACK`."""


def where(desk: Desk) -> tuple[str, ...]:
    return ("--store", desk.url, "--config", str(desk.config))


def asked(desk: Desk, statement: str) -> tuple[object, ...]:
    with closing(sqlite3.connect(desk.store)) as connection:
        return tuple(connection.execute(statement).fetchone() or ())


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A performance with many bookings, and the simulation of its cancellation; copied only."""
    folder = tmp_path_factory.mktemp("sold-out")
    bookings = [
        booking(f"B{number}", [ticket(1, 1000)], [card("K", 1000, f"pay-{number}")])
        for number in range(SOLD)
    ]
    lines = "".join(f"{json.dumps(one)}\n" for one in bookings)
    (folder / "bookings.ndjson").write_text(lines, encoding="utf-8")
    (folder / "config.toml").write_text(SETTINGS, encoding="utf-8")
    taken_in = ("import", str(folder / "bookings.ndjson"), "--format", "native")
    for arguments in (taken_in, (*CANCEL, "--simulate")):
        subprocess.run([*COMMAND, *place(folder), *arguments], capture_output=True, check=True)
    return folder


@pytest.fixture
def sold_out(simulated: Path, desk: Desk) -> Desk:
    copy(simulated, desk.folder)
    return desk


def command(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process: the clock of this one stands still."""
    return subprocess.run(
        [*COMMAND, *where(desk), *arguments], capture_output=True, text=True, check=False
    )


@contextmanager
def halted_in_the_middle(desk: Desk, *carrying: str, run: int = 2) -> Iterator[Halted]:
    """The live run, held up between two commits until this is over."""
    process = subprocess.Popen(
        [*COMMAND, *where(desk), *(carrying or LIVE)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while asked(desk, f"SELECT state FROM run WHERE id = {run}") != ("running",):
            assert process.poll() is None
        with closing(sqlite3.connect(desk.store, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield process, connection
    finally:
        process.kill()
        process.wait()


def hear(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    while words not in process.stderr.readline():
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_live_run_in_order(sold_out: Desk, number: signal.Signals) -> None:
    with halted_in_the_middle(sold_out) as (process, lock):
        process.send_signal(number)
        hear(process, "Stopping: what is on the wire is finished.")
        lock.execute("ROLLBACK")
        out, err = process.communicate()
    assert process.returncode == 128 + number
    assert asked(sold_out, "SELECT state FROM run WHERE id = 2") == ("stopped",)
    assert "Items: waiting" in out
    assert "runs 2 --resume" in err
    assert sold_out("doctor").code == 0
    resumed = command(sold_out, "runs", "2", "--resume")
    assert resumed.returncode == 0
    assert f"Items: cancelled {SOLD:,}" in resumed.stdout
    assert asked(sold_out, "SELECT COUNT(*), SUM(amount_minor) FROM refund") == (SOLD, SOLD * 1000)
    assert sold_out("doctor").code == 0


def test_a_second_signal_leaves_at_once_and_loses_nothing(sold_out: Desk) -> None:
    with halted_in_the_middle(sold_out) as (process, _lock):
        process.send_signal(signal.SIGTERM)
        hear(process, "Once more leaves at once.")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate()
    assert (process.returncode, out) == (128 + signal.SIGTERM, "")
    assert "the run can be resumed." in err
    assert "left behind" in command(sold_out, "runs", "2").stdout
    assert command(sold_out, "runs", "2", "--resume").returncode == 0
    assert asked(sold_out, "SELECT COUNT(*), SUM(amount_minor) FROM refund") == (SOLD, SOLD * 1000)
    assert sold_out("doctor").code == 0


def test_another_program_stops_a_run_and_a_third_ends_it(sold_out: Desk) -> None:
    with halted_in_the_middle(sold_out) as (process, lock):
        lock.execute("UPDATE run SET stop_requested = 1 WHERE id = 2")
        lock.execute("COMMIT")
        out, _ = process.communicate()
    assert process.returncode == 4
    assert "stopped" in out
    ended = command(sold_out, "runs", "2", "--end")
    assert (ended.returncode, "done" in ended.stdout) == (0, True)
    assert f"never begun {SOLD:,}" in command(sold_out, "runs", "2").stdout
    assert command(sold_out, "runs", "2", "--resume").returncode == 1
    assert sold_out("doctor").code == 0


def test_a_night_that_was_told_to_end_is_gone_on_with_by_the_next(sold_out: Desk) -> None:
    """The machine is shut down: nobody stopped the run, so nobody needs to resume it."""
    with_ceilings(sold_out, 2 * SOLD, SOLD * 1000)
    assert command(sold_out, *LIVE).returncode == 0
    with halted_in_the_middle(sold_out, *NIGHTLY, run=4) as (process, lock):
        process.send_signal(signal.SIGTERM)
        hear(process, "Stopping: what is on the wire is finished.")
        lock.execute("ROLLBACK")
        process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert asked(sold_out, "SELECT state FROM run WHERE id = 4") == ("stopped",)
    assert "its program was told to end" in command(sold_out, "runs", "4").stdout
    night = command(sold_out, *NIGHTLY)
    assert (night.returncode, "it goes on first" in night.stderr) == (0, True), night.stderr
    assert asked(sold_out, "SELECT state, note FROM run WHERE id = 4") == ("done", "")
    assert asked(sold_out, "SELECT COUNT(*) FROM leg WHERE state = 'succeeded'") == (SOLD,)
    assert sold_out("doctor").code == 0


class Walk:
    """A supervisor types one command after the other and reads the screen; the books are looked
    at after each."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, *arguments: str, shows: tuple[str, ...]) -> None:
        with Terminal((*where(self._desk), *arguments), size=(80, 40)) as terminal:
            for text in shows:
                terminal.wait_for(text)
            assert terminal.wait_for_exit() == 0, terminal.text
        assert self._desk("doctor").code == 0


@pytest.mark.pty
def test_the_whole_procedure_at_a_terminal(desk: Desk) -> None:
    sell_evening(desk)
    walk = Walk(desk)
    walk("performances", "ham", shows=("Hamlet",))
    walk(
        *(*CANCEL, "--simulate"),
        shows=(
            "Bookings cancelled                          3   61.00  CHF",
            "A4  Bette Davis  –  not paid",
            "Nothing has been changed or sent.",
            "Go live with exactly this:",
        ),
    )
    walk(
        *("cancel-performance", "--live", "--simulation", "1"),
        shows=("Items: cancelled 3 · left out 1", "The next step:"),
    )
    walk(
        *("dispatch", *DAYS, "--credit", "never", "--simulate"),
        shows=("1   30.00  CHF", "R-10003.1  A3  =HYPERLINK(1)"),
    )
    walk(
        *("dispatch", "--live", "--simulation", "3"),
        shows=("Items: refunded 1 · declined 1 · stays 1", "The next step:"),
    )
    walk(
        *("dispatch", *DAYS, "--credit", "when-not-possible", "--simulate"),
        shows=(
            "To credit accounts",
            "2   50.00  CHF",
        ),
    )
    walk(
        *("dispatch", "--live", "--simulation", "5"),
        shows=("Items: credited 2", "Nothing is left to do"),
    )
    log = command(desk, "runs", "6", "--csv").stdout
    assert [line.split(",")[1] for line in log.splitlines()] == ["booking_reference", "A3", "A2"]
    assert "'=HYPERLINK(1)" in log
    states = "SELECT GROUP_CONCAT(state, ' ') FROM (SELECT state FROM leg ORDER BY state)"
    assert asked(desk, states) == (
        "credited credited replaced replaced replaced replaced succeeded",
    )

"""Large files are checked by two processes and still say the same as small ones."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from backend_client.importing import helper, reader
from backend_client.importing.helper import Helper
from backend_client.importing.reader import read
from backend_client.importing.spool import Spool
from tests.unit.importing.files import all_of, as_read, native, source, written
from tests.unit.refusing import refused

MANY = 60
STUCK = """
import threading
from backend_client.importing import helper
helper.check_stretch = lambda *_: threading.Event().wait()
helper.main()
"""
STARTER = """
import sys
from backend_client.importing import helper
from backend_client.importing.source_file import SourceFile, Stretch
from backend_client.reports import ImportSource
path, stuck = sys.argv[1:]
helper._COMMAND = (sys.executable, "-c", stuck)
source = ImportSource(path, "native", "1", "CHF", "UTC")
with SourceFile(path) as file, helper.Helper(file, source, Stretch(), repr) as one:
    print(one._child.pid, flush=True)
    input()
"""
"""Starts a helper that is never through, says its number and waits for good."""


@pytest.fixture(autouse=True)
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file counts as large, on a machine with two processors."""
    monkeypatch.setattr(reader, "HELPED_FROM", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Helper]]:
    """The helpers that were started; none may be left when the file was read."""
    made: list[Helper] = []

    class Seen(Helper):
        def __init__(self, *arguments: Any) -> None:
            made.append(self)  # first: one that breaks at once is told before it is made
            super().__init__(*arguments)

    monkeypatch.setattr(reader, "Helper", Seen)
    yield made
    assert len(made) == 1
    assert made[0]._child.returncode is not None


def lines(**changed: dict[str, Any]) -> list[dict[str, Any]]:
    """Many bookings; `line_41=…` is what stands in that line instead."""
    made = [native(booking_id=f"MANY{n:03d}") for n in range(1, MANY + 1)]
    for name, line in changed.items():
        made[int(name.removeprefix("line_")) - 1] = line
    return made


def test_bookings_come_in_the_order_of_the_file(tmp_path: Path, helpers: list[Helper]) -> None:
    path = written(tmp_path, *lines())
    assert [one.booking_id for one in all_of(path)] == [f"MANY{n:03d}" for n in range(1, MANY + 1)]


@pytest.mark.parametrize(
    ("wrong", "told"), [((7,), 7), ((51,), 51), ((51, 7), 7), ((52, 58), 52), ((60,), 60)]
)
def test_the_first_wrong_line_of_the_file_is_told(
    tmp_path: Path, helpers: list[Helper], wrong: tuple[int, ...], told: int
) -> None:
    path = written(tmp_path, *lines(**{f"line_{n}": native(is_paid="x") for n in wrong}))
    with refused("import-refused") as caught:
        next(read(source(path), as_read))
    assert (caught.value.details["line"], caught.value.details["field"]) == (told, "is_paid")
    assert caught.value.details["file"] == str(path)


def test_a_booking_that_stands_differently_in_both_parts_is_found(
    tmp_path: Path, helpers: list[Helper]
) -> None:
    other = native(booking_id="MANY003", number="other")
    with refused("import-refused") as caught:
        all_of(written(tmp_path, *lines(line_55=other)))
    assert caught.value.details["line"] == 55
    assert "line 3 " in caught.value.details["reason"]


def test_the_same_line_in_both_parts_is_no_contradiction(
    tmp_path: Path, helpers: list[Helper]
) -> None:
    again = native(booking_id="MANY003")
    assert len(all_of(written(tmp_path, *lines(line_55=again)))) == MANY


def test_what_fills_in_is_known_to_both(tmp_path: Path, helpers: list[Helper]) -> None:
    sites = {(one.site, one.currency) for one in all_of(written(tmp_path, *lines()))}
    assert sites == {("0007", "CHF")}


def _interrupting(monkeypatch: pytest.MonkeyPatch, happens: Any) -> None:
    """`happens` after the helper was started, instead of the first stretch's check."""

    def check(*_: Any) -> int:
        happens()
        return 0

    monkeypatch.setattr(reader, "check_stretch", check)


def test_a_helper_that_is_killed_is_told_and_nothing_is_kept(
    tmp_path: Path, helpers: list[Helper], monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill() -> None:
        os.kill(helpers[0]._child.pid, signal.SIGKILL)

    monkeypatch.setattr(helper, "_COMMAND", (sys.executable, "-c", "input()"))
    _interrupting(monkeypatch, kill)
    with refused("import-interrupted") as caught:
        next(read(source(written(tmp_path, *lines())), as_read))
    assert caught.value.details["line"] > MANY // 2


def test_a_helper_that_breaks_is_told(
    tmp_path: Path, helpers: list[Helper], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "_COMMAND", (sys.executable, "-c", "raise SystemExit(3)"))
    with refused("import-interrupted"):
        next(read(source(written(tmp_path, *lines())), as_read))


def test_a_helper_that_cannot_be_started_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(helper, "_COMMAND", (str(tmp_path / "none"),))
    with refused("import-interrupted"):
        next(read(source(written(tmp_path, *lines())), as_read))


def test_a_key_that_breaks_off_ends_the_helper(
    tmp_path: Path, helpers: list[Helper], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(helper, "_COMMAND", (sys.executable, "-c", "input(); input()"))
    _interrupting(monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        next(read(source(written(tmp_path, *lines())), as_read))


def test_a_helper_ends_with_who_started_it_even_if_that_is_killed(tmp_path: Path) -> None:
    path = written(tmp_path, native())
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, path, STUCK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=helper._FOLDER,
    )
    with starter:
        assert starter.stdout is not None
        ended = os.pidfd_open(int(starter.stdout.readline()))
        starter.kill()
    assert select.select([ended], [], []) == ([ended], [], [])
    os.close(ended)


@pytest.mark.parametrize("which", [0, 1])
def test_a_disk_that_is_full_is_told_by_whoever_meets_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    with open("/dev/full", "wb", buffering=0) as full, tempfile.TemporaryFile() as fine:
        files: list[IO[bytes]] = [fine, fine]
        files[which] = full
        spools = iter(files)
        monkeypatch.setattr(Spool, "unnamed", lambda: Spool(next(spools)))
        with refused("store-full"):
            next(read(source(written(tmp_path, *lines())), as_read))

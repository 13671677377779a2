"""The copy of a store that was not closed: of one moment, made anew when that has passed."""

from __future__ import annotations

import errno
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import Mock

import pytest

from backend_client.domain.problems import Refused
from backend_client.local import left_open
from backend_client.local.left_open import LeftOpen
from backend_client.local.store import Store
from backend_client.processes import own_token
from tests.clocks import SteppingClock


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A file with a row that is only in its log."""
    used, left = tmp_path / "used.db", tmp_path / "left"
    left.mkdir()
    with closing(sqlite3.connect(used, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t(x)")
        connection.execute("INSERT INTO t VALUES (1)")
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{used}{suffix}", left / f"store.db{suffix}")
    return left / "store.db"


@pytest.fixture
def opened(store: Path) -> Iterator[LeftOpen]:
    one = LeftOpen(store)
    yield one
    one.close()


def rows(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM t").fetchone()[0])


def test_it_has_what_is_in_the_log_and_goes_with_who_made_it(store: Path, opened: LeftOpen) -> None:
    assert not opened.is_copied
    copy = opened.copy()
    assert (rows(copy), opened.is_copied) == (1, True)
    assert copy.parent.stat().st_mode & 0o077 == 0, "nobody else may look into it"
    assert opened.copy() == copy, "as long as nothing changed it is the same"
    opened.close()
    assert not copy.parent.exists()
    assert sorted(path.name for path in store.parent.iterdir()) == ["store.db", "store.db-wal"]


def test_it_is_made_anew_when_the_store_changed(store: Path, opened: LeftOpen) -> None:
    before = opened.copy()
    other = store.with_name("other.db")
    with closing(sqlite3.connect(other, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t(x)")
        connection.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{other}{suffix}", f"{store}{suffix}")
    after = opened.copy()
    assert (rows(after), before.parent.exists()) == (2, False)


def test_what_changes_all_the_time_is_given_up(
    opened: LeftOpen, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(range(100))
    monkeypatch.setattr(LeftOpen, "_look", lambda _: ((1, 1, next(moments)),))
    with pytest.raises(Refused, match="store-not-closed"):
        opened.copy()


def nowhere_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine whose disk is full: no folder for temporary files takes any."""
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", list)
    with pytest.raises(FileNotFoundError):
        tempfile.gettempdir()


def test_a_store_opens_where_nothing_temporary_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere_to_write(monkeypatch)
    url = f"sqlite:///{tmp_path / 'house.db'}"
    Store.open(url, create=True, clock=SteppingClock()).close()


@pytest.mark.parametrize("pid", ["9" * 20, "²", "", "-1"])
def test_a_folder_whose_name_names_no_process_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pid: str
) -> None:
    """Anybody on the machine may make one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    host, process, *_ = own_token().split(":")
    odd, gone = (tmp_path / f"{left_open.PREFIX}{host}.{one}.1.nonce.end" for one in (pid, process))
    odd.mkdir()
    gone.mkdir()
    left_open.remove_orphans()
    assert (odd.exists(), gone.exists()) == (True, False), "it began at another time"


@pytest.mark.parametrize("cause", ["size", "disk", "writer", "gone", "nowhere", "refused"])
def test_what_cannot_be_copied_is_refused_and_leaves_nothing(
    store: Path, opened: LeftOpen, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    if cause == "size":
        monkeypatch.setattr(left_open, "MOST", 100)
    elif cause == "disk":
        usage = shutil.disk_usage(store.parent)._replace(free=1000)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    elif cause == "nowhere":
        nowhere_to_write(monkeypatch)
    elif cause == "refused":
        refuse = Mock(side_effect=OSError(errno.ENOSPC, "No space left on device"))
        monkeypatch.setattr(tempfile, "mkdtemp", refuse)
    elif cause == "writer":
        Path(f"{store}-shm").touch()
    else:
        Path(f"{store}-wal").unlink()
    with pytest.raises(Refused, match="store-not-closed"):
        opened.copy()
    assert not opened.is_copied

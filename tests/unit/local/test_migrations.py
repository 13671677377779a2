"""A store of an earlier version becomes one of this, whole or not at all, and keeps its data."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from backend_client.domain.booking import BookingKey
from backend_client.domain.connect_intent import IntentState
from backend_client.local import migrations
from backend_client.local.doctor import examine
from backend_client.local.journal import LocalJournal
from backend_client.local.rows import fetch
from tests.clocks import START
from tests.shop import SUPERVISOR
from tests.sound import wrong
from tests.unit.local.doctors_ward import fill
from tests.unit.local.first_version import store_of_version_1, version_and_tables
from tests.unit.local.venue import counts_and_hashes, opened, url_of
from tests.unit.refusing import refused
from tests.wishes import wish

KILLED_INSIDE = """
import os, signal, sys
from backend_client.local import outbox_triggers
from backend_client.local.store import Store
from backend_client.ports import SystemClock

def killed():
    os.kill(os.getpid(), signal.SIGKILL)
    yield ""

outbox_triggers.statements = killed
Store.open(sys.argv[1], create=False, clock=SystemClock())
"""


@pytest.fixture(scope="module")
def old_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It holds every kind of refund."""
    return store_of_version_1(tmp_path_factory, fill)


@pytest.fixture
def store_file(old_store: Path, tmp_path: Path) -> Path:
    for name in ("store.db", "store.db.audit-key"):
        shutil.copy2(old_store / name, tmp_path / name)
    return tmp_path / "store.db"


def rows_of(path: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()


def test_a_store_of_version_1_is_brought_up_to_date_with_its_data(store_file: Path) -> None:
    version, tables = version_and_tables(store_file)
    assert version == 1
    assert "outbox" not in tables
    kept = ("booking", "leg", "refund", "posting", "audit", "payment")
    before = {name: rows_of(store_file, name) for name in kept}
    assert before["leg"]
    with opened(url_of(store_file), create=False) as store:
        assert counts_and_hashes(store)["outbox"][0] == 0
        assert wrong(examine(store)) == {}
    assert version_and_tables(store_file)[0] == migrations.LATEST
    assert {name: rows_of(store_file, name) for name in kept} == before


def test_killed_in_the_middle_of_an_upgrade_nothing_happened(store_file: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED_INSIDE, url_of(store_file)], check=False)
    assert done.returncode == -signal.SIGKILL
    version, tables = version_and_tables(store_file)
    assert version == 1
    assert "outbox" not in tables
    with opened(url_of(store_file), create=False) as store, store.read() as connection:
        assert migrations.version_of(connection) == migrations.LATEST
        assert fetch(connection, "SELECT COUNT(*) AS many FROM outbox")[0].many == 0


def test_a_store_of_a_later_version_is_refused_and_stays_as_it_is(store_file: Path) -> None:
    with closing(sqlite3.connect(store_file)) as connection:
        connection.execute(f"PRAGMA user_version = {migrations.LATEST + 1}")
    with refused("store-newer"), opened(url_of(store_file), create=False):
        pass
    version, tables = version_and_tables(store_file)
    assert version == migrations.LATEST + 1
    assert "outbox" not in tables


def test_a_journal_that_knew_no_waiting_takes_refunds_that_wait(tmp_path: Path) -> None:
    """A store whose table still lists the states of then, with a call in it."""
    path = tmp_path / "store.db"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrations, "LATEST", 14)
        with opened(url_of(path)) as store:
            before = LocalJournal(store).begin(SUPERVISOR, wish(), "holder", START)
    _forget(path, "'awaiting_approval', ")
    with opened(url_of(path), create=False) as store:
        journal, waits = LocalJournal(store), IntentState.AWAITING_APPROVAL
        assert journal.by_number(before.number) == before
        key = BookingKey("0001", "OTHER", "1")
        assert journal.begin(SUPERVISOR, wish(2, key=key), "holder", START, waits).waits
        with refused("refund-waits"):
            journal.begin(SUPERVISOR, wish(3, lines=(3,), key=key), "holder", START)
        assert wrong(examine(store)) == {}


def _forget(path: Path, word: str) -> None:
    """Out of everything that lists the states of a call."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema=1")
        where = "WHERE name LIKE 'connect_intent%'"
        connection.execute(f"UPDATE sqlite_schema SET sql = replace(sql, ?, '') {where}", (word,))
        kept = connection.execute(f"SELECT sql FROM sqlite_schema {where}").fetchall()
        assert not any(word in str(sql) for (sql,) in kept)


def test_an_upgraded_store_has_what_a_new_one_has(store_file: Path, tmp_path: Path) -> None:
    with opened(url_of(store_file), create=False):
        pass
    fresh = tmp_path / "fresh.db"
    with opened(url_of(fresh)):
        pass
    assert version_and_tables(store_file) == version_and_tables(fresh)

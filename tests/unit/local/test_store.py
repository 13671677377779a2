"""Opening, reading and writing a store, and everything that can be wrong with its file."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from backend_client.domain.problems import Refused
from backend_client.local import creation, migrations
from backend_client.local.connect import driver
from backend_client.local.ids import take
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from tests.clocks import SteppingClock
from tests.unit.local.venue import MEMORY, opened, url_of
from tests.unit.refusing import refused

NEXT = migrations.LATEST + 1


def a_store(folder: Path) -> Path:
    """The file of a store that was made and closed."""
    path = folder / "store.db"
    with opened(url_of(path)):
        pass
    return path


def test_a_new_store_and_its_key_are_for_their_owner_only(tmp_path: Path) -> None:
    path = a_store(tmp_path)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"store.db": 0o600, "store.db.audit-key": 0o600}
    with opened(url_of(path), create=False) as store, store.read() as connection:
        assert migrations.version_of(connection) == migrations.LATEST


def test_the_pragmas_money_rests_on_hold_for_writer_and_reader(tmp_path: Path) -> None:
    def pragmas(connection: Connection) -> dict[str, object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "query_only")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    with opened(url_of(tmp_path / "store.db")) as store:
        written = store.write(pragmas, label="pragmas")
        with store.read() as connection:
            read = pragmas(connection)
    same = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1}
    assert written == {**same, "query_only": 0}
    assert read == {**same, "query_only": 1}


def test_the_driver_knows_how_none_is_written(store: Store) -> None:
    """It asks nothing else then, which a mass write notices."""
    assert sqlite3.adapt(None, sqlite3.PrepareProtocol) is None
    with store.read() as connection:
        found = connection.exec_driver_sql("SELECT ?, typeof(?)", (None, None)).one()
    assert tuple(found) == (None, "null")


def test_every_table_is_strict(store: Store) -> None:
    with store.read() as connection:
        rows = fetch(connection, "SELECT name, strict, type FROM pragma_table_list")
    ours = {row.name for row in rows if row.type == "table" and not row.name.startswith("sqlite")}
    loose = {row.name for row in rows if row.type == "table" and not row.strict}
    assert "leg" in ours
    assert loose <= {"sqlite_schema", "sqlite_temp_schema"}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://host/db",
        "sqlite:///file:x.db?mode=ro&uri=true",
        "sqlite://host/x.db",
        "nonsense",
        "",
    ],
)
def test_what_is_no_embedded_store_is_refused(url: str) -> None:
    with refused("store-unsupported"):
        Store.open(url, create=True, clock=SteppingClock())


def test_a_password_in_a_url_is_not_shown() -> None:
    with refused("store-unsupported") as caught:
        Store.open("postgresql://me:secret@host/db", create=False, clock=SteppingClock())
    assert "secret" not in caught.value.message


def test_a_store_that_is_not_there_is_not_made_unasked(tmp_path: Path) -> None:
    with refused("store-not-found"):
        Store.open(url_of(tmp_path / "store.db"), create=False, clock=SteppingClock())
    with refused("store-not-found"):
        Store.open(url_of(tmp_path / "no" / "store.db"), create=True, clock=SteppingClock())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["garbage", "empty", "cut short", "a page"])
def test_a_damaged_file_is_corrupt(tmp_path: Path, damage: str) -> None:
    path = a_store(tmp_path)
    data = path.read_bytes()
    damaged = {
        "garbage": b"this is no database at all" * 100,
        "empty": b"",
        "cut short": data[: len(data) // 2],
        "a page": data[:8192] + b"\xff" * 8192 + data[16384:],
    }
    path.write_bytes(damaged[damage])
    with refused("store-corrupt"):
        Store.open(url_of(path), create=True, clock=SteppingClock())
    assert path.read_bytes() == damaged[damage], "a damaged file was written to"


def test_an_sqlite_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 2))
    with refused("sqlite-too-old") as caught:
        Store.open(MEMORY, create=True, clock=SteppingClock())
    assert caught.value.details["needed"] == "3.38.0"


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with refused("store-unsupported"):
        Store.open(url_of(tmp_path), create=True, clock=SteppingClock())


@pytest.mark.parametrize(
    ("error", "code"),
    [(PermissionError, "store-unreadable"), (OSError, "store-unsupported")],
)
def test_a_folder_nobody_may_look_into_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[OSError], code: str
) -> None:
    def fails(path: Path) -> bool:
        raise error(path)

    monkeypatch.setattr(Path, "exists", fails)
    with refused(code), opened(url_of(tmp_path / "store.db"), create=False):
        pass


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE something(id INTEGER)")
    connection.close()
    with refused("store-unsupported"):
        Store.open(url_of(path), create=True, clock=SteppingClock())


def test_a_store_from_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = a_store(tmp_path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {migrations.LATEST + 1}")
    connection.close()
    with refused("store-newer") as caught:
        Store.open(url_of(path), create=False, clock=SteppingClock())
    assert caught.value.details == {"found": migrations.LATEST + 1, "known": migrations.LATEST}


def test_a_driver_that_says_read_only_is_believed(tmp_path: Path) -> None:
    def job(connection: Connection) -> None:
        driver(connection).execute("PRAGMA query_only=1")
        try:
            take(connection, "anything")
        finally:
            driver(connection).execute("PRAGMA query_only=0")

    with opened(url_of(tmp_path / "store.db")) as store, refused("store-read-only"):
        store.write(job, label="test")


@pytest.mark.parametrize("how", ["deleted", "replaced", "folder moved"])
def test_a_store_that_vanished_is_neither_read_nor_written(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "store.db"
    with opened(url_of(path)) as store:
        if how == "deleted":
            path.unlink()
        elif how == "replaced":
            copy = tmp_path / "copy.db"
            copy.write_bytes(path.read_bytes())
            os.replace(copy, path)
        else:
            folder.rename(tmp_path / "elsewhere")
        with refused("store-gone"):
            store.write(lambda connection: take(connection, "x"), label="test")
        with refused("store-gone"), store.read():
            pass
        assert path.exists() is (how == "replaced"), "an empty file was left in its place"


def test_creation_leaves_nothing_behind_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE half(id INTEGER)")
        raise KeyboardInterrupt

    monkeypatch.setattr(migrations, "upgrade", broken)
    with pytest.raises(KeyboardInterrupt):
        Store.open(url_of(tmp_path / "store.db"), create=True, clock=SteppingClock())
    assert list(tmp_path.iterdir()) == []


def test_two_who_create_the_same_store_share_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "store.db"
    put_in_place = creation.put_in_place

    def slow(name: str, target: Path) -> None:
        """The other one is finished in the moment before this one is."""
        monkeypatch.setattr(creation, "put_in_place", put_in_place)
        with opened(url_of(path)) as other:
            other.write(lambda connection: take(connection, "mark"), label="other")
        put_in_place(name, target)

    monkeypatch.setattr(creation, "put_in_place", slow)
    with opened(url_of(path)) as store:
        assert store.write(lambda connection: take(connection, "mark"), label="test") == 2
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == ["store.db", "store.db.anchor", "store.db.audit-key"]


def test_a_store_that_is_behind_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_store(tmp_path)

    def upgrade(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE next_version(id INTEGER)")
        connection.exec_driver_sql(f"PRAGMA user_version = {NEXT}")

    monkeypatch.setattr(migrations, "LATEST", NEXT)
    monkeypatch.setattr(migrations, "upgrade", upgrade)
    with opened(url_of(path), create=False) as store, store.read() as connection:
        assert migrations.version_of(connection) == NEXT
        assert fetch(connection, "SELECT * FROM next_version") == []


def test_an_upgrade_that_fails_leaves_the_old_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_store(tmp_path)

    def upgrade(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE next_version(id INTEGER)")
        connection.exec_driver_sql(f"PRAGMA user_version = {NEXT}")
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(migrations, "LATEST", NEXT)
        patched.setattr(migrations, "upgrade", upgrade)
        with pytest.raises(ZeroDivisionError):
            Store.open(url_of(path), create=False, clock=SteppingClock())
    with opened(url_of(path), create=False) as store, store.read() as connection:
        assert migrations.version_of(connection) == NEXT - 1


def test_a_reader_sees_one_moment_and_nested_reads_the_same(tmp_path: Path) -> None:
    with opened(url_of(tmp_path / "store.db")) as store:
        with store.read() as connection:
            before = fetch(connection, "SELECT * FROM sequence")
            writer = threading.Thread(
                target=lambda: store.write(lambda c: take(c, "x"), label="test")
            )
            writer.start()
            writer.join()
            assert fetch(connection, "SELECT * FROM sequence") == before
            with store.read() as nested:
                assert nested is connection
        with store.read() as connection:
            assert len(fetch(connection, "SELECT * FROM sequence")) == len(before) + 1


def test_a_reader_cannot_write(store: Store) -> None:
    with refused("store-read-only"), store.read() as connection:
        take(connection, "x")
    store.write(lambda connection: take(connection, "x"), label="test")


def test_a_thread_that_reads_may_not_write(store: Store) -> None:
    with store.read(), pytest.raises(RuntimeError, match="a thread that reads"):
        store.write(lambda connection: take(connection, "x"), label="test")


def test_a_job_may_not_wait_for_another_job(store: Store) -> None:
    def job(connection: Connection) -> int:
        return store.write(lambda inner: take(inner, "x"), label="inner")

    with pytest.raises(RuntimeError, match="may not wait"):
        store.write(job, label="outer")


def test_a_closed_store_answers_clearly(store: Store) -> None:
    store.close()
    with refused("store-gone"):
        store.write(lambda connection: take(connection, "x"), label="test")
    store.close()


def test_a_store_in_memory_serves_many_threads() -> None:
    with opened(MEMORY) as store:

        def work() -> None:
            for _ in range(20):
                store.write(lambda connection: take(connection, "x"), label="test")
                with store.read() as connection:
                    fetch(connection, "SELECT * FROM sequence")

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.write(lambda connection: take(connection, "x"), label="test") == 81


def test_a_failed_sync_at_commit_is_not_certain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend_client.local.errors import commit_problem_of

    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
    problem = commit_problem_of(error, store="x")
    assert isinstance(problem, Refused)
    assert problem.code == "commit-unknown"

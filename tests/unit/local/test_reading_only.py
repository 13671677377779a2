"""A store that is only read: when it is, what it reads, and what it never makes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from backend_client.domain.problems import Refused
from backend_client.local import migrations
from backend_client.local.connect import driver, place_of
from backend_client.local.doctor import examine
from backend_client.local.ids import take
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from tests.clocks import SteppingClock
from tests.powerless import contents
from tests.sound import wrong
from tests.unit.local.venue import opened, url_of
from tests.unit.refusing import refused

ONLY_READ = "?mode=ro"
COUNT = "SELECT COUNT(*) FROM sequence"


def a_store(folder: Path) -> Path:
    path = folder / "store.db"
    with opened(url_of(path)) as store:
        store.write(lambda connection: take(connection, "x"), label="test")
    return path


def counted(store: Store) -> int:
    with store.read() as connection:
        count: int = connection.exec_driver_sql(COUNT).scalar_one()
        return count


def reading(path: Path) -> Store:
    return Store.open(url_of(path) + ONLY_READ, create=False, clock=SteppingClock())


def test_it_reads_and_does_not_write(tmp_path: Path) -> None:
    path = a_store(tmp_path)
    before = contents(tmp_path)
    store = reading(path)
    assert store.read_only
    assert counted(store) > 0
    with refused("store-read-only") as caught:
        store.write(lambda connection: take(connection, "y"), label="test")
    assert caught.value.details == {"store": str(path)}
    with pytest.raises(Refused, match="cannot be written"), store.read() as connection:
        take(connection, "y")
    report = examine(store)
    store.close()
    assert wrong(report) == {}
    assert report.facts["read_only"]
    assert contents(tmp_path) == before


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_nobody_may_write_to_is_only_read(tmp_path: Path, what: str) -> None:
    """Even by root, whom permissions do not bind."""
    folder = tmp_path / "data"
    folder.mkdir()
    path = a_store(folder)
    locked = path if what == "file" else folder
    locked.chmod(locked.stat().st_mode & ~0o222)
    try:
        with opened(url_of(path), create=False) as store:
            assert (store.read_only, counted(store) > 0) == (True, True)
        with refused("store-read-only"):
            Store.open(url_of(path), create=True, clock=SteppingClock())
    finally:
        locked.chmod(locked.stat().st_mode | 0o200)


def test_a_store_others_may_write_to_is_read_as_it_is_now(tmp_path: Path) -> None:
    """Begun before anybody wrote, while somebody does, and after they have gone."""
    path = a_store(tmp_path)
    store = reading(path)
    first = counted(store)
    with opened(url_of(path)) as writing:
        writing.write(lambda connection: take(connection, "y"), label="test")
        assert counted(store) == first + 1
    assert counted(store) == first + 1
    with opened(url_of(path)) as writing:
        writing.write(lambda connection: take(connection, "z"), label="test")
    assert counted(store) == first + 2
    store.close()


def test_what_a_crash_left_in_the_log_is_read(tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    path = a_store(tmp_path)
    with opened(url_of(path)) as writing:
        before = counted(writing)
        writing.write(lambda connection: take(connection, "y"), label="test")
        for name in ("store.db", "store.db-wal"):
            shutil.copy2(tmp_path / name, left / name)
    store = reading(left / "store.db")
    assert counted(store) == before + 1
    store.close()


def test_no_key_is_made_to_read_a_log_with_nothing_in_it(tmp_path: Path) -> None:
    path = a_store(tmp_path)
    key = Path(f"{path}.audit-key")
    key.unlink()
    store = reading(path)
    assert store.audit.verify(store).records == 0
    store.close()
    assert not key.exists()


def test_the_mark_beside_it_is_opened_for_reading_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_store(tmp_path)
    assert Path(f"{path}.anchor").exists()
    asked: list[int] = []
    real = os.open

    def noticed(name: str, flags: int, *more: int) -> int:
        if str(name).endswith(".anchor"):
            asked.append(flags & os.O_ACCMODE)
        return real(name, flags, *more)

    monkeypatch.setattr(os, "open", noticed)
    store = reading(path)
    store.anchor.read()
    with store.read() as connection:
        assert store.anchor.ahead(driver(connection)) is None
        assert fetch(connection, COUNT)
    store.close()
    assert asked == [os.O_RDONLY]


def test_an_earlier_version_is_not_brought_up_to_date(tmp_path: Path) -> None:
    path = a_store(tmp_path)
    with opened(url_of(path)) as store:
        store.write(
            lambda c: c.exec_driver_sql(f"PRAGMA user_version = {migrations.LATEST - 1}"),
            label="test",
        )
    with refused("store-older"):
        reading(path)


def test_a_file_this_user_may_not_read_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_store(tmp_path)
    monkeypatch.setattr(os, "access", lambda _path, how: how != os.R_OK)
    with refused("store-unreadable"):
        Store.open(url_of(path), create=False, clock=SteppingClock())


@pytest.mark.parametrize("more", ["?mode=rw", "?mode=ro&cache=shared", "?immutable=1"])
def test_other_wishes_are_refused(tmp_path: Path, more: str) -> None:
    with refused("store-unsupported"):
        place_of(url_of(tmp_path / "store.db") + more)
    with refused("store-unsupported"):
        place_of("sqlite://?mode=ro")


def test_a_store_to_read_is_never_made(tmp_path: Path) -> None:
    with refused("store-not-found"):
        Store.open(url_of(tmp_path / "s.db") + ONLY_READ, create=True, clock=SteppingClock())
    assert list(tmp_path.iterdir()) == []

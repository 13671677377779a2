"""The store: one SQLite file (or memory), many readers, one writer thread."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import Connection, Engine

from backend_client.domain.problems import Refused
from backend_client.local import migrations
from backend_client.local.anchor import Anchor, mark_of
from backend_client.local.audit import AuditLog
from backend_client.local.audit_key import AuditKey, write_key
from backend_client.local.connect import (
    Place,
    driver,
    file_engines,
    memory_engines,
    place_of,
    reading_engine,
)
from backend_client.local.creation import APPLICATION_ID, create_file
from backend_client.local.errors import translated
from backend_client.local.left_open import LeftOpen, remove_orphans
from backend_client.local.times import to_us
from backend_client.local.writer import Job, Writer
from backend_client.ports import Clock

T = TypeVar("T")
DEADLINE_S = 5.0
NEEDED = (3, 38, 0)
"""The first SQLite with every statement used here."""
QUICK_CHECK_BELOW = 2 * 1024 * 1024
"""Bytes up to which opening looks at every page; the doctor does it for larger stores."""


class Store:
    """Reads see one consistent moment; writes are jobs that happen whole or not at all.

    `read` and `write` raise `Refused` with a store-… code for everything the disk or another
    program does to us. A thread that is reading may not write: close the reading first. A store
    that cannot be written to, or was asked for so, has no writer: it is read, and nothing beside
    it is made or opened for writing.
    """

    def __init__(
        self,
        path: Path | None,
        writer: Engine | None,
        reader: Engine,
        deadline_s: float,
        left_open: LeftOpen | None = None,
    ) -> None:
        self.path = path
        self.name = "memory" if path is None else str(path)
        self.read_only = writer is None
        self._left_open = left_open
        self.audit_key = AuditKey(path)
        self.audit = AuditLog(self.audit_key)
        self.anchor = Anchor(None)
        self._presence = None if path is None else _Presence(path)
        self._engines = (reader,) if writer is None else (writer, reader)
        self._reader = reader
        self._reading = threading.local()
        self._turn: AbstractContextManager[Any] = (
            threading.RLock() if path is None else nullcontext()
        )
        self._writer = None if writer is None else self._made(writer, deadline_s)

    def _made(self, engine: Engine, deadline_s: float) -> Writer:
        return Writer(
            engine,
            store=self.name,
            deadline_s=deadline_s,
            turn=self._turn,
            guard=self._guard,
            prepare=self._prepare,
            noting=self._noting,
        )

    @classmethod
    def open(cls, url: str, *, create: bool, clock: Clock, deadline_s: float = DEADLINE_S) -> Store:
        """Open the store at `url` (sqlite:///path, or sqlite:// for one in memory).

        `create` makes a store that is not there, whole or not at all, and wants to write: one that
        can only be read is refused. `deadline_s` is how long a write waits for another program
        before it is refused as store-locked.
        """
        place = place_of(url)
        path = place.path
        _check_sqlite()
        now_us = to_us(clock.now())
        if path is None:
            store = cls(None, *memory_engines(), deadline_s)
        else:
            remove_orphans()
            read_only = _check_file(path, place, now_us, create=create)
            left_open = LeftOpen(path)
            with translated(str(path), seconds=deadline_s):
                writer, reader = _engines(path, deadline_s, left_open if read_only else None)
                store = cls(path, writer, reader, deadline_s, left_open)
        try:
            store._settle_version(now_us)
        except BaseException:
            store.close()
            raise
        # From here on: an older copy may be of an older version too, and an upgrade writes nothing
        # on top of what it tells.
        store.anchor = Anchor(path, read_only=store.read_only)
        return store

    @property
    def is_copied(self) -> bool:
        """Is what is read a copy, because the store was not closed and cannot be written to?"""
        return self._left_open is not None and self._left_open.is_copied

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment and cannot write; a nested read sees the same one."""
        held: Connection | None = getattr(self._reading, "connection", None)
        if held is not None:
            yield held
            return
        self._guard()
        with translated(self.name), self._turn, self._reader.connect() as connection:
            self._reading.connection = connection
            try:
                yield connection
            finally:
                self._reading.connection = None

    def write(self, job: Callable[[Connection], T], *, label: str, run: bool = False) -> T:
        """Do `job` in a write transaction and wait until it is on the disk.

        `run` is for mass work, which lets windows go first. The job may be run a second time
        after its first run was undone, so it does nothing but use its connection.
        """
        return self.start(job, label=label, run=run).result()

    def start(
        self,
        job: Callable[[Connection], T],
        *,
        label: str,
        run: bool = False,
        committing: Callable[[], None] = lambda: None,
    ) -> Future[T]:
        """As `write`, for who has something else to do until it is on the disk; `committing` is
        called when the job is done and only its commit is left."""
        if getattr(self._reading, "connection", None) is not None:
            raise RuntimeError(f"{label}: a thread that reads may not write")
        if self._writer is None:
            raise Refused("store-read-only", store=self.name)
        entry = Job(job, label, committing)
        self._writer.submit(entry, run=run)
        return entry.future

    def close(self) -> None:
        """Finish queued writes and let go of the file; closing twice is harmless."""
        if self._writer is not None:
            self._writer.close()
        for engine in self._engines:
            engine.dispose()
        self.anchor.close()
        if self._left_open is not None:
            self._left_open.close()

    def _prepare(self, connection: Connection) -> None:
        self.audit_key.require(connection)
        if self.path is not None:
            self.anchor.check(driver(connection))

    def _noting(self, connection: sqlite3.Connection) -> Callable[[], None]:
        if self.path is None:
            return lambda: None
        mark = mark_of(connection)
        return lambda: self.anchor.write(mark)

    def _guard(self) -> None:
        if self._presence is not None:
            self._presence.check()

    def _settle_version(self, now_us: int) -> None:
        """Refuse what is not ours or newer, and bring what is behind up to date."""
        with self.read() as connection:
            if self.path is not None:
                owner = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
                if owner != APPLICATION_ID:
                    raise Refused("store-unsupported", store=self.name)
            behind = migrations.is_behind(connection)
            if self.path is not None and self.path.stat().st_size <= QUICK_CHECK_BELOW:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
                if found != "ok":
                    raise Refused("store-corrupt", store=self.name, detail="a page is damaged")
        if behind and self.read_only:
            raise Refused("store-older", store=self.name)
        if behind:
            self._upgrade(now_us)

    def _upgrade(self, now_us: int) -> None:
        def upgrade(connection: Connection) -> None:
            if migrations.is_behind(connection):
                migrations.upgrade(connection)
                connection.exec_driver_sql(
                    "INSERT INTO meta(key, value) VALUES ('upgraded_at_us', ?) "
                    "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                    (str(now_us),),
                )

        self.write(upgrade, label="upgrade")


class _Presence:
    """Knows the file it was opened as: SQLite goes on writing to one that was deleted."""

    def __init__(self, path: Path) -> None:
        self._path = path
        found = os.stat(path)
        self._identity = (found.st_dev, found.st_ino)

    def check(self) -> None:
        try:
            found = os.stat(self._path)
        except OSError as error:
            raise Refused("store-gone", store=str(self._path)) from error
        if (found.st_dev, found.st_ino) != self._identity:
            raise Refused("store-gone", store=str(self._path))


def _check_sqlite() -> None:
    if sqlite3.sqlite_version_info < NEEDED:
        needed = ".".join(str(part) for part in NEEDED)
        raise Refused("sqlite-too-old", found=sqlite3.sqlite_version, needed=needed)


def _engines(
    path: Path, deadline_s: float, left_open: LeftOpen | None
) -> tuple[Engine | None, Engine]:
    """Those of a store that is only read may be over a copy."""
    if left_open is not None:
        return None, reading_engine(path, deadline_s, left_open)
    return file_engines(path, deadline_s)


def _check_file(path: Path, place: Place, now_us: int, *, create: bool) -> bool:
    """Everything that can be said about the file before SQLite touches it; can it only be read?"""
    if not _is_there(path):
        if not create or place.read_only or not path.parent.is_dir():
            raise Refused("store-not-found", store=str(path))
        with translated(str(path)):
            _create(path, now_us)
    if not path.is_file():
        raise Refused("store-unsupported", store=str(path))
    if path.stat().st_size == 0:
        raise Refused("store-corrupt", store=str(path), detail="the file is empty")
    if not os.access(path, os.R_OK):
        raise Refused("store-unreadable", store=str(path))
    read_only = place.read_only or not (_may_write(path) and _may_write(path.parent))
    if read_only and create:
        raise Refused("store-read-only", store=str(path))
    return read_only


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        raise Refused("store-unreadable", store=str(path)) from None
    except OSError:  # No file can have such a name.
        raise Refused("store-unsupported", store=str(path)) from None


def _may_write(path: Path) -> bool:
    """Whoever took the right to write from everybody meant it, also for those it does not bind."""
    return bool(path.stat().st_mode & 0o222) and os.access(path, os.W_OK)


def _create(path: Path, now_us: int) -> None:
    try:
        create_file(path, now_us)
        write_key(Path(f"{path}.audit-key"))
    except sqlite3.Error:
        raise
    except PermissionError as error:
        raise Refused("store-read-only", store=str(path)) from error
    except OSError as error:
        raise Refused("store-full", store=str(path)) from error

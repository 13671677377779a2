"""How the store's connections are made: one writer, several readers, pragmas asserted on each."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool, StaticPool

from backend_client.domain.problems import Refused
from backend_client.local.left_open import LeftOpen

READERS = 4
READ_ONLY = {"mode": "ro"}
"""The query of a URL whose store is only to be read, in SQLite's own words."""
_SETTINGS = (
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cell_size_check=ON",
)
_FULL = 2
_FOR_WRITING = ("PRAGMA cache_size=-16384", "PRAGMA wal_autocheckpoint=4000")
"""What a chunk of an import changes fits into a cache of so many KiB: with SQLite's own 2 MiB most
pages of the indexes are read again and again, and written to the log more than once a commit.
The log is taken over every so many pages; each time every page is written once, however often it
is in the log, and the disk is waited for twice."""
# The driver asks what is no plain number or text by two protocols how to write it, and None too,
# for every empty column, unless it was told. That alone is 3 to 5 in a hundred of an import's work.
sqlite3.register_adapter(type(None), lambda none: none)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is: a file, None for one in memory; and whether it is only to be read."""

    path: Path | None
    read_only: bool = False


def place_of(url: str) -> Place:
    """What a URL names; anything but SQLite, plain or with `?mode=ro`, is refused."""
    try:
        parsed = make_url(url)
        parts = (parsed.host, parsed.username, parsed.password, parsed.port)
        plain = parsed.drivername in ("sqlite", "sqlite+pysqlite")
        wanted = dict(parsed.query)
        shown = parsed.render_as_string(hide_password=True)
    except (ArgumentError, ValueError) as error:
        raise Refused("store-unsupported", store=url) from error
    name = parsed.database
    path = None if name in (None, "", ":memory:") else Path(str(name)).absolute()
    known = [{}] if path is None else [{}, READ_ONLY]
    if not plain or any(parts) or (name or "").startswith("file:") or wanted not in known:
        raise Refused("store-unsupported", store=shown)
    return Place(path, read_only=wanted == READ_ONLY)


def open_file(path: Path, patience_s: float) -> sqlite3.Connection:
    """A connection to a file that exists; SQLite would otherwise make an empty one in its place.

    It waits out the moment in which another program closes the file and tidies up after itself.
    """
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw",
        uri=True,
        timeout=patience_s,
        isolation_level=None,
        check_same_thread=False,
    )
    return prepared(connection, in_memory=False)


def open_for_reading(path: Path, patience_s: float, left_open: LeftOpen) -> sqlite3.Connection:
    """A connection to a file that nothing may be written to, or beside.

    SQLite keeps two files beside a store in use. Where they are, somebody may be writing, and it
    reads with them; where they are not, the file holds everything, and it is told that nobody
    changes it, or it would want to make them. Where only the log is, a copy of both is read.
    """
    try:
        return _open_to_read(path, patience_s)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CANTOPEN or not path.exists():
            raise
    return _open_to_read(left_open.copy(), patience_s)


def _open_to_read(path: Path, patience_s: float) -> sqlite3.Connection:
    how = "mode=ro" if _in_use(path) else "mode=ro&immutable=1"
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?{how}",
        uri=True,
        timeout=patience_s,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        for setting in (*_SETTINGS, "PRAGMA query_only=1"):
            connection.execute(setting)
        connection.execute("PRAGMA user_version")
    except BaseException:
        connection.close()
        raise
    return connection


def _in_use(path: Path) -> bool:
    """Is there a log beside it that is written, or may hold what the file does not?"""
    try:
        size = Path(f"{path}-wal").stat().st_size
    except FileNotFoundError:
        return False
    return size > 0 or Path(f"{path}-shm").exists()


def open_memory() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    return prepared(connection, in_memory=True)


def prepared(connection: sqlite3.Connection, *, in_memory: bool) -> sqlite3.Connection:
    """Set every pragma and read back the ones money rests on."""
    try:
        wanted = "memory" if in_memory else "wal"
        journal = connection.execute(f"PRAGMA journal_mode={wanted}").fetchone()[0]
        for setting in _SETTINGS:
            connection.execute(setting)
        synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
        keys = connection.execute("PRAGMA foreign_keys").fetchone()[0]
        if (journal, synchronous, keys) != (wanted, _FULL, 1):
            raise Refused("store-unsupported", store=f"journal={journal} sync={synchronous}")
    except BaseException:
        connection.close()
        raise
    return connection


def file_engines(path: Path, patience_s: float) -> tuple[Engine, Engine]:
    """Writer and reader; the reader takes no write lock, whatever is asked of it.

    The writer itself never waits: who wants the lock asks for it again and again (writer.py).
    """

    def writing() -> sqlite3.Connection:
        connection = open_file(path, patience_s)
        connection.execute("PRAGMA busy_timeout=0")
        for setting in _FOR_WRITING:
            connection.execute(setting)
        return connection

    writer = create_engine(
        "sqlite://",
        creator=writing,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
    )

    def reading() -> sqlite3.Connection:
        connection = open_file(path, patience_s)
        connection.execute("PRAGMA query_only=1")
        return connection

    reader = create_engine(
        "sqlite://",
        creator=reading,
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=READERS * 2,
        hide_parameters=True,
    )
    event.listen(reader, "begin", _begin_deferred)
    return writer, reader


def reading_engine(path: Path, patience_s: float, left_open: LeftOpen) -> Engine:
    """The reader of a store that is only read: each reading opens the file anew, because somebody
    who may write to it may begin to at any moment."""
    reader = create_engine(
        "sqlite://",
        creator=lambda: open_for_reading(path, patience_s, left_open),
        poolclass=NullPool,
        hide_parameters=True,
    )
    event.listen(reader, "begin", _begin_deferred)
    return reader


def memory_engines() -> tuple[Engine, Engine]:
    """Writer and reader over one connection, which is all a store in memory can have.

    Who uses it takes turns by the store's lock; while it is read, it refuses writes.
    """
    connection = open_memory()

    def shared() -> sqlite3.Connection:
        return connection

    writer = create_engine("sqlite://", creator=shared, poolclass=StaticPool, hide_parameters=True)
    reader = create_engine("sqlite://", creator=shared, poolclass=StaticPool, hide_parameters=True)
    event.listen(reader, "begin", _begin_deferred)
    event.listen(reader, "checkout", _stop_writes)
    event.listen(reader, "checkin", _allow_writes)
    return writer, reader


def driver(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, for transactions the toolkit must not open by itself."""
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def _begin_deferred(connection: Connection) -> None:
    driver(connection).execute("BEGIN")


def _stop_writes(
    dbapi_connection: sqlite3.Connection, _entry: ConnectionPoolEntry, _proxy: object
) -> None:
    dbapi_connection.execute("PRAGMA query_only=1")


def _allow_writes(dbapi_connection: sqlite3.Connection | None, _entry: ConnectionPoolEntry) -> None:
    if dbapi_connection is not None:
        dbapi_connection.execute("PRAGMA query_only=0")


def ask(connection: Connection, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows from the driver itself, in the toolkit's transaction: what the toolkit does around a
    statement is more than SQLite's own work on most of these."""
    if not connection.in_transaction():
        connection.begin()
    return driver(connection).execute(statement, parameters).fetchall()

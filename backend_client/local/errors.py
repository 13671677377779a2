"""What SQLite says, in the words of the catalogue of problems."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from backend_client.domain.problems import Refused

_PRIMARY = {
    sqlite3.SQLITE_BUSY: "store-locked",
    sqlite3.SQLITE_LOCKED: "store-locked",
    sqlite3.SQLITE_READONLY: "store-read-only",
    sqlite3.SQLITE_PERM: "store-read-only",
    sqlite3.SQLITE_IOERR: "store-gone",
    sqlite3.SQLITE_CANTOPEN: "store-gone",
    sqlite3.SQLITE_CORRUPT: "store-corrupt",
    sqlite3.SQLITE_NOTADB: "store-corrupt",
    sqlite3.SQLITE_FULL: "store-full",
}
_EXTENDED = {
    sqlite3.SQLITE_READONLY_DBMOVED: "store-gone",
    sqlite3.SQLITE_IOERR_WRITE: "store-full",
    sqlite3.SQLITE_IOERR_TRUNCATE: "store-full",
    sqlite3.SQLITE_IOERR_SHORT_READ: "store-corrupt",
    sqlite3.SQLITE_IOERR_CORRUPTFS: "store-corrupt",
}
_UNSURE_AT_COMMIT = {sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC}


def problem_of(error: BaseException, *, store: str, seconds: float = 0.0) -> Refused | None:
    """The problem behind an error of the driver, or None where it is not the store's own.

    A write beyond a quota or a file-size limit arrives as SQLITE_IOERR_WRITE, hence "full".
    """
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return None
    number = getattr(cause, "sqlite_errorcode", None)
    if number is None:
        return None
    code = _EXTENDED.get(number) or _PRIMARY.get(number & 0xFF)
    if code is None:
        return None
    name = getattr(cause, "sqlite_errorname", str(number))
    return Refused(code, store=store, detail=name, seconds=round(seconds, 3))


def commit_problem_of(error: BaseException, *, store: str) -> Refused | None:
    """As `problem_of`, for a commit: after a failed sync nobody knows what the disk kept."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if getattr(cause, "sqlite_errorcode", None) in _UNSURE_AT_COMMIT:
        return Refused("commit-unknown", store=store)
    return problem_of(error, store=store)


@contextmanager
def translated(store: str, *, seconds: float = 0.0) -> Iterator[None]:
    """Turn the driver's errors into problems; errors of a statement itself pass as they are."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        problem = problem_of(error, store=store, seconds=seconds)
        if problem is None:
            raise
        raise problem from error

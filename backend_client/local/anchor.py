"""How far the store was written, kept beside it: an older copy put back, or a log whose tail was
cut off, is noticed before anything is written on top of it.

The file is `<store>.anchor`: the store's own mark, the last audit record's number and its hash. It
is written after each commit, so it is never ahead of what the disk keeps, and not synced: after a
power cut it may only be behind.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from backend_client.domain.problems import Refused

_WIDTH = 128
_HEAD = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"
_RECORD = "SELECT hash FROM audit WHERE seq = ?"
_BORN = "SELECT value FROM meta WHERE key = 'created_at_us'"


@dataclass(frozen=True, slots=True)
class Mark:
    """The last record of the store born at `born`."""

    born: str
    seq: int
    hash: str

    @property
    def head(self) -> tuple[int, str]:
        return self.seq, self.hash

    def is_of(self, connection: sqlite3.Connection) -> bool:
        """Another store may have stood at the same place before."""
        return self.born == _born(connection)


class Anchor:
    """The file of one store; nothing where the store is in memory. Of a store that is only read
    it is only read too."""

    def __init__(self, store: Path | None, *, read_only: bool = False) -> None:
        self.path = None if store is None else Path(f"{store}.anchor")
        self._access = os.O_RDONLY if read_only else os.O_RDWR
        self._file = -1
        self._left_behind: Mark | None = None

    def read(self) -> Mark | None:
        """What is written there, None without anything that makes sense."""
        if self.path is None:
            return None
        try:
            if self._file < 0:
                self._file = os.open(self.path, self._access | os.O_CLOEXEC)
            born, seq, digest = os.pread(self._file, _WIDTH, 0).decode("ascii").split()
            return Mark(born, int(seq), digest)
        except (OSError, ValueError):
            return None

    def ahead(self, connection: sqlite3.Connection) -> Mark | None:
        """What was written once and is not in this store any more; None when all of it is.

        Another program may be writing the file just now, so what seems lost is read once more.
        """
        return self._lost(connection) and self._lost(connection)

    def _lost(self, connection: sqlite3.Connection) -> Mark | None:
        mark = self.read()
        if mark is None or not mark.is_of(connection):
            return None
        row = connection.execute(_RECORD, (mark.seq,)).fetchone()
        return None if mark.seq == 0 or (row is not None and row[0] == mark.hash) else mark

    def check(self, connection: sqlite3.Connection) -> None:
        """Refuse to write on top of a past, unless a person decided to go on from there."""
        mark = self.ahead(connection)
        if mark is not None and mark != self._left_behind:
            raise Refused("store-behind", had=mark.seq, have=mark_of(connection).seq)

    def leave_behind(self, mark: Mark) -> None:
        """A person decided that what was written up to `mark` is gone."""
        self._left_behind = mark

    def write(self, mark: Mark) -> None:
        """Note how far the store is; a file that cannot be written only warns less."""
        if self.path is None:
            return
        text = f"{mark.born or '-'} {mark.seq} {mark.hash or '-'}".ljust(_WIDTH - 1) + "\n"
        with contextlib.suppress(OSError):
            if self._file < 0:
                flags = self._access | os.O_CREAT | os.O_CLOEXEC
                self._file = os.open(self.path, flags, 0o600)
            os.pwrite(self._file, text.encode("ascii"), 0)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def mark_of(connection: sqlite3.Connection) -> Mark:
    """How far this store is now."""
    row = connection.execute(_HEAD).fetchone() or (0, "-")
    return Mark(_born(connection), row[0], row[1])


def _born(connection: sqlite3.Connection) -> str:
    row = connection.execute(_BORN).fetchone()
    return str(row[0]) if row else "-"

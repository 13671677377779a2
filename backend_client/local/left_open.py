"""A store its last writer did not close, lying where nothing may be written: read from a copy.

What stands in its log is part of it, and SQLite reads a log only with a file it makes beside it.
So both are copied to a folder nobody else may look into, and what is shown is as of that moment.
The folder's name says whose it is: what a killed program left is removed by the next one.
"""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TypeAlias

from backend_client.domain.problems import Refused
from backend_client.processes import has_ended, own_token

MOST = 2 * 1024**3
"""Bytes that are copied; more takes long enough to be somebody's decision."""
TRIES = 3
PREFIX = "ticket-window-copy."
OWNER_PARTS = 4
"""Host, process, its start, and which of its copies."""

_Seen: TypeAlias = "tuple[tuple[int, int, int], ...]"


def remove_orphans() -> None:
    """Copies whose program was killed; those of others, and of whoever still runs, stay. Where no
    folder takes a file, as on a full disk, a store is opened all the same."""
    try:
        folders = Path(gettempdir()).glob(f"{PREFIX}*")
    except FileNotFoundError:
        return
    for folder in folders:
        owner = ":".join(folder.name.removeprefix(PREFIX).rsplit(".", OWNER_PARTS)[:OWNER_PARTS])
        if _is_ours(folder) and has_ended(owner):
            shutil.rmtree(folder, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.geteuid()
    except FileNotFoundError:
        return False


class LeftOpen:
    """The copy of one store, made when it is asked for, and anew whenever that has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._folder: TemporaryDirectory[str] | None = None
        self._seen: _Seen = ()

    @property
    def is_copied(self) -> bool:
        """Is what is read a copy?"""
        return self._folder is not None

    def copy(self) -> Path:
        """A copy of the store as it is; refused where somebody may be writing to it, or where it
        is too large."""
        with self._turn:
            seen = self._look()
            for _ in range(TRIES):
                if self._folder is not None and seen == self._seen:
                    return Path(self._folder.name, self._path.name)
                self._make(seen)
                seen = self._look()
            raise self._refusal()

    def close(self) -> None:
        with self._turn:
            self._forget()

    def _forget(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()
        self._folder, self._seen = None, ()

    def _look(self) -> _Seen:
        """What is there, so that a change is noticed; who has it open keeps a third file there."""
        if Path(f"{self._path}-shm").exists():
            raise self._refusal()
        try:
            found = [path.stat() for path in self._parts()]
        except OSError as error:
            raise self._refusal() from error
        return tuple((one.st_ino, one.st_size, one.st_mtime_ns) for one in found)

    def _make(self, seen: _Seen) -> None:
        self._forget()
        size = sum(one_size for _, one_size, _ in seen)
        if size > MOST:
            raise self._refusal()
        owner = own_token().replace(":", ".")
        try:
            if 2 * size > shutil.disk_usage(gettempdir()).free:
                raise self._refusal()
            self._folder = TemporaryDirectory(
                prefix=f"{PREFIX}{owner}.", ignore_cleanup_errors=True
            )
            for path in self._parts():
                shutil.copyfile(path, Path(self._folder.name, path.name))
        except OSError as error:
            self._forget()
            raise self._refusal() from error
        self._seen = seen

    def _parts(self) -> tuple[Path, Path]:
        return self._path, Path(f"{self._path}-wal")

    def _refusal(self) -> Refused:
        return Refused("store-not-closed", store=str(self._path))

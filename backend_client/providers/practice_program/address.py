"""Where a practice provider runs: a file it holds for as long as it lives, with its address in it.

The hold is a lock of the system, which ends with the process however that ends; a number in a file
could be another program's by now.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

LONGEST = 200
_TRIES, _PAUSE_S = 20, 0.01
"""Whoever reads the address holds the file for a moment too."""


class AddressTaken(Exception):
    """Another program holds this file."""


class AddressFile:
    """Held from its making until `close`; raises `AddressTaken`, or OSError."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        for _ in range(_TRIES):
            if _locked(self._file, fcntl.LOCK_EX):
                os.ftruncate(self._file, 0)
                return
            time.sleep(_PAUSE_S)
        os.close(self._file)
        raise AddressTaken(str(path))

    def write(self, url: str) -> None:
        os.pwrite(self._file, url.encode(), 0)

    def close(self) -> None:
        os.ftruncate(self._file, 0)
        os.close(self._file)


def read_address(path: Path) -> str | None:
    """The address of the program that holds this file; None where none lives."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if _locked(file, fcntl.LOCK_SH):
            return None
        return os.pread(file, LONGEST, 0).decode("ascii", errors="replace") or None
    finally:
        os.close(file)


def _locked(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""Running a command that permissions bind: root, who writes where nobody may, gives that up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

SETPRIV = ("setpriv", "--bounding-set=-all")
"""Of util-linux: what is started this way is still root, and owns root's files, but has none of
root's powers over permissions."""


def bound(command: Sequence[str]) -> tuple[str, ...]:
    """The command as somebody runs it whom permissions bind."""
    if os.geteuid() != 0:
        return tuple(command)
    if shutil.which(SETPRIV[0]) is None:
        pytest.skip("root writes everywhere, and there is no setpriv to take that away")
    return (*SETPRIV, *command)


def make_read_only(folder: Path) -> None:
    """Nobody may write to anything in it, nor put anything into it."""
    for path in folder.iterdir():
        path.chmod(path.stat().st_mode & ~0o222)
    folder.chmod(folder.stat().st_mode & ~0o222)


def make_writable(folder: Path) -> None:
    """For the owner again: what nobody may write to, nobody can clear away either."""
    folder.chmod(folder.stat().st_mode | 0o200)
    for path in folder.iterdir():
        path.chmod(path.stat().st_mode | 0o200)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file in it, to be compared with what it is later."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}

"""Finds a booking that stands twice in one file, in constant memory for a file of any size."""

from __future__ import annotations

import hashlib
import heapq
import os
import tempfile
from collections.abc import Iterator
from typing import IO, Self

_RECORDS_IN_MEMORY = 20_000
_KEY, _LINE, _DIGEST = 16, 8, 16
_SIZE = _KEY + _LINE + _DIGEST
_READ_RECORDS = 2_000

Run = tuple[int, int]
"""From where to where sorted records lie in a file."""


class Duplicates:
    """Key, number and digest of every line seen, sorted in runs on disk when they get many."""

    def __init__(
        self, file: IO[bytes] | None = None, records_in_memory: int = _RECORDS_IN_MEMORY
    ) -> None:
        self._limit = records_in_memory
        self._records: list[bytes] = []
        self._spool = file or tempfile.TemporaryFile()  # noqa: SIM115 (closed on exit)
        self._runs: list[Run] = []
        self._of_others: list[Iterator[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._spool.close()

    def add(self, key: tuple[str, str, str], digest: str, line: int) -> None:
        name = hashlib.blake2b(repr(key).encode(), digest_size=_KEY).digest()
        self._records.append(name + line.to_bytes(_LINE, "big") + bytes.fromhex(digest))
        if len(self._records) >= self._limit:
            self._spill()

    def put_down(self) -> list[Run]:
        """Everything on disk, for another process to take in; where the runs lie in the file."""
        self._spill()
        return self._runs

    def take_in(self, file: IO[bytes], runs: list[Run]) -> None:
        """The lines another one saw, put down in `file`."""
        self._of_others += [_run(file, run) for run in runs]

    def contradiction(self) -> tuple[int, int] | None:
        """The first line about a booking that differs from an earlier line about it, and that
        earlier line; the very same line twice is no contradiction."""
        found: list[tuple[int, int]] = []
        first = b""
        for record in self._sorted():
            if record[:_KEY] != first[:_KEY]:
                first = record
            elif record[_KEY + _LINE :] != first[_KEY + _LINE :]:
                found.append((_line(record), _line(first)))
        return min(found, default=None)

    def _spill(self) -> None:
        self._records.sort()
        start = self._spool.seek(0, os.SEEK_END)
        self._spool.write(b"".join(self._records))
        self._spool.flush()
        self._runs.append((start, start + len(self._records) * _SIZE))
        self._records = []

    def _sorted(self) -> Iterator[bytes]:
        self._records.sort()
        own = [_run(self._spool, run) for run in self._runs]
        return heapq.merge(self._records, *own, *self._of_others)


def _run(file: IO[bytes], run: Run) -> Iterator[bytes]:
    start, end = run
    while start < end:
        size = min(end - start, _READ_RECORDS * _SIZE)
        block = os.pread(file.fileno(), size, start)
        start += size
        for at in range(0, size, _SIZE):
            yield block[at : at + _SIZE]


def _line(record: bytes) -> int:
    return int.from_bytes(record[_KEY : _KEY + _LINE], "big")

"""What was made of checked bookings, on disk until their whole file is checked: what is stored is
what was checked, however the file changes meanwhile, and no line is understood a second time."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from typing import IO, Generic, Self, TypeVar

T = TypeVar("T")
_BATCH = 256 * 1024
"""Bytes of source text whose bookings are written, read and held together."""


class Spool(Generic[T]):
    """Written once, then read once, in the same order.

    The file has no name and is ours alone, so what is unpickled is what we pickled.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self._batch: list[T] = []
        self._weight = 0

    @classmethod
    def unnamed(cls) -> Self:
        return cls(tempfile.TemporaryFile())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def add(self, one: T, weight: int) -> None:
        """`weight` is how long the text was that it was read from."""
        self._batch.append(one)
        self._weight += weight
        if self._weight >= _BATCH:
            self._write()

    def finish(self) -> None:
        """After the last one; from here on they can be read."""
        self._write()
        self.file.flush()

    def __iter__(self) -> Iterator[T]:
        self.file.seek(0)
        while True:
            try:
                batch: list[T] = pickle.load(self.file)
            except EOFError:
                return
            yield from batch

    def _write(self) -> None:
        if self._batch:
            pickle.dump(self._batch, self.file, pickle.HIGHEST_PROTOCOL)
        self._batch = []
        self._weight = 0

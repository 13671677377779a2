"""A file of bookings as numbered lines, in stretches that can be read beside each other."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Self

from backend_client.domain.problems import Refused
from backend_client.importing.refusal import WHOLE_FILE, refusal

LINE_LIMIT = 16 * 1024 * 1024
_BLOCK = 256 * 1024
_MARKS = (
    (b"\xef\xbb\xbf", "it starts with a byte order mark; write plain UTF-8"),
    (b"\xff\xfe", "it is UTF-16; write UTF-8"),
    (b"\xfe\xff", "it is UTF-16; write UTF-8"),
    (b"\x1f\x8b", "it is compressed; unpack it first"),
    (b"PK\x03\x04", "it is compressed; unpack it first"),
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Whole lines of a file: where they start and end (None: at the end of the file), and the
    number of the first."""

    start: int = 0
    end: int | None = None
    first_line: int = 1


class SourceFile:
    """An open file; what cannot be read from any place (a pipe, `-`) is spooled first."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = _open(path)
        self._seen = self._stamp()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def handle(self) -> int:
        """The descriptor to read stretches from; nobody's place in the file moves by that."""
        return self._file.fileno()

    @property
    def size(self) -> int:
        return self._seen[0]

    def stretches(self, count: int) -> list[Stretch]:
        """About equal parts of the file, at most `count`, cut where lines end."""
        cuts = [Stretch()]
        for part in range(1, count):
            last = cuts[-1]
            start = self._line_start(self.size * part // count)
            if last.start < start < self.size:
                lines = self._line_ends(last.start, start)
                cuts[-1] = Stretch(last.start, start, last.first_line)
                cuts.append(Stretch(start, None, last.first_line + lines))
        return cuts

    def whole(self) -> bytes:
        """All of a file that holds one document, or what of it fits the limit of a line."""
        self._file.seek(0)
        return self._file.read(LINE_LIMIT + 1)

    def refuse_what_is_no_text(self) -> None:
        start = os.pread(self.handle, 4096, 0)
        for mark, reason in _MARKS:
            if start.startswith(mark):
                raise refusal(self.path, 1, WHOLE_FILE, reason)
        if b"\0" in start:
            raise refusal(self.path, 1, WHOLE_FILE, "it is binary, or UTF-16; write UTF-8")

    def refuse_what_changed(self) -> None:
        """What was read while somebody wrote may be half of this and half of that."""
        if self._stamp() != self._seen:
            raise refusal(self.path, 1, WHOLE_FILE, "it changed while it was read")

    def _line_start(self, place: int) -> int:
        """The first start of a line behind `place`, or the size of the file."""
        while block := os.pread(self.handle, _BLOCK, place):
            end = block.find(b"\n")
            if end >= 0:
                return place + end + 1
            place += len(block)
        return self.size

    def _line_ends(self, start: int, end: int) -> int:
        return sum(block.count(b"\n") for block in _blocks(self.handle, start, end))

    def _stamp(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return (status.st_size, status.st_mtime_ns)


def numbered_lines(handle: int, path: str, stretch: Stretch) -> Iterator[tuple[int, bytes]]:
    """The lines of a stretch that are not blank, with their numbers; `path` is for refusals."""
    number = stretch.first_line - 1
    rest = b""
    for block in _blocks(handle, stretch.start, stretch.end):
        *lines, rest = (rest + block).split(b"\n") if rest else block.split(b"\n")
        if len(rest) > LINE_LIMIT:
            raise _too_long(path, number + len(lines) + 1)
        for line in lines:
            number += 1
            if len(line) > LINE_LIMIT:
                raise _too_long(path, number)
            if line := line.strip():
                yield number, line
    if rest := rest.strip():
        yield number + 1, rest


def _blocks(handle: int, start: int, end: int | None) -> Iterator[bytes]:
    size = _BLOCK
    while size:
        if end is not None:
            size = min(_BLOCK, end - start)
        block = os.pread(handle, size, start)
        if not block:
            return
        start += len(block)
        yield block


def _too_long(path: str, number: int) -> Refused:
    limit = LINE_LIMIT // (1024 * 1024)
    return refusal(path, number, "line", f"it is longer than {limit} MiB")


def _open(path: str) -> IO[bytes]:
    if path == "-":
        return _spooled(sys.stdin.buffer)
    try:
        file = open(path, "rb")  # noqa: SIM115 (closed by SourceFile)
    except FileNotFoundError:
        raise Refused("file-not-found", path=path) from None
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    with file:
        return _spooled(file)


def _spooled(pipe: IO[bytes]) -> IO[bytes]:
    spool = tempfile.TemporaryFile()  # noqa: SIM115 (closed by SourceFile)
    try:
        shutil.copyfileobj(pipe, spool, _BLOCK)
        spool.flush()
    except OSError:
        spool.close()
        raise
    return spool


def cannot_be_read(error: OSError) -> str:
    """Why, in the system's words; they never hold a path or anything of the file."""
    return f"it cannot be read ({os.strerror(error.errno)})" if error.errno else "it cannot be read"

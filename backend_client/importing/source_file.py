"""A file read twice in constant memory: the second time exactly the bytes checked the first."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Self

from backend_client.domain.problems import Refused
from backend_client.importing.refusal import WHOLE_FILE, refusal

LINE_LIMIT = 16 * 1024 * 1024
_BLOCK = 1024 * 1024
_MARKS = (
    (b"\xef\xbb\xbf", "it starts with a byte order mark; write plain UTF-8"),
    (b"\xff\xfe", "it is UTF-16; write UTF-8"),
    (b"\xfe\xff", "it is UTF-16; write UTF-8"),
    (b"\x1f\x8b", "it is compressed; unpack it first"),
    (b"PK\x03\x04", "it is compressed; unpack it first"),
)


class SourceFile:
    """Numbered lines of a file; what cannot be read twice (a pipe, `-`) is spooled first.

    A digest of every block seen in the first pass stands guard over the second: nothing is handed
    out then that was not checked, even if the file is written to meanwhile.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = _open(path)
        self._digests: list[bytes] = []
        self._seen = self._stamp()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def first_pass(self) -> Iterator[tuple[int, bytes]]:
        """Every line with its number; refuses what is no text file at all."""
        self._seen = self._stamp()
        self._digests.clear()
        self._refuse_what_is_no_text()
        empty = True
        for number, line in self._lines(lambda block: self._digests.append(_digest(block))):
            empty = False
            yield number, line
        if empty:
            raise refusal(self.path, 1, WHOLE_FILE, "it is empty")

    def second_pass(self) -> Iterator[tuple[int, bytes]]:
        """The same lines again, each block compared before anything of it is handed out."""
        if self._stamp() != self._seen:
            raise refusal(self.path, 1, WHOLE_FILE, "it changed while it was read")
        blocks = iter(self._digests)
        line = 0

        def compare(block: bytes) -> None:
            if _digest(block) != next(blocks, None):
                raise self._changed(line)

        for number, text in self._lines(compare):
            line = number
            yield number, text

    def whole(self) -> bytes:
        """All of a file that holds one document, or what of it fits the limit of a line."""
        self._file.seek(0)
        return self._file.read(LINE_LIMIT + 1)

    def _changed(self, line: int) -> Refused:
        if line == 0:
            return refusal(self.path, 1, WHOLE_FILE, "it changed while it was read")
        return Refused("import-interrupted", file=self.path, line=line + 1)

    def _lines(self, on_block: Callable[[bytes], None]) -> Iterator[tuple[int, bytes]]:
        """Lines with their numbers; `on_block` sees every block, and an empty one at the end."""
        self._file.seek(0)
        number = 0
        rest = b""
        while True:
            block = self._file.read(_BLOCK)
            on_block(block)
            if not block:
                break
            *lines, rest = (rest + block).split(b"\n") if rest else block.split(b"\n")
            if len(rest) > LINE_LIMIT:
                raise self._too_long(number + len(lines) + 1)
            for line in lines:
                number += 1
                if len(line) > LINE_LIMIT:
                    raise self._too_long(number)
                if line := line.strip():
                    yield number, line
        if rest := rest.strip():
            yield number + 1, rest

    def _too_long(self, number: int) -> Refused:
        limit = LINE_LIMIT // (1024 * 1024)
        return refusal(self.path, number, "line", f"it is longer than {limit} MiB")

    def _refuse_what_is_no_text(self) -> None:
        self._file.seek(0)
        start = self._file.read(4096)
        for mark, reason in _MARKS:
            if start.startswith(mark):
                raise refusal(self.path, 1, WHOLE_FILE, reason)
        if b"\0" in start:
            raise refusal(self.path, 1, WHOLE_FILE, "it is binary, or UTF-16; write UTF-8")

    def _stamp(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return (status.st_size, status.st_mtime_ns)


def _digest(block: bytes) -> bytes:
    return hashlib.blake2b(block, digest_size=16).digest()


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

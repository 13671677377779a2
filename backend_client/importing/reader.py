"""Reads a file of bookings: every line is checked before anything of the first is handed out."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic_core import from_json

from backend_client.domain.incoming import IncomingBooking
from backend_client.domain.money import exponent
from backend_client.domain.problems import Refused
from backend_client.importing import connect
from backend_client.importing.checking import FORMATS, check_stretch, checked_document
from backend_client.importing.duplicates import Duplicates
from backend_client.importing.helper import Helper
from backend_client.importing.refusal import WHOLE_FILE, refusal
from backend_client.importing.source_file import (
    SourceFile,
    Stretch,
    cannot_be_read,
    numbered_lines,
)
from backend_client.importing.spool import Spool
from backend_client.reports import ImportSource

T = TypeVar("T")
HELPED_FROM = 8 * 1024 * 1024
"""Bytes of a file whose check is shared: below, starting another process takes longer."""
MOST_PROCESSES = 2
"""Each takes some 40 MiB of memory, and an import has a bound for all of them together."""


def read(source: ImportSource, prepare: Callable[[IncomingBooking], T]) -> Iterator[T]:
    """What `prepare` makes of the bookings of a file, in its order; raises `Refused` naming line,
    field and reason.

    Nothing is handed out before the whole file was checked, and only what was checked is. Large
    files are prepared by the processes that check them, so both `prepare`, a function of a module,
    and what it makes are pickled.
    """
    if source.format not in FORMATS:
        known = " and ".join(sorted(FORMATS))
        raise refusal(source.path, 1, "format", f"known are {known}")
    _refuse_settings(source)
    try:
        yield from _bookings(source, prepare)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Refused("store-full") from None
        raise refusal(source.path, 1, WHOLE_FILE, cannot_be_read(error)) from None


def _bookings(source: ImportSource, prepare: Callable[[IncomingBooking], T]) -> Iterator[T]:
    with SourceFile(source.path) as file, ExitStack() as held:
        file.refuse_what_is_no_text()
        if source.format == "connect" and _is_one_document(file):
            yield prepare(checked_document(file.whole(), source))
            return
        for spool in _checked(file, source, prepare, held):
            yield from spool


def _checked(
    file: SourceFile,
    source: ImportSource,
    prepare: Callable[[IncomingBooking], T],
    held: ExitStack,
) -> list[Spool[T]]:
    """All bookings of a file, in its order; they stay as long as `held`.

    The first stretch is checked here and the others beside it. What is wrong first in the file is
    told first, so each is waited for before the next is asked.
    """
    first, *others = file.stretches(_processes(file.size))
    helpers = [held.enter_context(Helper(file, source, one, prepare)) for one in others]
    spool: Spool[T] = held.enter_context(Spool.unnamed())
    with Duplicates() as seen:
        count = check_stretch(file.handle, first, source, prepare, spool, seen)
        count += sum(helper.passed(seen) for helper in helpers)
        contradiction = seen.contradiction()
    file.refuse_what_changed()
    if not count:
        raise refusal(source.path, 1, WHOLE_FILE, "it is empty")
    if contradiction:
        line, earlier = contradiction
        reason = f"line {earlier} says something else about the same booking"
        raise refusal(source.path, line, "booking", reason)
    return [spool, *(helper.spool for helper in helpers)]


def _processes(size: int) -> int:
    return min(MOST_PROCESSES, os.cpu_count() or 1) if size >= HELPED_FROM else 1


def _refuse_settings(source: ImportSource) -> None:
    """What the settings fill in must make sense before it is blamed on a line."""
    places = exponent(source.currency)
    if source.format == "connect" and places != connect.DECIMALS:
        raise refusal(
            source.path,
            1,
            "currency",
            f"Connect counts in hundredths, but {source.currency} has {places or 'no'} decimals",
        )
    if not source.site.strip():
        raise refusal(source.path, 1, "site", "it is empty")
    try:
        ZoneInfo(source.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refusal(source.path, 1, "zone", "there is no such time zone") from None


def _is_one_document(file: SourceFile) -> bool:
    """Is the whole file one answer, printed over several lines? One answer a line is the rule."""
    lines = numbered_lines(file.handle, file.path, Stretch())
    beginning = [line for _, line in islice(lines, 2)]
    return len(beginning) == 2 and not any(map(_is_json, beginning))


def _is_json(text: bytes) -> bool:
    """A complete object or list; a closing bracket or a name alone is neither."""
    if not text.startswith((b"{", b"[")):
        return False
    try:
        from_json(text)
    except ValueError:
        return False
    return True

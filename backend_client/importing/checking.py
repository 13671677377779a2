"""Checks lines of a file: each must be a booking, and none may say what no format may say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from pydantic_core import from_json

from backend_client.domain.incoming import IncomingBooking
from backend_client.importing import connect, native
from backend_client.importing.card_scan import refuse_card_numbers
from backend_client.importing.checks import check
from backend_client.importing.duplicates import Duplicates
from backend_client.importing.refusal import WHOLE_FILE, WrongBooking, refusal
from backend_client.importing.repeated_fields import refuse_repeated_fields
from backend_client.importing.source_file import LINE_LIMIT, Stretch, numbered_lines
from backend_client.importing.spool import Spool
from backend_client.reports import ImportSource

T = TypeVar("T")
Parse = Callable[[bytes, ImportSource], IncomingBooking]

FORMATS: dict[str, Parse] = {"connect": connect.booking_from, "native": native.booking_from}
_AT_LINE = re.compile(r"line (\d+) column")


def check_stretch(
    handle: int,
    stretch: Stretch,
    source: ImportSource,
    prepare: Callable[[IncomingBooking], T],
    spool: Spool[T],
    seen: Duplicates,
) -> int:
    """Check every line of a stretch and keep what `prepare` makes of it; how many there were.

    Raises `Refused` for the first wrong one.
    """
    count = 0
    for number, line in numbered_lines(handle, source.path, stretch):
        booking = _checked(line, source, number)
        seen.add(booking.key, booking.source_digest, number)
        spool.add(prepare(booking), len(line))
        count += 1
    spool.finish()
    return count


def checked_document(text: bytes, source: ImportSource) -> IncomingBooking:
    """The one booking of a file that is a single answer, printed over several lines."""
    if len(text) > LINE_LIMIT:
        raise refusal(source.path, 1, WHOLE_FILE, "one answer is longer than 16 MiB")
    return _checked(text, source, None)


def _checked(text: bytes, source: ImportSource, number: int | None) -> IncomingBooking:
    """`number` is the line; none where the reason itself knows it."""
    try:
        _refuse_what_no_format_may_say(text)
        booking = FORMATS[source.format](text, source)
        check(booking)
    except WrongBooking as wrong:
        at = _AT_LINE.search(wrong.reason) if number is None else None
        line = int(at[1]) if at else number or 1
        raise refusal(source.path, line, wrong.field, wrong.reason) from None
    return booking


def _refuse_what_no_format_may_say(text: bytes) -> None:
    try:
        document = from_json(text, cache_strings="keys")
    except ValueError:
        return  # told as broken JSON, which shows nothing of the text
    refuse_card_numbers(text, document)
    refuse_repeated_fields(text, document)

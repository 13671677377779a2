"""Reads a file of bookings: every line is checked before the first booking is handed out."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic_core import from_json

from backend_client.domain.incoming import IncomingBooking
from backend_client.domain.money import exponent
from backend_client.domain.problems import Refused
from backend_client.importing import connect, native
from backend_client.importing.card_scan import refuse_card_numbers
from backend_client.importing.checks import check
from backend_client.importing.duplicates import Duplicates
from backend_client.importing.refusal import WHOLE_FILE, WrongBooking, refusal
from backend_client.importing.repeated_fields import refuse_repeated_fields
from backend_client.importing.source_file import LINE_LIMIT, SourceFile, cannot_be_read
from backend_client.reports import ImportSource

Parse = Callable[[bytes, ImportSource], IncomingBooking]

FORMATS: dict[str, Parse] = {"connect": connect.booking_from, "native": native.booking_from}
_AT_LINE = re.compile(r"line (\d+) column")


def read(source: ImportSource) -> Iterator[IncomingBooking]:
    """The bookings of a file, in its order; raises `Refused` naming line, field and reason.

    Nothing is handed out before the whole file was checked, and only what was checked is.
    """
    parse = FORMATS.get(source.format)
    if parse is None:
        known = " and ".join(sorted(FORMATS))
        raise refusal(source.path, 1, "format", f"known are {known}")
    _refuse_settings(source)
    try:
        yield from _bookings(parse, source)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Refused("store-full") from None
        raise refusal(source.path, 1, WHOLE_FILE, cannot_be_read(error)) from None


def _bookings(parse: Parse, source: ImportSource) -> Iterator[IncomingBooking]:
    with SourceFile(source.path) as file:
        if source.format == "connect" and _is_one_document(file):
            yield _checked(parse, file.whole(), source, 1, one_document=True)
            return
        _check_all(file, parse, source)
        for number, line in file.second_pass():
            yield _parsed(parse, line, source, number)


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


def _check_all(file: SourceFile, parse: Parse, source: ImportSource) -> None:
    with Duplicates() as seen:
        for number, line in file.first_pass():
            booking = _checked(parse, line, source, number)
            seen.add(booking.key, booking.source_digest, number)
        if found := seen.contradiction():
            line_number, first = found
            reason = f"line {first} says something else about the same booking"
            raise refusal(source.path, line_number, "booking", reason)


def _is_one_document(file: SourceFile) -> bool:
    """Is the whole file one answer, printed over several lines? One answer a line is the rule."""
    lines = file.first_pass()
    _, first = next(lines)
    if _is_json(first):
        return False
    second = next(lines, None)
    return second is not None and not _is_json(second[1])


def _is_json(text: bytes) -> bool:
    """A complete object or list; a closing bracket or a name alone is neither."""
    if not text.startswith((b"{", b"[")):
        return False
    try:
        from_json(text)
    except ValueError:
        return False
    return True


def _checked(
    parse: Parse, text: bytes, source: ImportSource, number: int, *, one_document: bool = False
) -> IncomingBooking:
    if len(text) > LINE_LIMIT:
        raise refusal(source.path, number, WHOLE_FILE, "one answer is longer than 16 MiB")
    try:
        _refuse_what_no_format_may_say(text)
        booking = _parsed(parse, text, source, number, one_document=one_document)
        check(booking)
    except WrongBooking as wrong:
        raise refusal(source.path, number, wrong.field, wrong.reason) from None
    return booking


def _refuse_what_no_format_may_say(text: bytes) -> None:
    try:
        document = from_json(text, cache_strings="keys")
    except ValueError:
        return  # told as broken JSON, which shows nothing of the text
    refuse_card_numbers(text, document)
    refuse_repeated_fields(text, document)


def _parsed(
    parse: Parse, text: bytes, source: ImportSource, number: int, *, one_document: bool = False
) -> IncomingBooking:
    try:
        return parse(text, source)
    except WrongBooking as wrong:
        at = _AT_LINE.search(wrong.reason) if one_document else None
        line = int(at[1]) if at else number
        raise refusal(source.path, line, wrong.field, wrong.reason) from None

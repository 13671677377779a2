"""Times as Connect writes them: ISO 8601 with or without an offset, or `/Date(ms+hhmm)/`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LEGACY = re.compile(r"/Date\((-?\d{1,17})(?:[+-]\d{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str, zone: ZoneInfo | None) -> datetime | None:
    """The instant in UTC; None for an empty time and for .NET's year 1, which means "not set".

    `zone` is for times without an offset; ValueError where one is needed but not known. The
    milliseconds of the legacy form are UTC, its offset is only for display.
    """
    if not text:
        return None
    if legacy := _LEGACY.fullmatch(text):
        try:
            found = _EPOCH + timedelta(milliseconds=int(legacy[1]))
        except OverflowError:
            raise ValueError("out of range") from None
        return found if found.year > 1 else None
    found = datetime.fromisoformat(text)
    if found.year == 1:
        return None
    if found.tzinfo is None:
        if zone is None:
            raise ValueError("it has no offset")
        found = found.replace(tzinfo=zone)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None


def has_offset(text: str) -> bool:
    """Does the text say itself where on earth it is meant?"""
    return bool(_LEGACY.fullmatch(text)) or datetime.fromisoformat(text).tzinfo is not None

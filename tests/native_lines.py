"""Bookings written the way the native format reads them: the other half of a round trip."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from backend_client.domain.incoming import IncomingBooking

_NAMED_OTHERWISE = {"claims": "resale_claims"}
_NOT_WRITTEN = frozenset({"defaulted"})


def native_line(booking: IncomingBooking) -> str:
    """One line of a native file that says all of `booking`."""
    return json.dumps(_plain(booking), ensure_ascii=False, separators=(",", ":"))


def write_native(path: Path, bookings: Iterable[IncomingBooking]) -> int:
    """Write a file, one booking a line; how many there were."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for booking in bookings:
            file.write(native_line(booking) + "\n")
            count += 1
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if not hasattr(value, "__dataclass_fields__"):
        return value
    plain: dict[str, Any] = {}
    for field in fields(value):
        inner = getattr(value, field.name)
        if field.name not in _NOT_WRITTEN and (
            inner != field.default or field.name == "value_minor"
        ):
            plain[_NAMED_OTHERWISE.get(field.name, field.name)] = _plain(inner)
    if "settled_minor" in plain or "claimed_at" in plain:
        plain["payer"] = value.payer or None
    return plain

"""Small native bookings and files of them for tests of reading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backend_client.domain.incoming import IncomingBooking
from backend_client.importing.reader import read
from backend_client.reports import ImportSource

NATIVE: dict[str, Any] = {
    "booking_id": "WPNAT01",
    "transaction_id": "77",
    "contact": {"key": "C1", "name": "Bette Davis", "email": "bette@example.org"},
    "performances": [{"key": "P1", "event": "Hamlet", "starts_at": "2025-11-22T20:00:00+01:00"}],
    "lines": [
        {
            "sequence": 1,
            "kind": "ticket",
            "description": "Adult",
            "performance": "P1",
            "seat": "G 16",
            "price_minor": 1000,
        },
        {
            "sequence": 2,
            "kind": "fee",
            "fee_kind": "booking_fee",
            "description": "",
            "price_minor": 100,
            "parent_sequence": 1,
        },
    ],
    "payments": [{"key": "P1", "method": "card", "amount_minor": 1100}],
}


def native(*changes: tuple[str, Any], **top: Any) -> dict[str, Any]:
    """The small booking, with values changed: `("lines.0.price_minor", 5)` or by name; a value of
    `...` takes the field out."""
    made: dict[str, Any] = json.loads(json.dumps(NATIVE))
    for name, value in (*changes, *top.items()):
        *way, last = name.split(".")
        place: Any = made
        for step in way:
            place = place[int(step) if step.isdecimal() else step]
        key = int(last) if last.isdecimal() else last
        if value is ...:
            del place[key]
        else:
            place[key] = value
    return made


def source(path: Path | str, *, kind: str = "native") -> ImportSource:
    return ImportSource(str(path), kind, "0007", "CHF", "Europe/Zurich")


def written(folder: Path, *lines: dict[str, Any] | str | bytes, ending: str = "\n") -> Path:
    """A file with these lines."""
    path = folder / "bookings.ndjson"
    texts = [
        line if isinstance(line, bytes) else line.encode() if isinstance(line, str)
        else json.dumps(line).encode()
        for line in lines
    ]  # fmt: skip
    path.write_bytes(ending.encode().join(texts) + ending.encode())
    return path


def as_read(booking: IncomingBooking) -> IncomingBooking:
    """Prepares nothing: what a reader hands out is the booking itself."""
    return booking


def all_of(path: Path | str, *, kind: str = "native") -> list[IncomingBooking]:
    return list(read(source(path, kind=kind), as_read))

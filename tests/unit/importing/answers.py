"""Answers of GetSingleBooking for tests: the document's sample, and variations of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from backend_client.domain.incoming import IncomingBooking
from backend_client.importing.checks import check
from backend_client.importing.connect import booking_from
from backend_client.reports import ImportSource

SAMPLE_FILE = Path(__file__).parents[2] / "fixtures" / "connect" / "booking-WPM8TS9.json"
SAMPLE: dict[str, Any] = json.loads(SAMPLE_FILE.read_text(encoding="utf-8"))
SITE = ImportSource("answers.json", "connect", "0007", "CHF", "Europe/Zurich")


def answer(**changes: Any) -> dict[str, Any]:
    """The sample with fields of its booking changed; None takes a field out."""
    made = copy.deepcopy(SAMPLE)
    for name, value in changes.items():
        if value is None:
            del made["Booking"][name]
        else:
            made["Booking"][name] = value
    return made


def ticket(sequence: int, price: int, **more: Any) -> dict[str, Any]:
    return {
        "TicketSequenceNumber": sequence,
        "PriceInCents": price,
        "TicketTypeCode": "0001",
        "SessionId": 35626,
        "Description": "Adult",
        "RefundedStatus": "0",
    } | more


def concession(sequence: int, price: int, **more: Any) -> dict[str, Any]:
    return {
        "ItemSequenceNumber": sequence,
        "PriceInCents": price,
        "ItemId": "75",
        "Description": "Pop Corn",
    } | more


def fee(sequence: int, price: int, **more: Any) -> dict[str, Any]:
    return {
        "BookingFeeSequenceNumber": sequence,
        "PriceInCents": price,
        "RefundedStatus": "0",
    } | more


def understood(document: dict[str, Any], source: ImportSource = SITE) -> IncomingBooking:
    booking = booking_from(json.dumps(document).encode(), source)
    check(booking)
    return booking


def changed(**changes: Any) -> IncomingBooking:
    return understood(answer(**changes))

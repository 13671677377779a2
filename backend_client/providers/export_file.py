"""Reads a provider's own export of refunds: CSV or JSON lines, every row of it or none."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.money import exponent, parse_amount
from backend_client.domain.problems import Refused
from backend_client.domain.reconciliation import TheirRefund, TheirState
from backend_client.domain.texts import clean_text

TEXT_LIMIT = 200
_NAMES: Mapping[str, Sequence[str]] = {
    "id": ("provider_refund_id", "refund_id", "id"),
    "reference": (
        "our_reference",
        "merchant_reference",
        "merchantreference",
        "refund_reference (metadata)",
        "reference",
    ),
    "payment": ("payment_reference", "payment_id", "paymentid", "charge id", "charge"),
    "amount_minor": ("amount_minor",),
    "amount": ("amount",),
    "currency": ("currency", "currency_code", "currencycode"),
    "state": ("state", "status"),
}
"""What a column may be called, in small letters: ours first, then what providers write."""
_STATES: Mapping[str, TheirState] = {
    **dict.fromkeys(("final", "succeeded", "refunded", "8"), TheirState.FINAL),
    **dict.fromkeys(
        ("accepted", "pending", "requires_action", "refund_requested", "81"), TheirState.ACCEPTED
    ),
    **dict.fromkeys(
        ("declined", "failed", "canceled", "cancelled", "rejected", "reversed", "83", "94", "96"),
        TheirState.DECLINED,
    ),
}
"""Every other word leaves the refund uncertain, which no leg of ours fits."""


def read_export(path: str, provider: str) -> list[TheirRefund]:
    """All refunds of a file; raises Refused: `file-not-found` or `export-unreadable`, which name
    the line and never what stands there."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Refused("file-not-found", path=path) from None
    except (OSError, UnicodeDecodeError):
        raise _unreadable(path, 0, "it cannot be read as UTF-8 text") from None
    rows = _json_rows(path, text) if text.lstrip().startswith("{") else _csv_rows(path, text)
    return [_refund(path, line, row, provider) for line, row in rows]


def _json_rows(path: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for line, written in enumerate(text.splitlines(), 1):
        if not written.strip():
            continue
        try:
            row = json.loads(written)
        except (ValueError, RecursionError):
            raise _unreadable(path, line, "it is no JSON object") from None
        if not isinstance(row, dict):
            raise _unreadable(path, line, "it is no JSON object")
        yield line, {str(name).strip().lower(): value for name, value in row.items()}


def _csv_rows(path: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    lines = text.splitlines()
    if not lines:
        raise _unreadable(path, 1, "it is empty")
    reader = csv.reader(lines, delimiter=";" if ";" in lines[0] else ",", strict=True)
    try:
        heads = [name.strip().lower() for name in next(reader)]
        for row in reader:
            if not row:
                continue
            if len(row) != len(heads):
                raise _unreadable(path, reader.line_num, "it has not as many columns as the first")
            yield reader.line_num, dict(zip(heads, row, strict=True))
    except csv.Error:
        raise _unreadable(path, reader.line_num, "it is no CSV") from None


def _refund(path: str, line: int, row: Mapping[str, Any], provider: str) -> TheirRefund:
    currency = _text(row, "currency").upper()
    try:
        exponent(currency)
        amount = _amount(row, currency)
    except (Refused, ValueError):
        raise _unreadable(path, line, "it has no amount in a currency") from None
    found = _text(row, "id")
    if not found:
        raise _unreadable(path, line, "it does not name the refund")
    return TheirRefund(
        provider=provider,
        provider_refund_id=found,
        our_reference=_text(row, "reference"),
        payment_reference=_text(row, "payment"),
        amount_minor=amount,
        currency=currency,
        state=_STATES.get(_text(row, "state").lower(), TheirState.UNCERTAIN),
    )


def _amount(row: Mapping[str, Any], currency: str) -> int:
    """Minor units where the column says so, else decimal; a refund may be written as negative."""
    minor = _text(row, "amount_minor")
    if minor:
        if not minor.removeprefix("-").isdecimal() or not minor.isascii():
            raise ValueError(minor)
        return abs(int(minor))
    return parse_amount(_text(row, "amount").removeprefix("-"), currency)


def _text(row: Mapping[str, Any], what: str) -> str:
    value = next((row[name] for name in _NAMES[what] if row.get(name) not in (None, "")), "")
    text = str(value) if isinstance(value, str | int) else ""
    return (
        mask_card_numbers(clean_text(text, TEXT_LIMIT))
        if what != "id"
        else clean_text(text, TEXT_LIMIT)
    )


def _unreadable(path: str, line: int, reason: str) -> Refused:
    return Refused("export-unreadable", file=path, line=line, reason=reason)

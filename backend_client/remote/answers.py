"""What an exchange with Connect says by itself: a signal, words for people, and the document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.connect_outcome import (
    Signal,
    most_careful,
    signal_of_code,
    signal_of_status,
)
from backend_client.domain.legs import AWAITS_THERE
from backend_client.domain.texts import clean_text
from backend_client.providers.http_client import Exchange, Lost, NotSent, Reply

WORDS_LIMIT = 120
_CODE_NAMES = ("ResultCode", "Result", "ExtendedResultCode")
_TEXT_NAMES = ("ErrorDescription", "Message", "Title", "Detail")
_WHOLE = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_KNOWN: Mapping[int, str] = {
    4: "the request is not valid",
    5: "the cinema cannot be reached",
    6: "the loyalty system cannot be reached",
    12: "the payment was declined",
    13: "the payment system failed",
    14: "it failed after the payment",
    24: "the payment succeeded with errors",
    39: "the refund failed",
    45: "external payments are off",
    49: "the booking was already cancelled",
    57: "the payment failed",
    61: "the order is not the only one of that name",
    62: "there is no such order",
    63: "the order was already refunded",
    69: "the payment is not what the lines are worth",
    71: "the token is missing",
    72: "the token is not valid",
    73: "there is no such cinema",
    78: "there is no such booking",
    79: "the token may not do that",
    80: "the payments do not fit the booking",
    81: "there is no such payment",
}


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. `document` is its JSON object, None where there is none; `reached` says that
    Connect itself answered, in whatever words."""

    signal: Signal
    code: str
    text: str
    document: bytes | None = None
    reached: bool = True


def said_by(exchange: Exchange) -> Said:
    """An exchange in one value; trouble of every kind included."""
    if isinstance(exchange, NotSent):
        return Said(Signal.NOT_SENT, exchange.code, "no connection", reached=False)
    if isinstance(exchange, Lost):
        return Said(Signal.UNSURE, exchange.code, "no whole answer", reached=False)
    return _reply(exchange)


def _reply(reply: Reply) -> Said:
    """By the status and by every result code there is; of several the most careful counts, and a
    code that says what became of it outranks the status it came with: it is Connect's own word."""
    status = signal_of_status(reply.status)
    if not reply.body.strip():
        return Said(status, f"http-{reply.status}", f"HTTP {reply.status}, nothing more")
    document = _object(reply.body)
    if document is None:
        # Some page of a server on the way: only a plain no by its status is still one.
        unclear = Signal.UNSURE if status is Signal.CLEAN else status
        return Said(unclear, f"http-{reply.status}", f"HTTP {reply.status}, not in JSON")
    codes = _codes(document)
    if codes is None:
        return Said(Signal.UNSURE, "malformed", "a result code that is none")
    signals = [signal_of_code(code) for code in codes]
    worst = next((code for code in codes if code), None)
    said = _words(document)
    if worst is None:
        text = said or f"HTTP {reply.status}"
        return Said(status, f"http-{reply.status}", text, reply.body)
    signal = most_careful(one for one in signals if one is not Signal.CLEAN)
    if signal is Signal.UNSURE and document.get("code") == AWAITS_THERE:
        return Said(Signal.WAITS_THERE, AWAITS_THERE, _number_there(document), reply.body)
    text = _KNOWN.get(worst, said) or f"result code {worst}"
    return Said(signal, str(worst), text, reply.body)


def _number_there(document: Mapping[str, Any]) -> str:
    """What the refund is called there, by our own face."""
    details = document.get("details")
    number = details.get("refund") if isinstance(details, dict) else None
    return _inert(number) if isinstance(number, str) and number.strip() else "–"


def _inert(text: str) -> str:
    """Made inert first: what is invisible must not hide a number from the mask."""
    return clean_text(mask_card_numbers(clean_text(text, len(text))), WORDS_LIMIT)


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _codes(document: Mapping[str, Any]) -> list[int] | None:
    """Every result code, under its three names in whatever case; None for one that is no number."""
    by_name = {name.casefold(): value for name, value in document.items()}
    codes = []
    for name in _CODE_NAMES:
        value = by_name.get(name.casefold())
        if value is None:
            continue
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        codes.append(value)
    return codes


def _words(document: Mapping[str, Any]) -> str:
    by_name = {name.casefold(): value for name, value in document.items()}
    for name in _TEXT_NAMES:
        value = by_name.get(name.casefold())
        if isinstance(value, str) and value.strip():
            return _inert(value)
    return ""

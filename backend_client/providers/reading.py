"""Reading what providers send: nothing of it is trusted, neither shape nor length nor letters."""

from __future__ import annotations

import json
from typing import Any

from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.texts import clean_text
from backend_client.providers.http_client import Exchange, Lost, NotSent, Reply
from backend_client.providers.port import Answer, AnswerClass, LookUp

TEXT_LIMIT = 200
_ABOUT_US = frozenset({401, 403})
_TOO_MANY = 429
_READABLE_REFUSALS = frozenset({400, 402, 404, 410, 422})
"""Where a body may say what is wrong; all other statuses speak for themselves or mean nothing."""


def before_reading(exchange: Exchange) -> Answer | Reply:
    """What is clear without the body, or the reply whose body decides.

    408, 409, redirects, 5xx and every status nobody expects leave the outcome unknown.
    """
    if isinstance(exchange, NotSent):
        return Answer(AnswerClass.NOT_EXECUTED, code=exchange.code, text=exchange.text)
    if isinstance(exchange, Lost):
        return Answer(AnswerClass.UNKNOWN, code=exchange.code, text=exchange.text)
    if exchange.status == _TOO_MANY:
        return Answer(
            AnswerClass.NOT_EXECUTED,
            code="429",
            text="too many requests",
            retry_after_s=exchange.retry_after_s,
        )
    if 200 <= exchange.status < 300 or exchange.status in _READABLE_REFUSALS | _ABOUT_US:
        return exchange
    return unknown(exchange)


def unknown(reply: Reply, text: str = "") -> Answer:
    return Answer(AnswerClass.UNKNOWN, code=str(reply.status), text=text or "not understood")


def unanswered(answer: Answer) -> LookUp:
    """A look-up that brought no list, with what was answered instead."""
    return LookUp(answered=False, text=words(answer.code, answer.text))


def is_about_us(reply: Reply) -> bool:
    """Credentials or rights: nothing moved, and nothing will until somebody mends that."""
    return reply.status in _ABOUT_US


def is_success(reply: Reply) -> bool:
    return 200 <= reply.status < 300


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; an empty one where there is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def part(value: Any, *names: str) -> Any:
    """What stands under these names, one inside the other; None where something is missing."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def word(value: Any) -> str:
    """A provider's id or code as it stands; whatever is no short text is nothing."""
    return value if isinstance(value, str) and len(value) <= TEXT_LIMIT else ""


def words(*values: Any) -> str:
    """A provider's words as evidence: one inert line without card numbers."""
    text = " ".join(value for value in values if isinstance(value, str) and value)
    return mask_card_numbers(clean_text(text[: 10 * TEXT_LIMIT], TEXT_LIMIT))


def whole(value: Any) -> int:
    """An amount in minor units; what is no integer is 0, which no refund is."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0

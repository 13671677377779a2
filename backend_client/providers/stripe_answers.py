"""What answers of Stripe mean for the money, as tables.

Sources: docs.stripe.com/error-codes, docs.stripe.com/api/refunds, docs.stripe.com/currencies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backend_client.domain.money import exponent
from backend_client.providers.http_client import Exchange, Reply
from backend_client.providers.port import Answer, AnswerClass, Found, LookUp, as_found
from backend_client.providers.reading import (
    before_reading,
    is_about_us,
    is_success,
    json_object,
    part,
    unanswered,
    unknown,
    whole,
    word,
    words,
)

REFERENCE = "refund_reference"
"""The name under which our reference stands in a refund's metadata."""

A = AnswerClass
STATUSES: Mapping[str, AnswerClass] = {
    "succeeded": A.FINAL,
    "pending": A.ACCEPTED,
    "requires_action": A.ACCEPTED,
    "failed": A.DECLINED,
    "canceled": A.DECLINED,
}
_DECLINED = """amount_too_small card_declined charge_disputed expired_card
parameter_invalid_integer payment_intent_unexpected_state refund_disputed_payment
resource_missing"""
_OURS = """account_invalid api_key_expired balance_insufficient insufficient_funds livemode_mismatch
parameter_invalid_empty parameter_missing parameter_unknown platform_api_key_expired
secret_key_required testmode_charges_only url_invalid"""
ERRORS: Mapping[str, AnswerClass] = {
    "amount_too_large": A.ALREADY_REFUNDED,
    "charge_already_refunded": A.ALREADY_REFUNDED,
    **dict.fromkeys(_DECLINED.split(), A.DECLINED),
    **dict.fromkeys(_OURS.split(), A.ABOUT_US),
}
"""Error code → class. What concerns a used key (idempotency_error, idempotency_key_in_use) is
missing on purpose: it does not say what became of the first request."""
del A

_BEYOND = re.compile(r"greater than (?:the )?(?:unrefunded|remaining)", re.IGNORECASE)
"""Too much for one charge comes without a code."""
_OTHER_MODE = re.compile(r"similar object exists in (?:test|live) mode", re.IGNORECASE)
_OTHER_EXPONENT = {"ISK": 2, "MGA": 0, "UGX": 2}
"""Where Stripe's smallest unit is not that of ISO 4217."""


def answer_of(exchange: Exchange) -> Answer:
    """The class of an answer to a refund request."""
    reply = before_reading(exchange)
    if isinstance(reply, Answer):
        return reply
    body = json_object(reply.body)
    if not is_success(reply):
        return _refusal(reply, body)
    return _refund_answer(body) if _is_refund(body) else unknown(reply)


def page_of(exchange: Exchange) -> tuple[list[dict[str, Any]], bool] | LookUp:
    """A page of refunds and whether more follow; or why there is no answer."""
    reply = before_reading(exchange)
    if isinstance(reply, Answer):
        return unanswered(reply)
    body = json_object(reply.body)
    listed, more = body.get("data"), body.get("has_more")
    if (
        not is_success(reply)
        or not isinstance(listed, list)
        or not isinstance(more, bool)
        or not all(map(_is_refund, listed))
    ):
        return LookUp(answered=False, text=f"status {reply.status}, no list of refunds")
    return listed, more


def reference_of(refund: Mapping[str, Any]) -> str:
    return word(part(refund, "metadata", REFERENCE))


def found_of(refund: Mapping[str, Any]) -> Found:
    return as_found(_refund_answer(refund))


def to_stripe(amount_minor: int, currency: str) -> int | None:
    """An amount in Stripe's unit; None where it has no such amount."""
    return _scaled(amount_minor, _OTHER_EXPONENT.get(currency), exponent(currency))


def from_stripe(amount: int, currency: str) -> int:
    """An amount in our unit; 0, which fits no refund, where we have no such amount."""
    other = _OTHER_EXPONENT.get(currency)
    if other is None:
        return amount
    return _scaled(amount, exponent(currency), other) or 0


def _scaled(amount: int, to: int | None, unit: int) -> int | None:
    if to is None or to == unit:
        return amount
    if to > unit:
        return int(amount * 10 ** (to - unit))
    scaled, rest = divmod(amount, 10 ** (unit - to))
    return None if rest else int(scaled)


def _is_refund(value: Any) -> bool:
    return (
        isinstance(value, dict) and value.get("object") == "refund" and bool(word(value.get("id")))
    )


def _refund_answer(refund: Mapping[str, Any]) -> Answer:
    currency = word(refund.get("currency")).upper()
    status = word(refund.get("status"))
    return Answer(
        STATUSES.get(status, AnswerClass.UNKNOWN),
        provider_refund_id=word(refund.get("id")),
        our_reference=reference_of(refund),
        amount_minor=from_stripe(whole(refund.get("amount")), currency),
        currency=currency,
        code=words(status),
        text=words(refund.get("failure_reason"), refund.get("pending_reason")),
    )


def _refusal(reply: Reply, body: Mapping[str, Any]) -> Answer:
    error = part(body, "error")
    code = words(part(error, "code"))
    message = word(part(error, "message"))
    text = words(part(error, "decline_code"), message)
    if is_about_us(reply):
        return Answer(AnswerClass.ABOUT_US, code=code or str(reply.status), text=text)
    kind = ERRORS.get(code, AnswerClass.UNKNOWN)
    if not code and _BEYOND.search(message):
        kind = AnswerClass.ALREADY_REFUNDED
    if code == "resource_missing" and _OTHER_MODE.search(message):
        kind = AnswerClass.ABOUT_US
    return Answer(kind, code=code or str(reply.status), text=text)

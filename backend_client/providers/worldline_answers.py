"""What answers of Worldline Direct mean for the money, as tables.

The numbers are those of the legacy platform, which the back office and reports use too; numbers
and words can disagree, and then nothing is certain. Source: the vendor's SDK and status pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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

A = AnswerClass
STATUSES: Mapping[int, tuple[AnswerClass, frozenset[str]]] = {
    7: (A.FINAL, frozenset({"REFUNDED"})),
    74: (A.FINAL, frozenset({"REFUNDED"})),
    73: (A.DECLINED, frozenset({"REJECTED"})),
    8: (A.FINAL, frozenset({"REFUNDED", "REFUND_REQUESTED"})),
    81: (A.ACCEPTED, frozenset({"REFUND_REQUESTED", "REFUNDED"})),
    83: (A.DECLINED, frozenset({"REJECTED"})),
    94: (A.DECLINED, frozenset({"REJECTED", "REVERSED", "CANCELLED"})),
    96: (A.DECLINED, frozenset({"REJECTED", "REVERSED", "CANCELLED"})),
}
"""Status number → class, and the words it goes with. 82 (uncertain), 84, 85 and all others are
not certain. 94 (refused by the acquirer) and 96 (reversed) come late, after an 8. On the day of
the sale the payment itself may be deleted instead (7, 74), and then the money is back; called
cancelled it may as well be the refund that was deleted, which only a person finds out."""

WORDS: Mapping[int, str] = {
    7: "deleted: the payment before it was taken, or the refund",
    71: "deletion pending",
    72: "deletion uncertain at the acquirer",
    73: "deletion refused",
    74: "deleted: the payment before it was taken, or the refund",
    8: "refunded",
    81: "refund pending",
    82: "refund uncertain at the acquirer",
    83: "refund refused",
    84: "refund, or declined by the acquirer: the provider's lists disagree",
    85: "refund handled by the merchant",
    94: "refund declined by the acquirer afterwards",
    96: "refund reversed afterwards",
}

_CARD_REFUSED = """30001001 30001015 30001057 30001058 30001999 30051001 30331001 30411001 30431001
30541001 30911001"""
_PAYMENT_REFUSED = "50001120 50001121 50001122 50001130 50001131"
_BEYOND = "50001127 50001129"
_OURS = "50001044 50001046 50001116 50001117 50001118 50001119 50001184 9007"
ERRORS: Mapping[str, AnswerClass] = {
    **dict.fromkeys(_CARD_REFUSED.split(), A.DECLINED),
    **dict.fromkeys(_PAYMENT_REFUSED.split(), A.DECLINED),
    **dict.fromkeys(_BEYOND.split(), A.ALREADY_REFUNDED),
    **dict.fromkeys(_OURS.split(), A.ABOUT_US),
}
"""Error number → class. Duplicates (30001002, 30941001, 50001133, 50001113) and 2000100x are
missing on purpose: they do not say what became of the first request."""
del A


def answer_of(exchange: Exchange) -> Answer:
    """The class of an answer to a refund request."""
    reply = before_reading(exchange)
    if isinstance(reply, Answer):
        return reply
    body = json_object(reply.body)
    if is_success(reply):
        return _refund_answer(body) if body else unknown(reply)
    return _refusal(reply, body)


def listed_of(exchange: Exchange) -> LookUp:
    """All refunds of a payment; a list that is not whole is no answer."""
    reply = before_reading(exchange)
    if isinstance(reply, Answer):
        return unanswered(reply)
    listed = json_object(reply.body).get("refunds") if is_success(reply) else None
    if not isinstance(listed, list) or not all(map(_is_refund, listed)):
        return LookUp(answered=False, text=f"status {reply.status}, no list of refunds")
    return LookUp(answered=True, found=tuple(map(_found, listed)))


def served_of(exchange: Exchange) -> LookUp:
    """Were we let in at all?"""
    reply = before_reading(exchange)
    if isinstance(reply, Answer):
        return unanswered(reply)
    if is_success(reply) and json_object(reply.body):
        return LookUp(answered=True)
    return unanswered(_refusal(reply, json_object(reply.body)))


def _is_refund(value: Any) -> bool:
    return isinstance(value, dict) and bool(word(value.get("id")))


def _class_of(refund: Mapping[str, Any]) -> AnswerClass:
    """By number and word together; either alone is not enough."""
    number = part(refund, "statusOutput", "statusCode")
    known = STATUSES.get(number) if isinstance(number, int) else None
    if known is None or refund.get("status") not in known[1]:
        return AnswerClass.UNKNOWN
    return known[0]


def _refund_answer(refund: Mapping[str, Any]) -> Answer:
    code, text = _evidence(refund)
    return Answer(
        _class_of(refund),
        provider_refund_id=word(refund.get("id")),
        our_reference=_reference(refund),
        amount_minor=whole(part(refund, "refundOutput", "amountOfMoney", "amount")),
        currency=word(part(refund, "refundOutput", "amountOfMoney", "currencyCode")),
        code=code,
        text=text,
    )


def _found(refund: Mapping[str, Any]) -> Found:
    return as_found(_refund_answer(refund))


def _reference(refund: Mapping[str, Any]) -> str:
    """Our reference; older answers echo it under `references`."""
    output = refund.get("refundOutput")
    return word(part(output, "operationReferences", "merchantReference")) or word(
        part(output, "references", "merchantReference")
    )


def _evidence(refund: Mapping[str, Any]) -> tuple[str, str]:
    """The number as code; the word, what the number means and why, as text."""
    number = part(refund, "statusOutput", "statusCode")
    code = str(number) if isinstance(number, int) else ""
    meaning = WORDS.get(number, "") if isinstance(number, int) else ""
    reasons = _errors(part(refund, "statusOutput", "errors"))
    return code, words(refund.get("status"), meaning, *(_told(error) for error in reasons))


def _refusal(reply: Reply, body: Mapping[str, Any]) -> Answer:
    result = body.get("refundResult")
    if isinstance(result, dict):
        declined = _refund_answer(result)
        if declined.kind is AnswerClass.DECLINED:
            return declined
        return unknown(reply, words("refused, yet", declined.code, declined.text))
    errors = list(_errors(body.get("errors")))
    codes = [_code(error) for error in errors]
    code = words(",".join(codes))[:40] or str(reply.status)
    text = words(*map(_told, errors))
    if is_about_us(reply):
        return Answer(AnswerClass.ABOUT_US, code=code, text=text or "not let in")
    kinds = {ERRORS.get(one, AnswerClass.UNKNOWN) for one in codes}
    kind = kinds.pop() if len(kinds) == 1 else AnswerClass.UNKNOWN
    return Answer(kind, code=code, text=text)


def _errors(value: Any) -> Iterable[Mapping[str, Any]]:
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def _code(error: Mapping[str, Any]) -> str:
    return word(error.get("errorCode")) or word(error.get("code"))


def _told(error: Mapping[str, Any]) -> str:
    return words(error.get("id"), error.get("message"))

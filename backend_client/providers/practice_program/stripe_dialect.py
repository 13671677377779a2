"""The practice provider speaks like Stripe."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from backend_client.providers.practice_program.bank import Ask, Decision, Said
from backend_client.providers.practice_program.dialect import Incoming, Outgoing, as_json
from backend_client.providers.practice_program.keys import STRIPE_KEY
from backend_client.providers.practice_program.ledger import Refund
from backend_client.providers.stripe_answers import REFERENCE

_PATH = "/v1/refunds"
_METADATA = re.compile(r"metadata\[([^\]]{1,40})\]")
_KNOWN = frozenset({"charge", "payment_intent", "amount", "reason"})
_LISTABLE = frozenset({"charge", "payment_intent", "limit", "starting_after"})
_STATUS: Mapping[str, str] = {
    "final": "succeeded",
    "accepted": "pending",
    "uncertain": "requires_action",
    "declined": "failed",
    "failed_late": "failed",
}
_USUAL_PAGE, _LONGEST_PAGE = 10, 100


class StripeDialect:
    name = "stripe"

    def refuse_stranger(self, request: Incoming) -> Outgoing | None:
        given = request.headers.get("authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {STRIPE_KEY}".encode()):
            return None
        return self.error(401)

    def greets(self, request: Incoming) -> Outgoing | None:
        return None

    def key_of(self, request: Incoming) -> str:
        return request.headers.get("idempotency-key", "")

    def refund_asked(self, request: Incoming) -> Ask | Outgoing | None:
        if request.method != "POST" or request.path != _PATH:
            return None
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        metadata = {
            found[1]: value for name, value in form.items() if (found := _METADATA.fullmatch(name))
        }
        for name in form:
            if name not in _KNOWN and not _METADATA.fullmatch(name):
                return _error(400, "parameter_unknown", f"Received unknown parameter: {name}")
        payment = form.get("charge") or form.get("payment_intent")
        if not payment:
            return _error(400, "parameter_missing", "One of charge or payment_intent is needed")
        amount = form.get("amount")
        if amount is not None and not (amount.isascii() and amount.isdigit() and int(amount)):
            return _error(400, "parameter_invalid_integer", f"Invalid integer: {amount}")
        reference = metadata.get(REFERENCE, "")
        return Ask(payment, reference, self.key_of(request), int(amount) if amount else None, "")

    def list_asked(self, request: Incoming) -> str | None:
        if request.method != "GET" or request.path != _PATH:
            return None
        return request.query.get("charge") or request.query.get("payment_intent") or ""

    def said(self, ask: Ask, said: Said) -> Outgoing:
        if said.refund is not None:
            return as_json(200, _refund(said.refund))
        if said.decision is Decision.NO_PAYMENT:
            return _error(404, "resource_missing", f"No such charge: '{ask.payment_reference}'")
        if said.decision is Decision.ALREADY_REFUNDED:
            text = f"Charge {ask.payment_reference} has already been refunded."
            return _error(400, "charge_already_refunded", text)
        if said.decision is Decision.EMPTY_BALANCE:
            return _error(400, "balance_insufficient", "Insufficient funds in your balance.")
        text = (
            f"Refund amount ({ask.amount_minor}) is greater than unrefunded amount on charge "
            f"({said.left_minor})"
        )
        return _error(400, "", text)

    def listed(self, request: Incoming, refunds: Sequence[Refund]) -> Outgoing:
        """Newest first, ten at a time unless told."""
        unknown = [name for name in request.query if name not in _LISTABLE]
        if unknown:
            return _error(400, "parameter_unknown", f"Received unknown parameter: {unknown[0]}")
        limit = request.query.get("limit", str(_USUAL_PAGE))
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= _LONGEST_PAGE):
            return _error(400, "parameter_invalid_integer", f"Invalid limit: {limit}")
        newest = [_refund(refund) for refund in reversed(refunds)]
        after = request.query.get("starting_after")
        if after:
            ids = [refund["id"] for refund in newest]
            if after not in ids:
                return _error(400, "resource_missing", f"No such refund: '{after}'")
            newest = newest[ids.index(after) + 1 :]
        page = newest[: int(limit)]
        return as_json(
            200,
            {
                "object": "list",
                "url": _PATH,
                "data": page,
                "has_more": len(newest) > len(page),
            },
        )

    def key_used_otherwise(self) -> Outgoing | None:
        text = "Keys for idempotent requests can only be used with the same parameters."
        return _error(400, "", text, kind="idempotency_error")

    def error(self, status: int) -> Outgoing:
        codes = {409: "idempotency_key_in_use", 429: "rate_limit", 404: "", 401: "", 500: ""}
        kind = "api_error" if status >= 500 else "invalid_request_error"
        return _error(status, codes[status], f"practice trouble {status}", kind=kind)


def _error(
    status: int, code: str, message: str, *, kind: str = "invalid_request_error"
) -> Outgoing:
    error = {"type": kind, "message": message, **({"code": code} if code else {})}
    return as_json(status, {"error": error})


def _refund(refund: Refund) -> dict[str, object]:
    failed = refund.state in ("declined", "failed_late")
    reference = {REFERENCE: refund.our_reference} if refund.our_reference else {}
    intent = refund.payment_reference.startswith("pi_")
    return {
        "id": f"re_practice{refund.id:08d}",
        "object": "refund",
        "amount": refund.amount_minor,
        "charge": None if intent else refund.payment_reference,
        "payment_intent": refund.payment_reference if intent else None,
        "currency": refund.currency.lower(),
        "metadata": reference,
        "status": _STATUS.get(refund.state, refund.state),
        **({"failure_reason": "expired_or_canceled_card"} if failed else {}),
        **({"pending_reason": "processing"} if refund.state == "accepted" else {}),
    }

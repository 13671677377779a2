"""The practice provider speaks like Worldline Direct."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from backend_client.providers.practice_program.bank import Ask, Decision, Said
from backend_client.providers.practice_program.dialect import Incoming, Outgoing, as_json
from backend_client.providers.practice_program.keys import (
    WORLDLINE_KEY_ID,
    WORLDLINE_SECRET,
)
from backend_client.providers.practice_program.ledger import Refund
from backend_client.providers.reading import json_object, part
from backend_client.providers.worldline_signing import authorization

_REFUND = re.compile(r"/v2/([^/]+)/payments/([^/]+)/refund")
_REFUNDS = re.compile(r"/v2/([^/]+)/payments/([^/]+)/refunds")
_TEST = re.compile(r"/v2/([^/]+)/services/testconnection")
_STATUS: Mapping[str, tuple[int, str, str]] = {
    "final": (8, "REFUNDED", "COMPLETED"),
    "accepted": (81, "REFUND_REQUESTED", "PENDING_CONNECT_OR_3RD_PARTY"),
    "uncertain": (82, "REFUND_REQUESTED", "PENDING_CONNECT_OR_3RD_PARTY"),
    "declined": (83, "REJECTED", "UNSUCCESSFUL"),
    "failed_late": (94, "REJECTED", "UNSUCCESSFUL"),
}
_MYSTERY = (77, "MYSTERY", "MYSTERY")
_REFUSED: Mapping[Decision, tuple[int, str, str]] = {
    Decision.DECLINED: (402, "30051001", "card closed by issuer"),
    Decision.NO_PAYMENT: (404, "50001130", "unknown payment"),
    Decision.OTHER_CURRENCY: (400, "50001120", "not the currency of the payment"),
    Decision.ALREADY_REFUNDED: (400, "50001127", "the payment is not in a correct status"),
    Decision.EXCEEDS: (400, "50001129", "overflow in refund requests"),
    Decision.EMPTY_BALANCE: (403, "50001046", "not allowed: the balance is too low"),
}
_ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("50001111", "the request is not understood"),
    403: ("9007", "access to merchant not allowed"),
    404: ("9404", "no such resource"),
    409: ("30001002", "a request with this key is still at work"),
    429: ("9429", "too many requests"),
    500: ("9999", "something went wrong"),
}


class WorldlineDialect:
    name = "worldline"

    def refuse_stranger(self, request: Incoming) -> Outgoing | None:
        given = request.headers.get("authorization", "")
        if "date" not in request.headers:
            return self.error(403)
        right = authorization(
            WORLDLINE_KEY_ID, WORLDLINE_SECRET, request.method, request.target, request.headers
        )
        same = hmac.compare_digest(given.encode(), right.encode())
        return None if same else self.error(403)

    def greets(self, request: Incoming) -> Outgoing | None:
        if request.method == "GET" and _TEST.fullmatch(request.path):
            return as_json(200, {"result": "OK"})
        return None

    def key_of(self, request: Incoming) -> str:
        return request.headers.get("x-gcs-idempotence-key", "")

    def refund_asked(self, request: Incoming) -> Ask | Outgoing | None:
        found = _REFUND.fullmatch(request.path)
        if request.method != "POST" or found is None:
            return None
        body = json_object(request.body)
        amount = part(body, "amountOfMoney", "amount")
        currency = part(body, "amountOfMoney", "currencyCode")
        reference = part(body, "operationReferences", "merchantReference")
        if not (type(amount) is int and amount > 0 and isinstance(currency, str)):
            return self.error(400)
        return Ask(
            unquote(found[2]),
            reference if isinstance(reference, str) else "",
            self.key_of(request),
            amount,
            currency,
        )

    def list_asked(self, request: Incoming) -> str | None:
        found = _REFUNDS.fullmatch(request.path)
        return unquote(found[2]) if request.method == "GET" and found else None

    def said(self, ask: Ask, said: Said) -> Outgoing:
        if said.decision is Decision.DONE and said.refund is not None:
            return as_json(201, _refund(said.refund))
        status, code, message = _REFUSED[said.decision]
        return _errors(status, code, message)

    def listed(self, request: Incoming, refunds: Sequence[Refund]) -> Outgoing:
        return as_json(200, {"refunds": [_refund(refund) for refund in refunds]})

    def key_used_otherwise(self) -> Outgoing | None:
        """Worldline gives the old answer, whatever the payload is now."""
        return None

    def error(self, status: int) -> Outgoing:
        code, message = _ERRORS[status]
        return _errors(status, code, message)


def _errors(status: int, code: str, message: str) -> Outgoing:
    error = {
        "errorCode": code,
        "category": "PAYMENT_PLATFORM_ERROR",
        "httpStatusCode": status,
        "id": message.upper().replace(" ", "_"),
        "message": message,
        "retriable": False,
    }
    return as_json(status, {"errorId": f"practice-{code}", "errors": [error]})


def _refund(refund: Refund) -> dict[str, object]:
    code, status, category = _STATUS.get(refund.state, _MYSTERY)
    output: dict[str, object] = {
        "amountOfMoney": {"amount": refund.amount_minor, "currencyCode": refund.currency},
        "paymentMethod": "card",
    }
    if refund.our_reference:
        output["operationReferences"] = {"merchantReference": refund.our_reference}
    return {
        "id": f"{4_000_000_000 + refund.id}_{refund.id % 10}",
        "status": status,
        "statusOutput": {"statusCode": code, "statusCategory": category, "isCancellable": False},
        "refundOutput": output,
    }

"""What a refusal of ours is called by Vista Connect: its result codes, and statuses of HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backend_client.domain.problem import MoneyMoved
from backend_client.domain.problems import Kind, Refused

OK = 0

_RESULT_CODES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: ("internal", "outcome-unknown", "commit-unknown", "payment-waits", "awaits-approval"),
        12: ("first-payment-failed",),
        24: ("second-payment-failed",),
        39: ("payment-failed",),
        45: ("method-not-allowed", "unmatched-disabled"),
        49: ("already-refunded", "being-refunded", "only-fees-left"),
        61: ("booking-not-unique", "order-not-unique"),
        62: ("order-not-found",),
        63: ("order-given-back",),
        69: ("amount-mismatch", "order-amount-differs"),
        71: ("token-missing",),
        72: ("token-unknown", "token-revoked", "token-expired"),
        78: ("booking-not-found", "booking-other-currency"),
        79: ("not-allowed", "not-in-scope", "limit-exceeded", "sign-in-needed"),
        80: ("payment-cap-exceeded", "booking-cap-exceeded", "payment-not-refundable"),
        81: ("unknown-payment",),
        83: ("order-already-paid",),
    }
)
_RESULT_OF = {code: number for number, codes in _RESULT_CODES.items() for code in codes}
_RESULT_OF_KIND = {
    Kind.REFUSED: 4,
    Kind.USAGE: 4,
    Kind.NOT_FOUND: 78,
    Kind.UNSURE: 1,
    Kind.UNAVAILABLE: 2,
}

_STATUSES: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        400: ("selection-empty",),
        401: ("token-missing", "token-unknown", "token-revoked", "token-expired"),
        403: (
            "not-allowed",
            "not-in-scope",
            "limit-exceeded",
            "sign-in-needed",
            "method-not-allowed",
            "unmatched-disabled",
        ),
        409: ("already-refunded", "being-refunded", "plan-stale"),
        412: ("precondition-failed",),
        413: ("request-too-large",),
        422: ("reason-unknown", "text-invalid"),
        500: ("internal",),
        502: ("payment-failed", "second-payment-failed"),
    }
)
"""A conflict (409) is an outcome to be found out for whoever looks at the status alone; its result
code says that nothing was done, or that somebody was faster."""
_STATUS_OF = {code: status for status, codes in _STATUSES.items() for code in codes}
_STATUS_OF_KIND = {
    Kind.REFUSED: 422,
    Kind.USAGE: 400,
    Kind.NOT_FOUND: 404,
    Kind.UNSURE: 504,
    Kind.UNAVAILABLE: 503,
}


def result_code(refused: Refused) -> int:
    """The result code of Connect that says most nearly the same."""
    return _RESULT_OF.get(refused.code, _RESULT_OF_KIND[_kind(refused)])


def http_status(refused: Refused) -> int:
    return _STATUS_OF.get(refused.code, _STATUS_OF_KIND[_kind(refused)])


def _kind(refused: Refused) -> Kind:
    """A no that says of money that it has moved, or may have, is no plain no to a program."""
    moved = refused.problem.money_moved is not MoneyMoved.NO
    return Kind.UNSURE if moved else refused.problem.kind

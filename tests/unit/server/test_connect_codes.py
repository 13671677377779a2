"""How our own client takes what our face says: sure where nothing was done, careful elsewhere."""

from __future__ import annotations

import pytest

from backend_client.domain.connect_outcome import EXPLICIT, Signal
from backend_client.domain.problem import Kind, MoneyMoved, Problem
from backend_client.domain.problems import PROBLEMS, Refused
from backend_client.providers.http_client import Reply
from backend_client.remote.answers import said_by
from backend_client.server.connect_codes import http_status, result_code
from backend_client.server.connect_face import problem_answer

SURE = EXPLICIT | {Signal.ALREADY}
"""Explicit answers; after “already” the booking shows by whom."""
V1_ONLY = {"order-already-paid"}
"""Sales alone are refused so, and no refund is in doubt then."""


def signal(code: str) -> Signal:
    answer = problem_answer(Refused(code), "corr-1")
    return said_by(Reply(answer.status_code, bytes(answer.body))).signal


@pytest.mark.parametrize("problem", PROBLEMS.values(), ids=lambda problem: problem.code)
def test_a_refusal_is_sure_and_anything_else_is_read_again(problem: Problem) -> None:
    refused = problem.kind in (Kind.REFUSED, Kind.USAGE, Kind.NOT_FOUND)
    if problem.code in V1_ONLY:
        return
    is_sure = refused and problem.money_moved is MoneyMoved.NO
    assert (signal(problem.code) in SURE) == is_sure


@pytest.mark.parametrize(
    ("code", "status", "number", "signal_of_it"),
    [
        ("already-refunded", 409, 49, Signal.ALREADY),
        ("plan-stale", 409, 4, Signal.INVALID),
        ("precondition-failed", 412, 4, Signal.INVALID),
        ("first-payment-failed", 422, 12, Signal.DECLINED),
        ("second-payment-failed", 502, 24, Signal.AFTER_PAYMENT),
        ("payment-failed", 502, 39, Signal.UNSURE),
        ("payment-waits", 504, 1, Signal.UNSURE),
        ("awaits-approval", 504, 1, Signal.WAITS_THERE),
        ("outcome-unknown", 504, 1, Signal.UNSURE),
        ("not-in-scope", 403, 79, Signal.FORBIDDEN),
        ("booking-not-found", 404, 78, Signal.WRONG_BOOKING),
        ("store-locked", 503, 2, Signal.UNSURE),
    ],
)
def test_what_a_refund_call_is_answered(
    code: str, status: int, number: int, signal_of_it: Signal
) -> None:
    assert (http_status(Refused(code)), result_code(Refused(code))) == (status, number)
    assert signal(code) is signal_of_it

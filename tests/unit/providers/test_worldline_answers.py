"""Worldline Direct: every answer has one class, and nothing unclear is ever a success."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import Outcome
from backend_client.providers.http_client import Lost, NotSent, Reply
from backend_client.providers.port import (
    AnswerClass,
    FoundState,
    RefundOrder,
    judge,
    judge_found,
)
from backend_client.providers.worldline_answers import answer_of, listed_of, served_of
from tests.unit.providers.lines import reply

A = AnswerClass
ORDER = RefundOrder("key-1", "ref-1", "3254564310", 1450, "CHF", 5000, 1)


def refund(code: Any = 8, word: Any = "REFUNDED", **changes: Any) -> dict[str, Any]:
    """A refund as Worldline tells of it; `changes` go into its output."""
    return {
        "id": "3254564310_1",
        "status": word,
        "statusOutput": {"statusCode": code, "statusCategory": "COMPLETED"},
        "refundOutput": {
            "amountOfMoney": {"amount": 1450, "currencyCode": "CHF"},
            "operationReferences": {"merchantReference": "ref-1"},
            **changes,
        },
    }


def errors(*codes: str, name: str = "errorCode") -> dict[str, Any]:
    told = [{name: code, "id": "WHY", "message": "because"} for code in codes]
    return {"errorId": "e-1", "errors": told}


@pytest.mark.parametrize(
    ("code", "word", "kind"),
    [
        (8, "REFUNDED", A.FINAL),
        (8, "REFUND_REQUESTED", A.FINAL),
        (8, "REJECTED", A.UNKNOWN),
        (8, None, A.UNKNOWN),
        (None, "REFUNDED", A.UNKNOWN),
        ("8", "REFUNDED", A.UNKNOWN),
        (8.0, "REFUNDED", A.UNKNOWN),
        (81, "REFUND_REQUESTED", A.ACCEPTED),
        (81, "REFUNDED", A.ACCEPTED),
        (81, "REJECTED", A.UNKNOWN),
        (82, "REFUND_REQUESTED", A.UNKNOWN),
        (83, "REJECTED", A.DECLINED),
        (83, "REFUNDED", A.UNKNOWN),
        (84, "REFUNDED", A.UNKNOWN),
        (85, "REFUNDED", A.UNKNOWN),
        (94, "REJECTED", A.DECLINED),
        (96, "REVERSED", A.DECLINED),
        (94, "REFUNDED", A.UNKNOWN),
        (7, "REFUNDED", A.FINAL),
        (74, "REFUNDED", A.FINAL),
        (7, "CANCELLED", A.UNKNOWN),
        (74, "CANCELLED", A.UNKNOWN),
        (7, "REFUND_REQUESTED", A.UNKNOWN),
        (71, "REFUNDED", A.UNKNOWN),
        (72, "REFUNDED", A.UNKNOWN),
        (73, "REJECTED", A.DECLINED),
        (73, "CANCELLED", A.UNKNOWN),
        (9, "CAPTURED", A.UNKNOWN),
        (77, "MYSTERY", A.UNKNOWN),
    ],
)
def test_number_and_word_decide_together(code: Any, word: Any, kind: AnswerClass) -> None:
    answer = answer_of(reply(201, refund(code, word)))
    assert answer.kind is kind
    assert answer.code == (str(code) if isinstance(code, int) else "")
    expected = {
        A.FINAL: FoundState.FINAL,
        A.ACCEPTED: FoundState.ACCEPTED,
        A.DECLINED: FoundState.DECLINED,
        A.UNKNOWN: FoundState.UNCERTAIN,
    }
    (found,) = listed_of(reply(200, {"refunds": [refund(code, word)]})).naming("ref-1").found
    assert found.state is expected[kind]


@pytest.mark.parametrize(
    ("exchange", "kind", "code"),
    [
        (NotSent("connect", "ConnectError"), A.NOT_EXECUTED, "connect"),
        (Lost("timeout", "ReadTimeout"), A.UNKNOWN, "timeout"),
        (Lost("cut", "ReadError"), A.UNKNOWN, "cut"),
        (reply(429, errors("9429")), A.NOT_EXECUTED, "429"),
        (reply(408, {}), A.UNKNOWN, "408"),
        (reply(409, errors("30001002")), A.UNKNOWN, "409"),
        (reply(500, errors("30051001")), A.UNKNOWN, "500"),
        (reply(502, b"<html>Bad Gateway</html>"), A.UNKNOWN, "502"),
        (reply(503, {}), A.UNKNOWN, "503"),
        (reply(301, {}), A.UNKNOWN, "301"),
        (reply(307, refund()), A.UNKNOWN, "307"),
        (reply(418, errors("30051001")), A.UNKNOWN, "418"),
        (reply(200, b""), A.UNKNOWN, "200"),
        (reply(200, b"<html></html>"), A.UNKNOWN, "200"),
        (reply(200, b'{"id": "1'), A.UNKNOWN, "200"),
        (reply(200, b"[" * 100_000), A.UNKNOWN, "200"),
        (reply(200, []), A.UNKNOWN, "200"),
        (reply(200, "text"), A.UNKNOWN, "200"),
        (reply(200, b"\xff\xfe"), A.UNKNOWN, "200"),
        (reply(401, {}), A.ABOUT_US, "401"),
        (reply(403, b"<html>denied</html>"), A.ABOUT_US, "403"),
        (reply(403, errors("9007")), A.ABOUT_US, "9007"),
        (reply(402, errors("30051001")), A.DECLINED, "30051001"),
        (reply(402, errors("30051001", name="code")), A.DECLINED, "30051001"),
        (reply(400, errors("30431001")), A.DECLINED, "30431001"),
        (reply(404, errors("50001130")), A.DECLINED, "50001130"),
        (reply(410, errors("50001131")), A.DECLINED, "50001131"),
        (reply(400, errors("50001120")), A.DECLINED, "50001120"),
        (reply(400, errors("50001129")), A.ALREADY_REFUNDED, "50001129"),
        (reply(400, errors("50001127")), A.ALREADY_REFUNDED, "50001127"),
        (reply(400, errors("50001046")), A.ABOUT_US, "50001046"),
        (reply(400, errors("30001002")), A.UNKNOWN, "30001002"),
        (reply(400, errors("50001113")), A.UNKNOWN, "50001113"),
        (reply(400, errors("20001001")), A.UNKNOWN, "20001001"),
        (reply(400, errors("12345678")), A.UNKNOWN, "12345678"),
        (reply(400, errors("30051001", "30431001")), A.DECLINED, "30051001,30431001"),
        (reply(400, errors("30051001", "50001046")), A.UNKNOWN, "30051001,50001046"),
        (reply(400, errors("30051001", "12345678")), A.UNKNOWN, "30051001,12345678"),
        (reply(400, {"errors": []}), A.UNKNOWN, "400"),
        (reply(404, {}), A.UNKNOWN, "404"),
        (reply(400, {"errors": "many"}), A.UNKNOWN, "400"),
        (reply(402, {"refundResult": refund(83, "REJECTED")}), A.DECLINED, "83"),
        (reply(402, {"refundResult": refund(8, "REFUNDED")}), A.UNKNOWN, "402"),
        (reply(402, {"refundResult": refund(82, "REFUND_REQUESTED")}), A.UNKNOWN, "402"),
    ],
)
def test_every_answer_has_its_class(exchange: Any, kind: AnswerClass, code: str) -> None:
    answer = answer_of(exchange)
    assert (answer.kind, answer.code) == (kind, code)


@pytest.mark.parametrize(
    "changes",
    [
        {"amountOfMoney": {"amount": 1451, "currencyCode": "CHF"}},
        {"amountOfMoney": {"amount": 1450.0, "currencyCode": "CHF"}},
        {"amountOfMoney": {"amount": "1450", "currencyCode": "CHF"}},
        {"amountOfMoney": {"amount": True, "currencyCode": "CHF"}},
        {"amountOfMoney": {"amount": 1450, "currencyCode": "EUR"}},
        {"amountOfMoney": {"amount": 1450}},
        {"amountOfMoney": None},
        {"operationReferences": {"merchantReference": "ref-2"}},
        {"operationReferences": {}},
    ],
)
@pytest.mark.parametrize(("code", "word"), [(8, "REFUNDED"), (81, "REFUND_REQUESTED")])
def test_a_success_about_something_else_is_a_mismatch(
    code: int, word: str, changes: dict[str, Any]
) -> None:
    verdict = judge(ORDER, answer_of(reply(201, refund(code, word, **changes))))
    assert (verdict.state, verdict.outcome) == (LegState.UNKNOWN, Outcome.MISMATCH)


def test_older_answers_echo_our_reference_elsewhere() -> None:
    old = refund(operationReferences=None, references={"merchantReference": "ref-1"})
    assert judge(ORDER, answer_of(reply(201, old))).state is LegState.SUCCEEDED


def test_only_refunds_with_our_reference_are_found() -> None:
    other = refund(operationReferences={"merchantReference": "ref-2"})
    by_hand = refund(operationReferences=None)
    look_up = listed_of(reply(200, {"refunds": [other, refund(), by_hand]})).naming("ref-1")
    assert look_up.answered
    assert len(look_up.found) == 1
    verdict = judge_found(ORDER, look_up)
    assert verdict is not None
    assert verdict.state is LegState.SUCCEEDED


def test_an_empty_list_is_an_answer() -> None:
    look_up = listed_of(reply(200, {"refunds": []})).naming("ref-1")
    assert (look_up.answered, look_up.found) == (True, ())


@pytest.mark.parametrize(
    "exchange",
    [
        NotSent("connect", "x"),
        Lost("timeout", "x"),
        reply(200, b""),
        reply(200, {}),
        reply(200, {"refunds": None}),
        reply(200, {"refunds": {}}),
        reply(200, {"refunds": [refund(), "garbage"]}),
        reply(200, {"refunds": [{**refund(), "id": None}]}),
        reply(404, errors("50001130")),
        reply(429, {}),
        reply(403, errors("9007")),
        reply(500, {"refunds": []}),
    ],
)
def test_a_list_that_is_not_whole_is_no_answer(exchange: Any) -> None:
    assert not listed_of(exchange).naming("ref-1").answered


def test_being_let_in_is_said_by_a_good_answer_alone() -> None:
    assert served_of(reply(200, {"result": "OK"})).answered
    refused = served_of(reply(403, errors("9007")))
    assert not refused.answered
    assert refused.text == "9007 WHY because"
    assert not served_of(reply(200, b"<html>")).answered
    assert not served_of(NotSent("connect", "ConnectError")).answered


def test_words_are_kept_as_evidence_and_are_inert() -> None:
    told = errors("30051001")
    told["errors"][0]["message"] = "card \x1b[31m4111 1111 1111 1111\x1b[0m refused\nnow"
    answer = answer_of(reply(402, told))
    assert answer.text == "WHY card 4111 11•• •••• 1111 refused now"
    long = errors("30051001")
    long["errors"][0]["message"] = "x" * 10_000
    assert len(answer_of(reply(402, long)).text) <= 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "status",
                    "statusOutput",
                    "statusCode",
                    "refundOutput",
                    "amountOfMoney",
                    "amount",
                    "currencyCode",
                    "operationReferences",
                    "merchantReference",
                    "refunds",
                    "errors",
                    "errorCode",
                    "refundResult",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(status=st.integers(100, 599), body=st.binary(max_size=60) | JSON.map(json.dumps))
def test_nothing_a_provider_sends_is_an_error_or_a_success_by_chance(
    status: int, body: bytes | str
) -> None:
    sent = Reply(status, body.encode() if isinstance(body, str) else body)
    listed_of(sent).naming("ref-1")
    served_of(sent)
    answer = answer_of(sent)
    assert judge(ORDER, answer).state not in (LegState.SUCCEEDED, LegState.ACCEPTED)

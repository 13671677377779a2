"""Stripe: every answer has one class, and nothing unclear is ever a success."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import Outcome
from backend_client.providers.credentials import Secret
from backend_client.providers.http_client import Exchange, Lost, NotSent, Reply
from backend_client.providers.port import AnswerClass, FoundState, RefundOrder, judge
from backend_client.providers.stripe import MOST_PAGES, StripeProvider
from backend_client.providers.stripe_answers import answer_of, from_stripe, page_of, to_stripe
from tests.unit.providers.lines import RecordingLine, reply

A = AnswerClass
ORDER = RefundOrder("key-1", "ref-1", "ch_1", 1450, "CHF", 5000, 1)


def refund(status: Any = "succeeded", **changes: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "amount": 1450,
        "currency": "chf",
        "status": status,
        "metadata": {"refund_reference": "ref-1"},
        **changes,
    }


def error(code: str = "", message: str = "because", **more: str) -> dict[str, Any]:
    told = {"type": "invalid_request_error", "message": message, **more}
    return {"error": {**told, **({"code": code} if code else {})}}


def page(*refunds: Any, more: Any = False) -> Reply:
    return reply(200, {"object": "list", "data": list(refunds), "has_more": more})


def provider(*answers: Exchange) -> tuple[StripeProvider, RecordingLine]:
    line = RecordingLine(*answers)
    made = StripeProvider(line, name="stripe", environment="test", key=Secret("sk_test_0123456789"))
    return made, line


@pytest.mark.parametrize(
    ("status", "kind", "state"),
    [
        ("succeeded", A.FINAL, FoundState.FINAL),
        ("pending", A.ACCEPTED, FoundState.ACCEPTED),
        ("requires_action", A.ACCEPTED, FoundState.ACCEPTED),
        ("failed", A.DECLINED, FoundState.DECLINED),
        ("canceled", A.DECLINED, FoundState.DECLINED),
        ("mystery", A.UNKNOWN, FoundState.UNCERTAIN),
        ("", A.UNKNOWN, FoundState.UNCERTAIN),
        (None, A.UNKNOWN, FoundState.UNCERTAIN),
        (8, A.UNKNOWN, FoundState.UNCERTAIN),
    ],
)
def test_the_status_decides(status: Any, kind: AnswerClass, state: FoundState) -> None:
    assert answer_of(reply(200, refund(status))).kind is kind
    asked, _ = provider(page(refund(status)))
    (found,) = asked.find(ORDER).found
    assert found.state is state


@pytest.mark.parametrize(
    ("exchange", "kind", "code"),
    [
        (NotSent("pace", "x"), A.NOT_EXECUTED, "pace"),
        (Lost("cut", "ReadError"), A.UNKNOWN, "cut"),
        (reply(429, error("rate_limit")), A.NOT_EXECUTED, "429"),
        (reply(429, error("lock_timeout")), A.NOT_EXECUTED, "429"),
        (reply(409, error("idempotency_key_in_use")), A.UNKNOWN, "409"),
        (reply(400, error(type="idempotency_error")), A.UNKNOWN, "400"),
        (reply(500, error()), A.UNKNOWN, "500"),
        (reply(424, error()), A.UNKNOWN, "424"),
        (reply(302, refund()), A.UNKNOWN, "302"),
        (reply(200, {}), A.UNKNOWN, "200"),
        (reply(200, {**refund(), "object": "charge"}), A.UNKNOWN, "200"),
        (reply(200, b"<html>"), A.UNKNOWN, "200"),
        (reply(200, b""), A.UNKNOWN, "200"),
        (reply(401, error()), A.ABOUT_US, "401"),
        (reply(403, error("not_allowed")), A.ABOUT_US, "not_allowed"),
        (reply(400, error("charge_already_refunded")), A.ALREADY_REFUNDED, None),
        (
            reply(400, error("", "Refund amount ($9) is greater than unrefunded amount on charge")),
            A.ALREADY_REFUNDED,
            "400",
        ),
        (reply(400, error("charge_disputed")), A.DECLINED, "charge_disputed"),
        (reply(402, error("card_declined", decline_code="lost")), A.DECLINED, "card_declined"),
        (reply(402, error("expired_card")), A.DECLINED, "expired_card"),
        (reply(404, error("resource_missing", "No such charge")), A.DECLINED, None),
        (
            reply(
                404,
                error(
                    "resource_missing",
                    "No such charge: 'ch_1'; a similar object exists in live mode, but a test mode "
                    "key was used to make this request.",
                ),
            ),
            A.ABOUT_US,
            "resource_missing",
        ),
        (reply(400, error("balance_insufficient")), A.ABOUT_US, None),
        (reply(400, error("parameter_unknown")), A.ABOUT_US, None),
        (reply(400, error("something_new")), A.UNKNOWN, "something_new"),
        (reply(400, {"error": "text"}), A.UNKNOWN, "400"),
        (reply(404, b"404: Not Found"), A.UNKNOWN, "404"),
    ],
)
def test_every_answer_has_its_class(exchange: Any, kind: AnswerClass, code: str | None) -> None:
    answer = answer_of(exchange)
    assert answer.kind is kind
    assert code is None or answer.code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 1451},
        {"amount": "1450"},
        {"amount": None},
        {"currency": "eur"},
        {"currency": None},
        {"metadata": {}},
        {"metadata": None},
        {"metadata": {"refund_reference": "ref-2"}},
    ],
)
@pytest.mark.parametrize("status", ["succeeded", "pending"])
def test_a_success_about_something_else_is_a_mismatch(status: str, changes: Any) -> None:
    verdict = judge(ORDER, answer_of(reply(200, refund(status, **changes))))
    assert (verdict.state, verdict.outcome) == (LegState.UNKNOWN, Outcome.MISMATCH)


def test_a_refund_is_asked_for_by_form_with_key_and_reference() -> None:
    asked, line = provider(reply(200, refund()))
    assert judge(ORDER, asked.refund(ORDER)).state is LegState.SUCCEEDED
    (request,) = line.sent
    assert (request.method, request.target) == ("POST", "/v1/refunds")
    assert request.headers["Idempotency-Key"] == "key-1"
    assert request.headers["Authorization"] == "Bearer sk_test_0123456789"
    assert request.headers["Stripe-Version"]
    assert parse_qs(request.body.decode(), strict_parsing=True) == {
        "charge": ["ch_1"],
        "amount": ["1450"],
        "metadata[refund_reference]": ["ref-1"],
    }


def test_a_payment_intent_is_named_as_one() -> None:
    asked, line = provider(reply(200, refund()), page())
    intent = RefundOrder("key-1", "ref-1", "pi_1", 1450, "CHF", 5000, 1)
    asked.refund(intent)
    asked.find(intent)
    assert "payment_intent=pi_1" in line.sent[0].body.decode()
    assert line.sent[1].target == "/v1/refunds?payment_intent=pi_1&limit=100"


def test_every_page_is_looked_through() -> None:
    strangers = [refund(id=f"re_{number}", metadata={}) for number in range(3)]
    asked, line = provider(
        page(strangers[0], strangers[1], more=True),
        page(strangers[2], more=True),
        page(refund(id="re_9")),
    )
    look_up = asked.find(ORDER)
    assert look_up.answered
    assert [one.provider_refund_id for one in look_up.found] == ["re_9"]
    assert [request.target for request in line.sent] == [
        "/v1/refunds?charge=ch_1&limit=100",
        "/v1/refunds?charge=ch_1&limit=100&starting_after=re_1",
        "/v1/refunds?charge=ch_1&limit=100&starting_after=re_2",
    ]


@pytest.mark.parametrize(
    "answers",
    [
        (page(refund(), more=True), reply(500, {})),
        (page(refund(), more=True), Lost("timeout", "x")),
        (page(refund(), more=True), page(refund(), more=True)),
        (page(more=True),),
        (page(refund(), "garbage"),),
        (page(refund(), more="yes"),),
        (reply(200, {"data": []}),),
        (reply(200, []),),
        (reply(404, error("resource_missing")),),
        (reply(401, error()),),
    ],
)
def test_a_list_that_is_not_whole_is_no_answer(answers: tuple[Exchange, ...]) -> None:
    """Not even when ours is on the pages that came: there may be a second one."""
    asked, _ = provider(*answers)
    assert not asked.find(ORDER).answered


def test_a_list_without_end_is_given_up() -> None:
    pages = [page(refund(id=f"re_{number}"), more=True) for number in range(MOST_PAGES + 5)]
    asked, line = provider(*pages)
    assert not asked.find(ORDER).answered
    assert len(line.sent) == MOST_PAGES


def test_being_let_in_is_said_by_a_good_answer_alone() -> None:
    assert provider(page())[0].probe().answered
    refused = provider(reply(401, error()))[0].probe()
    assert not refused.answered
    assert refused.text


@pytest.mark.parametrize(
    ("ours", "theirs", "currency"),
    [
        (1450, 1450, "CHF"),
        (1450, 1450, "JPY"),
        (1450, 1450, "KWD"),
        (1450, 145_000, "ISK"),
        (1450, 145_000, "UGX"),
        (1400, 14, "MGA"),
    ],
)
def test_amounts_are_in_stripe_s_unit(ours: int, theirs: int, currency: str) -> None:
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency) == ours


def test_an_amount_stripe_does_not_have_is_declined_before_anything_is_sent() -> None:
    asked, line = provider(reply(200, refund()))
    answer = asked.refund(RefundOrder("key-1", "ref-1", "ch_1", 1450, "MGA", 5000, 1))
    assert (answer.kind, answer.code) == (A.DECLINED, "amount")
    assert line.sent == []


def test_an_amount_we_do_not_have_fits_no_refund() -> None:
    assert from_stripe(14_550, "ISK") == 0


@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=60)
    | st.fixed_dictionaries(
        {},
        optional={
            "id": st.text(max_size=5),
            "object": st.sampled_from(["refund", "list"]),
            "status": st.sampled_from(["succeeded", "pending", "failed"]),
            "amount": st.sampled_from([1450, 1, "1450", None]),
            "currency": st.sampled_from(["chf", "eur", 5]),
            "metadata": st.sampled_from([{}, None, {"refund_reference": "ref-2"}]),
            "data": st.lists(st.none(), max_size=2),
            "has_more": st.booleans(),
            "error": st.none() | st.dictionaries(st.sampled_from(["code", "message"]), st.text()),
        },
    ).map(json.dumps),
)
def test_nothing_a_provider_sends_is_an_error_or_a_success_by_chance(
    status: int, body: bytes | str
) -> None:
    sent = Reply(status, body.encode() if isinstance(body, str) else body)
    page_of(sent)
    answer = answer_of(sent)
    assert judge(ORDER, answer).state not in (LegState.SUCCEEDED, LegState.ACCEPTED)

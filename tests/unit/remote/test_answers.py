"""Everything Connect may answer, in a table: three names of codes, broken bodies, redirects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend_client.domain.card_numbers import holds_card
from backend_client.domain.connect_outcome import Signal
from backend_client.providers.http_client import Exchange, Lost, NotSent, Reply
from backend_client.remote.answers import said_by

HTML = b"<html><body><h1>Service Unavailable</h1></body></html>"


def body(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


TABLE: list[tuple[str, Exchange, Signal]] = [
    ("empty success", Reply(200, b""), Signal.CLEAN),
    ("no content", Reply(204, b""), Signal.CLEAN),
    ("blank success", Reply(200, b" \r\n"), Signal.CLEAN),
    ("an object", Reply(200, b"{}"), Signal.CLEAN),
    ("a success", Reply(200, body(ResultCode=0)), Signal.CLEAN),
    ("zero as text", Reply(200, body(ResultCode="0")), Signal.CLEAN),
    ("a page with 200", Reply(200, HTML), Signal.UNSURE),
    ("cut off", Reply(200, b'{"ResultCode": 0, "Bo'), Signal.UNSURE),
    ("a list", Reply(200, b"[]"), Signal.UNSURE),
    ("a number", Reply(200, b"0"), Signal.UNSURE),
    ("a text", Reply(200, b'"OK"'), Signal.UNSURE),
    ("null", Reply(200, b"null"), Signal.UNSURE),
    ("not UTF-8", Reply(200, b"\xff\xfe{}"), Signal.UNSURE),
    ("a code that is text", Reply(200, body(ResultCode="soon")), Signal.UNSURE),
    ("a code that is a list", Reply(200, body(ResultCode=[0])), Signal.UNSURE),
    ("a code that is true", Reply(200, body(ResultCode=True)), Signal.UNSURE),
    ("a broken code", Reply(200, body(ResultCode=12.5)), Signal.UNSURE),
    ("deep", Reply(200, b"[" * 100_000), Signal.UNSURE),
    ("200 that says no", Reply(200, body(ResultCode=12)), Signal.DECLINED),
    ("by its second name", Reply(200, body(Result=12)), Signal.DECLINED),
    ("by its third name", Reply(200, body(ExtendedResultCode=12)), Signal.DECLINED),
    ("in small letters", Reply(200, body(resultCode=12)), Signal.DECLINED),
    ("as text", Reply(200, body(Result=" 12 ")), Signal.DECLINED),
    ("zero beside a no", Reply(200, body(Result=0, ExtendedResultCode=13)), Signal.DECLINED),
    ("two of them", Reply(200, body(Result=12, ExtendedResultCode=14)), Signal.AFTER_PAYMENT),
    ("one nobody lists", Reply(200, body(Result=1, ExtendedResultCode=12)), Signal.UNSURE),
    ("already", Reply(200, body(ResultCode=63)), Signal.ALREADY),
    ("400", Reply(400, b""), Signal.INVALID),
    ("422 with words", Reply(422, body(message="sum")), Signal.INVALID),
    ("400 after payment", Reply(400, body(resultCode=14)), Signal.AFTER_PAYMENT),
    ("400 declined", Reply(400, body(ResultCode=12)), Signal.DECLINED),
    ("400 as a page", Reply(400, HTML), Signal.INVALID),
    ("401", Reply(401, HTML), Signal.FORBIDDEN),
    ("403", Reply(403, body(ResultCode=79)), Signal.FORBIDDEN),
    ("404", Reply(404, HTML), Signal.WRONG_BOOKING),
    ("408", Reply(408, b""), Signal.UNSURE),
    ("409", Reply(409, b""), Signal.UNSURE),
    ("429", Reply(429, b"", 5.0), Signal.NOT_SENT),
    ("301", Reply(301, b""), Signal.UNSURE),
    ("302 as a page", Reply(302, HTML), Signal.UNSURE),
    ("307", Reply(307, b""), Signal.UNSURE),
    ("500", Reply(500, HTML), Signal.UNSURE),
    ("500 that says declined", Reply(500, body(ResultCode=12)), Signal.DECLINED),
    ("500 after payment", Reply(500, body(ResultCode=24)), Signal.AFTER_PAYMENT),
    ("502 that says already", Reply(502, body(Result=63)), Signal.ALREADY),
    ("504 and no cinema", Reply(504, body(ResultCode=78)), Signal.WRONG_BOOKING),
    ("500 that says maybe", Reply(500, body(ResultCode=39)), Signal.UNSURE),
    ("400 that says maybe", Reply(400, body(ResultCode=5)), Signal.UNSURE),
    ("503 that says both", Reply(503, body(Result=12, ExtendedResultCode=1)), Signal.UNSURE),
    ("500 that says fine", Reply(500, body(ResultCode=0)), Signal.UNSURE),
    ("502", Reply(502, HTML), Signal.UNSURE),
    ("503", Reply(503, b""), Signal.UNSURE),
    ("504", Reply(504, b""), Signal.UNSURE),
    ("no connection", NotSent("connect", "ConnectError"), Signal.NOT_SENT),
    ("no answer", Lost("timeout", "ReadTimeout"), Signal.UNSURE),
    ("cut", Lost("cut", "RemoteProtocolError"), Signal.UNSURE),
]


@pytest.mark.parametrize(("what", "exchange", "signal"), TABLE, ids=[row[0] for row in TABLE])
def test_every_answer_has_its_signal(what: str, exchange: Exchange, signal: Signal) -> None:
    said = said_by(exchange)
    assert said.signal is signal
    assert said.code
    assert said.text


def test_words_of_the_answer_are_inert_and_hold_no_card_number() -> None:
    words = "declined \x1b[31m 4111111111111111"
    said = said_by(Reply(400, body(ErrorDescription=words)))
    assert said.text == "declined 411111••••••1111"


@pytest.mark.parametrize("between", ["\u200b", "\x00", "    ", " \u202e "])
def test_nothing_invisible_hides_a_card_number_from_the_mask(between: str) -> None:
    words = between.join(["5500", "0055", "5555", "5559"])
    said = said_by(Reply(400, body(ErrorDescription=words)))
    assert not holds_card(said.text)
    assert "•" in said.text


def test_codes_have_words_of_their_own() -> None:
    assert said_by(Reply(200, body(ResultCode=12))).text == "the payment was declined"
    assert said_by(Reply(200, body(ResultCode=998))).text == "result code 998"


def test_who_was_not_reached_is_told_from_who_said_no() -> None:
    assert not said_by(Lost("timeout", "ReadTimeout")).reached
    assert not said_by(NotSent("connect", "ConnectError")).reached
    assert said_by(Reply(502, HTML)).reached


AWAITS = {"code": "awaits-approval", "resultCode": 1}


@pytest.mark.parametrize(
    ("details", "number"),
    [
        ({"refund": "R-10007"}, "R-10007"),
        ({"refund": " R-1\x1b[2J\n"}, "R-1"),
        ({"refund": ""}, "–"),
        ({"refund": 7}, "–"),
        ([], "–"),
        (None, "–"),
    ],
)
def test_what_awaits_approval_there_has_the_number_it_has_there(
    details: object, number: str
) -> None:
    said = said_by(Reply(504, body(**AWAITS, details=details)))
    assert (said.signal, said.code, said.text) == (Signal.WAITS_THERE, "awaits-approval", number)


def test_a_card_in_the_place_of_the_number_is_not_kept() -> None:
    said = said_by(Reply(504, body(**AWAITS, details={"refund": "4111 1111 1111 1111"})))
    assert not holds_card(said.text)


@pytest.mark.parametrize(
    ("fields", "signal"),
    [
        ({**AWAITS, "resultCode": 12}, Signal.DECLINED),
        ({**AWAITS, "resultCode": 24}, Signal.AFTER_PAYMENT),
        ({**AWAITS, "resultCode": 0}, Signal.UNSURE),
        ({"code": "awaits-approval"}, Signal.UNSURE),
        ({**AWAITS, "code": "payment-waits"}, Signal.UNSURE),
        ({**AWAITS, "code": ["awaits-approval"]}, Signal.UNSURE),
    ],
)
def test_a_result_code_that_says_otherwise_counts_more(
    fields: dict[str, Any], signal: Signal
) -> None:
    assert said_by(Reply(504, body(**fields))).signal is signal

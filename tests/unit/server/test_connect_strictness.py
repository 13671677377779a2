"""Strict where money is concerned, lenient elsewhere; nothing is echoed, nothing is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend_client.server.connect_reading import read_refund, read_sale, read_search
from tests.unit.refusing import refused
from tests.unit.server.served import BOOKING, PAYMENT, Served, fixture

MATCHED = {"amountInCents": 1450, "paymentId": "OPH-29299"}


def call(**changes: Any) -> dict[str, Any]:
    return {"matchedPaymentDetails": [MATCHED], **changes}


def one(kind: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "matched": MATCHED,
        "external": {"amountInCents": 1450, "cardType": "VISA"},
        "unmatched": {"amountInCents": 1450, "cardNumber": "035464666587", "cardType": "SVS"},
    }
    detail = plain[kind] | changes
    return {f"{kind}PaymentDetails": [{k: v for k, v in detail.items() if v != "gone"}]}


WRONG: list[tuple[str, Any, str]] = [
    ("an empty list", call(sequencesToRefund=[]), "sequencesToRefund"),
    ("null", call(sequencesToRefund=None), "sequencesToRefund"),
    ("a sequence twice", call(sequencesToRefund=[1, 1]), "sequencesToRefund"),
    ("a text", call(sequencesToRefund=["1"]), "sequencesToRefund[0]"),
    ("a decimal", call(sequencesToRefund=[1.0]), "sequencesToRefund[0]"),
    ("true", call(sequencesToRefund=[True]), "sequencesToRefund[0]"),
    ("no sequence", call(sequencesToRefund=[0]), "sequencesToRefund[0]"),
    ("no list", call(sequencesToRefund=1), "sequencesToRefund"),
    ("lines in another case", call(SequencesToRefund=[1]), "sequencesToRefund"),
    ("a payment in another case", call(externalpaymentdetails=[]), "externalPaymentDetails"),
    ("too many", call(sequencesToRefund=list(range(1, 2_002))), "sequencesToRefund"),
    ("a payment twice", call(matchedPaymentDetails=[MATCHED, MATCHED]), "[1].paymentId"),
    ("no payment", one("matched", paymentId="gone"), "matchedPaymentDetails[0].paymentId"),
    ("an empty payment", one("matched", paymentId=""), "matchedPaymentDetails[0].paymentId"),
    ("a list of text", call(matchedPaymentDetails=["x"]), "matchedPaymentDetails[0]"),
    ("an array", [1, 2], ""),
    ("a text alone", "refund", ""),
    ("null alone", None, ""),
    *(
        (f"{kind}: {amount!r}", one(kind, amountInCents=amount), "amountInCents")
        for kind in ("matched", "external", "unmatched")
        for amount in ("1450", 1450.0, 1450.5, True, None, 0, -1, 2**53 + 1, "gone")
    ),
    ("a number for a card", one("unmatched", cardNumber=35464666587), "cardNumber"),
]


@pytest.mark.parametrize(("what", "body", "field"), WRONG, ids=[row[0] for row in WRONG])
def test_what_is_wrong_is_refused_by_its_field(what: str, body: Any, field: str) -> None:
    with refused("request-invalid") as refusal:
        read_refund(json.dumps(body).encode())
    assert field in refusal.value.details["field"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b"\xff\xfe",
        b'{"matchedPaymentDetails": [{"amountInCents": NaN}]}',
        b'{"matchedPaymentDetails": [{"amountInCents": 1e3, "paymentId": "OPH-29299"}]}',
        b"[" * 5_000,
    ],
)
def test_what_is_no_json_or_no_whole_number_is_refused(body: bytes) -> None:
    with refused("request-invalid"):
        read_refund(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"sequencesToRefund": [1], "sequencesToRefund": [2]}',
        b'{"externalPaymentDetails": [{"amountInCents": 1, "amountInCents": 1450}]}',
    ],
)
def test_a_field_said_twice_is_refused(body: bytes) -> None:
    with refused("request-invalid") as refusal:
        read_refund(body)
    assert "twice" in refusal.value.details["reason"]
    assert "error" not in refusal.value.details["reason"]


def test_unknown_fields_and_absent_texts_are_no_trouble() -> None:
    read = read_refund(
        json.dumps(
            {
                "somethingNew": {"a": [1]},
                "matchedPaymentDetails": None,
                **one("external", cardType=None, cardCVC=None, more=1),
            }
        ).encode()
    )
    assert (read.sequences_to_refund, read.matched_payment_details) == ((), ())
    assert len(read.external_payment_details) == 1


@pytest.mark.parametrize("kind", ["matched", "unmatched"])
@pytest.mark.parametrize("name", ["cardCVC", "CardCvc", "cvv"])
@pytest.mark.parametrize("code", ["Q7Z", 987])
def test_a_security_code_is_refused_and_not_repeated(kind: str, name: str, code: object) -> None:
    with refused("request-invalid") as refusal:
        read_refund(json.dumps(one(kind, **{name: code})).encode())
    assert refusal.value.details["field"] == f"{kind}PaymentDetails[0]"
    assert "security code" in refusal.value.details["reason"]
    assert str(code) not in f"{refusal.value} {refusal.value.details}"


@pytest.mark.parametrize("name", ["cardCVC", "CardCvc", "cvv"])
@pytest.mark.parametrize("code", ["Q7Z", 987, ["Q7Z"]])
def test_where_the_sample_has_a_security_code_it_is_dropped(name: str, code: object) -> None:
    read = read_refund(json.dumps(one("external", **{name: code})).encode())
    assert read == read_refund(json.dumps(one("external")).encode())


def test_what_some_programs_write_before_their_text_says_nothing() -> None:
    read = read_refund(b"\xef\xbb\xbf" + json.dumps(call()).encode())
    assert read.matched_payment_details[0].amount_in_cents == 1450


@pytest.mark.parametrize(
    "name", ["refund-full-matched", "refund-partial-external", "refund-full-external"]
)
def test_the_samples_are_read(name: str) -> None:
    read = read_refund(json.dumps(fixture(name)).encode())
    assert read.matched_payment_details or read.external_payment_details


def test_a_refusal_says_nothing_of_what_stood_there() -> None:
    with refused("request-invalid") as refusal:
        read_refund(json.dumps(one("unmatched", cardNumber=4111111111111111)).encode())
    assert "4111" not in f"{refusal.value} {refusal.value.details}"


SALE = fixture("order-payment-external-sale")


def changed_sale(**changes: Any) -> bytes:
    info = SALE["PaymentInfo"] | {k: v for k, v in changes.items() if k in SALE["PaymentInfo"]}
    rest = {k: v for k, v in changes.items() if k not in SALE["PaymentInfo"]}
    return json.dumps(SALE | {"PaymentInfo": info} | rest).encode()


def test_the_sample_of_a_sale_is_read() -> None:
    sale = read_sale(changed_sale())
    assert sale.amount_minor == 1000
    assert sale.masked_number == "4681••••••5478"
    assert sale.reversal_data == "PP-094834939-GBRTYDFWTY"
    assert (sale.refund_method, sale.bank_reference) == ("PaymentPlus", "094834939")
    assert (sale.customer_name, sale.customer_email) == ("Bette Davis", "bette.davis@hollwood.org")


@pytest.mark.parametrize(
    "changes",
    [
        {"PerformPayment": True},
        {"PerformPayment": "false"},
        {"PerformPayment": None},
        {"UserSessionId": ""},
        {"PaymentInfo": None},
        {"PaymentValueCents": "1000"},
        {"PaymentValueCents": 1000.0},
        {"PaymentValueCents": 0},
        {"PaymentInfo": SALE["PaymentInfo"] | {"CardCVC": "123"}},
    ],
)
def test_a_sale_is_as_strict(changes: dict[str, Any]) -> None:
    with refused("request-invalid"):
        read_sale(changed_sale(**changes))


def test_a_full_card_number_is_no_mask() -> None:
    with refused("full-card-number"):
        read_sale(changed_sale(CardNumber="4111111111111111"))


def test_numbers_and_texts_are_both_codes() -> None:
    assert read_sale(changed_sale(BankTransactionNumber=94834939)).bank_reference == "94834939"
    search = read_search(b'{"CinemaId": "0001", "CardInfo": {"CardLast4Digits": 1111}}')
    assert search.card_info is not None
    assert search.card_info.card_last4_digits == "1111"


@pytest.mark.parametrize(
    ("what", "body"), [(row[0], row[1]) for row in WRONG[:4]], ids=[row[0] for row in WRONG[:4]]
)
async def test_the_second_generation_answers_400(served: Served, what: str, body: Any) -> None:
    answer = await served.refund(body)
    assert answer.status_code == 400, what
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["resultCode"]) == ("request-invalid", 4)
    assert (await served.booking())["PaymentsRefunded"] == []


@pytest.mark.parametrize("path", [BOOKING, PAYMENT])
async def test_the_first_generation_answers_200_and_4(served: Served, path: str) -> None:
    for body in (b"", b"<html>", b"[]", b'{"CinemaId": "0001"}'):
        answer = await served.post(path, body)
        assert answer.status_code == 200
        said = answer.json()
        assert said.get("ResultCode", said.get("Result")) == 4
        assert said["ErrorDescription"]

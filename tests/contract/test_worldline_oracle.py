"""Worldline's own SDK is the oracle of our requests: address, body and signature."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import ParseResult, urlparse

import pytest
from onlinepayments.sdk.authentication.v1hmac_authenticator import V1HmacAuthenticator
from onlinepayments.sdk.call_context import CallContext
from onlinepayments.sdk.communication.connection import Connection
from onlinepayments.sdk.communication.metadata_provider import MetadataProvider
from onlinepayments.sdk.communication.request_header import RequestHeader
from onlinepayments.sdk.communicator import Communicator
from onlinepayments.sdk.communicator_configuration import CommunicatorConfiguration
from onlinepayments.sdk.domain.refund_request import RefundRequest
from onlinepayments.sdk.domain.refund_response import RefundResponse
from onlinepayments.sdk.domain.refunds_response import RefundsResponse
from onlinepayments.sdk.factory import Factory
from onlinepayments.sdk.json.default_marshaller import DefaultMarshaller

from backend_client.providers.credentials import Secret
from backend_client.providers.port import AnswerClass, RefundOrder
from backend_client.providers.practice_program.bank import Ask, Decision, Said
from backend_client.providers.practice_program.dialect import Incoming
from backend_client.providers.practice_program.ledger import Refund
from backend_client.providers.practice_program.worldline_dialect import WorldlineDialect
from backend_client.providers.worldline import WorldlineProvider
from backend_client.providers.worldline_answers import answer_of, listed_of
from backend_client.providers.worldline_signing import authorization
from tests.clocks import START, SteppingClock
from tests.unit.providers.lines import RecordingLine, reply

REQUESTS = 1_200
SEED = 20_260_314
ENDPOINT = "https://payment.preprod.direct.worldline-solutions.com"
PLAIN = string.ascii_letters + string.digits + "_-."
"""What names are made of; the SDK does not encode others, we do."""


@dataclass(frozen=True, slots=True)
class Case:
    merchant: str
    key_id: str
    secret: str
    order: RefundOrder
    at: datetime


def cases() -> Iterable[Case]:
    chance = random.Random(SEED)

    def text(letters: str, longest: int) -> str:
        return "".join(chance.choices(letters, k=chance.randint(1, longest)))

    for _ in range(REQUESTS):
        order = RefundOrder(
            provider_key=text(string.ascii_letters + string.digits + "-", 40),
            our_reference=text(string.ascii_letters + string.digits + "-.", 40),
            payment_reference=text(PLAIN, 24),
            amount_minor=chance.choice((1, 100, chance.randint(1, 2**53))),
            currency=chance.choice(("EUR", "JPY", "KWD", "CHF")),
            captured_minor=0,
            payment_id=1,
        )
        at = START + timedelta(seconds=chance.randint(0, 10**9))
        secret = text(PLAIN + "/+=äé漢", 40)
        yield Case(text(PLAIN, 12), text(string.hexdigits, 20), secret, order, at)


class KeepingConnection(Connection):  # type: ignore[misc]
    """Sends nothing: keeps what the SDK would have sent."""

    def __init__(self) -> None:
        self.url: ParseResult | None = None
        self.headers: dict[str, str] = {}
        self.body = ""

    def post(self, url: Any, request_headers: Sequence[Any], body: Any) -> Any:
        self.body = body
        return self.get(url, request_headers)

    def get(self, url: Any, request_headers: Sequence[Any]) -> Any:
        self.url = url
        self.headers = {header.name: header.value for header in request_headers}
        return 200, {"Content-Type": "application/json"}, [b"{}"]

    def put(self, url: Any, request_headers: Sequence[Any], body: Any) -> Any:
        raise NotImplementedError

    def delete(self, url: Any, request_headers: Sequence[Any]) -> Any:
        raise NotImplementedError

    def enable_logging(self, communicator_logger: Any) -> None:
        raise NotImplementedError

    def disable_logging(self) -> None:
        raise NotImplementedError

    def set_body_obfuscator(self, body_obfuscator: Any) -> None:
        raise NotImplementedError

    def set_header_obfuscator(self, header_obfuscator: Any) -> None:
        raise NotImplementedError

    def close(self) -> None:
        pass


def authenticator(case: Case) -> Any:
    return V1HmacAuthenticator(
        CommunicatorConfiguration(
            api_endpoint=ENDPOINT,
            api_key_id=case.key_id,
            secret_api_key=case.secret,
            authorization_type="v1HMAC",
            connect_timeout=5,
            socket_timeout=30,
            integrator="tests",
        )
    )


def sent_by_sdk(case: Case, *, look_up: bool) -> KeepingConnection:
    connection = KeepingConnection()
    communicator = Communicator(
        ENDPOINT,
        connection,
        authenticator(case),
        MetadataProvider("tests"),
        DefaultMarshaller.instance(),
    )
    merchant = Factory.create_client_from_communicator(communicator).merchant(case.merchant)
    order = case.order
    if look_up:
        merchant.refunds().get_refunds(order.payment_reference)
        return connection
    request = RefundRequest().from_dictionary(
        {
            "amountOfMoney": {"amount": order.amount_minor, "currencyCode": order.currency},
            "operationReferences": {"merchantReference": order.our_reference},
        }
    )
    context = CallContext(order.provider_key)
    merchant.payments().refund_payment(order.payment_reference, request, context)
    return connection


def sent_by_us(case: Case, *, look_up: bool) -> tuple[str, str, Mapping[str, str], bytes]:
    line = RecordingLine()
    provider = WorldlineProvider(
        line,
        SteppingClock(case.at),
        name="worldline",
        environment="test",
        merchant=case.merchant,
        key_id=Secret(case.key_id),
        secret=Secret(case.secret),
    )
    if look_up:
        provider.find(case.order)
    else:
        provider.refund(case.order)
    (request,) = line.sent
    return request.method, request.target, request.headers, request.body


def target_of(connection: KeepingConnection) -> str:
    assert connection.url is not None
    return str(connection.url.path)


def signed_by_sdk(case: Case, method: str, target: str, headers: Mapping[str, str]) -> str:
    """What the SDK's authenticator says our own request must be signed with."""
    given = [
        RequestHeader(name, value) for name, value in headers.items() if name != "Authorization"
    ]
    uri = urlparse(ENDPOINT + target)
    return str(authenticator(case).get_authorization(method, uri, given))


@pytest.mark.parametrize("look_up", [False, True], ids=["refund", "look-up"])
def test_a_thousand_requests_are_those_of_the_sdk(look_up: bool) -> None:
    for number, case in enumerate(cases()):
        theirs = sent_by_sdk(case, look_up=look_up)
        method, target, headers, body = sent_by_us(case, look_up=look_up)
        where = f"case {number} of seed {SEED}"
        assert target == target_of(theirs), where
        assert headers["Authorization"] == signed_by_sdk(case, method, target, headers), where
        assert theirs.headers["Authorization"] == authorization(
            case.key_id, case.secret, method, target, theirs.headers
        ), where
        if not look_up:
            assert json.loads(body) == json.loads(theirs.body), where
            for name in ("X-GCS-Idempotence-Key", "Content-Type"):
                assert headers[name] == theirs.headers[name], where


def test_the_date_has_the_form_the_sdk_gives_it() -> None:
    case = next(iter(cases()))
    _, _, headers, _ = sent_by_us(case, look_up=True)
    theirs = sent_by_sdk(case, look_up=True).headers["Date"]
    assert parsedate_to_datetime(headers["Date"]) == case.at
    assert format_datetime(parsedate_to_datetime(theirs), usegmt=True) == theirs


def test_the_sdk_reads_what_the_practice_provider_answers_as_we_do() -> None:
    ask = Ask("pay-1", "ref-1", "key-1", 1450, "EUR")
    for state, kind in (
        ("final", AnswerClass.FINAL),
        ("accepted", AnswerClass.ACCEPTED),
        ("uncertain", AnswerClass.UNKNOWN),
        ("failed_late", AnswerClass.DECLINED),
    ):
        refund = Refund(7, "pay-1", "ref-1", "key-1", 1450, "EUR", state, "", "", "api")
        said = WorldlineDialect().said(ask, Said(Decision.DONE, refund))
        theirs = RefundResponse().from_dictionary(json.loads(said.body))
        ours = answer_of(reply(said.status, said.body))
        assert ours.kind is kind
        assert ours.provider_refund_id == theirs.id
        assert ours.code == str(theirs.status_output.status_code)
        output = theirs.refund_output
        assert ours.our_reference == output.operation_references.merchant_reference
        assert (ours.amount_minor, ours.currency) == (
            output.amount_of_money.amount,
            output.amount_of_money.currency_code,
        )


def test_the_sdk_reads_the_practice_provider_s_list_as_we_do() -> None:
    refunds = [
        Refund(number, "pay-1", f"ref-{number % 2}", "", 100, "EUR", "final", "", "", "api")
        for number in range(1, 8)
    ]
    nothing = Incoming("GET", "", "", {}, {}, b"")
    listed = WorldlineDialect().listed(nothing, refunds)
    theirs = RefundsResponse().from_dictionary(json.loads(listed.body)).refunds
    expected = [
        one.id
        for one in theirs
        if one.refund_output.operation_references.merchant_reference == "ref-1"
    ]
    found = listed_of(reply(200, listed.body)).naming("ref-1").found
    assert [one.provider_refund_id for one in found] == expected
    assert len(expected) == 4

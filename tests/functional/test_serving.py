"""The real server: who may reach it, how it ends, and what it needs."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.real_command import build, command, copy, is_sound, place
from tests.functional.serving import (
    BASE,
    FULL,
    REFUND,
    Server,
    beside_provider,
    booking,
    client,
    on_the_wire,
    refunds_at,
    served,
    token_for,
)
from tests.terminal import COMMAND
from tests.unit.server.served import FIXTURES, unpaid

CANARY = "4556737586899855"
CODE = "Q7ZcanaryQ7Z"
"""A security code that nothing else looks like."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("built"), 20)


@pytest.fixture
def venue(built: Path, tmp_path: Path) -> Iterator[Path]:
    yield copy(built, tmp_path)
    assert is_sound(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_until_it_is_told_to_end(venue: Path, number: signal.Signals) -> None:
    token = token_for(venue)
    with served(venue) as server, client(server, token) as calls:
        answer = calls.post(REFUND, json=FULL)
        assert answer.status_code == 200, answer.text
        (back,) = booking(calls)["PaymentsRefunded"]
        assert back["BillingValueCents"] == 1450
        calls.headers["connectApiToken"] = "nobody's"
        assert calls.post(REFUND, json=FULL).status_code == 401
        server.tell(number)
        assert server.end() == 0
        assert "Nothing is answered any more." in server.said
        assert server.address.read_bytes() == b""
    assert token not in server.said


def test_a_token_that_is_revoked_is_refused_from_then_on(venue: Path) -> None:
    token = token_for(venue)
    with served(venue) as server, client(server, token) as calls:
        assert booking(calls)["BookingId"] == "WPM8TS9"
        command(venue, "--operator", "N. Admin", "clients", "revoke", "shop")
        answer = calls.post(REFUND, json=FULL)
        assert (answer.status_code, answer.json()["code"]) == (401, "token-revoked")


def test_refused_tokens_are_on_record_by_address_and_never_written_down(venue: Path) -> None:
    """Every one of them counts, and a flood is a few lines."""
    wrong = "tw_0123456789ab_nobodys"
    good = token_for(venue)
    with served(venue) as server, client(server, wrong) as calls:
        for _ in range(40):
            assert calls.post(REFUND, json=FULL).status_code == 401
        calls.headers["connectApiToken"] = good
        assert booking(calls)["PaymentsRefunded"] == []
        server.tell(signal.SIGTERM)
        assert server.end() == 0
    log = command(venue, "--operator", "N. Admin", "audit", "export").stdout
    rows = [row for row in map(json.loads, log.splitlines()) if row["action"] == "denied"]
    told = [json.loads(row["body"]) for row in rows]
    assert {(body["code"], body["address"]) for body in told} == {("token-unknown", "127.0.0.1")}
    assert sum(body["times"] for body in told) == 40
    assert len(told) < 10
    assert "nobodys" not in log


def test_a_call_on_the_wire_is_answered_before_it_ends(venue: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "provider.db"
    with (
        beside_provider(venue, ledger, "late-answer=1"),
        on_the_wire(venue, token_for(venue), ledger) as (server, answer),
    ):
        server.tell(signal.SIGTERM)
        assert answer.result().status_code == 200, answer.result().text
        assert server.end() == 0
    assert len(refunds_at(ledger)) == 1


def test_a_sale_taken_elsewhere_is_imported_recorded_and_reversed(venue: Path) -> None:
    order = venue / "order.json"
    order.write_text(json.dumps(unpaid(BookingId="AAA1111")), encoding="utf-8")
    imported = command(venue, "--operator", "B. Keller", "import", str(order))
    assert imported.returncode == 0, imported.stderr
    sale = (FIXTURES / "order-payment-external-sale.json").read_bytes()
    with served(venue) as server, client(server, token_for(venue)) as calls:
        answer = calls.post(f"{BASE}/RESTTicketing.svc/order/payment", content=sale).json()
        assert (answer["Result"], answer["VistaBookingId"]) == (0, "AAA1111")
        there = f"{BASE}/cinemas/0001/bookings/AAA1111"
        (payment,) = calls.get(there).json()["Booking"]["Payments"]
        back = {"amountInCents": 1000, "paymentId": payment["PaymentId"]}
        refund = calls.post(f"{there}/refund", json={"matchedPaymentDetails": [back]})
        assert refund.status_code == 200, refund.text


def test_what_was_sent_of_a_card_lies_in_no_file_and_no_stream(venue: Path) -> None:
    """Neither its number nor its security code, not even of the call that is carried out."""
    token = token_for(venue)
    detail = {"amountInCents": 1450, "cardNumber": CANARY, "cardCVC": CODE, "cardType": "VISA"}
    text = (FIXTURES / "refund-full-external.json").read_text(encoding="utf-8")
    sample = json.loads(text.replace('"123"', f'"{CODE}"'))
    mask = {"amountInCents": 1450, "cardNumberMasked": CANARY}
    with served(venue) as server, client(server, token) as calls:
        for status, body in (
            (422, {"unmatchedPaymentDetails": [detail]}),
            (400, {"unmatchedPaymentDetails": [detail | {"cardType": "SVS"}]}),
            (422, {"unmatchedPaymentDetails": [detail | {"cardType": "SVS", "cardCVC": ""}]}),
            (422, {"externalPaymentDetails": [mask]}),
            (422, {"externalPaymentDetails": [mask | {"cardCVC": CODE}]}),
            (422, FULL | {"refundReason": CANARY}),
            (200, sample),
        ):
            answer = calls.post(REFUND, json=body)
            assert answer.status_code == status, answer.text
            assert not {CANARY, CODE} & set(re.findall(r"\w+", answer.text))
        calls.get(f"{BASE}/cinemas/0001/bookings/{CANARY}", headers={"correlationId": CANARY})
        server.tell(signal.SIGTERM)
        assert server.end() == 0
    for secret in (CANARY, CODE):
        assert secret not in server.said
        for file in venue.rglob("*"):
            assert file.is_dir() or secret.encode() not in file.read_bytes(), file.name


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_plain_http_is_for_this_machine_alone(venue: Path, host: str) -> None:
    answer = command(venue, "serve", "--face", "connect", "--host", host)
    assert answer.returncode == 2
    assert "--insecure" in answer.stderr


def test_a_house_whose_bookings_are_at_connect_has_none_to_serve(venue: Path) -> None:
    config = venue / "config.toml"
    before = config.read_text(encoding="utf-8")
    there = 'url = "http://127.0.0.1:9/WSVistaWebClient"'
    config.write_text(f"{before}\n[connect]\n{there}\n[connect.cinemas.0001]\n")
    answer = command(venue, "serve", "--face", "connect", "--port", "0")
    config.write_text(before)
    assert (answer.returncode, "[connect]" in answer.stderr) == (2, True)


def test_what_has_no_cents_is_not_served(venue: Path) -> None:
    config = venue / "config.toml"
    before = config.read_text(encoding="utf-8")
    config.write_text(before.replace('currency = "CHF"', 'currency = "JPY"'))
    answer = command(venue, "serve", "--face", "connect", "--port", "0")
    config.write_text(before)
    assert (answer.returncode, "JPY has none" in answer.stderr) == (2, True)


def test_behind_a_proxy_it_may_listen_for_others(venue: Path) -> None:
    with served(venue, "--host", "0.0.0.0", "--insecure") as server:
        assert server.url.startswith("http://0.0.0.0:")


def test_a_port_or_a_file_of_another_server_is_refused(venue: Path) -> None:
    with served(venue) as server:
        port = server.url.rpartition(":")[2]
        again = command(venue, "serve", "--face", "connect", "--port", port)
        assert (again.returncode, port in again.stderr) == (2, True)
        more = ("--port", "0", "--address-file", str(server.address))
        again = command(venue, "serve", "--face", "connect", *more)
        assert again.returncode == 2
        assert isinstance(server, Server)
        assert server.address.read_text() == server.url


def test_settings_without_a_store_have_nothing_to_serve(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    answer = command(tmp_path, "serve", "--face", "connect", "--port", "0")
    assert answer.returncode == 3


WITHOUT_THE_EXTRA = """
import sys
sys.modules["uvicorn"] = None
from tui import cli
sys.exit(cli.run(sys.argv[1:]))
"""


def test_without_the_extra_it_says_what_to_install(built: Path, tmp_path: Path) -> None:
    venue = copy(built, tmp_path)
    added = subprocess.run(
        [*COMMAND, *place(venue), "--pin-stdin", "operators", "add", "C. Admin", "--role", "admin"],
        input="481516\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert added.returncode == 0, added.stderr
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_EXTRA, *place(venue), "serve", "--face", "connect"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2
    assert "'.[server]'" in answer.stderr
    assert "(pin-required)" not in answer.stderr, "nobody types a PIN for nothing"
    unasked = command(venue, "serve", "--face", "connect", "--port", "0")
    assert "(pin-required)" in unasked.stderr

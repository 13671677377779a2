"""The real server and calls no client of the document makes: each is answered or ended, nothing is
given back, and whoever comes next is served."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from tests.functional.real_command import build, is_sound
from tests.functional.serving import BASE, FULL, REFUND, Server, booking, client, served, token_for

READ = f"{BASE}/RESTBooking.svc/booking"
CALL = json.dumps({"CinemaId": "0001", "BookingId": "WPM8TS9"}).encode()
MONEY = json.dumps(FULL).encode()
CODE = "Q7Z"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    venue = build(tmp_path_factory.mktemp("built"), 5)
    token = token_for(venue)
    with served(venue) as server:
        yield server, token
    assert CODE not in server.said
    for file in venue.iterdir():
        assert f'"{CODE}"'.encode() not in file.read_bytes(), file.name
    assert is_sound(venue)


@pytest.fixture
def calls(house: tuple[Server, str]) -> Iterator[httpx.Client]:
    """Afterwards nothing was given back, and the next one is served."""
    with client(*house) as made:
        yield made
        assert booking(made)["PaymentsRefunded"] == []
        assert "CurrentValueInCents" not in booking(made)


def spoken(server: Server, said: bytes, *, breaks_off: bool = False) -> bytes:
    """What the server says to these bytes, until one of the two hangs up."""
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port)) as line, suppress(OSError):
        line.sendall(said)
        if breaks_off:
            line.shutdown(socket.SHUT_WR)
        while piece := line.recv(65_536):
            answer += piece
    return answer


def call(path: str, body: bytes, *headers: str, version: str = "1.1") -> bytes:
    lines = [f"POST {path} HTTP/{version}", "Host: x", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def length(body: bytes) -> str:
    return f"Content-Length: {len(body)}"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize(
    "headers",
    [
        (),
        ("Content-Type: text/xml",),
        ("Content-Type: application/json; charset=utf-16",),
        ("tenantId: 7", "vista-tenant: palais", "Connect-Region-Code: GB"),
        ("Expect: 100-continue",),
    ],
)
def test_what_else_a_call_says_of_itself_changes_nothing(
    house: tuple[Server, str], calls: httpx.Client, version: str, headers: tuple[str, ...]
) -> None:
    """Bodies are JSON in UTF-8, whatever their header says; the oldest HTTP will do."""
    server, token = house
    said = (f"connectApiToken: {token}", length(CALL), *headers)
    answer = spoken(server, call(READ, CALL, *said, version=version))
    head, _, body = answer.rpartition(b"\r\n\r\n")
    assert b" 200 OK\r\n" in head
    assert json.loads(body)["Booking"]["BookingId"] == "WPM8TS9"


def test_a_body_in_pieces_is_a_body(house: tuple[Server, str], calls: httpx.Client) -> None:
    answer = calls.post(READ, content=iter([CALL[:5], CALL[5:]]))
    assert answer.json()["ResultCode"] == 0


NO_HTTP: list[tuple[str, bytes]] = [
    ("no HTTP", b"GARBAGE\r\n\r\n"),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("a negative length", call(REFUND, b"", "Content-Length: -5")),
    ("two lengths", call(REFUND, MONEY, "Content-Length: 5", length(MONEY))),
    ("a header without end", b"POST / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000),
]


@pytest.mark.parametrize(("what", "said"), NO_HTTP, ids=[row[0] for row in NO_HTTP])
def test_what_is_no_http_is_refused(
    house: tuple[Server, str], calls: httpx.Client, what: str, said: bytes
) -> None:
    answer = spoken(house[0], said, breaks_off=True)
    assert not answer or answer.startswith(b"HTTP/1.1 4"), what


def test_a_call_that_breaks_off_does_nothing(
    house: tuple[Server, str], calls: httpx.Client
) -> None:
    server, token = house
    said = (f"connectApiToken: {token}", f"Content-Length: {len(MONEY) + 1}")
    assert b" 200 " not in spoken(server, call(REFUND, MONEY, *said), breaks_off=True)


WRONG: list[tuple[str, bytes, int]] = [
    ("nothing", b"", 400),
    ("a page", b"<html></html>", 400),
    ("a form", b"amountInCents=1450&paymentId=OPH-29299", 400),
    ("packed", gzip.compress(MONEY), 400),
    ("UTF-16", MONEY.decode().encode("utf-16"), 400),
    ("two values", MONEY + MONEY, 400),
    ("a list", b"[" + MONEY + b"]", 400),
    ("ten megabytes", b'{"refundReason": "' + b"x" * 10_000_000 + b'"}', 413),
    ("a number as a text", MONEY.replace(b"1450", b'"1450"'), 400),
    ("a negative amount", MONEY.replace(b"1450", b"-1450"), 400),
    ("more than a number holds", MONEY.replace(b"1450", b"9" * 400), 400),
    ("a decimal", MONEY.replace(b"1450", b"1450.0"), 400),
    ("a line twice", b'{"sequencesToRefund": [1, 1],' + MONEY[1:], 400),
    ("no line", b'{"sequencesToRefund": [],' + MONEY[1:], 400),
    ("a field twice", b'{"refundReason": "a", "refundReason": "b",' + MONEY[1:], 400),
    ("a line nobody has", b'{"sequencesToRefund": [99],' + MONEY[1:], 422),
    ("no payment", b"{}", 422),
    ("another amount", MONEY.replace(b"1450", b"1449"), 422),
    (
        "a security code",
        MONEY.replace(b"1450", b'1450, "cardCVC": "Q7Z"'),
        400,
    ),
]


@pytest.mark.parametrize(("what", "body", "status"), WRONG, ids=[row[0] for row in WRONG])
def test_a_refund_call_that_is_wrong_is_refused(
    calls: httpx.Client, what: str, body: bytes, status: int
) -> None:
    answer = calls.post(REFUND, content=body)
    said: dict[str, Any] = answer.json()
    assert (answer.status_code, said["moneyMoved"]) == (status, "no"), answer.text
    assert said["resultCode"] in (4, 69)
    assert answer.headers["correlationId"] == said["correlationId"]
    assert CODE not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        f"{BASE}/cinemas/9999/bookings/WPM8TS9/refund",
        f"{BASE}/cinemas//bookings//refund",
        f"{BASE}/cinemas/0001/bookings/%2e%2e/refund",
        f"{BASE}/cinemas/0001/bookings/%00/refund",
        f"{BASE}/cinemas/0001/bookings/%EF%BF%BD/refund",
        f"{BASE}/cinemas/0001/bookings/{'x' * 5_000}/refund",
        f"{BASE.lower()}/cinemas/0001/bookings/WPM8TS9/refund",
        f"{REFUND}/",
        f"/{REFUND}",
    ],
)
def test_a_place_there_is_not_is_404(calls: httpx.Client, path: str) -> None:
    answer = calls.post(path, content=MONEY)
    said = answer.json()
    code = None if said["code"] == "call-unknown" else 78
    assert (answer.status_code, said.get("resultCode")) == (404, code), answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "GET"])
def test_a_refund_is_posted_and_nothing_else(calls: httpx.Client, method: str) -> None:
    answer = calls.request(method, REFUND, content=MONEY)
    assert (answer.status_code, answer.json()["code"]) == (404, "call-unknown")

"""What goes over the line: header names as written, HTTP/1.1, one request for one call."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from backend_client.connect_settings import Cinema, ConnectSettings
from backend_client.domain.connect_outcome import Signal
from backend_client.providers.credentials import Secret
from backend_client.providers.http_client import HttpClient, Timeouts
from backend_client.remote import client as composed
from backend_client.remote.client import ConnectClient
from tests.unit.providers.hosts import Behave, Host, host, http, says

CINEMA = Cinema("0001", "Palais", "CHF", "UTC")
TOKEN = "0123456789abcdef0123456789abcdef"


def client(url: str) -> ConnectClient:
    settings = ConnectSettings(
        url=f"{url}/WSVistaWebClient",
        cinemas={"0001": CINEMA},
        headers={"vista-tenant": "Palais", "Connect-Region-Code": "CH"},
        read_s=30,
    )
    return ConnectClient(settings, Secret(TOKEN))


def sent_to(made: Host) -> tuple[str, list[str], bytes]:
    (request,) = made.requests
    head, _, body = request.partition(b"\r\n\r\n")
    first, *headers = head.decode("ascii").split("\r\n")
    return first, headers, body


def test_header_names_go_out_exactly_as_written_over_http_1_1() -> None:
    with host(says(http(200, b"{}"))) as made:
        connect = client(made.url)
        connect.booking("0001", {"BookingId": "WPM8TS9"}, "corr-1")
        connect.close()
    first, headers, body = sent_to(made)
    assert first == "POST /WSVistaWebClient/RESTBooking.svc/booking HTTP/1.1"
    for header in (
        f"connectApiToken: {TOKEN}",
        "Content-Type: application/json",
        "correlationId: corr-1",
        "vista-tenant: Palais",
        "Connect-Region-Code: CH",
    ):
        assert header in headers
    assert json.loads(body) == {"CinemaId": "0001", "BookingId": "WPM8TS9"}


def test_a_refund_goes_to_the_booking_and_nothing_in_a_name_leaves_the_path() -> None:
    with host(says(http(200))) as made:
        connect = client(made.url)
        said = connect.refund("0001", "A/../B?c", b"{}", "x\r\nevil: 1")
        connect.close()
    first, headers, body = sent_to(made)
    assert first == ("POST /WSVistaWebClient/cinemas/0001/bookings/A%2F..%2FB%3Fc/refund HTTP/1.1")
    assert "correlationId: xevil:1" in headers
    assert (body, said.signal) == (b"{}", Signal.CLEAN)


def test_a_call_may_take_as_long_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refunds there take long; whoever gives up early has one more nobody knows about."""
    made: list[Timeouts | None] = []

    class Noted(HttpClient):
        def __init__(self, *named: Any, timeouts: Timeouts | None = None, **said: Any) -> None:
            made.append(timeouts)
            super().__init__(*named, timeouts=timeouts, **said)

    monkeypatch.setattr(composed, "HttpClient", Noted)
    client("http://127.0.0.1:1").close()
    assert [(one.connect, one.read, one.whole) for one in made if one] == [(5.0, 30.0, 60.0)]


def test_an_answer_that_comes_twice_is_never_taken_for_the_next_one_s() -> None:
    answers = [http(200, b'{"ResultCode": %d}' % code) * 2 for code in (12, 78, 0)]

    def behave(line: socket.socket, request: bytes) -> None:
        line.sendall(answers.pop(0))

    with host(behave) as made:
        connect = client(made.url)
        said = [connect.refund("0001", "WPM8TS9", b"{}", "corr-1").code for _ in range(3)]
        connect.close()
    assert said == ["12", "78", "http-200"]
    assert made.lines == 3


def dies(line: socket.socket, request: bytes) -> None:
    line.close()


def dies_within(line: socket.socket, request: bytes) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    line.close()


@pytest.mark.parametrize(
    ("behave", "signal"),
    [
        (dies, Signal.UNSURE),
        (dies_within, Signal.UNSURE),
        (says(b"this is no HTTP\r\n\r\n"), Signal.UNSURE),
        (says(http(302, b"", "Location: http://127.0.0.1:1/elsewhere")), Signal.UNSURE),
        (says(http(307, b"", "Location: /again")), Signal.UNSURE),
        (says(http(502, b"<html>")), Signal.UNSURE),
        (says(http(429, b"", "Retry-After: 1")), Signal.NOT_SENT),
    ],
)
def test_a_refund_is_sent_once_whatever_comes_back(behave: Behave, signal: Signal) -> None:
    with host(behave) as made:
        connect = client(made.url)
        said = connect.refund("0001", "WPM8TS9", b"{}", "corr-1")
        connect.close()
    assert said.signal is signal
    assert len(made.requests) == 1


def test_where_nobody_listens_nothing_was_sent() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    listening.close()
    connect = client(f"http://127.0.0.1:{port}")
    said = connect.refund("0001", "WPM8TS9", b"{}", "corr-1")
    connect.close()
    assert (said.signal, said.reached) == (Signal.NOT_SENT, False)


@pytest.mark.parametrize("said", [TOKEN, TOKEN.upper()])
def test_an_answer_that_repeats_the_token_does_not_get_it_kept(said: str) -> None:
    words = json.dumps({"Message": f"token {said} is not known"}).encode()
    with host(says(http(422, words))) as made:
        connect = client(made.url)
        answered = connect.refund("0001", "WPM8TS9", b"{}", "corr-1")
        connect.close()
    assert answered.text == "token (token) is not known"
    assert TOKEN not in repr(answered).lower()

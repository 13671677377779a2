"""The line money talks over: what happened to a request is known, or said to be unknown."""

from __future__ import annotations

import logging
import socket
import ssl
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from backend_client.providers.http_client import (
    LONGEST_BODY,
    HttpClient,
    Lost,
    NotSent,
    Reply,
    Request,
    Timeouts,
)
from backend_client.providers.token_bucket import TokenBucket
from tests.unit.providers.hosts import Behave, Host, host, http, says

UNTRUSTED = Path(__file__).parent.parent.parent / "fixtures" / "untrusted.pem"
LOOPBACK = frozenset({"127.0.0.1"})
POST = Request("POST", "/refund?x=1", {"Content-Type": "text/plain", "Key": "k"}, b"body")
SHORT = Timeouts(read=0.2)


def client(url: str, **settings: object) -> HttpClient:
    return HttpClient(url, hosts=LOOPBACK, **{"pace": None, **settings})  # type: ignore[arg-type]


def sent_to(to: Host, **settings: object) -> object:
    made = client(to.url, **settings)
    try:
        return made.send(POST)
    finally:
        made.close()


def test_a_reply_comes_whole_and_the_request_goes_out_as_it_is() -> None:
    with host(says(http(201, b"done"))) as there:
        assert sent_to(there) == Reply(201, b"done")
        (request,) = there.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /refund?x=1 HTTP/1.1\r\n")
    assert body == b"body"
    lower = head.lower()
    assert b"key: k" in lower
    assert b"user-agent: ticket-window" in lower
    assert b"accept-encoding: identity" in lower


def test_percent_encoding_is_sent_as_it_was_signed() -> None:
    with host(says(http(200))) as there:
        made = client(there.url)
        made.send(Request("GET", "/v2/a%2Fb%20c%C3%A4/x?y=%5B1%5D"))
        made.close()
    assert there.requests[0].startswith(b"GET /v2/a%2Fb%20c%C3%A4/x?y=%5B1%5D HTTP/1.1\r\n")


def test_nobody_listening_means_nothing_was_sent() -> None:
    free = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{free.getsockname()[1]}"
    free.close()
    made = client(url)
    answer = made.send(POST)
    made.close()
    assert isinstance(answer, NotSent)
    assert answer.code == "connect"


def cut(line: socket.socket, request: bytes) -> None:
    line.close()


def cut_in_the_middle(line: socket.socket, request: bytes) -> None:
    line.sendall(http(200, b"whole answer")[:-4])
    line.close()


def silent(line: socket.socket, request: bytes) -> None:
    line.recv(1)


def endless(line: socket.socket, request: bytes) -> None:
    piece = b"x" * 65_536
    line.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {2 * LONGEST_BODY}\r\n\r\n".encode())
    for _ in range(2 * LONGEST_BODY // len(piece)):
        line.sendall(piece)


@pytest.mark.parametrize(
    ("behave", "code"),
    [
        (cut, "cut"),
        (cut_in_the_middle, "cut"),
        (silent, "timeout"),
        (endless, "too-long"),
        (says(b"this is no HTTP\r\n\r\n"), "cut"),
    ],
    ids=["cut", "cut-in-the-middle", "silent", "endless", "no-http"],
)
def test_whatever_happens_after_sending_is_lost(behave: Behave, code: str) -> None:
    with host(behave) as there:
        answer = sent_to(there, timeouts=SHORT if behave is silent else None)
        assert len(there.requests) == 1, "a request is never sent twice"
    assert isinstance(answer, Lost)
    assert answer.code == code


def test_an_answer_that_drips_is_lost_at_the_deadline() -> None:
    hours = iter(range(0, 10_000, 1))
    with host(says(http(200, b"x"))) as there:
        answer = sent_to(there, now=lambda: float(next(hours)) * 3600)
    assert answer == Lost("timeout", "the answer does not end")


def test_an_answer_whose_head_drips_is_lost_at_the_deadline() -> None:
    """Each piece comes in time; all of them never do."""

    def drips(line: socket.socket, request: bytes) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not given_up.wait(0.01):
            line.sendall(b"x")

    given_up = threading.Event()
    times = Timeouts(connect=1.0, write=0.1, read=0.2, whole=0.1)
    with host(drips) as there:
        answer = sent_to(there, timeouts=times)
        given_up.set()
    assert answer == Lost("timeout", "the answer does not end")


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with host(says(http(200, b"caught"))) as other:
        moved = says(http(307, b"", f"Location: {other.url}/refund"))
        with host(moved) as there:
            assert sent_to(there) == Reply(307, b"")
        assert other.requests == []


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with host(says(http(200, b"caught"))) as proxy, host(says(http(200, b"right"))) as there:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert sent_to(there) == Reply(200, b"right")
        assert proxy.requests == []


def test_a_certificate_nobody_vouches_for_gets_no_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(UNTRUSTED)
    monkeypatch.setenv("SSL_CERT_FILE", str(UNTRUSTED))
    with host(says(http(200)), tls) as there:
        answer = sent_to(there)
        assert there.requests == []
    assert isinstance(answer, NotSent)
    assert answer.code == "connect"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://127.0.0.1.example.org",
        "https://127.0.0.1@example.org",
        "http://example.org",
        "ftp://127.0.0.1",
        "127.0.0.1",
        "http://127.0.0.1/path",
        "http://user@127.0.0.1",
    ],
)
def test_no_other_host_can_be_configured(url: str) -> None:
    with pytest.raises(ValueError, match=r"host|HTTP|path"):
        client(url)


def test_plain_http_is_for_loopback_alone() -> None:
    with pytest.raises(ValueError, match="loopback"):
        HttpClient("http://api.stripe.com", hosts=frozenset({"api.stripe.com"}), pace=None)


@pytest.mark.parametrize("target", ["//example.org/x", "https://example.org/x", "@example.org"])
def test_a_target_cannot_lead_elsewhere(target: str) -> None:
    with host(says(http(200))) as there:
        made = client(there.url)
        answer = made.send(Request("GET", target))
        made.close()
        assert isinstance(answer, NotSent) or there.requests[0].startswith(b"GET //example.org/x")


def test_sixteen_lines_at_most_and_they_are_used_again() -> None:
    together = threading.Barrier(16)

    def wait_for_all(line: socket.socket, request: bytes) -> None:
        together.wait()
        line.sendall(http(200))

    with host(wait_for_all) as there:
        made = client(there.url, connections=99)
        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda _: made.send(POST), range(64)))
        assert answers == [Reply(200, b"")] * 64
        assert there.lines == 16
        made.close()


def test_whoever_finds_all_lines_busy_has_sent_nothing() -> None:
    asked, go = threading.Event(), threading.Event()

    def hold(line: socket.socket, request: bytes) -> None:
        asked.set()
        go.wait()
        line.sendall(http(200))

    with host(hold) as there:
        made = client(there.url, connections=1, timeouts=Timeouts(pool=0.05))
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(made.send, POST)
            asked.wait()
            assert made.send(POST) == NotSent("pool", "all connections are busy")
            go.set()
            assert first.result() == Reply(200, b"")
        assert len(there.requests) == 1
        made.close()


def test_too_many_slows_down_and_good_answers_speed_up() -> None:
    pace = TokenBucket(1000.0, now=lambda: 0.0, sleep=lambda _: None)
    with host(says(http(429, b"", "Retry-After: 1"))) as there:
        assert sent_to(there, pace=pace) == Reply(429, b"", 1.0)
    assert pace.rate == 500


def test_a_pace_that_makes_one_wait_too_long_sends_nothing() -> None:
    pace = TokenBucket(0.01, longest_wait_s=1.0)
    with host(says(http(200))) as there:
        made = client(there.url, pace=pace)
        made.send(POST)
        assert made.send(POST) == NotSent("pace", "too many calls are waiting")
        assert len(there.requests) == 1
        made.close()


def test_nothing_is_sent_after_it_was_closed() -> None:
    with host(says(http(200))) as there:
        made = client(there.url)
        made.close()
        assert made.send(POST) == NotSent("closed", "closed")
        assert there.requests == []


def test_addresses_and_headers_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with host(says(http(200))) as there:
        sent_to(there)
    assert not [record for record in caplog.records if "refund" in record.getMessage()]


def test_httpx_is_loaded_by_the_first_request() -> None:
    script = (
        "import sys, backend_client.providers.configured as made; "
        "assert 'httpx' not in sys.modules and made"
    )
    subprocess.run([sys.executable, "-c", script], check=True)

"""The face on a real socket: calls at once, calls at its end, and what is no HTTP."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from backend_client.answers import BookingView
from backend_client.backend import Backend
from backend_client.domain.caller import Caller
from backend_client.server import line
from backend_client.server.connect_face import ConnectFace
from backend_client.server.host import Host
from backend_client.settings import Settings
from tests.clocks import CountingTokens, SteppingClock
from tests.connect_server import connect_server
from tests.unit.local.arriving import booking, bring_in
from tests.unit.local.venue import backend_over, opened, url_of
from tests.unit.server.served import BOOKING, HOUSE, TOKEN, KnownTokens, place

CALL = {"CinemaId": "0001", "BookingId": "WPM8TS9"}


@pytest.fixture
def backend(tmp_path: Path) -> Iterator[Backend]:
    with opened(url_of(tmp_path / "store.db")) as store:
        bring_in(store, booking())
        yield backend_over(store, Settings(house=HOUSE), SteppingClock(), CountingTokens())


def calling(url: str) -> httpx.Client:
    headers = {"connectApiToken": TOKEN}
    return httpx.Client(base_url=url, headers=headers, timeout=None, trust_env=False)


def gone(made: socket.socket) -> bool:
    return made.recv(1) == b""


def test_a_line_that_does_not_say_what_it_wants_is_closed(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some hundred of them would keep everybody else out."""
    monkeypatch.setattr(line, "HEAD_S", 0.0)
    with connect_server(backend, KnownTokens()) as url:
        port = urlsplit(url).port
        for said in (b"", b"POST /x HTTP/1.1\r\nHost: x\r\n"):
            with socket.create_connection(("127.0.0.1", port)) as made:
                made.sendall(said)
                assert gone(made)


def test_a_line_that_was_heard_has_as_long_for_the_next_call(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        connect_server(backend, KnownTokens()) as url,
        socket.create_connection(("127.0.0.1", urlsplit(url).port)) as made,
    ):
        made.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        heard = b""
        while not heard.endswith(b"}"):
            heard += made.recv(65_536)
        monkeypatch.setattr(line, "HEAD_S", 0.0)
        made.sendall(b"GET /")
        assert gone(made)


def test_whoever_waits_for_an_answer_is_not_sent_away(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[line.Line] = []
    made_as = line.Line.connection_made

    def noted(self: line.Line, transport: asyncio.Transport) -> None:
        lines.append(self)
        made_as(self, transport)

    monkeypatch.setattr(line.Line, "connection_made", noted)
    slow = Slow(backend)
    with (
        connect_server(slow, KnownTokens()) as url,
        calling(url) as calls,
        ThreadPoolExecutor() as pool,
    ):
        answer = pool.submit(calls.get, place())
        slow.asked.wait()
        waited_for = [one.is_waited_for for one in lines]
        slow.go_on.set()
        assert (answer.result().status_code, waited_for) == (200, [False])


def test_many_calls_at_once_are_all_answered(backend: Backend) -> None:
    with (
        connect_server(backend, KnownTokens()) as url,
        calling(url) as calls,
        ThreadPoolExecutor(16) as pool,
    ):
        answers = list(pool.map(lambda _: calls.post(BOOKING, json=CALL), range(64)))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["Booking"]["BookingId"] for answer in answers} == {"WPM8TS9"}


class Slow:
    """A backend whose reading of a booking is held back."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.asked, self.go_on = threading.Event(), threading.Event()

    def booking(self, caller: Caller, reference: str) -> BookingView:
        self.asked.set()
        self.go_on.wait()
        return self._backend.booking(caller, reference)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


def test_a_slow_call_holds_no_other_up_and_is_answered_after_the_end_began(
    backend: Backend,
) -> None:
    slow = Slow(backend)
    face = ConnectFace(slow, KnownTokens(), CountingTokens())
    with (
        ThreadPoolExecutor() as pool,
        closing(Host(face.app(), "127.0.0.1", 0)) as host,
        calling(host.url) as calls,
        calling(host.url) as others,
        ExitStack() as held,
    ):
        held.callback(host.stop)
        held.callback(slow.go_on.set)
        ended = pool.submit(host.serve)
        first = pool.submit(calls.get, place())
        slow.asked.wait()
        assert others.get("/nothing").status_code == 404
        host.stop()
        while _is_open(host.url):
            pass
        slow.go_on.set()
        assert first.result().json()["Booking"]["BookingId"] == "WPM8TS9"
        ended.result()


def _is_open(url: str) -> bool:
    there = urlsplit(url)
    try:
        with socket.create_connection((there.hostname or "", there.port or 0)):
            return True
    except OSError:
        return False


def test_what_is_no_http_is_turned_away_and_the_rest_is_answered(backend: Backend) -> None:
    with connect_server(backend, KnownTokens()) as url, calling(url) as calls:
        there = urlsplit(url)
        for nonsense in (b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n"):
            with socket.create_connection((there.hostname or "", there.port or 0)) as line:
                line.sendall(nonsense)
                line.shutdown(socket.SHUT_WR)
                line.recv(4096)
        assert calls.post(BOOKING, json=CALL).json()["ResultCode"] == 0


def test_told_to_end_before_it_began_it_ends(backend: Backend) -> None:
    face = ConnectFace(backend, KnownTokens(), CountingTokens())
    with closing(Host(face.app(), "127.0.0.1", 0)) as host:
        host.stop()
        host.serve()


def test_an_answer_is_not_held_back_for_a_receipt(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every call takes some 40 ms longer."""
    accepted: list[int] = []
    accept = socket.socket.accept

    def looked_at(listening: socket.socket) -> tuple[socket.socket, Any]:
        line, peer = accept(listening)
        accepted.append(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return line, peer

    monkeypatch.setattr(socket.socket, "accept", looked_at)
    with connect_server(backend, KnownTokens()) as url, calling(url) as calls:
        calls.get("/")
    assert accepted
    assert all(accepted)


def test_nothing_of_the_framework_is_told(backend: Backend) -> None:
    with connect_server(backend, KnownTokens()) as url, calling(url) as calls:
        assert "server" not in calls.get("/").headers

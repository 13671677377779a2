"""The one way money talks HTTP; what happened to a request is a value, never an exception.

httpx loads with the first request, in the worker that sends it: starting up does not wait for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from backend_client.providers.token_bucket import TokenBucket

if TYPE_CHECKING:
    import httpx

MOST_CONNECTIONS = 16
"""httpx 0.28 gets slower above 32 connections in one client, much slower above 64."""
LONGEST_BODY = 4 * 1024 * 1024
_DEFAULT_PAUSE_S = 1.0
_COMMON_HEADERS = {"user-agent": "ticket-window", "accept-encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds; `read` is between two pieces of an answer, `whole` for all of them."""

    connect: float = 5.0
    write: float = 10.0
    read: float = 30.0
    pool: float = 5.0
    whole: float = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """`target` is path and query, percent-encoded: exactly what is signed and sent."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a status, whole."""

    status: int
    body: bytes
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request surely reached nobody."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The request may have been carried out, but there is no whole answer."""

    code: str
    text: str


Exchange = Reply | NotSent | Lost


class Line(Protocol):
    """What an adapter sends its requests over."""

    def send(self, request: Request) -> Exchange: ...

    def close(self) -> None: ...


class HttpClient:
    """One host, at most 16 connections, a pace; no proxy, no redirect, no retry, no HTTP/2.

    Certificates are always checked, and the host must be one of `hosts`: no configuration can send
    money elsewhere. Plain HTTP is for loopback alone. Safe to use from many threads.
    """

    def __init__(
        self,
        base_url: str,
        *,
        hosts: frozenset[str],
        pace: TokenBucket | None,
        timeouts: Timeouts | None = None,
        connections: int = MOST_CONNECTIONS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.hostname is None or parts.hostname not in hosts:
            raise ValueError("this host is not on the list")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
            raise ValueError("plain HTTP is for loopback alone")
        if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
            raise ValueError("a base address has neither path nor user")
        self._base = f"{parts.scheme}://{parts.netloc}"
        self._pace = pace
        self._timeouts = timeouts or Timeouts()
        self._connections = min(connections, MOST_CONNECTIONS)
        self._slots = threading.BoundedSemaphore(self._connections)
        self._now = now
        self._lock = threading.Lock()
        self._opened: httpx.Client | None = None
        self._closed = False

    def send(self, request: Request) -> Exchange:
        """Send once; never raises for trouble on the way."""
        if not request.target.startswith("/"):
            return NotSent("target", "a target begins with a slash")
        if self._pace is not None and not self._pace.take():
            return NotSent("pace", "too many calls are waiting")
        # Waiting here, not in httpx's pool, which may close a connection it has just given out.
        if not self._slots.acquire(timeout=self._timeouts.pool):
            return NotSent("pool", "all connections are busy")
        return self._watched(request)

    def close(self) -> None:
        """Let go; whoever sends afterwards is told that nothing was sent."""
        if self._pace is not None:
            self._pace.close()
        with self._lock:
            self._closed = True
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _watched(self, request: Request) -> Exchange:
        """The exchange, given up once it takes longer than everything may take together.

        httpx waits anew for every piece: an answer whose head drips in would hold us for hours.
        What is given up keeps its connection until it ends, and is never looked at.
        """
        ended: Future[Exchange] = Future()

        def exchange() -> None:
            try:
                ended.set_result(self._exchange(request))
            except BaseException as mistake:
                ended.set_exception(mistake)
            finally:
                self._slots.release()

        threading.Thread(target=exchange, name="exchange", daemon=True).start()
        times = self._timeouts
        try:
            return ended.result(times.connect + times.write + times.whole)
        except TimeoutError:
            return Lost("timeout", "the answer does not end")

    def _exchange(self, request: Request) -> Exchange:
        import httpx

        try:
            client = self._open()
        except OSError as trouble:
            return NotSent("setup", type(trouble).__name__)
        if client is None:
            return NotSent("closed", "closed")
        try:
            return self._answer(client, request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as trouble:
            return NotSent("connect", type(trouble).__name__)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as trouble:
            return NotSent("address", type(trouble).__name__)
        except httpx.TimeoutException as trouble:
            return Lost("timeout", type(trouble).__name__)
        except (httpx.HTTPError, httpx.StreamError) as trouble:
            return Lost("cut", type(trouble).__name__)
        except RuntimeError as trouble:
            # Closed by another thread in the middle of it.
            return Lost("closed", type(trouble).__name__)

    def _answer(self, client: httpx.Client, request: Request) -> Exchange:
        deadline = self._now() + self._timeouts.whole
        body = bytearray()
        with client.stream(
            request.method,
            self._base + request.target,
            headers={**_COMMON_HEADERS, **request.headers},
            content=request.body or None,
        ) as response:
            self._learn(response)
            for piece in response.iter_raw():
                body += piece
                if len(body) > LONGEST_BODY:
                    return Lost("too-long", "the answer does not end")
                if self._now() > deadline:
                    return Lost("timeout", "the answer does not end")
            asked = response.headers.get("retry-after", "")
            pause_s = _pause_s(asked) if response.status_code == 429 else 0.0
            return Reply(response.status_code, bytes(body), pause_s)

    def _learn(self, response: httpx.Response) -> None:
        if self._pace is None:
            return
        if response.status_code == 429:
            self._pace.refused(_pause_s(response.headers.get("retry-after", "")))
        elif response.status_code < 500:
            self._pace.went_well()

    def _open(self) -> httpx.Client | None:
        import httpx

        with self._lock:
            if self._closed:
                return None
            if self._opened is None:
                for name in ("httpx", "httpcore"):
                    # At INFO every address is logged, at DEBUG headers too.
                    logging.getLogger(name).setLevel(logging.WARNING)
                times = self._timeouts
                self._opened = httpx.Client(
                    trust_env=False,
                    follow_redirects=False,
                    http2=False,
                    timeout=httpx.Timeout(
                        connect=times.connect, read=times.read, write=times.write, pool=times.pool
                    ),
                    limits=httpx.Limits(
                        max_connections=self._connections,
                        max_keepalive_connections=self._connections,
                    ),
                )
            return self._opened


def is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or (
        host.startswith("127.") and host.replace(".", "").isdigit()
    )


def _pause_s(retry_after: str) -> float:
    """The seconds a provider asks us to wait; a date, or nothing, is one second."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 6:
        return float(retry_after)
    return _DEFAULT_PAUSE_S

"""The practice provider as a program: plain HTTP on loopback, and nowhere else."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from backend_client.providers.practice_program.counter import Counter, Cut, Manners
from backend_client.providers.practice_program.dialect import Dialect, Incoming, Outgoing
from backend_client.providers.practice_program.faults import FaultPlan
from backend_client.providers.practice_program.ledger import Ledger
from backend_client.providers.practice_program.stripe_dialect import StripeDialect
from backend_client.providers.practice_program.worldline_dialect import WorldlineDialect

HOST = "127.0.0.1"
DIALECTS: dict[str, Callable[[], Dialect]] = {
    "worldline": WorldlineDialect,
    "stripe": StripeDialect,
}
LONGEST_BODY = 1024 * 1024


class PracticeProgram:
    """Listens from its making on; `serve` answers until `stop`.

    `port` 0 takes a free one. The ledger is a file of its own; ":memory:" forgets.
    """

    def __init__(
        self,
        dialect: str,
        *,
        port: int = 0,
        ledger: str = ":memory:",
        plan: FaultPlan | None = None,
        manners: Manners | None = None,
        balance_minor: int | None = None,
    ) -> None:
        self._stopped = threading.Event()
        self._ledger = Ledger(ledger)
        if balance_minor is not None:
            with self._ledger.transaction():
                self._ledger.set_balance(balance_minor)
        counter = Counter(
            DIALECTS[dialect](),
            self._ledger,
            plan or FaultPlan(),
            manners or Manners(),
            self._stopped.wait,
        )
        try:
            self._server = _Server((HOST, port), counter)
        except BaseException:
            self._ledger.close()
            raise

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._server.server_address[1]}"

    def serve(self) -> None:
        """Answer until somebody calls `stop`; then everything is let go of."""
        try:
            self._server.serve_forever(poll_interval=0.05)
        finally:
            self._stopped.set()
            self._server.server_close()
            self._ledger.close()

    def stop(self) -> None:
        """End `serve`; for another thread or a signal handler, which must not wait for it."""
        self._stopped.set()
        threading.Thread(target=self._server.shutdown, daemon=True).start()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], counter: Counter) -> None:
        self.counter = counter
        self._open: set[Any] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Idle lines are closed too: their threads would wait for another request for ever."""
        with self._lock:
            lines = tuple(self._open)
        for line in lines:
            _shut(line)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nothing to tell of; everything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        length = self.headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self._send(Outgoing(413, b""))
            return
        body = self.rfile.read(int(length))
        parts = urlsplit(self.path)
        request = Incoming(
            self.command,
            self.path,
            parts.path,
            dict(parse_qsl(parts.query)),
            {name.lower(): value for name, value in self.headers.items()},
            body,
        )
        try:
            answer = self.server.counter.answer(request)
        except Cut:
            self.close_connection = True
            _shut(self.connection)
            return
        self._send(answer)

    def _send(self, answer: Outgoing) -> None:
        """In one piece: a head alone would wait for the other side's acknowledgement."""
        head = {
            "Content-Type": answer.content_type,
            "Content-Length": str(len(answer.body)),
            "Connection": "close" if self.close_connection else "keep-alive",
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, '')}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: the ledger keeps every request."""


def _shut(line: socket.socket) -> None:
    try:
        line.shutdown(socket.SHUT_RDWR)
    except OSError:
        return

"""Hosts on loopback that answer byte by byte as a test wants."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behave = Callable[[socket.socket, bytes], None]
"""What a host does with a line once it has read a whole request."""


def says(answer: bytes) -> Behave:
    def behave(line: socket.socket, request: bytes) -> None:
        line.sendall(answer)

    return behave


def http(status: int, body: bytes = b"", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


class Host:
    """Remembers every request it got."""

    def __init__(self, behave: Behave, tls: ssl.SSLContext | None) -> None:
        self._behave = behave
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.requests: list[bytes] = []
        self.lines = 0
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        for line in self._open:
            # Another program may keep its line open for ever.
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            self.lines += 1
            self._open.append(line)
            thread = threading.Thread(target=self._serve, args=(line,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        with line:
            try:
                served = self._tls.wrap_socket(line, server_side=True) if self._tls else line
                with served:
                    while request := _read(served):
                        self.requests.append(request)
                        self._behave(served, request)
            except OSError:
                return


def _read(line: socket.socket) -> bytes:
    """One request with its body; nothing when the other side is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = line.recv(65_536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(row.partition(b":")[2])
            for row in head.lower().split(b"\r\n")
            if row.startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += line.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def host(behave: Behave, tls: ssl.SSLContext | None = None) -> Iterator[Host]:
    made = Host(behave, tls)
    try:
        yield made
    finally:
        made.close()

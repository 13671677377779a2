"""Runs a face until told to end: finishes the calls on the wire, takes no new ones."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from backend_client.server.line import Line

FINISH_S = 60
"""Longer than any call to a provider takes: a refund on the wire is not cut off."""
MOST_CALLS = 200
IDLE_S = 30
_BACKLOG = 128


class _Server(uvicorn.Server):
    """Signals belong to whoever runs this: they end it by `Host.stop`."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class Host:
    """Listens from its making on; raises OSError where it cannot."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        # Answers go out in two pieces, and the second must not wait for a receipt of the first.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.url = _url(*self._socket.getsockname()[:2])
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            http=Line,
            proxy_headers=False,
            limit_concurrency=MOST_CALLS,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=FINISH_S,
        )
        self._server = _Server(config)

    def stop(self) -> None:
        """Take no more calls and end when those on the wire are answered; a flag, so a signal
        handler may set it, before `serve` too."""
        self._server.should_exit = True

    def serve(self, ready: Callable[[], object] = lambda: None) -> None:
        """Answer until stopped. `ready` is called once somebody may connect."""
        ready()
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def close(self) -> None:
        self._socket.close()


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

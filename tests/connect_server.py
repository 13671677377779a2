"""A Connect face on a socket of this machine, in a thread, over any backend."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from backend_client.backend import Backend
from backend_client.server.connect_face import ConnectFace
from backend_client.server.host import Host
from backend_client.server.ports import Clients
from tests.clocks import CountingTokens


@contextmanager
def connect_server(backend: Backend, clients: Clients) -> Iterator[str]:
    """Its address, while it answers; what is on the wire at the end is answered first, and outcomes
    that are not known are not waited for."""
    app = ConnectFace(backend, clients, CountingTokens("corr"), wait=_at_once).app()
    with closing(Host(app, "127.0.0.1", 0)) as host:
        thread = threading.Thread(target=host.serve)
        thread.start()
        try:
            yield host.url
        finally:
            host.stop()
            thread.join()


async def _at_once(seconds: float) -> None:
    """The next look comes right away."""

"""A line over which calls come in; it is not kept for whoever never says what they want.

Lines are counted, so that a crowd does not overwhelm us: some hundred that are open and silent
would keep everybody else out for as long as they like.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""From the first of a call, or the opening of a line, to the end of its headers."""


class Line(H11Protocol):
    """As uvicorn's own, which waits for the headers of a call without end."""

    _unsaid: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def is_waited_for(self) -> bool:
        """Is it closed soon, unless it says what it wants?"""
        return self._unsaid is not None

    def _wait(self) -> None:
        """Once for each call: headers that drip in do not begin the time anew."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._unsaid is None:
            self._unsaid = self.loop.call_later(HEAD_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._unsaid is not None:
            self._unsaid.cancel()
            self._unsaid = None

"""The one write of a window: at most one is in flight, and nobody cancels it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from tui.app import TicketWindowApp

T = TypeVar("T")


class OneWrite:
    """Runs what is to be written in a thread of the window and gives its end back as a message.

    `under_way` says what is being written, in words; empty while nothing is.
    """

    def __init__(self, window: TicketWindowApp) -> None:
        self._window = window
        self._count = 0
        self.under_way = ""

    def begin(
        self,
        what: str,
        call: Callable[[Backend, Caller], T],
        take: Callable[[T], None],
        fail: Callable[[Refused, str], None],
    ) -> bool:
        """Begin unless one is under way; `fail` gets the problem and this attempt's own id."""
        window = self._window
        if self.under_way or window.backend is None:
            return False
        self.under_way = what
        self._count += 1
        own_id = f"{window.caller.correlation_id}-{self._count}"
        caller = replace(window.caller, correlation_id=own_id)
        window.run_worker(
            partial(self._write, window.backend, caller, call, take, fail),
            thread=True,
            group="write",
            exit_on_error=False,
        )
        return True

    def ended(self) -> None:
        self.under_way = ""

    def _write(
        self,
        backend: Backend,
        caller: Caller,
        call: Callable[[Backend, Caller], Any],
        take: Callable[[Any], None],
        fail: Callable[[Refused, str], None],
    ) -> None:
        from tui.screens.messages import WriteEnded  # no start waits for it

        try:
            message = WriteEnded(partial(take, call(backend, caller)))
        except Refused as problem:
            message = WriteEnded(partial(fail, problem, caller.correlation_id))
        except Exception as error:
            unexpected = self._window.as_problem(error)
            message = WriteEnded(partial(fail, unexpected, caller.correlation_id))
        self._window.post_message(message)

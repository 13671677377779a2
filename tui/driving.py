"""An open window drives: it sends what waits, finds out the rest, checks again and writes mail.

Whoever holds the store's lease does; while somebody else does, this waits and asks again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from backend_client.domain.driving import DriveReport
    from backend_client.domain.mailing import MailRun

FIRST_S = 2.0
"""The first look waits: whoever opens a window types at once, and that answer comes first."""
EVERY_S = 15.0
"""Sooner than the lease runs out, so that it stays ours from one round to the next."""
MAIL_RESTS = 20
"""Rounds without mail after the server refused us: wrong passwords in a row lock accounts."""
GRACE_S = 4.5
"""How long the end waits: calls on the wire are given up before, a mail server that says nothing is
left to its own time-out."""

T = TypeVar("T")


class Timer(Protocol):
    """What paces the rounds; a `threading.Event` is one."""

    def wait(self, timeout: float) -> bool:
        """Wait so many seconds, or until it is set; was it?"""
        ...

    def set(self) -> None: ...


class Driving:
    """Rounds in a thread of its own, from `start` to `end`; trouble is told, and tried again.

    Mail goes out in another thread, so that a slow server holds no payment up. `settled` and
    `mailed` are called in those threads.
    """

    def __init__(
        self,
        backend: Backend,
        caller: Caller,
        *,
        settled: Callable[[DriveReport | Refused], object],
        mailed: Callable[[MailRun | Refused], object],
        timer: Timer | None = None,
    ) -> None:
        self._backend = backend
        self.caller = caller
        """For whom it is done; whoever sits at the window may change."""
        self._settled = settled
        self._mailed = mailed
        self._timer = timer or threading.Event()
        # Daemons: a mail server that says nothing must not keep the program from ending.
        self._rounds = threading.Thread(target=self._go, name="driving", daemon=True)
        self._mail: threading.Thread | None = None
        self._mail_rests = 0

    def start(self) -> None:
        self._rounds.start()

    def end(self) -> None:
        """Stop in order, within `GRACE_S`; what is cut off is taken up by whoever drives next."""
        until = time.monotonic() + GRACE_S
        self._timer.set()
        self._backend.stop_settling()
        self._rounds.join(GRACE_S)
        if self._mail is not None:
            self._mail.join(max(0.0, until - time.monotonic()))

    def _go(self) -> None:
        pause = FIRST_S
        while not self._timer.wait(pause):
            result = attempted(lambda: self._backend.settle(self.caller, patient=True))
            self._settled(result)
            if not (isinstance(result, Refused) or result.held_by is not None or result.stopped):
                self._mail_round()
            pause = EVERY_S

    def _mail_round(self) -> None:
        if self._mail is not None and self._mail.is_alive():
            return
        self._mail_rests = max(0, self._mail_rests - 1)
        if self._mail_rests or not self._backend.capabilities().sends_mail:
            return
        self._mail = threading.Thread(target=self._send_mail, name="mail", daemon=True)
        self._mail.start()

    def _send_mail(self) -> None:
        result = attempted(lambda: self._backend.send_mail(self.caller))
        if isinstance(result, Refused):
            self._mail_rests = MAIL_RESTS
        self._mailed(result)


def attempted(call: Callable[[], T]) -> T | Refused:
    """The answer, or why there is none; of an unforeseen mistake only its kind is told, because
    its words may be a customer's."""
    try:
        return call()
    except Refused as refused:
        return refused
    except Exception as error:
        return Refused("internal", detail=type(error).__name__)

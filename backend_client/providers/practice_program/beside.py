"""A provider whose program is started when it is first asked, and found again wherever it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from backend_client.providers.port import (
    Answer,
    AnswerClass,
    LookUp,
    Provider,
    ProviderCapabilities,
    RefundOrder,
)
from backend_client.providers.practice_program.host import NotRunning, PracticeHost

_NOT_RUNNING = "the practice provider does not start"


class Reached(Provider, Protocol):
    """An adapter that speaks to one address."""

    def probe(self) -> LookUp: ...

    def close(self) -> None: ...


class ProviderBeside:
    """Speaks to the program of `host` through what `connect` makes of its address.

    Whoever shares a program loses it when the one who started it ends, so each call finds out
    where it is now. Where it is not, surely nothing was done. A payment is taught before it is
    first given back: the program took none of them itself, and must know how much came in.
    """

    def __init__(
        self,
        name: str,
        environment: str,
        capabilities: ProviderCapabilities,
        host: PracticeHost,
        connect: Callable[[str], Reached],
    ) -> None:
        self.name = name
        self.environment = environment
        self.capabilities = capabilities
        self._host = host
        self._connect = connect
        self._lock = threading.Lock()
        self._reached: dict[str, Reached] = {}
        self._taught: set[str] = set()

    def refund(self, order: RefundOrder) -> Answer:
        try:
            self._teach(order)
            return self._reach().refund(order)
        except NotRunning:
            return Answer(AnswerClass.NOT_EXECUTED, code="connect", text=_NOT_RUNNING)

    def find(self, order: RefundOrder) -> LookUp:
        try:
            return self._reach().find(order)
        except NotRunning:
            return LookUp(answered=False, text=_NOT_RUNNING)

    def refunds_of(self, order: RefundOrder) -> LookUp:
        try:
            return self._reach().refunds_of(order)
        except NotRunning:
            return LookUp(answered=False, text=_NOT_RUNNING)

    def probe(self) -> LookUp:
        try:
            return self._reach().probe()
        except NotRunning:
            return LookUp(answered=False, text=_NOT_RUNNING)

    def close(self) -> None:
        with self._lock:
            for reached in self._reached.values():
                reached.close()
            self._reached.clear()
        self._host.close()

    def _teach(self, order: RefundOrder) -> None:
        if order.payment_reference not in self._taught:
            self._host.teach(order.payment_reference, order.captured_minor, order.currency)
            self._taught.add(order.payment_reference)

    def _reach(self) -> Reached:
        """The adapter for where it runs now; others may still be on the line to where it ran."""
        url = self._host.url()
        with self._lock:
            if url not in self._reached:
                self._reached[url] = self._connect(url)
            return self._reached[url]

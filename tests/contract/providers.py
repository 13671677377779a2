"""Every provider the contract of the port is tested against."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from backend_client.ports import SystemClock
from backend_client.provider_settings import PRACTICE_PROGRAM, ProviderSettings
from backend_client.providers.configured import arrange, build
from backend_client.providers.credentials import Credentials
from backend_client.providers.port import (
    Answer,
    LookUp,
    Provider,
    ProviderCapabilities,
    RefundOrder,
)
from backend_client.providers.practice import PracticeProvider
from tests import programs
from tui import wiring

CAPTURED_MINOR = 5_000
CURRENCY = "EUR"
PAYMENTS = ("pay-1", "dead-1", "lost-1", "slow-1", "outage-1", "broke-1")


class ClosableProvider(Provider, Protocol):
    def close(self) -> None: ...


Factory = Callable[[Path], AbstractContextManager[ClosableProvider]]


class Renamed:
    """An adapter to a provider that names its payments itself."""

    def __init__(self, inner: ClosableProvider, name_of: Callable[[str], str]) -> None:
        self._inner = inner
        self._name_of = name_of

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def environment(self) -> str:
        return self._inner.environment

    @property
    def capabilities(self) -> ProviderCapabilities:
        return self._inner.capabilities

    def refund(self, order: RefundOrder) -> Answer:
        return self._inner.refund(self._renamed(order))

    def find(self, order: RefundOrder) -> LookUp:
        return self._inner.find(self._renamed(order))

    def refunds_of(self, order: RefundOrder) -> LookUp:
        return self._inner.refunds_of(self._renamed(order))

    def close(self) -> None:
        self._inner.close()

    def _renamed(self, order: RefundOrder) -> RefundOrder:
        return replace(order, payment_reference=self._name_of(order.payment_reference))


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[ClosableProvider]:
    provider = PracticeProvider(str(folder / "provider"))
    yield provider
    provider.close()


def _program(dialect: str) -> Factory:
    @contextlib.contextmanager
    def make(folder: Path) -> Iterator[ClosableProvider]:
        with programs.practice_program(dialect, folder / "provider") as url:
            payments = [
                {"reference": name, "captured_minor": CAPTURED_MINOR, "currency": CURRENCY}
                for name in PAYMENTS
            ]
            programs.control(url, "payments", payments)
            provider = programs.adapter(dialect, url)
            yield provider
            provider.close()

    return make


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[ClosableProvider]:
    """A program of its own that the adapter starts, and that learns of payments from it."""
    settings = ProviderSettings(
        "beside", "worldline", merchant="practice", endpoint=PRACTICE_PROGRAM
    )
    arranged = arrange(settings, "practice", Credentials(folder, environ={}))
    provider = build(
        arranged,
        SystemClock(),
        practice_ledger=":memory:",
        hosts=lambda one: wiring.practice_host(folder / "store", one),
    )
    yield provider
    provider.close()


@contextlib.contextmanager
def _localstripe(folder: Path) -> Iterator[ClosableProvider]:
    with programs.localstripe() as url:
        names = {name: programs.charge(url, name, CAPTURED_MINOR, CURRENCY) for name in PAYMENTS}
        provider = Renamed(programs.adapter("stripe", url), names.__getitem__)
        yield provider
        provider.close()


FACTORIES: Mapping[str, Factory] = {
    "practice": _inside,
    "practice-beside": _beside,
    "practice-stripe": _program("stripe"),
    "practice-worldline": _program("worldline"),
    "localstripe": _localstripe,
}

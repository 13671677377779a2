"""A dispatch whose provider is watched: what is asked, who speaks first, what really went out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from backend_client.domain.runs import Run
from backend_client.providers.port import Answer, RefundOrder
from backend_client.providers.practice import PracticeProvider
from tests.shop import SUPERVISOR, Shop, provider_ledger
from tests.unit.local.dispatch_house import (
    request,
    sell,
)


class Watched(PracticeProvider):
    """Practice, with somebody who may speak first: the number of the call and what is asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder / "provider.db"))
        self.first: Callable[[int, RefundOrder], Answer | None] = lambda _call, _order: None
        self.calls = 0
        self._counting = threading.Lock()

    def refund(self, order: RefundOrder) -> Answer:
        with self._counting:
            self.calls += 1
            call = self.calls
        return self.first(call, order) or super().refund(order)


def requested(shop: Shop, count: int, *, word: str = "pay", email: str = "") -> None:
    for number in range(1, count + 1):
        sell(shop, number, (f"{word}-{number}", 1000), email=email)
        request(shop, number)


def now(shop: Shop, run: Run) -> Run:
    return shop.backend.run(SUPERVISOR, run.id)


def moved(folder: Path) -> int:
    """What the provider's own books say went out; every reference once."""
    rows = [row for row in provider_ledger(folder) if row[3] != "declined"]
    assert len({row[0] for row in rows}) == len(rows)
    return sum(row[2] for row in rows)

"""A shop whose provider does as a test says, and the states its legs come into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from backend_client.domain.legs import Leg
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.rows import fetch
from backend_client.providers.port import (
    Answer,
    AnswerClass,
    Found,
    FoundState,
    LookUp,
    RefundOrder,
)
from backend_client.settings import Settings
from backend_client.settling.settler import Settler
from tests.clocks import SteppingClock
from tests.shop import SUPERVISOR, Shop, open_shop, sale
from tests.unit.local.venue import findings
from tests.unit.settling.memory_legs import ScriptedProvider


@dataclass
class Books:
    """What the provider lists, by payment reference; what it answers to refunds."""

    refunds: dict[str, list[Found]] = field(default_factory=dict)
    kind: AnswerClass = AnswerClass.FINAL
    answers_looks: bool = True

    def refund(self, order: RefundOrder) -> Answer:
        if self.kind in (AnswerClass.FINAL, AnswerClass.ACCEPTED):
            state = FoundState(self.kind.value)
            self.list(order, state)
        return Answer(
            self.kind,
            f"re-{order.our_reference}",
            order.our_reference,
            order.amount_minor,
            order.currency,
            code="said",
        )

    def list(self, order: RefundOrder, state: FoundState) -> None:
        one = Found(
            state,
            f"re-{order.our_reference}",
            order.our_reference,
            order.amount_minor,
            order.currency,
        )
        self.refunds.setdefault(order.payment_reference, []).append(one)

    def add(self, payment: str, refund_id: str, amount_minor: int, reference: str = "") -> None:
        """Somebody else gives money back."""
        one = Found(FoundState.FINAL, refund_id, reference, amount_minor, "EUR")
        self.refunds.setdefault(payment, []).append(one)

    def change(self, payment: str, state: FoundState) -> None:
        """The provider says something else about the last refund of a payment now."""
        last = self.refunds[payment].pop()
        self.refunds[payment].append(
            Found(state, last.provider_refund_id, last.our_reference, last.amount_minor, "EUR")
        )

    def find(self, order: RefundOrder) -> LookUp:
        listed = self.of(order)
        ours = (one for one in listed.found if one.our_reference == order.our_reference)
        return LookUp(listed.answered, tuple(ours))

    def of(self, order: RefundOrder) -> LookUp:
        return LookUp(self.answers_looks, tuple(self.refunds.get(order.payment_reference, ())))


@dataclass
class Trouble:
    shop: Shop
    books: Books
    provider: ScriptedProvider

    @property
    def clock(self) -> SteppingClock:
        return self.shop.clock

    def leg(self, refund: str = "R-10001", ordinal: int = 1) -> Leg:
        legs = self.shop.backend.refund(SUPERVISOR, refund).refund.legs
        return next(one for one in legs if one.ordinal == ordinal)

    def restarted(self) -> Settler:
        """A second settler over the same store, as after a restart."""
        return Settler(LocalLegStore(self.shop.store), self.shop.directory, self.clock)

    def to_review(self) -> Leg:
        """Three sendings without a clear answer."""
        self.books.kind = AnswerClass.UNKNOWN
        self.shop.refund(1, 1)
        for _ in range(5):
            self.shop.backend.settle(SUPERVISOR)
            self.clock.move(seconds=61)
        return self.leg()

    def audit(self, action: str) -> list[str]:
        with self.shop.store.read() as connection:
            rows = fetch(connection, "SELECT body FROM audit WHERE action = ?", action)
        return [row.body for row in rows]


@contextmanager
def trouble(folder: Path, *, sales: int = 3, settings: Settings | None = None) -> Iterator[Trouble]:
    """Ends with the doctor finding nothing that a test did not expect and mend."""
    books = Books()
    provider = ScriptedProvider(books.refund, books.find, listing=books.of)
    shop = open_shop(folder, provider=provider, settings=settings)
    shop.sell(sale(number) for number in range(1, sales + 1))
    try:
        yield Trouble(shop, books, provider)
        assert [one for one in findings(shop.store) if not one.startswith("found")] == []
    finally:
        shop.backend.close()

"""A box office that is killed: commits refunds in a loop and kills itself at a named step."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import Connection as Database

from backend_client.domain.plan import Part
from backend_client.domain.refund import Method
from backend_client.domain.settlement import LegResult, LegToSend
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.store import Store
from backend_client.providers.port import Answer, LookUp, ProviderCapabilities, RefundOrder
from backend_client.providers.practice import PracticeProvider
from tests.clocks import SteppingClock
from tests.shop import SUPERVISOR, Shop, open_shop

T = TypeVar("T")

BEFORE_COMMIT = "before the commit"
INSIDE_COMMIT = "inside the commit"
BEFORE_INTENT = "after the commit, before the intent"
INSIDE_INTENT = "inside the intent"
BEFORE_CALL = "after the intent, before the call"
AFTER_MOVING = "after the money moved, before its answer"
BEFORE_RECORD = "before the record"
INSIDE_RECORD = "inside the record"
AFTER_RECORD = "after the record"
STEPS = (
    BEFORE_COMMIT,
    INSIDE_COMMIT,
    BEFORE_INTENT,
    INSIDE_INTENT,
    BEFORE_CALL,
    AFTER_MOVING,
    BEFORE_RECORD,
    INSIDE_RECORD,
    AFTER_RECORD,
)
GIFT_CARD = "9870 5551 2345 6789"
ONTO_GIFT_CARD = (Part(Method.UNMATCHED),)
INSIDE_BEGINNING = "inside the first outcomes of a run"
INSIDE_BIRTHS = "inside the births of a run"
INSIDE_CREDIT = "inside the credit after refusals"
_INSIDE = {
    "refund": INSIDE_COMMIT,
    "claim legs": INSIDE_INTENT,
    "record legs": INSIDE_RECORD,
    "begin items": INSIDE_BEGINNING,
    "dispatch": INSIDE_BIRTHS,
    "credit refused": INSIDE_CREDIT,
}


class Killer:
    """Kills this process, as nothing can stop or see coming, at the n-th passing of a step."""

    def __init__(self, step: str, occurrence: int) -> None:
        self._step = step
        self._left = occurrence

    def __call__(self, step: str) -> None:
        if step == self._step:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class SteppedStore(Store):
    """Passes a step while a transaction is open and not yet committed."""

    pass_step: Callable[[str], None]

    def write(self, job: Callable[[Database], T], *, label: str, run: bool = False) -> T:
        def stepped(connection: Database) -> T:
            result = job(connection)
            if label in _INSIDE:
                self.pass_step(_INSIDE[label])
            return result

        return super().write(stepped, label=label, run=run)


class SteppedLegs(LocalLegStore):
    """Passes the steps around the two commits of settling."""

    def __init__(self, store: Store, pass_step: Callable[[str], None]) -> None:
        super().__init__(store)
        self._pass = pass_step

    def claim(self, leg_ids: Sequence[int], owner: str, at: datetime) -> list[LegToSend]:
        self._pass(BEFORE_INTENT)
        claimed = super().claim(leg_ids, owner, at)
        self._pass(BEFORE_CALL)
        return claimed

    def claim_again(self, legs: Sequence[LegToSend], owner: str, at: datetime) -> list[LegToSend]:
        claimed = super().claim_again(legs, owner, at)
        self._pass(BEFORE_CALL)
        return claimed

    def record(self, results: Sequence[LegResult], at: datetime) -> frozenset[int]:
        self._pass(BEFORE_RECORD)
        applied = super().record(results, at)
        self._pass(AFTER_RECORD)
        return applied


class SteppedProvider:
    """Passes a step when the money has moved and nobody has been told yet."""

    name = PracticeProvider.name
    environment = PracticeProvider.environment
    capabilities: ProviderCapabilities

    def __init__(
        self,
        provider: PracticeProvider,
        pass_step: Callable[[str], None],
        *,
        honours_keys: bool = True,
    ) -> None:
        self.capabilities = provider.capabilities
        self._provider = provider
        self._pass = pass_step
        self._honours_keys = honours_keys

    def refund(self, order: RefundOrder) -> Answer:
        if not self._honours_keys:
            order = replace(order, provider_key=secrets.token_hex(16))
        answer = self._provider.refund(order)
        self._pass(AFTER_MOVING)
        return answer

    def find(self, order: RefundOrder) -> LookUp:
        return self._provider.find(order)

    def refunds_of(self, order: RefundOrder) -> LookUp:
        return self._provider.refunds_of(order)


@dataclass(frozen=True, slots=True)
class Orders:
    """What a child does: `minutes` is how far its clock is, `numbers` the bookings to refund."""

    folder: Path
    minutes: int
    recover: bool
    numbers: tuple[int, ...]
    step: str
    occurrence: int
    honours_keys: bool = True


def work(orders: Orders, told: Connection) -> None:
    """The life of a child; the key of each commit that was acknowledged is told at once."""
    killer, shop = _opened(orders)
    told.send("ready")
    if orders.recover:
        shop.settler.recover()
    for number in orders.numbers:
        killer(BEFORE_COMMIT)
        shop.refund(number, 1, commit_key=key_of(number))
        told.send(key_of(number))
    shop.backend.close()


def load(orders: Orders, told: Connection) -> None:
    """The life of a child that gives a booking back onto a gift card."""
    killer, shop = _opened(orders)
    told.send("ready")
    for number in orders.numbers:
        killer(BEFORE_COMMIT)
        shop.refund(number, parts=ONTO_GIFT_CARD, commit_key=key_of(number), gift_card=GIFT_CARD)
        told.send(key_of(number))
    shop.backend.close()


def dispatch(orders: Orders, told: Connection) -> None:
    """The life of a child that carries out the simulation it is given the number of."""
    _, shop = _opened(orders)
    told.send("ready")
    for number in orders.numbers:
        shop.backend.go_live(SUPERVISOR, number)
    shop.backend.close()


def _opened(orders: Orders) -> tuple[Killer, Shop]:
    killer = Killer(orders.step, orders.occurrence)
    clock = SteppingClock()
    clock.move(minutes=orders.minutes)
    folder = orders.folder
    store = SteppedStore.open(f"sqlite:///{folder / 'store.db'}", create=False, clock=clock)
    assert isinstance(store, SteppedStore)
    store.pass_step = killer
    shop = open_shop(
        folder,
        clock=clock,
        store=store,
        provider=SteppedProvider(
            PracticeProvider(str(folder / "provider.db"), unmatched=True),
            killer,
            honours_keys=orders.honours_keys,
        ),
        legs=SteppedLegs(store, killer),
    )
    return killer, shop


def key_of(number: int) -> str:
    """The commit key of the refund of booking B-<number>."""
    return f"commit-{number}"

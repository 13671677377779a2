"""kill -9 anywhere: no refund is paid twice, none is lost, none is left half done.

The provider's own ledger is the oracle. The same harness over a naive way to recover must find
doubles, or it would be blind.
"""

from __future__ import annotations

import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegResult, Outcome
from backend_client.local.books import balance
from backend_client.local.doctor import examine
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.rows import fetch
from backend_client.providers.port import judge
from backend_client.settling.sender import order_of, result_of
from tests.clocks import SteppingClock
from tests.faults.crash_child import (
    AFTER_MOVING,
    BEFORE_CALL,
    BEFORE_RECORD,
    INSIDE_RECORD,
    STEPS,
    Orders,
    key_of,
    work,
)
from tests.faults.forked import CHILDREN
from tests.shop import PRICE, Shop, open_shop, opened_shop, sale
from tests.sound import wrong
from tests.unit.local.venue import opened

pytestmark = pytest.mark.faults

SEED = 20_260_314
RANDOM_KILLS = 50
BOOKINGS = 400
KINDS = ("pay", "lost", "slow", "pay", "dead")
NEVER = "never"


class Child:
    """A program beside this one, at work."""

    def __init__(self, orders: Orders, life: Callable[[Orders, Connection], None] = work) -> None:
        self._told, theirs = CHILDREN.Pipe(duplex=False)
        self._process = CHILDREN.Process(target=life, args=(orders, theirs))
        self._process.start()
        theirs.close()
        assert self._told.recv() == "ready"
        self.acknowledged: set[str] = set()

    def ended(self, seconds: float | None = None, after: int = 0) -> bool:
        """Wait for its end, or bring it about `seconds` after it told so many things; was it
        killed?"""
        with suppress(EOFError):
            for _ in range(after):
                self.acknowledged.add(self._told.recv())
        if seconds is not None:
            self._process.join(seconds)
            self._process.kill()
        self.acknowledged |= set(_all_of(self._told))
        self._process.join()
        code = self._process.exitcode
        self._process.close()
        assert code in (0, -signal.SIGKILL)
        return code != 0


@dataclass
class Office:
    """A box office whose programs get killed; its clock goes on from one to the next."""

    folder: Path
    minutes: int = 0
    acknowledged: set[str] = field(default_factory=set)
    kills: int = 0
    honours_keys: bool = True

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'store.db'}"

    def run_child(
        self,
        *numbers: int,
        recover: bool = False,
        step: str = NEVER,
        occurrence: int = 1,
        seconds: float | None = None,
        after: int = 0,
    ) -> bool:
        """Run a child until it ends, kills itself, or is killed `seconds` after so many commits;
        was it?"""
        orders = Orders(
            self.folder, self.minutes, recover, numbers, step, occurrence, self.honours_keys
        )
        child = Child(orders)
        killed = child.ended(seconds, after)
        self.acknowledged |= child.acknowledged
        self.kills += killed
        return killed

    def shop(self) -> Shop:
        clock = SteppingClock()
        clock.move(minutes=self.minutes)
        return open_shop(self.folder, clock=clock)

    def recover(self) -> None:
        """What happens at the next start, after the settle window, and once more for what was
        only accepted then."""
        shop = self.shop()
        for _ in range(3):
            shop.settler.recover()
            shop.clock.move(minutes=2)
        shop.backend.close()
        self.minutes += 6

    def committed(self) -> set[str]:
        with closing(sqlite3.connect(self.folder / "store.db")) as connection:
            return {row[0] for row in connection.execute("SELECT commit_key FROM refund")}

    def next_numbers(self, count: int) -> list[int]:
        first = 1 + len(self.committed())
        return list(range(first, min(first + count, BOOKINGS + 1)))

    def given_back(self) -> Counter[str]:
        """By payment, how often the provider moved money: never more than once here."""
        with closing(sqlite3.connect(self.folder / "provider.db")) as connection:
            rows = connection.execute(
                "SELECT payment_reference, amount_minor FROM refund WHERE state <> 'declined'"
            ).fetchall()
        assert {amount for _, amount in rows} <= {PRICE}
        return Counter(reference for reference, _ in rows)

    def doubles(self) -> list[str]:
        return sorted(name for name, times in self.given_back().items() if times > 1)

    def assert_sound(self) -> None:
        """Nothing twice, nothing lost, nothing half done, and every invariant holds."""
        given_back = self.given_back()
        assert self.doubles() == []
        assert self.acknowledged <= self.committed()
        with opened(self.url, create=False) as store:
            report = examine(store)
            with store.read() as connection:
                states = fetch(
                    connection,
                    "SELECT l.state, p.provider_reference AS payment FROM leg l "
                    "JOIN payment p ON p.id = l.payment_id",
                )
                cleared = balance(connection, "provider_clearing:practice")
        assert wrong(report) == {}
        assert {row.state for row in states} <= {"succeeded", "declined"}
        succeeded = {row.payment for row in states if row.state == "succeeded"}
        assert succeeded == set(given_back)
        assert cleared.get("EUR", 0) == -PRICE * len(succeeded)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    with opened_shop(tmp_path) as shop:
        kinds = len(KINDS)
        shop.sell(sale(n, payment=KINDS[n % kinds]) for n in range(1, BOOKINGS + 1))
        shop.refund(1, 1, commit_key=key_of(1))
    return Office(tmp_path)


@pytest.mark.parametrize("honours_keys", [True, False], ids=["keys", "no keys"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_named_step(office: Office, step: str, honours_keys: bool) -> None:
    office.honours_keys = honours_keys
    for occurrence in (1, 2, 3):
        killed = office.run_child(*office.next_numbers(8), step=step, occurrence=occurrence)
        assert killed, f"{step} was not passed {occurrence} times"
        office.recover()
        office.assert_sound()


@pytest.mark.parametrize("step", [BEFORE_CALL, AFTER_MOVING, BEFORE_RECORD, INSIDE_RECORD])
def test_killed_again_while_recovering(office: Office, step: str) -> None:
    """Nothing had moved, so that recovering sends again, and dies while it does."""
    office.run_child(*office.next_numbers(4), step=BEFORE_CALL, occurrence=2)
    office.run_child(recover=True)
    office.minutes += 2
    assert office.run_child(recover=True, step=step)
    office.minutes += 2
    office.recover()
    office.assert_sound()
    assert office.kills == 2


def test_killed_while_taking_over_from_the_dead(office: Office) -> None:
    office.run_child(*office.next_numbers(4), step=AFTER_MOVING, occurrence=2)
    assert office.run_child(recover=True, step=BEFORE_RECORD)
    assert office.run_child(recover=True, step=INSIDE_RECORD)
    office.recover()
    office.assert_sound()


def test_two_programs_recovering_at_once_send_each_leg_once(office: Office) -> None:
    shop = open_shop(office.folder, settles=False)
    for number in office.next_numbers(60):
        shop.refund(number, 1, commit_key=key_of(number))
    shop.backend.close()
    orders = Orders(office.folder, 1, True, (), NEVER, 1)
    children = [Child(orders), Child(orders)]
    assert [child.ended() for child in children] == [False, False]
    with opened(office.url, create=False) as store, store.read() as connection:
        sent = fetch(connection, "SELECT attempts, COUNT(*) AS legs FROM leg GROUP BY attempts")
    assert [(row.attempts, row.legs) for row in sent] == [(1, 61)]
    office.recover()
    office.assert_sound()


def test_killed_at_random_moments(office: Office) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    while office.kills < RANDOM_KILLS:
        commits, seconds = chance.randrange(6), chance.uniform(0.0, 0.05)
        office.run_child(*office.next_numbers(40), seconds=seconds, after=commits)
        if chance.random() < 0.3:
            office.run_child(recover=True, seconds=chance.uniform(0.0, 0.05))
        office.recover()
        office.assert_sound()
    assert len(office.committed()) > RANDOM_KILLS


@pytest.mark.parametrize("step", [AFTER_MOVING, BEFORE_RECORD])
def test_the_harness_sees_what_a_naive_recovery_does(office: Office, step: str) -> None:
    """After a crash it takes legs for unsent and sends them again under a new key."""
    office.run_child(*office.next_numbers(8), step=step, occurrence=1)
    shop = office.shop()
    _recover_naively(shop)
    shop.backend.close()
    assert len(office.doubles()) == 1


def _all_of(told: Connection) -> Iterator[str]:
    """Everything a child told before it ended; a kill in the middle of a word ends it too."""
    with told:
        while True:
            try:
                yield told.recv()
            except (EOFError, OSError):
                return


def _recover_naively(shop: Shop) -> None:
    legs = LocalLegStore(shop.store)
    now = shop.clock.now()
    for leg in legs.unfinished(0, 1000):
        if leg.state is LegState.SENDING:
            back = LegResult(
                leg.leg_id, leg.state, leg.attempts, LegState.PENDING, Outcome.NOT_SENT
            )
            legs.record([back], now)
        for claimed in legs.claim([leg.leg_id], "naive", now):
            fresh = f"{claimed.attempts}-{claimed.provider_key[:20]}"
            order = replace(order_of(claimed), provider_key=fresh, our_reference=f"r{fresh}")
            verdict = judge(order, shop.provider.refund(order))
            legs.record([result_of(claimed, verdict)], now)

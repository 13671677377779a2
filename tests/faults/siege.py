"""Thousands of refunds, a hostile provider, kill -9 at random moments; then the books are compared.

Everything random comes from one seed, which is printed: the same seed meets the same faults. Only
the instant of a kill is the machine's own.
"""

from __future__ import annotations

import random
import signal
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from backend_client.local.doctor import examine
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from backend_client.providers.directory import ProviderDirectory
from backend_client.settling.limits import Limits
from backend_client.settling.settler import Settler
from tests.clocks import SteppingClock
from tests.faults import naive
from tests.faults.forked import CHILDREN
from tests.faults.hostile import HostileProvider, Manners
from tests.shop import PRICE, open_shop, sale
from tests.unit.local.venue import opened

QUIET_ROUNDS = 60
"""Rounds without kills at the end, at most, so that everything can come to rest: one answer about
something else than was asked ends a round."""
SALES_A_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """A siege: how many refunds and kills, which manners, and whether we are naive."""

    refunds: int
    kills: int
    seed: int
    manners: Manners = field(default_factory=Manners)
    naive: bool = False
    longest_s: float = 0.2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the provider's ledger and our store say together."""

    seed: int
    kills: int
    doubles: int
    extra_minor: int
    lost: int
    open: int
    in_review: int
    replayed: int
    findings: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        return not (self.doubles or self.extra_minor or self.lost or self.open or self.findings)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.kills} kills, {self.doubles} paid twice "
            f"({self.extra_minor} too much), {self.lost} lost, {self.open} not settled, "
            f"{self.in_review} in review, {self.replayed} keys replayed, "
            f"{len(self.findings)} findings of the doctor"
        )


def commit(folder: Path, refunds: int, there: int = 0) -> None:
    """A store with so many refunds that nobody has sent, after those that are there already."""
    shop = open_shop(folder, settles=False)
    for start in range(there, refunds, SALES_A_CHUNK):
        numbers = range(start + 1, min(start + SALES_A_CHUNK, refunds) + 1)
        shop.sell(sale(number) for number in numbers)
        for number in numbers:
            shop.refund(number, 1)
    shop.backend.close()


def besiege(folder: Path, plan: Plan) -> Verdict:
    """Let children settle the refunds committed in this folder and kill them, then compare the
    books."""
    chance = random.Random(plan.seed)
    kills = quiet = 0
    for minutes in range(0, 2 * (plan.kills + QUIET_ROUNDS), 2):
        seconds = chance.uniform(0.0, plan.longest_s) if kills < plan.kills else None
        kills += _child(folder, plan, minutes, seconds)
        quiet += seconds is None
        if quiet == QUIET_ROUNDS or _open(folder) == 0:
            break
    return _judged(folder, plan, kills)


def _child(folder: Path, plan: Plan, minutes: int, seconds: float | None) -> bool:
    """One program that settles what it can; was it killed before it was done?"""
    told, theirs = CHILDREN.Pipe(duplex=False)
    process = CHILDREN.Process(target=work, args=(folder, plan, minutes, theirs))
    process.start()
    theirs.close()
    told.recv()
    process.join(seconds)
    process.kill()
    process.join()
    code = process.exitcode
    process.close()
    told.close()
    assert code in (0, -signal.SIGKILL), f"a child ended with {code}"
    return code != 0


def work(folder: Path, plan: Plan, minutes: int, told: Connection) -> None:
    """The life of a child. Waiting moves its clock, so that no test waits for real."""
    clock = SteppingClock()
    clock.move(minutes=minutes)
    store = Store.open(f"sqlite:///{folder / 'store.db'}", create=False, clock=clock)
    provider = HostileProvider(folder / "provider.db", clock, plan.seed, plan.manners)
    legs = LocalLegStore(store)
    told.send("ready")
    if plan.naive:
        naive.drive(legs, provider, clock)
    else:
        settler = Settler(legs, ProviderDirectory(provider), clock, limits=Limits(page=50))
        for _ in range(2):
            settler.recover()
            clock.move(seconds=61)
    store.close()
    provider.close()


def _open(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        found: int = connection.execute(
            "SELECT COUNT(*) FROM leg WHERE state IN ('pending','sending','unknown','accepted')"
        ).fetchone()[0]
    return found


def _judged(folder: Path, plan: Plan, kills: int) -> Verdict:
    with closing(sqlite3.connect(folder / "provider.db")) as connection:
        moved = dict(
            connection.execute(
                "SELECT payment_reference, COUNT(*) FROM refund GROUP BY payment_reference"
            ).fetchall()
        )
        extra = connection.execute("SELECT COALESCE(SUM(amount_minor), 0) FROM refund").fetchone()[
            0
        ]
        replayed = connection.execute("SELECT COALESCE(SUM(replayed), 0) FROM call").fetchone()[0]
    with opened(f"sqlite:///{folder / 'store.db'}", create=False) as store:
        report = examine(store)
        with store.read() as connection:
            rows = fetch(
                connection,
                "SELECT l.state, p.provider_reference AS payment FROM leg l "
                "JOIN payment p ON p.id = l.payment_id",
            )
    succeeded = {row.payment for row in rows if row.state == "succeeded"}
    open_ = {"pending", "sending", "unknown", "accepted"}
    return Verdict(
        seed=plan.seed,
        kills=kills,
        doubles=sum(times > 1 for times in moved.values()),
        extra_minor=int(extra) - PRICE * len(moved),
        lost=len(succeeded - moved.keys()) + plan.refunds - len(rows),
        open=sum(row.state in open_ for row in rows),
        in_review=sum(row.state == "review" for row in rows),
        replayed=int(replayed),
        findings=tuple(one.code for one in report.checks if not one.ok),
    )

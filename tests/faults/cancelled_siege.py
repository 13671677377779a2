"""A cancellation that is killed again and again while it is live, and what each resume finds.

Everything random comes from one seed: after how many commits each program dies, inside one or right
after it, and how many bookings it takes at once. The same seed meets the same kills.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from backend_client.domain.incoming import IncomingBooking, IncomingPerformance
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.runs import ItemOutcome, Run, RunState
from backend_client.local.doctor import examine
from backend_client.local.rows import fetch
from backend_client.local.running import cancelling, under_way
from tests.clocks import SteppingClock
from tests.faults.forked import CHILDREN
from tests.faults.run_child import DyingStore
from tests.shop import PRICE, SUPERVISOR, Shop, open_shop, opened_shop, sale, ticket

HAMLET = IncomingPerformance("35626", "Hamlet")
MOST_COMMITS = 5
"""A program dies at the first to the last of so many commits."""
MOST_TOGETHER = 9
A_KILL = 40
"""Bookings for each kill: more than a program can cancel before it dies."""


@dataclass(frozen=True, slots=True)
class CancellationPlan:
    kills: int
    seed: int

    @property
    def bookings(self) -> int:
        return self.kills * A_KILL


@dataclass(frozen=True, slots=True)
class Death:
    """How a program dies: at which of its commits, inside it or after, so many bookings at once."""

    commit: int
    inside: bool
    together: int


@dataclass(slots=True)
class CancellationVerdict:
    """Counted after every kill and at the end."""

    seed: int
    bookings: int
    kills: int = 0
    twice: int = 0
    lost: int = 0
    unequal: int = 0
    findings: int = 0
    left: int = 0

    @property
    def is_sound(self) -> bool:
        return not (self.twice or self.lost or self.unequal or self.findings or self.left)

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.kills} kills, {self.bookings} bookings, {self.twice} "
            f"cancelled twice, {self.lost} lost, {self.left} left, "
            f"totals unequal {self.unequal} times, {self.findings} findings of the doctor"
        )


def is_paid(number: int) -> bool:
    """Every fifth booking was never paid."""
    return bool(number % 5)


def sold(number: int) -> IncomingBooking:
    """Two tickets for Hamlet."""
    lines = tuple(replace(ticket(place), performance=HAMLET.key) for place in (1, 2))
    made = replace(sale(number, lines=lines), performances=(HAMLET,))
    return made if is_paid(number) else replace(made, is_paid=False, payments=())


def besiege_cancellation(folder: Path, plan: CancellationPlan) -> CancellationVerdict:
    """Simulate, kill every program that carries it out, look after each; let the last one live."""
    verdict = CancellationVerdict(plan.seed, plan.bookings)
    with opened_shop(folder) as shop:
        shop.sell(sold(number) for number in range(1, plan.bookings + 1))
        parameters = CancellationParameters((1,), "performance-cancelled")
        simulation = shop.backend.simulate_cancellation(SUPERVISOR, parameters)
    chance = random.Random(plan.seed)
    while verdict.kills < plan.kills:
        death = Death(
            chance.randint(1, MOST_COMMITS), chance.random() < 0.5, chance.randint(1, MOST_TOGETHER)
        )
        if not _killed(folder, simulation.id, death):
            break
        verdict.kills += 1
        with opened_shop(folder) as shop:
            look(shop, simulation, verdict)
    with opened_shop(folder) as shop:
        run = _go_on(shop, simulation.id)
        look(shop, simulation, verdict)
        paid = sum(is_paid(number) for number in range(1, plan.bookings + 1))
        done = run.outcomes.get(ItemOutcome.CANCELLED, 0)
        verdict.left = abs(paid - done) + (run.state is not RunState.DONE)
        planned = [row for row in simulation.totals if row.name != "skip"]
        verdict.unequal += list(run.totals) != planned
    return verdict


def _killed(folder: Path, simulation_id: int, death: Death) -> bool:
    """Was it killed before it was through?"""
    process = CHILDREN.Process(target=work, args=(folder, simulation_id, death))
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    assert code in (0, -signal.SIGKILL), f"a child ended with {code}"
    return code != 0


def work(folder: Path, simulation_id: int, death: Death) -> None:
    """The life of a program: go live, or on with what another left."""
    cancelling.CANCELLED_TOGETHER = death.together
    under_way.BEGUN_AT_ONCE = death.together * A_KILL
    clock = SteppingClock()
    store = DyingStore.open(f"sqlite:///{folder}/store.db", create=False, clock=clock)
    assert isinstance(store, DyingStore)
    store.left, store.inside = death.commit, death.inside
    shop = open_shop(folder, clock=clock, store=store)
    _go_on(shop, simulation_id)
    shop.backend.close()


def _go_on(shop: Shop, simulation_id: int) -> Run:
    live_id = shop.backend.run(SUPERVISOR, simulation_id).live_id
    if live_id is None:
        return shop.backend.go_live(SUPERVISOR, simulation_id)
    run = shop.backend.run(SUPERVISOR, live_id)
    return run if run.state is RunState.DONE else shop.backend.resume_run(SUPERVISOR, live_id)


def look(shop: Shop, simulation: Run, verdict: CancellationVerdict) -> None:
    """What is there: each booking at most once and whole, and every figure the same."""
    with shop.store.read() as connection:
        rows = fetch(connection, "SELECT booking_id, amount_minor FROM refund")
    made = Counter(row.booking_id for row in rows)
    verdict.twice += sum(times > 1 for times in made.values())
    verdict.lost += sum(row.amount_minor != 2 * PRICE for row in rows)
    verdict.findings += sum(not one.ok for one in examine(shop.store).checks)
    live_id = shop.backend.run(SUPERVISOR, simulation.id).live_id
    if live_id is None:
        verdict.unequal += len(rows) > 0
        return
    run = shop.backend.run(SUPERVISOR, live_id)
    cancelled = [(one.count, one.amount_minor) for one in run.totals if one.name == "cancel"]
    expected = [(len(rows), 2 * PRICE * len(rows))] if rows else []
    counted = run.outcomes.get(ItemOutcome.CANCELLED, 0)
    exported = sum(
        one.get("outcome") == "cancelled" for one in shop.backend.export_run(SUPERVISOR, live_id)
    )
    verdict.unequal += cancelled != expected or not run.done == counted == exported == len(rows)

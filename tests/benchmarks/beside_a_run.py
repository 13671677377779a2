"""What a cashier in another process feels of a live run: the commit of one refund every 50 ms,
beside the same commits while no run is on. A refusal, such as a locked store, ends the benchmark.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
)
from backend_client.domain.runs import ItemOutcome, Run, RunState
from backend_client.local.running.cancelling import Cancelling
from backend_client.local.running.work import Ending
from tests.benchmarks import requested
from tests.benchmarks.cancelling import sold
from tests.benchmarks.cashier import Cashier, share_of
from tests.benchmarks.figure import Figure
from tests.clocks import START
from tests.shop import SUPERVISOR, Shop, open_shop, sale

CANCELLED, QUICK_CANCELLED = 100_000, 3_000
DISPATCHED, QUICK_DISPATCHED = 20_000, 1_000
FOR_THE_CASHIER, QUICK_FOR_THE_CASHIER = 6_000, 1_500
FOR_THE_END = 400
ALONE_S = 3


def run(quick: bool) -> list[Figure]:
    spare = QUICK_FOR_THE_CASHIER if quick else FOR_THE_CASHIER
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name:
        bookings = QUICK_CANCELLED if quick else CANCELLED
        shop = open_shop(Path(name))
        shop.sell(sold(number) for number in range(1, bookings + 1))
        _sell_for_the_cashier(shop, bookings, spare + FOR_THE_END)
        parameters = CancellationParameters((1,), "performance-cancelled")
        simulation = shop.backend.simulate_cancellation(SUPERVISOR, parameters)
        figures += _beside_its_end(shop, Path(name), simulation, bookings + spare + 1)
        simulation = shop.backend.simulate_cancellation(SUPERVISOR, parameters)
        figures += _beside(shop, Path(name), simulation, bookings, "cancellation")
    with tempfile.TemporaryDirectory() as name:
        legs = QUICK_DISPATCHED if quick else DISPATCHED
        requested.build(Path(name), legs)
        shop = open_shop(Path(name))
        _sell_for_the_cashier(shop, legs, spare)
        day = START.date()
        simulation = shop.backend.simulate_dispatch(
            SUPERVISOR, DispatchParameters(day, day, CreditMode.NEVER)
        )
        figures += _beside(shop, Path(name), simulation, legs, "dispatch")
    return figures


def _sell_for_the_cashier(shop: Shop, after: int, count: int) -> None:
    shop.sell(sale(number) for number in range(after + 1, after + count + 1))


def _beside_its_end(shop: Shop, folder: Path, simulation: Run, first: int) -> Iterator[Figure]:
    """A live run that was stopped before its first booking, and that somebody gives up; the floor
    is all it takes, for which one commit of it would have held the store."""
    with patch.object(Cancelling, "carry_out", lambda *_: Ending(RunState.STOPPED)):
        live = shop.backend.go_live(SUPERVISOR, simulation.id)
    cashier = Cashier(folder, first)
    began = time.perf_counter()
    ended = shop.backend.end_run(SUPERVISOR, live.id)
    seconds = time.perf_counter() - began
    commits = cashier.stop()
    assert ended.outcomes == {ItemOutcome.LEFT: simulation.items}, ended
    yield Figure(
        f"a commit beside the end of a run of {simulation.items:,}",
        share_of(commits, 1.0),
        "ms",
        "≤ 150 ms",
        floor=1000 * seconds,
    )
    yield Figure("  commits meanwhile (end)", len(commits), "")


def _beside(shop: Shop, folder: Path, simulation: Run, items: int, what: str) -> Iterator[Figure]:
    assert simulation.items == items, simulation
    cashier = Cashier(folder, items + 1)
    time.sleep(ALONE_S)
    alone = cashier.stop()
    cashier = Cashier(folder, items + len(alone) + 1)
    began = time.perf_counter()
    live = shop.backend.go_live(SUPERVISOR, simulation.id)
    seconds = time.perf_counter() - began
    commits = cashier.stop()
    assert (live.state, live.done) == (RunState.DONE, items), live
    shop.backend.close()
    name = f"a commit beside a {what} of {items:,}"
    for share, goal in ((0.5, ""), (0.99, "≤ 150 ms"), (1.0, "")):
        said = "at most" if share == 1 else f"p{share * 100:.0f}"
        floor = share_of(alone, share)
        yield Figure(f"{name}, {said}", share_of(commits, share), "ms", goal, floor=floor)
    yield Figure(f"  commits meanwhile ({what})", len(commits), "")
    yield Figure(f"  items carried out meanwhile ({what})", items / seconds, "1/s")

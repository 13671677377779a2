"""Legs brought to a provider a second, as a share of what its latency allows; and what a cashier
feels of it in another process meanwhile."""

from __future__ import annotations

import random
import resource
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from backend_client.local.leg_store import LocalLegStore
from backend_client.local.store import Store
from backend_client.ports import SystemClock
from backend_client.providers.directory import ProviderDirectory
from backend_client.providers.port import Answer, AnswerClass, LookUp, RefundOrder
from backend_client.providers.practice import PracticeProvider
from backend_client.settling.limits import Limits
from backend_client.settling.settler import Settler
from tests.benchmarks.cashier import Cashier, share_of
from tests.benchmarks.figure import Figure
from tests.shop import open_shop, sale

SEED = 20_260_314
FASTEST_S, SLOWEST_S = 0.05, 0.3
SALES_A_CHUNK = 1_000
CASHIERS_PAUSE_S = 0.05


@dataclass
class SlowProvider:
    """Takes 50 to 300 ms for each answer and moves nothing; made-up ids, one for each order."""

    name: str = PracticeProvider.name
    environment: str = PracticeProvider.environment
    capabilities = PracticeProvider.capabilities
    latencies: list[float] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    def refund(self, order: RefundOrder) -> Answer:
        latency = self.chance.uniform(FASTEST_S, SLOWEST_S)
        self.latencies.append(latency)
        time.sleep(latency)
        return Answer(
            AnswerClass.FINAL,
            provider_refund_id=f"slow-{order.our_reference}",
            our_reference=order.our_reference,
            amount_minor=order.amount_minor,
            currency=order.currency,
        )

    def find(self, order: RefundOrder) -> LookUp:
        return LookUp(answered=True)

    def refunds_of(self, order: RefundOrder) -> LookUp:
        return LookUp(answered=True)


def run(quick: bool) -> list[Figure]:
    figures: list[Figure] = []
    for connections, goal in ((16, "≥ 0.95"), (96, "≥ 0.70")):
        wanted = connections * (30 if quick else 120)
        with tempfile.TemporaryDirectory() as folder:
            figures += _one(Path(folder), connections, wanted, goal)
    return figures


def _one(folder: Path, connections: int, wanted: int, goal: str) -> list[Figure]:
    ids = _pending(folder, wanted)
    clock = SystemClock()
    store = Store.open(f"sqlite:///{folder / 'store.db'}", create=False, clock=clock)
    provider = SlowProvider()
    settler = Settler(
        LocalLegStore(store),
        ProviderDirectory(provider),
        clock,
        limits=Limits(connections=connections),
        ticks=time.monotonic,
    )
    memory = _memory_mib()
    cashier = Cashier(folder, wanted + 1)
    began = time.perf_counter()
    settler.settle(ids)
    seconds = time.perf_counter() - began
    commits = cashier.stop()
    grown = _memory_mib() - memory
    with store.read() as connection:
        left = connection.exec_driver_sql(
            "SELECT COUNT(*) FROM leg WHERE state <> 'succeeded' AND method = 'matched'"
        ).scalar_one()
    store.close()
    assert left == 0, f"{left} legs are not settled"
    possible = connections / statistics.fmean(provider.latencies)
    rate = len(provider.latencies) / seconds
    return [
        Figure(f"legs settled at {connections} connections", rate, "1/s", "", floor=possible),
        Figure(f"share of what {connections} connections allow", rate / possible, "", goal),
        Figure(f"a cashier's commit meanwhile, p50 ({connections})", share_of(commits, 0.5), "ms"),
        Figure(
            f"a cashier's commit meanwhile, p99 ({connections})",
            share_of(commits, 0.99),
            "ms",
            "≤ 150" if connections == 16 else "",
        ),
        Figure(f"memory for {wanted:,} legs ({connections})", grown, "MiB"),
    ]


def _pending(folder: Path, wanted: int) -> list[int]:
    """A store with so many legs that wait, and as many bookings again for the cashier."""
    shop = open_shop(folder, settles=False)
    for start in range(0, wanted * 2, SALES_A_CHUNK):
        shop.sell(sale(n + 1) for n in range(start, min(start + SALES_A_CHUNK, wanted * 2)))
    ids = [shop.refund(n + 1, 1).refund.legs[0].id for n in range(wanted)]
    shop.backend.close()
    return ids


def _memory_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

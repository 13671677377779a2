"""Simulating a dispatch of requested refunds: by the clock, by its own processor time, and its
memory, at three sizes; beside it SQLite alone with bare tuples, which reads the same rows, splits
them the same way and writes as many items.

    python -m tests.benchmarks.simulating URL

simulates once in a program of its own and tells seconds, processor seconds and MiB.
"""

from __future__ import annotations

import gc
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.run_totals import TotalName
from tests.benchmarks.figure import Figure
from tests.benchmarks.requested import SHARE, build
from tests.clocks import START
from tests.shop import SUPERVISOR, open_shop
from tui import interpreter

SIZES, QUICK_SIZES = (1_000, 10_000, 100_000), (1_000, 10_000)
TIMES = 3


def run(quick: bool) -> list[Figure]:
    figures: list[Figure] = []
    for legs in QUICK_SIZES if quick else SIZES:
        largest = legs == SIZES[-1]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            build(folder, legs)
            told = sorted(_child(folder) for _ in range(TIMES))[TIMES // 2]
            bare = _bare(folder / "store.db")
        seconds, cpu, memory = told
        goals = ("≤ 2 s", "≤ 120 MiB") if largest else ("", "")
        figures += [
            Figure(f"simulating {legs:,} requested", seconds, "s", goals[0], floor=bare),
            Figure(f"  by its own processor time ({legs:,})", cpu, "s"),
            Figure(f"  at most in memory ({legs:,})", memory, "MiB", goals[1]),
        ]
    return figures


def _child(folder: Path) -> tuple[float, float, float]:
    command = [sys.executable, "-m", "tests.benchmarks.simulating", str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return (float(told[0]), float(told[1]), float(told[2]))


def main() -> None:
    """What a window would do, in a program of its own: its memory is the whole program's."""
    shop = open_shop(Path(sys.argv[1]))
    interpreter.start()
    gc.collect()
    interpreter.keep_what_is_loaded()
    day = START.date()
    start, cpu = time.perf_counter(), time.process_time()
    simulated = shop.backend.simulate_dispatch(
        SUPERVISOR, DispatchParameters(day, day, CreditMode.NEVER)
    )
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    planned = sum(row.amount_minor for row in simulated.totals if row.name == TotalName.PLAN.value)
    legs = simulated.items
    assert planned == SHARE * (legs + legs // 2), simulated.totals
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shop.backend.close()
    print(seconds, used, memory)


def _bare(path: Path) -> float:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute(
            "CREATE TABLE bare(ordinal INTEGER PRIMARY KEY, leg_id INT, version INT, plan TEXT, "
            "amount_minor INT, body TEXT) STRICT"
        )
        start = time.perf_counter()
        payments: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for payment_id, booking_id, left in raw.execute(
            "SELECT id, booking_id, settled_minor - taken_minor - prior_refunded_minor FROM payment"
        ):
            payments[booking_id].append((payment_id, left))
        items = []
        for ordinal, (leg_id, booking_id, amount, version) in enumerate(
            raw.execute(
                "SELECT l.id, l.booking_id, l.amount_minor, b.version FROM leg l "
                "JOIN booking b ON b.id = l.booking_id WHERE l.state = 'requested' "
                "ORDER BY l.requested_at_us, l.id"
            ),
            1,
        ):
            parts, rest = [], amount
            for payment_id, left in payments[booking_id]:
                if rest and left:
                    parts.append(("card", min(rest, left), payment_id))
                    rest -= min(rest, left)
            plan = "cards_and_stays" if rest else "cards"
            items.append((ordinal, leg_id, version, plan, amount, json.dumps({"parts": parts})))
        raw.execute("BEGIN")
        raw.executemany("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?)", items)
        raw.execute("COMMIT")
        return time.perf_counter() - start


if __name__ == "__main__":
    main()

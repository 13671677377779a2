"""A window at work while a run is on its way: refunds one after another, each timed.

    python -m tests.benchmarks.cashier FOLDER FIRST

Says ready, waits for a line, works until the next one, then tells the milliseconds of each commit.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.refund import Method
from tests.shop import SUPERVISOR, open_shop
from tui import interpreter

PAUSE_S = 0.05


class Cashier:
    """Another process that commits refunds on the same store and says how long each took."""

    def __init__(self, folder: Path, first: int) -> None:
        """`first`: the number of the first booking it gives back; the next ones follow."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.cashier", str(folder), str(first)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == "ready"
        self._process.stdin.write("go\n")  # type: ignore[union-attr]
        self._process.stdin.flush()  # type: ignore[union-attr]

    def stop(self) -> list[float]:
        """Milliseconds of each commit, shortest first; a refusal would have ended it."""
        told, _ = self._process.communicate("stop\n")
        assert self._process.returncode == 0, told
        return sorted(float(line) for line in told.splitlines())


def share_of(ordered: Sequence[float], share: float) -> float:
    """The value that this share of all of them does not exceed; 0 where there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def main() -> None:
    folder, number = Path(sys.argv[1]), int(sys.argv[2])
    interpreter.start()
    interpreter.collect_rarely()
    shop = open_shop(folder, settles=False)
    print("ready", flush=True)
    sys.stdin.readline()
    stopped = threading.Event()

    def listen() -> None:
        sys.stdin.readline()
        stopped.set()

    threading.Thread(target=listen, daemon=True).start()
    taken: list[float] = []
    while not stopped.is_set():
        booking = shop.backend.booking(SUPERVISOR, f"B-{number}").booking
        request = RefundRequest(booking.id, (1,), "goodwill", (Part(Method.CREDIT),))
        plan = shop.backend.preview_refund(SUPERVISOR, request)
        began = time.perf_counter()
        shop.backend.execute_refund(SUPERVISOR, plan)
        taken.append((time.perf_counter() - began) * 1000)
        number += 1
        time.sleep(PAUSE_S)
    shop.backend.close()
    print("\n".join(f"{one:.3f}" for one in taken))


if __name__ == "__main__":
    main()

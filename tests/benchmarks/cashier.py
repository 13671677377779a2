"""A window at work while a run is on its way: refunds one after another, each timed.

    python -m tests.benchmarks.cashier FOLDER FIRST

Says ready, waits for a line, works until the next one, then tells the milliseconds of each commit.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.refund import Method
from tests.shop import SUPERVISOR, open_shop

PAUSE_S = 0.05


def main() -> None:
    folder, number = Path(sys.argv[1]), int(sys.argv[2])
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

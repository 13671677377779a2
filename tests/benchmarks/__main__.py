"""Run the benchmarks: `python -m tests.benchmarks [--quick] [NAME…]`, all of them without a name.

Nothing here passes or fails: these machines are noisy, so figures stand beside what they are
measured against in the same run, and a person reads the ratio.
"""

from __future__ import annotations

import argparse
import multiprocessing
import platform
import sqlite3
from concurrent.futures import ProcessPoolExecutor

from tests.benchmarks.alone import figures_of
from tests.benchmarks.figure import HEADER

NAMES = (
    "first_paint",
    "first_result",
    "lookup",
    "imports",
    "refunds",
    "settling",
    "cancelling",
    "simulating",
    "beside_a_run",
    "live_screen",
    "doctor",
    "idle_memory",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="a tenth of the data")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark called {', '.join(sorted(unknown))}")
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    print(HEADER)
    alone = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=alone, max_tasks_per_child=1) as processes:
        for name in arguments.names or NAMES:
            for figure in processes.submit(figures_of, name, quick=arguments.quick).result():
                print(figure.row(), flush=True)


if __name__ == "__main__":
    main()

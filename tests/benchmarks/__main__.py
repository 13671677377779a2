"""Run the benchmarks: `python -m tests.benchmarks [--quick] [NAME…]`, all of them without a name.

Nothing here passes or fails: these machines are noisy, so figures stand beside what they are
measured against in the same run, and a person reads the ratio.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import sqlite3

from tests.benchmarks.figure import HEADER
from tui import interpreter

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
    interpreter.start()  # as the program itself does
    interpreter.collect_rarely()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    print(HEADER)
    for name in arguments.names or NAMES:
        for figure in importlib.import_module(f"tests.benchmarks.{name}").run(arguments.quick):
            print(figure.row(), flush=True)


if __name__ == "__main__":
    main()

"""The long siege: `python -m tests.faults [--refunds N] [--kills N] [--seed S] [--rounds N]`.

Prints a line a siege with its seed; ends with 1 if one of them paid twice, lost or left anything,
or if the naive dispatcher was not caught. `--seed` replays one. `--cancellation` besieges a
cancellation run instead, with 30 kills unless told otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.cancelled_siege import CancellationPlan, besiege_cancellation
from tests.faults.hostile import Manners
from tests.faults.siege import Plan, Verdict, besiege, commit

KINDS = {
    "keys and look-up": Manners(),
    "look-up alone": Manners(honours_keys=False),
    "key alone": Manners(sees=False),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--refunds", type=int, default=2_000)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--cancellation", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    wanted = parser.parse_args()
    if wanted.cancellation:
        return _cancelled(wanted.kills or 30, wanted.seed)
    failed = 0
    for number in range(wanted.rounds):
        for name, manners in KINDS.items():
            plan = Plan(wanted.refunds, wanted.kills or 60, wanted.seed + number, manners)
            failed += not _held(name, plan)
        plan = Plan(min(wanted.refunds, 500), 8, wanted.seed + number, naive=True)
        verdict = _besieged(plan)
        print(f"{'naive, must be caught':<24} {verdict}", flush=True)
        failed += not verdict.doubles
    return int(failed > 0)


def _besieged(plan: Plan) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        commit(Path(folder), plan.refunds)
        return besiege(Path(folder), plan)


def _cancelled(kills: int, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        verdict = besiege_cancellation(Path(folder), CancellationPlan(kills, seed))
    print(verdict, flush=True)
    return int(not verdict.is_sound or verdict.kills < kills)


def _held(name: str, plan: Plan) -> bool:
    verdict = _besieged(plan)
    print(f"{name:<24} {verdict}", flush=True)
    return verdict.is_sound


if __name__ == "__main__":
    sys.exit(main())

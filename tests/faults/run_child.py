"""A supervisor's program that goes live, or ends what is live, and kills itself at the n-th commit
of a kind, inside it or right after:

    python -m tests.faults.run_child FOLDER SIMULATION LABEL N inside|after TOGETHER
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import Connection

from backend_client.local.running import cancelling, under_way
from backend_client.local.store import Store
from tests.clocks import SteppingClock
from tests.shop import SUPERVISOR, open_shop

T = TypeVar("T")
APPROVING = "approve run"
"""The label of the commit that, killed, makes the child approve first."""
ENDING = frozenset({"take run over", "leave items", "leave run"})
"""Labels of the commits by which a run that is not through is ended."""
APPROVER = replace(SUPERVISOR, operator="M. Keller")


class DyingStore(Store):
    """Dies at the n-th write with this label; of any, where none is given."""

    label = ""
    left = 0
    inside = False

    def write(self, job: Callable[[Connection], T], *, label: str, run: bool = False) -> T:
        if self.label not in ("", label):
            return super().write(job, label=label, run=run)
        self.left -= 1

        def dying(connection: Connection) -> T:
            result = job(connection)
            if self.inside and not self.left:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        done = super().write(dying, label=label, run=run)
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return done


def main(folder: str, simulation: str, label: str, left: str, moment: str, together: str) -> None:
    cancelling.CANCELLED_TOGETHER = under_way.BEGUN_AT_ONCE = under_way.LEFT_AT_ONCE = int(together)
    clock = SteppingClock()
    store = DyingStore.open(f"sqlite:///{folder}/store.db", create=False, clock=clock)
    assert isinstance(store, DyingStore)
    store.label, store.left, store.inside = label, int(left), moment == "inside"
    shop = open_shop(Path(folder), clock=clock, store=store)
    run = shop.backend.run(SUPERVISOR, int(simulation))
    if label == APPROVING:
        shop.backend.approve_run(APPROVER, run.id, run.fingerprint)
    if label in ENDING and run.live_id is not None:
        shop.backend.end_run(SUPERVISOR, run.live_id)
    shop.backend.go_live(SUPERVISOR, run.id)


if __name__ == "__main__":
    main(*sys.argv[1:])

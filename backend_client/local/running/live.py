"""A live run in the hands of whoever carries it out: every step asks first whether it still is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from backend_client.local.audit import Record
from backend_client.local.running import runs
from backend_client.local.running.runs import Owner

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from backend_client.domain.caller import Caller
    from backend_client.local.context import Context

T = TypeVar("T")
PAUSE_S = 0.005
"""Between two steps, so that another program gets the store's lock in between."""
HELD_S = 0.08
"""For so long a step may keep others from the store: a cashier who commits waits for one step."""
LEAST = 16


def pause(since: float) -> None:
    """What is left of the time between two steps; making the next one may have filled it."""
    time.sleep(max(since + PAUSE_S - time.perf_counter(), 0))


class StopAskedError(Exception):
    """Somebody asked the run to stop: nothing more is begun."""


class NotOursError(Exception):
    """Another program carries this run out by now: not one more word is written."""


class Live:
    """The run, its simulation and its owner. `simulation_id` is None while simulating."""

    def __init__(
        self,
        context: Context,
        caller: Caller,
        run_id: int,
        owner: Owner,
        simulation_id: int | None = None,
    ) -> None:
        self.context = context
        self.caller = caller
        self.run_id = run_id
        self.owner = owner
        self._simulation_id = simulation_id
        self._last_step: float | None = None

    @property
    def simulation_id(self) -> int:
        """Whose items it carries out."""
        assert self._simulation_id is not None, "a simulation carries nothing out"
        return self._simulation_id

    def step(
        self, job: Callable[[Connection], T], *, label: str, though_stopping: bool = False
    ) -> T:
        """Do `job` in one transaction of its own; between two, others have the store for a moment.

        Raises StopAskedError or NotOursError with nothing written. What was begun may be finished
        `though_stopping`.
        """

        def mine(connection: Connection) -> T:
            may_go_on = runs.keep(connection, self.run_id, self.owner, self.context.now())
            if may_go_on is None:
                raise NotOursError
            if not (may_go_on or though_stopping):
                raise StopAskedError
            return job(connection)

        if self._last_step is not None:
            pause(self._last_step)
        try:
            return self.context.store.write(mine, label=label, run=True)
        finally:
            self._last_step = time.perf_counter()

    def steps(self, job: Callable[[Connection, int], int], *, most: int, label: str) -> None:
        """Step after step until `job` finds nothing to do: it is told how many to take, which are
        fewer where the machine is slow or busy, and answers how many it took."""
        count, held_s = min(LEAST, most), 0.0

        def timed(connection: Connection) -> int:
            nonlocal held_s
            began = time.perf_counter()
            taken = job(connection, count)
            held_s = time.perf_counter() - began
            return taken

        while taken := self.step(timed, label=label):
            count = fitting(taken, held_s, most)

    def tell(self, connection: Connection, action: str, **body: object) -> None:
        """One record of the audit log about this run."""
        tell(self.context, connection, self.caller, self.run_id, action, **body)


def tell(
    context: Context,
    connection: Connection,
    caller: Caller,
    run_id: int,
    action: str,
    **body: object,
) -> None:
    """One record of the audit log about a run."""
    record = Record(action, f"run {run_id}", body)
    context.store.audit.append(connection, caller, context.now(), record)


def fitting(taken: int, held_s: float, most: int) -> int:
    """How many to take next, when so many took so long: never fewer than a few, and at most twice
    as many, because one quick step says little."""
    fits = int(taken * HELD_S / held_s) if held_s else most
    return min(most, max(LEAST, min(fits, 2 * taken)))

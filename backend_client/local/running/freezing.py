"""A simulation on its way into the store: items are written while the next ones are decided."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self

from backend_client.domain.run_totals import Totals
from backend_client.local.running import items
from backend_client.local.running.items import Fingerprint, Row

if TYPE_CHECKING:
    from types import TracebackType

    from sqlalchemy.engine import Connection

    from backend_client.local.running.live import Live
    from backend_client.local.running.work import RunWork

FROZEN_AT_ONCE = 4000
"""Items that are written in one step: the disk is waited for once for all of them, and the store's
lock is held for a few hundredths of a second."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of it: items, how many of them a live run does something about, and their sums."""

    items: int
    taken: int
    totals: Totals
    fingerprint: str


def freeze(
    live: Live, work: RunWork, parameters: str, progress: Callable[[int], None]
) -> Simulated:
    """Write every item of `work`; all of them are on the disk afterwards."""
    fingerprint, totals = Fingerprint(parameters), Totals()
    frozen = taken = 0
    waiting: list[Row] = []
    with Behind(live) as behind, closing(work.freeze()) as chunks:
        for chunk in chunks:
            fingerprint.add(chunk.rows)
            waiting += chunk.rows
            if len(waiting) >= FROZEN_AT_ONCE:
                behind.step(partial(_write, live.run_id, waiting), label="freeze items")
                waiting = []
            totals.add_rows(chunk.totals)
            taken += items.taken_of(chunk.rows)
            frozen += 0 if chunk.listed else len(chunk.rows)
            progress(frozen)
        behind.step(partial(_write, live.run_id, waiting), label="freeze items")
        behind.done()
    return Simulated(frozen, taken, totals, fingerprint.text)


def _write(run_id: int, rows: list[Row], connection: Connection) -> None:
    items.freeze(connection, run_id, rows)


class Behind:
    """Steps of a run that are written while the next one is being made: one at a time, in order.

    SQLite writes without Python's lock, so two processors have something to do. What a step raises
    is raised by the next one, or by `done`, and no other is begun after it.
    """

    def __init__(self, live: Live) -> None:
        self._live = live
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="run-steps")
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Whatever happened, no step is left under way."""
        self._thread.shutdown()

    def step(self, job: Callable[[Connection], None], *, label: str) -> None:
        """Begin `job` once the one before is on the disk."""
        self.done()
        self._under_way = self._thread.submit(self._live.step, job, label=label)

    def done(self) -> None:
        """Wait until what was begun is on the disk."""
        if self._under_way is not None:
            self._under_way.result()

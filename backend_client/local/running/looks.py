"""What can be looked at of runs, from any window, whoever carries them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_client.domain.run_limits import needs_approval
from backend_client.domain.runs import RunState
from backend_client.local.running import reading, runs
from backend_client.local.running.live import tell

if TYPE_CHECKING:
    from backend_client.domain.caller import Caller
    from backend_client.domain.runs import (
        ItemPage,
        PerformancePage,
        Run,
        RunPage,
        WantedItems,
    )
    from backend_client.local.context import Context


class RunLooks:
    """Answers from rows alone; only an export leaves a record."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def performances(self, text: str, start: int, limit: int) -> PerformancePage:
        from backend_client.local.running import performances

        with self._context.store.read() as connection:
            return performances.page(connection, text, start, limit, self._context.now())

    def page(self, before: int | None, limit: int) -> RunPage:
        with self._context.store.read() as connection:
            found = reading.page(connection, before, limit, self._context.now())
        return replace(found, runs=tuple(map(self._judged, found.runs)))

    def items(self, run_id: int, wanted: WantedItems, start: int, limit: int) -> ItemPage:
        from backend_client.local.running import item_pages

        with self._context.store.read() as connection:
            row = runs.row_of(connection, run_id)
            live = row.simulation_id is not None
            both = (row.simulation_id, row.id) if live else (row.id, row.live_id)
            return item_pages.page(connection, *both, wanted, start, limit)

    def export(self, caller: Caller, run_id: int) -> Iterator[dict[str, object]]:
        from backend_client.local.running.export import export

        run, context = self.run(run_id), self._context
        store = context.store
        if not store.read_only:
            store.write(
                lambda connection: tell(context, connection, caller, run_id, "run_exported"),
                label="export run",
            )
        return export(store, run)

    def run(self, run_id: int) -> Run:
        with self._context.store.read() as connection:
            found = reading.read(connection, run_id, self._context.now())
        return self._judged(found)

    def _judged(self, run: Run) -> Run:
        """A simulation that may still go live says whether another supervisor must allow it."""
        if run.state is not RunState.SIMULATED or run.live_id is not None or not run.taken:
            return run
        return replace(run, needs_approval=needs_approval(run.totals, self._context.run_limits))

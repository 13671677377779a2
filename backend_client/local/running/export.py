"""The log of a run as plain values: the run with its totals first, then every item in order."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.domain.run_record import record
from backend_client.domain.runs import Run
from backend_client.local.running import item_pages
from backend_client.local.store import Store

PAGE = 500


def export(store: Store, run: Run) -> Iterator[dict[str, object]]:
    """Read page by page, so that a slow reader holds nothing."""
    yield record(run)
    simulation_id = run.simulation_id or run.id
    live_id = run.id if run.simulation_id else run.live_id
    start = 0
    while True:
        with store.read() as connection:
            page = item_pages.page(
                connection, simulation_id, live_id, frozenset(), frozenset(), start, PAGE
            )
        yield from map(record, page.items)
        start += PAGE
        if start >= page.total:
            return

"""The log of a run as plain values: the run with its totals first, then every item in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum

from backend_client.domain.runs import Run
from backend_client.local.running import item_pages
from backend_client.local.store import Store

PAGE = 500


def export(store: Store, run: Run) -> Iterator[dict[str, object]]:
    """Read page by page, so that a slow reader holds nothing."""
    yield {"run": _plain(run)}
    simulation_id = run.simulation_id or run.id
    live_id = run.id if run.simulation_id else run.live_id
    start = 0
    while True:
        with store.read() as connection:
            page = item_pages.page(
                connection, simulation_id, live_id, frozenset(), frozenset(), start, PAGE
            )
        yield from ({"item": _plain(item)} for item in page.items)
        start += PAGE
        if start >= page.total:
            return


def _plain(value: object) -> object:
    """Values as JSON knows them; instants as ISO 8601 in UTC."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value

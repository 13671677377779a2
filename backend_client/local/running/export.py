"""The log of a run as plain values: the run with its totals first, then every item in order.

Whoever reads it elsewhere knows bookings, payments and contacts by their own numbers, never by the
ids of this store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.engine import Connection

from backend_client.domain.run_record import record
from backend_client.domain.runs import EVERY_ITEM, ItemPart, Run, RunItem
from backend_client.local.rows import fetch, id_list
from backend_client.local.running import item_pages
from backend_client.local.store import Store

PAGE = 500
_KEYS = "SELECT id, key FROM {table} WHERE id IN (SELECT value FROM json_each(?))"
_BOOKINGS = """
SELECT id, site || ':' || booking_id || ':' || transaction_id AS key FROM booking
WHERE id IN (SELECT value FROM json_each(?))"""


class Numbers(NamedTuple):
    """What people and other programs call the rows with these ids."""

    bookings: Mapping[int, str]
    payments: Mapping[int, str]
    payers: Mapping[int, str]


def export(store: Store, run: Run) -> Iterator[dict[str, object]]:
    """Read page by page, so that a slow reader holds nothing."""
    yield record(run)
    simulation_id = run.simulation_id or run.id
    live_id = run.id if run.simulation_id else run.live_id
    start = 0
    while True:
        with store.read() as connection:
            page = item_pages.page(connection, simulation_id, live_id, EVERY_ITEM, start, PAGE)
            numbers = _numbers(connection, page.items)
        for item in page.items:
            yield _item(item, numbers)
        start += PAGE
        if start >= page.total:
            return


def _numbers(connection: Connection, items: Sequence[RunItem]) -> Numbers:
    parts = [part for item in items for part in item.parts]
    return Numbers(
        _by_id(connection, _BOOKINGS, (item.booking_id for item in items)),
        _by_id(connection, _KEYS.format(table="payment"), (part.payment_id for part in parts)),
        _by_id(connection, _KEYS.format(table="contact"), (part.payer_id for part in parts)),
    )


def _by_id(connection: Connection, statement: str, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = sorted({one for one in ids if one is not None})
    return {row.id: row.key for row in fetch(connection, statement, id_list(wanted))}


def _item(item: RunItem, numbers: Numbers) -> dict[str, object]:
    told = record(item)
    told["booking"] = numbers.bookings[item.booking_id]
    told["parts"] = [_part(part, numbers) for part in item.parts]
    del told["booking_id"]
    return told


def _part(part: ItemPart, numbers: Numbers) -> dict[str, object]:
    return {
        "role": part.role.value,
        "amount_minor": part.amount_minor,
        "label": part.label,
        "payment": numbers.payments[part.payment_id] if part.payment_id is not None else "",
        "payer": numbers.payers[part.payer_id] if part.payer_id is not None else "",
        "provider": part.provider,
    }

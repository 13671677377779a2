"""Items as people see them, by position in a filtered list, from indexes alone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.engine import Connection, Row

from backend_client.domain.refund import Method
from backend_client.domain.runs import (
    EVERY_ITEM,
    REFERRED,
    ItemOutcome,
    ItemPage,
    ItemPlan,
    PartRole,
    PartState,
    RunItem,
    WantedItems,
)
from backend_client.local.refunds import leg_number_of
from backend_client.local.rows import fetch, id_list
from backend_client.local.running.items import came_to, last_ordinal, parts_of
from backend_client.local.triggers import in_list

MOST_ROWS = 1000
_ITEMS = """
SELECT i.*, b.booking_id AS reference, c.name AS customer, p.name AS payer,
  COALESCE(r.number, lr.number, '') AS refund_number, lr.number AS leg_refund,
  l.ordinal AS leg_ordinal
FROM run_item i JOIN booking b ON b.id = i.booking_id
LEFT JOIN contact c ON c.id = b.contact_id
LEFT JOIN refund r ON r.id = i.refund_id
LEFT JOIN leg l ON l.id = i.leg_id LEFT JOIN refund lr ON lr.id = l.refund_id
LEFT JOIN contact p ON p.id = l.payer_id
WHERE i.run_id = ? AND i.ordinal IN (SELECT value FROM json_each(?)) ORDER BY i.ordinal"""
_MADE = """
SELECT {item} AS item, {role} AS role, l.ordinal, l.label, l.amount_minor, {state} AS state,
  l.method, l.provider_refund_id, r.number,
  (SELECT CASE WHEN text = '' THEN code ELSE text END FROM attempt WHERE leg_id = l.id
    ORDER BY id DESC LIMIT 1) AS said
FROM {legs} JOIN refund r ON r.id = l.refund_id"""
_DISPATCHED = (
    _MADE.format(
        item="m.ordinal",
        role="m.role",
        state="m.state",
        legs="run_leg m JOIN leg l ON l.id = m.leg_id",
    )
    + " WHERE m.run_id = ? AND m.ordinal IN (SELECT value FROM json_each(?)) ORDER BY m.leg_id"
)
_CANCELLED = (
    _MADE.format(item="l.refund_id", role="''", state="l.state", legs="leg l")
    + " WHERE l.refund_id IN (SELECT value FROM json_each(?)) AND l.replaces_leg_id IS NULL"
    " ORDER BY l.id"
)


def page(
    connection: Connection,
    simulation_id: int,
    live_id: int | None,
    wanted: WantedItems,
    start: int,
    limit: int,
) -> ItemPage:
    """Rows from position `start` (from 0) of the items that are wanted."""
    size = max(0, min(limit, MOST_ROWS))
    start = max(start, 0)
    if wanted == EVERY_ITEM:
        total = last_ordinal(connection, simulation_id)
        ordinals: Sequence[int] = range(start + 1, min(start + size, total) + 1)
    else:
        total = _count(connection, simulation_id, wanted)
        ordinals = _positions(connection, simulation_id, wanted, start, size)
    return ItemPage(load(connection, simulation_id, live_id, ordinals), total)


def _conditions(wanted: WantedItems) -> tuple[list[str], str]:
    """Conditions with an index each, and what is left to look at in their rows."""
    rest = f"AND state_seen IN {in_list(wanted.seen)}" if wanted.seen else ""
    if wanted.outcomes:
        rest += f" AND plan IN {in_list(wanted.plans)}" if wanted.plans else ""
        return [came_to(outcome) for outcome in sorted(wanted.outcomes)], rest
    return [f"plan = '{plan.value}'" for plan in sorted(wanted.plans or ItemPlan)], rest


def _positions(
    connection: Connection, simulation_id: int, wanted: WantedItems, start: int, size: int
) -> list[int]:
    """Each branch comes in order from its index, so that they are merged and never sorted."""
    conditions, rest = _conditions(wanted)
    branch = "SELECT ordinal FROM run_item WHERE run_id = ? AND {condition} {rest}"
    branches = [branch.format(condition=one, rest=rest) for one in conditions]
    statement = " UNION ALL ".join(branches) + " ORDER BY ordinal LIMIT ? OFFSET ?"
    asked = [simulation_id] * len(branches)
    return [row.ordinal for row in fetch(connection, statement, *asked, size, start)]


def _count(connection: Connection, simulation_id: int, wanted: WantedItems) -> int:
    if wanted == WantedItems(outcomes=wanted.outcomes):
        among = in_list(wanted.outcomes)
        counted = f"SELECT SUM(items) AS n FROM run_count WHERE outcome IN {among}"
        return int(fetch(connection, f"{counted} AND run_id = ?", simulation_id)[0].n or 0)
    conditions, rest = _conditions(wanted)
    counted = "SELECT COUNT(*) AS n FROM run_item WHERE run_id = ? AND {condition} {rest}"
    return sum(
        int(fetch(connection, counted.format(condition=one, rest=rest), simulation_id)[0].n)
        for one in conditions
    )


def load(
    connection: Connection, simulation_id: int, live_id: int | None, ordinals: Iterable[int]
) -> tuple[RunItem, ...]:
    """The items with these ordinals, in order."""
    wanted = id_list(ordinals)
    rows = fetch(connection, _ITEMS, simulation_id, wanted)
    made: dict[int, list[PartState]] = defaultdict(list)
    if live_id is not None:
        for row in fetch(connection, _DISPATCHED, live_id, wanted):
            made[row.item].append(_state(row, PartRole(row.role)))
    by_refund: dict[int, list[PartState]] = defaultdict(list)
    refund_ids = [row.refund_id for row in rows if row.refund_id is not None and not row.leg_id]
    for row in fetch(connection, _CANCELLED, id_list(refund_ids)) if refund_ids else ():
        waiting = row.method == Method.WAITING
        role = PartRole.WAITING_ACCOUNT if waiting else PartRole.REQUESTED
        by_refund[row.item].append(_state(row, role))
    return tuple(_item(row, (*made[row.ordinal], *by_refund[row.refund_id])) for row in rows)


def _state(row: Row[Any], role: PartRole) -> PartState:
    return PartState(
        leg_number=leg_number_of(row.number, row.ordinal),
        role=role,
        label=row.label,
        amount_minor=row.amount_minor,
        state=row.state,
        note=(row.provider_refund_id if row.state in REFERRED else row.said) or "",
    )


def _item(row: Row[Any], states: tuple[PartState, ...]) -> RunItem:
    return RunItem(
        ordinal=row.ordinal,
        booking_reference=row.reference,
        refund_number=row.refund_number,
        leg_number=leg_number_of(row.leg_refund, row.leg_ordinal) if row.leg_refund else "",
        customer=row.payer or row.customer or "",
        amount_minor=row.amount_minor,
        currency=row.currency,
        plan=ItemPlan(row.plan),
        reason=row.reason,
        parts=parts_of(json.loads(row.body)),
        outcome=ItemOutcome(row.outcome) if row.outcome else None,
        states=states,
        booking_id=row.booking_id,
        state_seen=row.state_seen,
    )

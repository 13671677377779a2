"""The items of runs: frozen in chunks, under a fingerprint that grows, and begun by a live run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import starmap
from json.encoder import encode_basestring
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.dispatch import BLOCKED
from backend_client.domain.runs import (
    TAKEN,
    Difference,
    FrozenItem,
    ItemOutcome,
    ItemPart,
    ItemPlan,
    PartRole,
)
from backend_client.domain.settlement import Mismatch
from backend_client.local.rows import MOST_PARAMETERS, fetch, insert_rows
from backend_client.local.run_triggers import ITEM_FIXED
from backend_client.local.schema import run_item
from backend_client.local.triggers import in_list

Row = tuple[Any, ...]
"""An item as it is kept, in the order of the columns, without the run it belongs to."""
MOST_DIFFERENCES = 50
AT_ONCE: Mapping[ItemPlan, ItemOutcome] = {
    ItemPlan.SKIP: ItemOutcome.SKIPPED,
    ItemPlan.PERSON: ItemOutcome.PERSON,
    ItemPlan.STAYS: ItemOutcome.STAYS,
}
"""Plans a live run does nothing about: what becomes of them is known when it begins."""
_NOTHING_MORE: Mapping[str, object] = {}
_AT_ONCE = " ".join(f"WHEN '{plan}' THEN '{outcome}'" for plan, outcome in AT_ONCE.items())
_BEGIN = f"""
UPDATE run_item SET outcome = CASE plan {_AT_ONCE} ELSE '{ItemOutcome.WAITING}' END
WHERE run_id = ? AND ordinal BETWEEN ? AND ? AND outcome = ''"""
_BEGUN = "SELECT COALESCE(SUM(items), 0) AS begun FROM run_count WHERE run_id = ?"
_FOUND = f"""
i.plan IN {in_list(TAKEN)} AND i.booking_id IN (
  SELECT p.booking_id FROM discrepancy d JOIN payment p ON p.id = d.payment_id
  WHERE d.kind = '{Mismatch.PROVIDER_ONLY}' AND d.cleared_at_us IS NULL
    AND d.found_at_us >= (SELECT started_at_us FROM run WHERE id = ?))"""
"""A provider gave something back meanwhile that we know nothing of: what was planned may have been
paid already. No version of a booking tells of it."""
_MOVED = """
b.version <> i.version
OR (i.leg_id IS NOT NULL AND (l.state <> i.state_seen OR l.by_hand <> 0))"""
_CHANGED = f"""
FROM run_item i JOIN booking b ON b.id = i.booking_id LEFT JOIN leg l ON l.id = i.leg_id
WHERE i.run_id = ? AND ({_MOVED} OR ({_FOUND}))"""
_WORDS: Mapping[str, str] = {member: member.value for member in (*ItemPlan, *PartRole)}
"""Asking an enum for its value takes as long as looking up five of them."""


def came_to(outcome: ItemOutcome, column: str = "outcome") -> str:
    """A condition with an index, which SQLite takes only where it is told what that leaves out."""
    return f"{column} = '{outcome.value}' AND {column} <> ''"


WAITING = f"""
SELECT {", ".join(ITEM_FIXED)} FROM run_item INDEXED BY run_item_by_outcome
WHERE run_id = ? AND {came_to(ItemOutcome.WAITING)} ORDER BY ordinal LIMIT ?"""
"""The next items of a simulation whose turn has not come. Left to itself SQLite would walk over all
that are done, each time from the first."""


def _from_to(before: ItemOutcome, after: ItemOutcome) -> str:
    return f"""
UPDATE run_item SET outcome = '{after}' WHERE run_id = ? AND ordinal IN (
  SELECT ordinal FROM run_item INDEXED BY run_item_by_outcome
  WHERE run_id = ? AND {came_to(before)} ORDER BY ordinal LIMIT ?)"""


_LEAVE = _from_to(ItemOutcome.WAITING, ItemOutcome.LEFT)
_TAKE_UP = _from_to(ItemOutcome.LEFT, ItemOutcome.WAITING)
_PLAN = ITEM_FIXED.index("plan") - 1


def taken_of(rows: Iterable[Row]) -> int:
    """How many of these a live run does something about."""
    return sum(row[_PLAN] in TAKEN for row in rows)


class Fingerprint:
    """Grows with every item, so that nobody ever holds all of them."""

    def __init__(self, parameters: str) -> None:
        self._digest = hashlib.sha256(parameters.encode())

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Rows as they are kept, without the run they belong to, in order."""
        self._digest.update("".join(map(repr, map(tuple, rows))).encode())

    @property
    def text(self) -> str:
        return self._digest.hexdigest()[:32]


def row_of(item: FrozenItem) -> Row:
    """An item as it is kept, without the run it belongs to."""
    return kept(
        item.ordinal,
        item.booking_id,
        item.leg_id,
        item.version,
        item.state_seen,
        item.plan,
        item.reason,
        item.amount_minor,
        item.currency,
        packed(item.parts, item.body),
    )


def kept(
    ordinal: int,
    booking_id: int,
    leg_id: int | None,
    version: int,
    state_seen: str,
    plan: ItemPlan,
    reason: str,
    amount_minor: int,
    currency: str,
    body: str,
) -> Row:
    """The columns in their order; of a dispatch it is made without an item in between."""
    word = _WORDS[plan]
    seen = (ordinal, booking_id, leg_id, version, state_seen)
    return (*seen, word, reason, amount_minor, currency, body)


def freeze(connection: Connection, run_id: int, rows: Iterable[Row]) -> None:
    """Write items of a simulation, in few statements: between two of them it would have to wait
    for whoever makes the next items."""
    whole = [(run_id, *row) for row in rows]
    insert_rows(connection, run_item, ITEM_FIXED, whole, parameters=MOST_PARAMETERS)


def packed(parts: Sequence[ItemPart], body: Mapping[str, object] = _NOTHING_MORE) -> str:
    """Parts, and what a kind of run needs besides, in one spelling."""
    if body:
        return _canonical({**body, "parts": parts})
    return bound(starmap(part, parts))


def bound(parts: Iterable[str]) -> str:
    """Spelled parts as what is kept of an item that is nothing but parts."""
    return '{"parts":[' + ",".join(parts) + "]}"


def part(
    role: PartRole,
    amount_minor: int,
    payment_id: int | None = None,
    payer_id: int | None = None,
    provider: str = "",
    label: str = "",
) -> str:
    """An `ItemPart` as the encoder would write it, in a third of the time."""
    payment = "null" if payment_id is None else payment_id
    payer = "null" if payer_id is None else payer_id
    return (
        f'["{_WORDS[role]}",{amount_minor},{payment},{payer},'
        f"{encode_basestring(provider)},{encode_basestring(label)}]"
    )


_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def parts_of(body: Mapping[str, Any]) -> tuple[ItemPart, ...]:
    return tuple(ItemPart(PartRole(role), *others) for role, *others in body["parts"])


def frozen_of(row: Any) -> FrozenItem:
    """An item as it was frozen."""
    body = json.loads(row.body)
    parts = parts_of(body)
    del body["parts"]
    return FrozenItem(
        ordinal=row.ordinal,
        booking_id=row.booking_id,
        version=row.version,
        plan=ItemPlan(row.plan),
        amount_minor=row.amount_minor,
        currency=row.currency,
        parts=parts,
        reason=row.reason,
        leg_id=row.leg_id,
        state_seen=row.state_seen,
        body=body,
    )


def last_ordinal(connection: Connection, run_id: int) -> int:
    """How many items a simulation has, what is only listed included: ordinals are dense."""
    rows = fetch(
        connection,
        "SELECT ordinal FROM run_item WHERE run_id = ? ORDER BY ordinal DESC LIMIT 1",
        run_id,
    )
    return int(rows[0].ordinal) if rows else 0


def begin(connection: Connection, run_id: int, most: int) -> bool:
    """Give the next items their first outcome; False once all of them have one.

    In order and counted, so that a run that was killed here goes on where it stopped.
    """
    first = int(fetch(connection, _BEGUN, run_id)[0].begun) + 1
    return bool(connection.exec_driver_sql(_BEGIN, (run_id, first, first + most - 1)).rowcount)


def leave(connection: Connection, run_id: int, most: int) -> int:
    """Nobody comes to the next of what still waits: it is left to another run; how many."""
    return connection.exec_driver_sql(_LEAVE, (run_id, run_id, most)).rowcount


def take_up(connection: Connection, run_id: int, most: int) -> int:
    """The next of what was left waits again: whoever ended the run did not come to its end."""
    return connection.exec_driver_sql(_TAKE_UP, (run_id, run_id, most)).rowcount


def changed(connection: Connection, run_id: int) -> tuple[tuple[Difference, ...], int]:
    """The first items that are not as they were frozen, and how many there are."""
    count = int(fetch(connection, f"SELECT COUNT(*) AS n {_CHANGED}", run_id, run_id)[0].n)
    if not count:
        return (), 0
    rows = fetch(
        connection,
        f"SELECT i.ordinal, b.booking_id, CASE WHEN {_MOVED} THEN 'item-changed' ELSE '{BLOCKED}' "
        f"END AS why {_CHANGED} ORDER BY i.ordinal LIMIT {MOST_DIFFERENCES}",
        run_id,
        run_id,
    )
    return tuple(Difference(row.ordinal, row.booking_id, row.why) for row in rows), count


_SETTLE = """
UPDATE run_item SET outcome = ?, refund_id = ordinal + ?
WHERE run_id = ? AND ordinal BETWEEN ? AND ?"""


def settle_outcomes(
    connection: Connection, run_id: int, outcomes: Iterable[tuple[int, ItemOutcome, int | None]]
) -> None:
    """Write what became of items: ordinal, outcome, and the refund that was made.

    Refunds have their numbers in the order of the items, so one statement writes all neighbours
    with the same outcome: in half the time, as SQLite does so much around each statement.
    """
    rows: list[tuple[str, int | None, int, int, int]] = []
    for ordinal, outcome, refund_id in sorted(outcomes):
        distance = None if refund_id is None else refund_id - ordinal
        if rows and rows[-1][:2] == (outcome, distance) and rows[-1][-1] == ordinal - 1:
            rows[-1] = (*rows[-1][:-1], ordinal)
        else:
            rows.append((outcome.value, distance, run_id, ordinal, ordinal))
    if rows:
        connection.exec_driver_sql(_SETTLE, rows)

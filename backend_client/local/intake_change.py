"""A booking that changed at its source: what of it may be taken over, and what contradicts us."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.engine import Connection, RowMapping

from backend_client.domain.incoming import IncomingClaim
from backend_client.domain.kinds import LineState
from backend_client.domain.refund import Origin
from backend_client.local import ids
from backend_client.local.intake_people import People, Shows
from backend_client.local.intake_rows import BOOKING, LINE, PAYMENT, Prepared, Row, with_id
from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import line as line_table
from backend_client.local.schema import payment as payment_table
from backend_client.local.triggers import OVER

_WANTED = "IN (SELECT value FROM json_each(?))"
_BOOKINGS = f"""
SELECT id, {", ".join(BOOKING)}, promised_minor, waiting_minor FROM booking WHERE id {_WANTED}"""
_LINES = f"""
SELECT l.booking_id, l.id, {", ".join(f"l.{name}" for name in LINE)}, (
  SELECT MAX(CASE WHEN rl.live = 0 THEN '-' ELSE r.origin END)
  FROM refund_line rl JOIN refund r ON r.id = rl.refund_id WHERE rl.line_id = l.id) AS refunded
FROM line l WHERE l.booking_id {_WANTED}"""
_PAYMENTS = f"""
SELECT p.booking_id, p.id, {", ".join(f"p.{name}" for name in PAYMENT)}, p.taken_minor,
  p.waiting_taken_minor, (SELECT key FROM contact c WHERE c.id = p.payer_id) AS payer,
  EXISTS (SELECT 1 FROM leg WHERE leg.booking_id = p.booking_id AND leg.payment_id = p.id) AS used,
  EXISTS (SELECT 1 FROM leg WHERE leg.booking_id = p.booking_id AND leg.payment_id = p.id
    AND leg.state NOT IN {OVER}) AS held
FROM payment p WHERE p.booking_id {_WANTED}"""
_CLAIMS = f"""
SELECT r.booking_id, l.sequence, r.amount_minor, COALESCE((
  SELECT c.key FROM leg JOIN contact c ON c.id = leg.payer_id
  WHERE leg.refund_id = r.id AND leg.ordinal = 1), '') AS payer
FROM refund r JOIN refund_line rl ON rl.refund_id = r.id JOIN line l ON l.id = rl.line_id
WHERE r.booking_id {_WANTED} AND r.origin = '{Origin.RESALE.value}'"""
_BOOKING_CHANGE = "UPDATE booking SET {}, version = version + ?, source_digest = ? WHERE id = ?"
_VOIDED = "-"
"""Stands where an origin would: the line was in a refund that was voided."""
_STATE = LINE.index("state")
_WORTH = tuple(LINE.index(name) for name in ("kind", "quantity", "price_minor", "value_minor"))


@dataclass(frozen=True, slots=True)
class Stored:
    """A booking as it lies in the store: plain rows by sequence and payment key."""

    booking: RowMapping
    lines: Mapping[int, RowMapping]
    payments: Mapping[str, RowMapping]
    claims: Mapping[int, tuple[int, str]]
    """By sequence, what resellers are owed and by which contact key; nobody can void these."""


def load_stored(connection: Connection, booking_ids: Sequence[int]) -> dict[int, Stored]:
    if not booking_ids:
        return {}
    asked = id_list(booking_ids)
    lines: dict[int, dict[int, RowMapping]] = {one: {} for one in booking_ids}
    for row in fetch(connection, _LINES, asked):
        lines[row.booking_id][row.sequence] = row._mapping
    payments: dict[int, dict[str, RowMapping]] = {one: {} for one in booking_ids}
    for row in fetch(connection, _PAYMENTS, asked):
        payments[row.booking_id][row.key] = row._mapping
    claims: dict[int, dict[int, tuple[int, str]]] = {one: {} for one in booking_ids}
    for row in fetch(connection, _CLAIMS, asked):
        claims[row.booking_id][row.sequence] = (row.amount_minor, row.payer)
    return {
        row.id: Stored(row._mapping, lines[row.id], payments[row.id], claims[row.id])
        for row in fetch(connection, _BOOKINGS, asked)
    }


def contradiction(stored: Stored, incoming: Prepared) -> str:
    """Which of our refunds the new version of a booking cannot be right beside; empty if none."""
    return (
        _booking_contradicts(stored, incoming)
        or _lines_contradict(stored, incoming)
        or _payments_contradict(stored, incoming)
        or _claims_contradict(stored, incoming)
    )


def _booking_contradicts(stored: Stored, incoming: Prepared) -> str:
    booking, said = stored.booking, incoming.said
    promised, waiting = booking["promised_minor"], booking["waiting_minor"]
    refunded = any(line["refunded"] for line in stored.lines.values())
    if refunded and said.currency != booking["currency"]:
        return "currency"
    claimed = sum(claim.amount_minor for claim in _new_claims(stored, incoming))
    if not promised and not waiting and not claimed:
        return ""
    if not said.is_paid:
        return "paid"
    promised += claimed
    if promised and promised + said.prior_refunded_minor > said.settled_minor:
        return "settled amount"
    if waiting > said.unsettled_minor:
        return "unsettled amount"
    return ""


def _lines_contradict(stored: Stored, incoming: Prepared) -> str:
    new = incoming.lines_said()
    more_given_back = incoming.said.prior_refunded_minor > stored.booking["prior_refunded_minor"]
    for sequence, line in stored.lines.items():
        origin = line["refunded"]
        if not origin:
            continue
        where = f"line {sequence}"
        if sequence not in new:
            return where
        if origin == _VOIDED:
            continue
        now = new[sequence]
        worth = (now.kind, now.quantity, now.price_minor, now.value_minor)
        if worth != tuple(line[LINE[place]] for place in _WORTH):
            return where
        ours = LineState.RESOLD if origin == Origin.RESALE else LineState.SOLD
        if now.state not in (ours, LineState.CANCELLED):
            return where
        if now.state is LineState.CANCELLED and more_given_back:
            return f"{where}, given back at both ends"
    return ""


def _payments_contradict(stored: Stored, incoming: Prepared) -> str:
    new = incoming.payments_said()
    for key, payment in stored.payments.items():
        if not payment["used"]:
            continue
        now = new.get(key)
        where = f"payment {key}"
        if now is None:
            return where
        if not payment["held"]:
            continue
        taken, waiting = payment["taken_minor"], payment["waiting_taken_minor"]
        if now.method != payment["method"]:
            return where
        if now.payer != (payment["payer"] or ""):
            return f"payer of {where}"
        if taken and taken + now.prior_refunded_minor > now.settled_minor:
            return where
        if waiting > now.amount_minor - now.settled_minor:
            return where
    return ""


def _new_claims(stored: Stored, incoming: Prepared) -> list[IncomingClaim]:
    return [claim for claim in incoming.claims if claim.sequence not in stored.claims]


def _claims_contradict(stored: Stored, incoming: Prepared) -> str:
    new = {claim.sequence: (claim.amount_minor, claim.payer) for claim in incoming.claims}
    for sequence, claim in stored.claims.items():
        if new.get(sequence) != claim:
            return f"resale claim of line {sequence}"
    return ""


def take_over(
    connection: Connection,
    stored: Stored,
    incoming: Prepared,
    people: People,
    shows: Shows,
) -> bool:
    """Make the stored booking what the source says now; did that change anything? The version
    counts everything but details of people and performances, which no plan depends on."""
    booking_id = stored.booking["id"]
    contacts = people.ids()
    row = with_id(incoming.booking, contacts)
    moved = row != tuple(stored.booking[name] for name in BOOKING)
    moved |= bool(_new_claims(stored, incoming))
    moved |= _take_over_lines(connection, booking_id, stored, incoming, shows)
    moved |= _take_over_payments(connection, booking_id, stored, incoming, contacts)
    connection.exec_driver_sql(
        _BOOKING_CHANGE.format(", ".join(f"{name} = ?" for name in BOOKING)),
        (*row, int(moved), incoming.digest, booking_id),
    )
    return moved


def _take_over_lines(
    connection: Connection, booking_id: int, stored: Stored, incoming: Prepared, shows: Shows
) -> bool:
    new: dict[Any, Row] = {}
    performances = shows.ids(incoming)
    for said in incoming.lines:
        row = with_id(said, performances)
        before = stored.lines.get(row[0])
        if before and before["refunded"] and before["refunded"] != _VOIDED:
            row = (*row[:_STATE], before["state"], *row[_STATE + 1 :])
        new[row[0]] = row
    change = _Change(connection, "line", LINE, booking_id)
    return change.make(stored.lines, new)


def _take_over_payments(
    connection: Connection,
    booking_id: int,
    stored: Stored,
    incoming: Prepared,
    contacts: Mapping[str, int | None],
) -> bool:
    new = {row[0]: with_id(row, contacts) for row in incoming.payments}
    change = _Change(connection, "payment", PAYMENT, booking_id)
    return change.make(stored.payments, new)


@dataclass(frozen=True, slots=True)
class _Change:
    """Brings the rows of one booking in one table to what they should be."""

    connection: Connection
    table: str
    columns: tuple[str, ...]
    booking_id: int

    def make(self, old: Mapping[Any, RowMapping], new: Mapping[Any, tuple[Any, ...]]) -> bool:
        """Delete what is gone, change what differs, insert what is new; was there anything?"""
        gone = [row["id"] for key, row in old.items() if key not in new]
        if gone:
            self.connection.exec_driver_sql(
                f"DELETE FROM {self.table} WHERE id IN (SELECT value FROM json_each(?))",
                (json.dumps(gone),),
            )
        differing = [
            (*row, old[key]["id"])
            for key, row in new.items()
            if key in old and row != tuple(old[key][name] for name in self.columns)
        ]
        if differing:
            marks = ", ".join(f"{name} = ?" for name in self.columns)
            self.connection.exec_driver_sql(
                f"UPDATE {self.table} SET {marks} WHERE id = ?", differing
            )
        added = [row for key, row in new.items() if key not in old]
        if added:
            first = ids.take(self.connection, self.table, len(added))
            rows = [(first + place, self.booking_id, *row) for place, row in enumerate(added)]
            table = line_table if self.table == "line" else payment_table
            insert_rows(self.connection, table, ("id", "booking_id", *self.columns), rows)
        return bool(gone or differing or added)

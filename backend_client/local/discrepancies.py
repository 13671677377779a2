"""Where providers contradict our books: kept, told to the audit log, cleared when it is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.settlement import Checked, Discrepancy, Mismatch
from backend_client.domain.texts import clean_text
from backend_client.local import ids
from backend_client.local.audit import AuditLog, Record
from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import discrepancy
from backend_client.local.times import to_us

SETTLING = Caller("settling", Role.SUPERVISOR, "", "", Entrance.API, "")
"""Who is named for what a provider's list shows and no person did."""
TEXT_LIMIT = 200
_COLUMNS = (
    "id",
    "kind",
    "provider",
    "payment_id",
    "leg_id",
    "provider_refund_id",
    "our_reference",
    "amount_minor",
    "currency",
    "text",
    "found_at_us",
)
_OPEN = """
SELECT * FROM discrepancy WHERE cleared_at_us IS NULL
  AND payment_id IN (SELECT value FROM json_each(?))"""
_CLEAR = """
UPDATE discrepancy SET cleared_at_us = ? WHERE id IN (SELECT value FROM json_each(?))"""
_REFERENCES = """
SELECT payment_id, our_reference FROM leg WHERE our_reference IS NOT NULL
  AND payment_id IN (SELECT value FROM json_each(?))"""

Identity = tuple[str, str, int, str, str]


def references(connection: Connection, payment_ids: Sequence[int]) -> Mapping[int, frozenset[str]]:
    """By payment, the references of all legs ever made for it."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in fetch(connection, _REFERENCES, id_list(payment_ids)):
        found[row.payment_id].add(row.our_reference)
    return {payment_id: frozenset(names) for payment_id, names in found.items()}


def keep(connection: Connection, audit: AuditLog, checks: Sequence[Checked], at: datetime) -> None:
    """Write down what is wrong now, and clear what was wrong before and is no more.

    A payment's own list decides about the refunds found only there; a leg's check about the leg.
    """
    answered = [check for check in checks if check.answered]
    if not answered:
        return
    payments = {check.leg.payment_id for check in answered}
    legs = {check.leg.leg_id for check in answered}
    wrong = {_identity(one): one for check in answered for one in map(_inert, check.discrepancies)}
    known = {_identity(row): row for row in fetch(connection, _OPEN, id_list(sorted(payments)))}
    over = [
        row
        for identity, row in known.items()
        if identity not in wrong and (row.leg_id is None or row.leg_id in legs)
    ]
    new = [one for identity, one in wrong.items() if identity not in known]
    if over:
        cleared = id_list(row.id for row in over)
        connection.exec_driver_sql(_CLEAR, (to_us(at), cleared))
    if new:
        first = ids.take(connection, "discrepancy", len(new))
        rows = [_row(number, one, at) for number, one in enumerate(new, first)]
        insert_rows(connection, discrepancy, _COLUMNS, rows)
    records = [_record("discrepancy", one) for one in new]
    records += [_record("discrepancy_cleared", row) for row in over]
    if records:
        audit.append(connection, SETTLING, at, *records)


def _inert(one: Discrepancy) -> Discrepancy:
    """A provider's words without escape codes and card numbers."""
    return Discrepancy(
        one.kind,
        one.provider,
        one.payment_id,
        one.leg_id,
        clean_text(one.provider_refund_id, TEXT_LIMIT),
        clean_text(one.our_reference, TEXT_LIMIT),
        max(0, one.amount_minor),
        clean_text(one.currency, 3),
        mask_card_numbers(clean_text(one.text, TEXT_LIMIT)),
    )


def _identity(one: Any) -> Identity:
    return (
        one.provider,
        Mismatch(one.kind).value,
        one.payment_id,
        one.provider_refund_id,
        one.our_reference,
    )


def _row(number: int, one: Discrepancy, at: datetime) -> tuple[Any, ...]:
    return (
        number,
        one.kind.value,
        one.provider,
        one.payment_id,
        one.leg_id,
        one.provider_refund_id,
        one.our_reference,
        one.amount_minor,
        one.currency,
        one.text,
        to_us(at),
    )


def _record(action: str, one: Any) -> Record:
    body = {
        "kind": Mismatch(one.kind).value,
        "payment_id": one.payment_id,
        "provider_refund_id": one.provider_refund_id,
        "our_reference": one.our_reference,
        "amount_minor": one.amount_minor,
        "currency": one.currency,
    }
    return Record(action, f"{one.provider} {one.provider_refund_id}".strip(), body)

"""Where providers contradict our books: kept, told to the audit log, cleared when it is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain import books as rules
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.settlement import Checked, Discrepancy, Mismatch
from backend_client.domain.texts import clean_text
from backend_client.local import ids
from backend_client.local.audit import AuditLog, Record
from backend_client.local.books import Entry, EntryKind, post
from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import discrepancy
from backend_client.local.times import to_us
from backend_client.local.triggers import HOLDING

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
CAME_BACK = "it came back to the provider: the money of this payment did not arrive"
_OPEN = """
SELECT *, EXISTS (SELECT 1 FROM leg WHERE id = leg_id AND state = 'recorded') AS came_back
FROM discrepancy WHERE cleared_at_us IS NULL
  AND payment_id IN (SELECT value FROM json_each(?))"""
_ACCEPTED = """
SELECT d.*, a.id AS accepted_id, a.leg_id AS recorded_leg_id
FROM accepted_refund a JOIN discrepancy d ON d.id = a.discrepancy_id
WHERE a.ended_at_us IS NULL AND a.payment_id IN (SELECT value FROM json_each(?))"""
_ENDED = """
UPDATE accepted_refund SET ended_at_us = ? WHERE id IN (SELECT value FROM json_each(?))"""
_TOUCH = """
UPDATE booking SET version = version + 1, touched_at_us = ? WHERE id IN (
  SELECT booking_id FROM accepted_refund WHERE id IN (SELECT value FROM json_each(?)))"""
_CLEAR = """
UPDATE discrepancy SET cleared_at_us = ? WHERE id IN (SELECT value FROM json_each(?))"""
_REFERENCES = f"""
SELECT payment_id, our_reference FROM leg WHERE our_reference IS NOT NULL
  AND state IN {HOLDING} AND payment_id IN (SELECT value FROM json_each(?))"""

Identity = tuple[str, str, int, str, str]


def references(connection: Connection, payment_ids: Sequence[int]) -> Mapping[int, frozenset[str]]:
    """By payment, the references of all legs that may have its money.

    What is listed under a leg that was declined, or given up for another one since, moved money
    nobody knows of here: it is as strange as a refund of somebody else.
    """
    found: dict[int, set[str]] = defaultdict(set)
    for row in fetch(connection, _REFERENCES, id_list(payment_ids)):
        found[row.payment_id].add(row.our_reference)
    return {payment_id: frozenset(names) for payment_id, names in found.items()}


def explained(connection: Connection, payment_ids: Sequence[int]) -> Mapping[int, frozenset[str]]:
    """As `references`, and the provider's own names of refunds that were accepted as made there."""
    known = references(connection, payment_ids)
    found = {payment_id: set(known.get(payment_id, ())) for payment_id in payment_ids}
    for row in fetch(connection, _ACCEPTED, id_list(payment_ids)):
        found[row.payment_id].add(row.provider_refund_id)
    return {payment_id: frozenset(names) for payment_id, names in found.items()}


def keep(connection: Connection, audit: AuditLog, checks: Sequence[Checked], at: datetime) -> int:
    """Write down what is wrong now, and clear what was wrong before and is no more; how much of it
    stands.

    A payment's own list decides about the refunds found only there; a leg's check about the leg
    and about a second refund under its reference. What was accepted is wrong no more, as long as
    the provider lists it; when that was the money of a payment recorded by hand, a person has to
    say how the customer is paid now.
    """
    answered = [check for check in checks if check.answered]
    if not answered:
        return 0
    payments = id_list(sorted({_payment_of(check) for check in answered}))
    decided = _Decided.by(connection, answered, payments)
    wrong = {
        _identity(one): one
        for check in answered
        for one in map(_inert, check.discrepancies)
        if not decided.became_ours(check, one)
    }
    accepted = {_identity(row): row for row in fetch(connection, _ACCEPTED, payments)}
    known = {_identity(row): row for row in fetch(connection, _OPEN, payments)}
    over = _gone(known, wrong, decided)
    ended = _gone(accepted, wrong, decided)
    new = [one for identity, one in wrong.items() if identity not in known | accepted]
    unpaid = [_came_back(row) for row in ended if row.recorded_leg_id is not None]
    new += unpaid
    if over:
        cleared = id_list(row.id for row in over)
        connection.exec_driver_sql(_CLEAR, (to_us(at), cleared))
    if new:
        first = ids.take(connection, "discrepancy", len(new))
        rows = [_row(number, one, at) for number, one in enumerate(new, first)]
        insert_rows(connection, discrepancy, _COLUMNS, rows)
    records = [_record("discrepancy", one) for one in new]
    records += [_record("discrepancy_cleared", row) for row in over]
    records += [_record("accepted_ended", row) for row in ended]
    if ended:
        _end(connection, ended, at)
    if records:
        audit.append(connection, SETTLING, at, *records)
    waiting = sum(bool(row.came_back) for row in known.values()) + len(unpaid)
    return len(wrong.keys() - accepted.keys()) + waiting


def _payment_of(check: Checked) -> int:
    assert check.leg.payment_id is not None, "only what has a payment is listed under it"
    return check.leg.payment_id


@dataclass(frozen=True, slots=True)
class _Decided:
    """What these checks have the last word about."""

    legs: frozenset[int]
    references: frozenset[str]
    ours: frozenset[str]

    @classmethod
    def by(cls, connection: Connection, checks: Sequence[Checked], payments: str) -> _Decided:
        rows = fetch(connection, _REFERENCES, payments)
        return cls(
            legs=frozenset(check.leg.leg_id for check in checks),
            references=frozenset(check.leg.our_reference for check in checks),
            ours=frozenset(row.our_reference for row in rows),
        )

    def became_ours(self, check: Checked, one: Discrepancy) -> bool:
        """Is it a refund of ours that was born after the check began?"""
        is_another = one.our_reference != check.leg.our_reference
        return one.kind is Mismatch.PROVIDER_ONLY and is_another and one.our_reference in self.ours

    def covers(self, row: Any) -> bool:
        if row.leg_id is not None:
            return row.leg_id in self.legs
        return row.our_reference in self.references or row.our_reference not in self.ours


def _gone(
    known: Mapping[Identity, Any], wrong: Mapping[Identity, Discrepancy], decided: _Decided
) -> list[Any]:
    return [row for identity, row in known.items() if identity not in wrong and decided.covers(row)]


def _end(connection: Connection, rows: Sequence[Any], at: datetime) -> None:
    """The provider lists them no more: their money is there again, and may go back once more."""
    post(connection, SETTLING, at, [_ended_entry(row) for row in rows])
    accepted = id_list(row.accepted_id for row in rows)
    connection.exec_driver_sql(_ENDED, (to_us(at), accepted))
    connection.exec_driver_sql(_TOUCH, (to_us(at), accepted))


def found_entry(row: Any, leg_id: int | None) -> Entry:
    """The money of a refund made at the provider is gone there."""
    return Entry(
        kind=EntryKind.FOUND,
        postings=rules.found_elsewhere(
            row.amount_minor, row.currency, provider=row.provider, recorded=leg_id is not None
        ),
        reference=row.provider_refund_id,
    )


def _came_back(row: Any) -> Discrepancy:
    """Nothing settles a payment recorded by hand, so that only a person clears this up."""
    return Discrepancy(
        Mismatch.OURS_ONLY,
        row.provider,
        row.payment_id,
        row.recorded_leg_id,
        row.provider_refund_id,
        row.our_reference,
        row.amount_minor,
        row.currency,
        CAME_BACK,
    )


def _ended_entry(row: Any) -> Entry:
    """What takes an acceptance back: the provider lists the refund no more."""
    entry = found_entry(row, row.recorded_leg_id)
    postings = rules.reversed_postings(entry.postings)
    return replace(entry, kind=EntryKind.FOUND_ENDED, postings=postings)


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

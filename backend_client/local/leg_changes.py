"""What a payment's change of state brings along: books, audit, mail, the bookings' versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain import books as rules
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.refund import FINAL, LegState, Method
from backend_client.local.audit import AuditLog, Record
from backend_client.local.books import Entry, EntryKind, post
from backend_client.local.desks import desk_of
from backend_client.local.outbox import MailRules, write_mails
from backend_client.local.refunds import leg_number_of, number_of
from backend_client.local.rows import fetch, id_list
from backend_client.local.times import to_us

OPERATOR = "settling"
"""Who is named for what no person does; role and desk are those of the refund's own commit."""

_WANTED = "(SELECT value FROM json_each(?))"
_SETTLED = f"""
SELECT leg.id, leg.refund_id, leg.booking_id, leg.ordinal, leg.method, leg.amount_minor,
  leg.provider, leg.payer_id, leg.attempts, leg.our_reference, refund.currency, refund.role,
  refund.desk, refund.channel, refund.entrance, refund.correlation_id
FROM leg JOIN refund ON refund.id = leg.refund_id WHERE leg.id IN {_WANTED} ORDER BY leg.id"""
_TOUCH = f"""
UPDATE booking SET version = version + 1, touched_at_us = COALESCE(?, touched_at_us)
WHERE id IN (SELECT booking_id FROM leg WHERE leg.id IN {_WANTED})"""


@dataclass(frozen=True, slots=True)
class Change:
    leg_id: int
    before: LegState
    after: LegState
    evidence: Mapping[str, str] | None = None


def tell(
    connection: Connection,
    audit: AuditLog,
    mail: MailRules | None,
    changes: Sequence[Change],
    at: datetime,
    by: Caller | None = None,
) -> None:
    """Books, audit, mail and the bookings' versions: all a change of state brings along.

    Only what a person does makes a booking a recent one: what is settled for a run would push out
    everything else.
    """
    if not changes:
        return
    by_id = {change.leg_id: change for change in changes}
    touched = to_us(at) if by else None
    connection.exec_driver_sql(_TOUCH, (touched, id_list(by_id)))
    entries: dict[Caller, list[Entry]] = defaultdict(list)
    records: dict[Caller, list[Record]] = defaultdict(list)
    told_of: set[int] = set()
    for row in fetch(connection, _SETTLED, id_list(by_id)):
        change, caller = by_id[row.id], by or _caller(row)
        if change.before is change.after:
            continue
        records[caller].append(_record(row, change))
        if FINAL & {change.before, change.after}:
            told_of.add(row.refund_id)
        if change.after in (LegState.SUCCEEDED, LegState.FAILED_LATE):
            entries[caller].append(_entry(row, change.after))
    for caller, posted in entries.items():
        post(connection, caller, at, posted)
    for caller, told in records.items():
        audit.append(connection, caller, at, *told)
    write_mails(connection, mail, sorted(told_of), at)


def _caller(row: Any) -> Caller:
    return Caller(
        operator=OPERATOR,
        role=Role(row.role),
        desk=desk_of(row),
        channel=row.channel,
        entrance=Entrance(row.entrance),
        correlation_id=row.correlation_id,
    )


def _record(row: Any, change: Change) -> Record:
    body = {
        "before": change.before.value,
        "after": change.after.value,
        "attempt": row.attempts,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "our_reference": row.our_reference,
        **(change.evidence or {}),
    }
    return Record("leg", leg_number_of(number_of(row.refund_id), row.ordinal), body)


def _entry(row: Any, after: LegState) -> Entry:
    """The books of a payment that reached the customer, or did not after all."""
    late = after is LegState.FAILED_LATE
    paid = rules.settled(Method(row.method), row.amount_minor, row.currency, provider=row.provider)
    return Entry(
        kind=EntryKind.FAILED_LATE if late else EntryKind.SETTLED,
        postings=rules.reversed_postings(paid) if late else paid,
        refund_id=row.refund_id,
        leg_id=row.id,
        reference=leg_number_of(number_of(row.refund_id), row.ordinal),
    )

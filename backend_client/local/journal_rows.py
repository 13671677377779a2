"""Rows of the journal of Connect calls as values, and back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from backend_client.domain.booking import BookingKey
from backend_client.domain.caller import Caller
from backend_client.domain.connect_intent import (
    Intent,
    IntentLeg,
    IntentNote,
    IntentState,
    Wish,
)
from backend_client.domain.connect_outcome import Became, SeenRefund, Signal, Snapshot
from backend_client.domain.findings import Finding
from backend_client.domain.legs import RefundedLine
from backend_client.domain.names import person_key
from backend_client.domain.refund import Method
from backend_client.local import ids, resolutions
from backend_client.local.refunds import number_of
from backend_client.local.rows import fetch, id_list
from backend_client.local.times import from_us, maybe_from_us, to_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

T = TypeVar("T")
_INSERT = (
    "INSERT INTO connect_intent (id, number, site, booking_id, transaction_id, booking_number, "
    "customer, amount_minor, currency, reason, environment, operator, role, desk, channel, "
    "entrance, correlation_id, created_at_us, commit_key, fingerprint, before, holder, state, "
    f"changed_at_us) VALUES ({', '.join('?' * 24)})"
)
_LINE = (
    "INSERT INTO connect_line (id, intent_id, sequence, site, booking_id, transaction_id, "
    "description, value_minor) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_LEG = (
    "INSERT INTO connect_leg (id, intent_id, ordinal, method, amount_minor, payment_key, label, "
    "reference, masked_number, card_type, card_expiry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_NOTE = (
    "INSERT INTO connect_note (id, intent_id, at_us, what, code, text, operator, desk, leg) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_APPROVAL = (
    "INSERT INTO connect_approval (intent_id, fingerprint, operator, operator_key, maker_key, "
    "desk, entrance, at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def one(connection: Connection, intent_id: int) -> Intent:
    (intent,) = load(connection, "id = ?", intent_id)
    return intent


def load(connection: Connection, where: str, *parameters: Any) -> tuple[Intent, ...]:
    rows = fetch(connection, f"SELECT * FROM connect_intent WHERE {where} ORDER BY id", *parameters)
    asked = id_list(row.id for row in rows)
    lines = _grouped(connection, "connect_line", "sequence", asked, _line)
    legs = _grouped(connection, "connect_leg", "ordinal", asked, _leg)
    notes = _grouped(connection, "connect_note", "id", asked, _noted)
    reviewed = [row for row in rows if row.state == IntentState.REVIEW]
    numbers = [f"{row.number}.{leg.ordinal}" for row in reviewed for leg in legs.get(row.id, ())]
    said = resolutions.proposed(connection, numbers) if numbers else {}
    for row in reviewed if said else ():
        legs[row.id] = tuple(
            replace(leg, proposal=said.get(f"{row.number}.{leg.ordinal}")) for leg in legs[row.id]
        )
    return tuple(
        _intent(row, lines.get(row.id, ()), legs.get(row.id, ()), notes.get(row.id, ()))
        for row in rows
    )


def _grouped(
    connection: Connection, table: str, order: str, asked: str, made: Callable[[Row[Any]], T]
) -> dict[int, tuple[T, ...]]:
    statement = (
        f"SELECT * FROM {table} WHERE intent_id IN (SELECT value FROM json_each(?)) "
        f"ORDER BY intent_id, {order}"
    )
    found: dict[int, tuple[T, ...]] = {}
    for row in fetch(connection, statement, asked):
        found[row.intent_id] = (*found.get(row.intent_id, ()), made(row))
    return found


def _intent(
    row: Row[Any],
    lines: Sequence[RefundedLine],
    legs: Sequence[IntentLeg],
    notes: Sequence[IntentNote],
) -> Intent:
    wish = Wish(
        key=BookingKey(row.site, row.booking_id, row.transaction_id),
        booking_number=row.booking_number,
        customer=row.customer,
        currency=row.currency,
        lines=tuple(lines),
        legs=tuple(legs),
        reason=row.reason,
        commit_key=row.commit_key,
        fingerprint=row.fingerprint,
        environment=row.environment,
        before=_snapshot(row.before),
        correlation_id=row.correlation_id,
    )
    assert wish.amount_minor == row.amount_minor, f"{row.number} does not add up"
    return Intent(
        id=row.id,
        number=row.number,
        wish=wish,
        state=IntentState(row.state),
        operator=row.operator,
        desk=row.desk,
        holder=row.holder,
        created_at=from_us(row.created_at_us),
        changed_at=from_us(row.changed_at_us),
        sent_at=maybe_from_us(row.sent_at_us),
        read_at=maybe_from_us(row.read_at_us),
        reads=row.reads,
        signal=None if row.signal is None else Signal(row.signal),
        became=None if row.became is None else Became(row.became),
        lines_gone=None if row.lines_gone is None else bool(row.lines_gone),
        notes=tuple(notes),
    )


def _line(row: Row[Any]) -> RefundedLine:
    return RefundedLine(row.sequence, row.description, row.value_minor)


def _leg(row: Row[Any]) -> IntentLeg:
    return IntentLeg(
        id=row.id,
        ordinal=row.ordinal,
        method=Method(row.method),
        amount_minor=row.amount_minor,
        payment_key=row.payment_key,
        label=row.label,
        reference=row.reference,
        masked_number=row.masked_number,
        card_type=row.card_type,
        card_expiry=row.card_expiry,
        paid=None if row.paid is None else bool(row.paid),
        finding=None if row.finding is None else Finding(row.finding),
        proof=row.proof,
    )


def _noted(row: Row[Any]) -> IntentNote:
    return IntentNote(
        from_us(row.at_us), row.what, row.code, row.text, row.operator, row.desk, row.leg
    )


def snapshot_text(snapshot: Snapshot) -> str:
    return json.dumps(
        {
            "gone": {str(sequence): gone for sequence, gone in sorted(snapshot.gone.items())},
            "refunds": [
                [one.amount_minor, one.payment_key, one.last_four, one.card_type, one.called]
                for one in snapshot.refunds
            ],
            "version": snapshot.version,
        },
        separators=(",", ":"),
    )


def _snapshot(text: str) -> Snapshot:
    said = json.loads(text)
    return Snapshot(
        {int(sequence): gone for sequence, gone in said["gone"].items()},
        tuple(SeenRefund(*one) for one in said["refunds"]),
        said.get("version", 0),
    )


def insert(
    connection: Connection,
    caller: Caller,
    wish: Wish,
    intent_id: int,
    state: IntentState,
    holder: str,
    now: datetime,
) -> None:
    """A call with its lines and payments, as it is born."""
    key = (wish.key.site, wish.key.booking_id, wish.key.transaction_id)
    connection.exec_driver_sql(
        _INSERT,
        (
            intent_id,
            number_of(intent_id),
            *key,
            wish.booking_number,
            wish.customer,
            wish.amount_minor,
            wish.currency,
            wish.reason,
            wish.environment,
            caller.operator,
            caller.role.value,
            caller.desk,
            caller.channel,
            caller.entrance.value,
            wish.correlation_id,
            to_us(now),
            wish.commit_key,
            wish.fingerprint,
            snapshot_text(wish.before),
            holder,
            state.value,
            to_us(now),
        ),
    )
    for line_id, line in enumerate(
        wish.lines, ids.take(connection, "connect_line", len(wish.lines))
    ):
        row = (line_id, intent_id, line.sequence, *key, line.description, line.value_minor)
        connection.exec_driver_sql(_LINE, row)
    first = ids.take(connection, "leg", len(wish.legs)) if wish.legs else 0
    for leg_id, leg in enumerate(wish.legs, first):
        connection.exec_driver_sql(
            _LEG,
            (
                leg_id,
                intent_id,
                leg.ordinal,
                leg.method.value,
                leg.amount_minor,
                leg.payment_key,
                leg.label,
                leg.reference,
                leg.masked_number,
                leg.card_type,
                leg.card_expiry,
            ),
        )


def add_note(connection: Connection, intent_id: int, note: IntentNote) -> None:
    note_id = ids.take(connection, "connect_note")
    connection.exec_driver_sql(
        _NOTE,
        (
            note_id,
            intent_id,
            to_us(note.at),
            note.what,
            note.code,
            note.text,
            note.operator,
            note.desk,
            note.leg,
        ),
    )


def keep_approval(
    connection: Connection, caller: Caller, intent: Intent, fingerprint: str, now: datetime
) -> None:
    """The yes itself, without which the database lets no call be made of one that waits."""
    keys = person_key(caller.operator), person_key(intent.operator)
    row = (intent.id, fingerprint, caller.operator, *keys, caller.desk, caller.entrance.value)
    connection.exec_driver_sql(_APPROVAL, (*row, to_us(now)))

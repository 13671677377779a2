"""Refunds made elsewhere: a supervisor accepts what was found only at a provider."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.acceptance import Acceptance, Accepted
from backend_client.domain.caller import Action, Caller
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused
from backend_client.domain.reconciliation import OurRefund, Reconciliation, TheirRefund
from backend_client.domain.refund import LegState
from backend_client.local import bookings, ids
from backend_client.local.audit import Record
from backend_client.local.books import post
from backend_client.local.changes import Event, note, touch
from backend_client.local.context import Context
from backend_client.local.discrepancies import found_entry
from backend_client.local.refunds import leg_number_of, number_of
from backend_client.local.rows import fetch, insert_rows
from backend_client.local.schema import accepted_refund
from backend_client.local.timeline import ACCEPTED, PAID_OTHERWISE
from backend_client.local.times import to_us

_FOUND = """
SELECT d.*, p.booking_id, b.booking_id AS booking_reference, b.currency AS booking_currency,
  a.id AS accepted_id, a.leg_id AS recorded_leg_id
FROM discrepancy d JOIN payment p ON p.id = d.payment_id JOIN booking b ON b.id = p.booking_id
LEFT JOIN accepted_refund a ON a.discrepancy_id = d.id
WHERE d.kind = 'provider_only' AND d.provider_refund_id = ?
  AND (d.cleared_at_us IS NULL OR (a.id IS NOT NULL AND a.ended_at_us IS NULL))
  AND ? IN (p.provider_reference, p.bank_reference, p.reversal_data, '#' || p.id)"""
_CAME_BACK = """
SELECT d.*, b.booking_id AS booking_reference, b.id AS booking_id, l.refund_id, l.ordinal,
  COALESCE(NULLIF(p.provider_reference, ''), '#' || p.id) AS payment_reference
FROM discrepancy d JOIN leg l ON l.id = d.leg_id JOIN payment p ON p.id = d.payment_id
JOIN booking b ON b.id = p.booking_id
WHERE d.kind = 'ours_only' AND l.state = 'recorded'"""
_NAMED_CAME_BACK = f"""{_CAME_BACK} AND d.provider_refund_id = ?
  AND ? IN (p.provider_reference, p.bank_reference, p.reversal_data, '#' || p.id)
ORDER BY d.id DESC LIMIT 1"""
_CLEAR_LEG = """
UPDATE discrepancy SET cleared_at_us = ?
WHERE leg_id = ? AND kind = 'ours_only' AND cleared_at_us IS NULL"""
_RECORDED = """
SELECT id FROM leg WHERE booking_id = ? AND state = 'recorded'
  AND method IN ('external', 'transfer') AND reference = ? AND amount_minor = ?
  AND id NOT IN (SELECT leg_id FROM accepted_refund WHERE leg_id IS NOT NULL
    AND ended_at_us IS NULL) ORDER BY id LIMIT 1"""
_ACCEPTED = """
SELECT value ->> 0 AS provider, value ->> 1 AS refund_id FROM json_each(?) WHERE EXISTS (
  SELECT 1 FROM discrepancy d JOIN accepted_refund a ON a.discrepancy_id = d.id
  WHERE d.provider = value ->> 0 AND d.provider_refund_id = value ->> 1
    AND a.ended_at_us IS NULL)"""


class Accepting:
    """Takes found refunds into the books, each once."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def accept(self, caller: Caller, acceptance: Acceptance) -> Accepted:
        """The payment is free again for what it has left; asked twice it is done once."""
        may(caller, Action.RESOLVE)
        wanted = acceptance.cleaned()
        return self._context.commit(
            lambda connection, now: self._commit(connection, caller, wanted, now), label="accept"
        )

    def _commit(
        self, connection: Connection, caller: Caller, wanted: Acceptance, now: datetime
    ) -> Accepted:
        rows = fetch(connection, _FOUND, wanted.reference, wanted.payment)
        if not rows:
            back = fetch(connection, _NAMED_CAME_BACK, wanted.reference, wanted.payment)
            if back:
                return self._paid_otherwise(connection, caller, back[0], wanted, now)
        if len(rows) != 1:
            named = {"reference": wanted.reference, "payment": wanted.payment}
            raise Refused("found-refund-unknown", **named)
        row = rows[0]
        if row.accepted_id is not None:
            return _accepted(connection, row, row.recorded_leg_id, already_done=True)
        if row.currency != row.booking_currency:
            raise Refused("currency-mismatch", given=row.currency, currency=row.booking_currency)
        recorded = fetch(
            connection, _RECORDED, row.booking_id, row.provider_refund_id, row.amount_minor
        )
        leg_id = recorded[0].id if recorded else None
        booking = bookings.load_one(connection, row.booking_id)
        if leg_id is None:
            wanted.refuse_too_much(booking, row.payment_id, row.amount_minor)
        accepted = _accepted(connection, row, leg_id)
        if leg_id is not None:
            connection.exec_driver_sql(_CLEAR_LEG, (to_us(now), leg_id))
        _keep(connection, row, leg_id, wanted.evidence, now)
        post(connection, caller, now, [found_entry(row, leg_id)])
        details = {
            "reference": row.provider_refund_id,
            "provider": row.provider,
            "leg": accepted.leg,
            "evidence": wanted.evidence,
        }
        touch(connection, booking, now)
        note(connection, caller, now, [Event(booking.id, ACCEPTED, row.amount_minor, details)])
        body = {
            **details,
            "booking": accepted.booking,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "acknowledged": sorted(wanted.acknowledged),
        }
        told = Record("accept_found", f"{row.provider} {row.provider_refund_id}", body)
        self._context.store.audit.append(connection, caller, now, told)
        return accepted

    def _paid_otherwise(
        self, connection: Connection, caller: Caller, row: Any, wanted: Acceptance, now: datetime
    ) -> Accepted:
        """The evidence says how the customer got the money that came back to the provider."""
        accepted = _accepted(connection, row, row.leg_id, already_done=bool(row.cleared_at_us))
        accepted = replace(accepted, came_back=True)
        if accepted.already_done:
            return accepted
        cleared = connection.exec_driver_sql(_CLEAR_LEG, (to_us(now), row.leg_id)).rowcount
        assert cleared == 1, "what came back changed inside the transaction"
        details = {
            "reference": row.provider_refund_id,
            "provider": row.provider,
            "leg": accepted.leg,
            "evidence": wanted.evidence,
        }
        booking = bookings.load_one(connection, row.booking_id)
        touch(connection, booking, now)
        event = Event(booking.id, PAID_OTHERWISE, row.amount_minor, details)
        note(connection, caller, now, [event])
        body = {**details, "amount_minor": row.amount_minor, "currency": row.currency}
        told = Record("paid_otherwise", accepted.leg, body)
        self._context.store.audit.append(connection, caller, now, told)
        return accepted


def told_apart(connection: Connection, found: Reconciliation) -> Reconciliation:
    """The same with the refunds known to be made elsewhere in a list of their own, and with the
    payments recorded by hand whose money came back to its provider."""
    asked = json.dumps([[one.provider, one.provider_refund_id] for one in found.provider_only])
    known = {(row.provider, row.refund_id) for row in fetch(connection, _ACCEPTED, asked)}
    accepted: list[TheirRefund] = []
    strange: list[TheirRefund] = []
    for one in found.provider_only:
        is_known = (one.provider, one.provider_refund_id) in known
        (accepted if is_known else strange).append(one)
    unpaid = [
        OurRefund(
            leg_number_of(number_of(row.refund_id), row.ordinal),
            row.provider,
            row.our_reference,
            row.payment_reference,
            row.amount_minor,
            row.currency,
            LegState.RECORDED,
            row.provider_refund_id,
        )
        for row in fetch(connection, f"{_CAME_BACK} AND d.cleared_at_us IS NULL ORDER BY d.id")
    ]
    ours_only = (*found.ours_only, *unpaid)
    return replace(
        found, ours_only=ours_only, provider_only=tuple(strange), accepted=tuple(accepted)
    )


def _keep(
    connection: Connection, row: Any, leg_id: int | None, evidence: str, now: datetime
) -> None:
    freed = connection.exec_driver_sql(
        "UPDATE discrepancy SET cleared_at_us = ? WHERE id = ? AND cleared_at_us IS NULL",
        (to_us(now), row.id),
    ).rowcount
    assert freed == 1, "what was found changed inside the transaction"
    columns = (
        "id",
        "discrepancy_id",
        "payment_id",
        "booking_id",
        "leg_id",
        "amount_minor",
        "evidence",
        "accepted_at_us",
    )
    accepted_id = ids.take(connection, "accepted_refund")
    values = (accepted_id, row.id, row.payment_id, row.booking_id, leg_id, row.amount_minor)
    insert_rows(connection, accepted_refund, columns, [(*values, evidence, to_us(now))])


def _accepted(
    connection: Connection, row: Any, leg_id: int | None, *, already_done: bool = False
) -> Accepted:
    legs = fetch(connection, "SELECT refund_id, ordinal FROM leg WHERE id = ?", leg_id)
    return Accepted(
        booking=row.booking_reference,
        provider=row.provider,
        reference=row.provider_refund_id,
        amount_minor=row.amount_minor,
        currency=row.currency,
        leg=leg_number_of(number_of(legs[0].refund_id), legs[0].ordinal) if legs else "",
        already_done=already_done,
    )

"""Legs on their way to providers, by the set: each method is one write transaction.

Every change is conditional on the state and the sending it was decided on, so that two processes
that work on the same legs cannot both win.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.caller import Caller
from backend_client.domain.card_numbers import mask_card_numbers
from backend_client.domain.refund import SENT_TO_PROVIDERS, LegState, Method
from backend_client.domain.settlement import (
    UNCLEAR,
    Checked,
    Kept,
    LeaseRow,
    LegResult,
    LegToSend,
    Look,
    Outcome,
    payment_reference,
)
from backend_client.domain.texts import clean_text
from backend_client.local import discrepancies, ids, leases
from backend_client.local import leg_watch as watch
from backend_client.local.leg_changes import Change, tell
from backend_client.local.outbox import MailRules
from backend_client.local.refunds import leg_number_of
from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import attempt as attempt_table
from backend_client.local.store import Store
from backend_client.local.times import from_us, maybe_from_us, to_us
from backend_client.local.triggers import HOLDING, TO_PAYMENT, in_list

TEXT_LIMIT = 200

_WANTED = "(SELECT value FROM json_each(?))"
_CLAIM = """
UPDATE leg SET state = 'sending', owner = ?, attempts = leg.attempts + 1,
  sent_at_us = COALESCE(leg.sent_at_us, ?), changed_at_us = ?
"""
_CLAIM_NEW = f"""{_CLAIM} WHERE id IN {_WANTED} AND state = 'pending'
  AND method IN {in_list(SENT_TO_PROVIDERS)} RETURNING id"""
_CLAIM_AGAIN = f"""{_CLAIM}
FROM (SELECT value ->> 0 AS id, value ->> 1 AS attempts FROM json_each(?)) AS seen
WHERE leg.id = seen.id AND leg.attempts = seen.attempts AND leg.state = 'unknown'
RETURNING leg.id"""
_RECORD = """
UPDATE leg SET state = result.state, owner = '', changed_at_us = ?,
  provider_refund_id = CASE WHEN result.refund_id = '' THEN leg.provider_refund_id
    ELSE result.refund_id END
FROM (SELECT value ->> 0 AS id, value ->> 1 AS before, value ->> 2 AS attempts,
  value ->> 3 AS state, value ->> 4 AS refund_id FROM json_each(?)) AS result
WHERE leg.id = result.id AND leg.state = result.before AND leg.attempts = result.attempts
RETURNING leg.id"""
_LEGS = f"""
SELECT leg.*, refund.currency, refund.number, payment.settled_minor, payment.prior_refunded_minor,
  payment.provider_reference, payment.bank_reference, payment.reversal_data,
  (SELECT COUNT(*) FROM attempt WHERE leg_id = leg.id AND outcome IN {in_list(UNCLEAR)})
    AS unclear,
  last.outcome AS last_outcome, last.code AS last_code, last.text AS last_text,
  watch.attempts AS watched_attempts, watch.looked_at_us, watch.looks, watch.refused,
  booking.sold_at_us, COALESCE(payment.prior_refunded_minor, 0) > 0 AS was_before,
  (SELECT COUNT(*) FROM leg AS other
    WHERE other.booking_id = leg.booking_id AND other.payment_id = leg.payment_id
      AND other.id < leg.id AND other.method IN {TO_PAYMENT} AND other.state IN {HOLDING})
    AS promised_before
FROM leg JOIN refund ON refund.id = leg.refund_id JOIN booking ON booking.id = leg.booking_id
LEFT JOIN payment ON payment.id = leg.payment_id
LEFT JOIN attempt AS last
  ON last.id = (SELECT MAX(id) FROM attempt WHERE leg_id = leg.id)
LEFT JOIN leg_watch AS watch ON watch.leg_id = leg.id
WHERE leg.id IN {_WANTED} ORDER BY leg.id"""
_UNFINISHED = """
SELECT id FROM leg WHERE state IN ('pending', 'sending', 'unknown', 'accepted')
  AND state NOT IN ('succeeded','credited','recorded','replaced','voided')
  AND (method = 'matched' OR (method = 'unmatched' AND state <> 'pending'))
  AND id > ? ORDER BY id LIMIT ?"""
_UNFINISHED_DUE = """
SELECT leg.id FROM leg LEFT JOIN leg_watch ON leg_watch.leg_id = leg.id
WHERE leg.state IN ('pending', 'sending', 'unknown', 'accepted')
  AND leg.state NOT IN ('succeeded','credited','recorded','replaced','voided')
  AND (leg.method = 'matched' OR (leg.method = 'unmatched' AND leg.state <> 'pending'))
  AND leg.id > ?
  AND (leg.state = 'sending' OR leg_watch.due_us IS NULL OR leg_watch.due_us <= ?)
  AND (leg.state <> 'pending' OR leg.changed_at_us <= ?) ORDER BY leg.id LIMIT ?"""
_RESTORED = "SELECT 1 FROM meta WHERE key = 'restored_at_us'"
_DOUBTED = f"""
SELECT id FROM leg WHERE state = 'pending' AND method IN {TO_PAYMENT}
  AND state NOT IN ('succeeded','credited','recorded','replaced','voided')"""
_DOUBT = """
UPDATE leg SET state = 'sending', owner = 'restored', attempts = attempts + 1,
  sent_at_us = COALESCE(sent_at_us, changed_at_us) WHERE id IN (SELECT value FROM json_each(?))"""
_ATTEMPT = ("id", "leg_id", "at_us", "outcome", "code", "text")


class LocalLegStore:
    """The port settling knows the store by; with `mail` the customers are told what is final."""

    def __init__(self, store: Store, mail: MailRules | None = None) -> None:
        self._store = store
        self._mail = mail

    def claim(self, leg_ids: Sequence[int], owner: str, at: datetime) -> list[LegToSend]:
        """Make pending legs sending, and return those this call made so."""

        def job(connection: Connection) -> list[LegToSend]:
            now = to_us(at)
            won = fetch(connection, _CLAIM_NEW, owner, now, now, id_list(leg_ids))
            return self._claimed(connection, [row.id for row in won], LegState.PENDING, at)

        return self._store.write(job, label="claim legs", run=len(leg_ids) > 1)

    def claim_again(self, legs: Sequence[LegToSend], owner: str, at: datetime) -> list[LegToSend]:
        """Make unknown legs sending again, those nobody has claimed since they were read."""

        def job(connection: Connection) -> list[LegToSend]:
            now = to_us(at)
            seen = json.dumps([(leg.leg_id, leg.attempts) for leg in legs])
            won = fetch(connection, _CLAIM_AGAIN, owner, now, now, seen)
            return self._claimed(connection, [row.id for row in won], LegState.UNKNOWN, at)

        return self._store.write(job, label="claim legs again", run=True)

    def record(self, results: Sequence[LegResult], at: datetime) -> frozenset[int]:
        """Write results that still apply, and settle in the books what succeeded."""
        known = [_inert(result) for result in results]

        return self._store.write(
            lambda connection: self.apply(connection, known, at),
            label="record legs",
            run=len(known) > 1,
        )

    def apply(
        self,
        connection: Connection,
        known: Sequence[LegResult],
        at: datetime,
        by: Caller | None = None,
    ) -> frozenset[int]:
        """As `record`, inside a transaction; `by` is the person who decided, if one did."""
        told = json.dumps([_wire(result) for result in known])
        won = {row.id for row in fetch(connection, _RECORD, to_us(at), told)}
        applied = [result for result in known if result.leg_id in won]
        _keep_attempts(connection, applied, at)
        watch.recorded(connection, applied, at)
        changes = [
            Change(result.leg_id, result.before, result.state, _evidence(result))
            for result in applied
        ]
        tell(connection, self._store.audit, self._mail, changes, at, by)
        return frozenset(won)

    def take(self, connection: Connection, leg_id: int, at: datetime, by: Caller) -> None:
        """Take a pending leg out of the hands of whoever sends: a person decides about it, in this
        transaction."""
        won = fetch(connection, _CLAIM_NEW, "", to_us(at), to_us(at), id_list([leg_id]))
        assert [row.id for row in won] == [leg_id], "a payment changed inside the transaction"
        change = Change(leg_id, LegState.PENDING, LegState.SENDING)
        tell(connection, self._store.audit, self._mail, [change], at, by)

    def doubt(self, connection: Connection, at: datetime, by: Caller) -> int:
        """What is pending may have been sent by a store that is gone: it becomes unknown, under a
        key as old as itself; how many."""
        doubted = [row.id for row in fetch(connection, _DOUBTED)]
        connection.exec_driver_sql(_DOUBT, (id_list(doubted),))
        changes = [Change(leg_id, LegState.PENDING, LegState.SENDING) for leg_id in doubted]
        tell(connection, self._store.audit, self._mail, changes, at, by)
        results = [
            LegResult(
                leg.leg_id,
                LegState.SENDING,
                leg.attempts,
                LegState.UNKNOWN,
                Outcome.INTERRUPTED,
                "restored",
            )
            for leg in load_legs(connection, doubted)
        ]
        assert len(self.apply(connection, results, at, by)) == len(doubted)
        return len(doubted)

    def unfinished(
        self, after: int, limit: int, due: datetime | None = None, fresh: datetime | None = None
    ) -> list[LegToSend]:
        """Legs to a provider that are not final and can go on without a person, by ascending id."""
        with self._store.read() as connection:
            if due is None:
                found = fetch(connection, _UNFINISHED, after, limit)
            else:
                bounds = to_us(due), to_us(fresh or due)
                found = fetch(connection, _UNFINISHED_DUE, after, *bounds, limit)
            return load_legs(connection, [row.id for row in found])

    def note(self, looks: Sequence[Look]) -> None:
        self._store.write(
            lambda connection: watch.note(connection, looks), label="note looks", run=True
        )

    def to_check(self, after: int, limit: int, at: datetime) -> list[LegToSend]:
        with self._store.read() as connection:
            return load_legs(connection, watch.to_check(connection, after, limit, at))

    def since(self, after: int, limit: int, at: datetime | None) -> list[LegToSend]:
        with self._store.read() as connection:
            return load_legs(connection, watch.sent_since(connection, after, limit, at))

    def references(self, payment_ids: Sequence[int]) -> Mapping[int, frozenset[str]]:
        with self._store.read() as connection:
            return discrepancies.references(connection, payment_ids)

    def checked(self, checks: Sequence[Checked], at: datetime) -> Kept:
        """Late failures are reversed in the books; what a provider contradicts is kept."""
        failures = [_inert(check.result) for check in checks if check.result is not None]

        def job(connection: Connection) -> Kept:
            failed = self.apply(connection, failures, at)
            watch.checked(connection, checks)
            standing = discrepancies.keep(connection, self._store.audit, checks, at)
            return Kept(failed, standing)

        return self._store.write(job, label="record checks", run=True)

    def lease(self) -> LeaseRow | None:
        with self._store.read() as connection:
            return leases.read(connection)

    def take_lease(self, row: LeaseRow, instead_of: LeaseRow | None) -> bool:
        return self._store.write(
            lambda connection: leases.take(connection, row, instead_of), label="take lease"
        )

    def drop_lease(self, holder: str) -> None:
        self._store.write(lambda connection: leases.drop(connection, holder), label="drop lease")

    def _claimed(
        self, connection: Connection, leg_ids: list[int], before: LegState, at: datetime
    ) -> list[LegToSend]:
        changes = [Change(leg_id, before, LegState.SENDING) for leg_id in leg_ids]
        tell(connection, self._store.audit, self._mail, changes, at)
        return load_legs(connection, leg_ids)


def load_legs(connection: Connection, leg_ids: Iterable[int]) -> list[LegToSend]:
    legs = [_leg(row) for row in fetch(connection, _LEGS, id_list(leg_ids))]
    if not legs or not fetch(connection, _RESTORED):
        return legs
    payments = sorted({leg.payment_id for leg in legs if leg.payment_id is not None})
    known = discrepancies.explained(connection, payments)
    return [replace(leg, known=known.get(leg.payment_id or 0)) for leg in legs]


def _leg(row: Any) -> LegToSend:
    is_watched = row.watched_attempts == row.attempts
    return LegToSend(
        leg_id=row.id,
        payment_id=row.payment_id,
        provider=row.provider,
        provider_key=row.provider_key,
        our_reference=row.our_reference,
        payment_reference=payment_reference(row) if row.payment_id else "",
        captured_minor=row.settled_minor - row.prior_refunded_minor if row.payment_id else 0,
        amount_minor=row.amount_minor,
        currency=row.currency,
        payload_digest=row.payload_digest,
        state=LegState(row.state),
        attempts=row.attempts,
        changed_at=from_us(row.changed_at_us),
        first_sent_at=maybe_from_us(row.sent_at_us),
        owner=row.owner,
        unclear=row.unclear,
        last_outcome=row.last_outcome or "",
        last_code=row.last_code or "",
        last_text=row.last_text or "",
        looked_at=maybe_from_us(row.looked_at_us) if is_watched else None,
        looks=row.looks if is_watched else 0,
        refused=row.refused or 0,
        paid_at=maybe_from_us(row.sold_at_us),
        earlier=row.was_before + row.promised_before,
        number=leg_number_of(row.number, row.ordinal),
        method=Method(row.method),
        provider_refund_id=row.provider_refund_id,
        settled_at=from_us(row.changed_at_us) if row.state == LegState.SUCCEEDED else None,
    )


def _inert(result: LegResult) -> LegResult:
    """A provider's words without escape codes and card numbers; its ids stay as they are."""
    return LegResult(
        leg_id=result.leg_id,
        before=result.before,
        attempts=result.attempts,
        state=result.state,
        outcome=result.outcome,
        code=mask_card_numbers(clean_text(result.code, TEXT_LIMIT)),
        text=mask_card_numbers(clean_text(result.text, TEXT_LIMIT)),
        provider_refund_id=clean_text(result.provider_refund_id, TEXT_LIMIT),
    )


def _wire(result: LegResult) -> tuple[int, str, int, str, str]:
    return (
        result.leg_id,
        result.before.value,
        result.attempts,
        result.state.value,
        result.provider_refund_id,
    )


def _keep_attempts(connection: Connection, results: Sequence[LegResult], at: datetime) -> None:
    if not results:
        return
    first = ids.take(connection, "attempt", len(results))
    rows = [
        (number, result.leg_id, to_us(at), result.outcome.value, result.code, result.text)
        for number, result in enumerate(results, first)
    ]
    insert_rows(connection, attempt_table, _ATTEMPT, rows)


def _evidence(result: LegResult) -> dict[str, str]:
    facts = {
        "outcome": result.outcome.value,
        "code": result.code,
        "text": result.text,
        "provider_refund_id": result.provider_refund_id,
    }
    return {name: fact for name, fact in facts.items() if fact}

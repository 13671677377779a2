"""Giving money back: the plan is made again inside the write transaction, then done or refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.answers import RefundOutcome
from backend_client.domain import books as rules
from backend_client.domain.booking import Booking
from backend_client.domain.business_day import begin_of_day
from backend_client.domain.caller import Action, Caller
from backend_client.domain.circumstances import Circumstances
from backend_client.domain.kinds import LineState
from backend_client.domain.permissions import may
from backend_client.domain.plan import RefundPlan, RefundRequest
from backend_client.domain.planning import plan_refund
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method, Origin
from backend_client.domain.staleness import refusal_now, stale, what_changed
from backend_client.domain.stored_value import SealedNumber, StoredValueNumber
from backend_client.domain.texts import commit_key
from backend_client.local import bookings, ids, refunds
from backend_client.local.audit import Record
from backend_client.local.books import Entry, EntryKind, post
from backend_client.local.changes import move_lines, refuse_missing, touch
from backend_client.local.context import Context
from backend_client.local.finishing import finish, read_outcome
from backend_client.local.legs import Birth, ToSend, described, give_birth
from backend_client.local.outbox import write_mails
from backend_client.local.rows import fetch, id_list, insert_rows
from backend_client.local.schema import refund as refund_table
from backend_client.local.schema import refund_line
from backend_client.local.staleness import refuse_if_taken
from backend_client.local.times import to_us
from backend_client.local.triggers import REFUND_FIXED

_WAITING = "SELECT id FROM leg WHERE refund_id = ? AND state = 'pending' AND method = 'matched'"
"""A leg to a gift card is sent again only by giving its number again."""

_GIVEN = """
SELECT COALESCE(SUM(amount_minor), 0) AS given_minor FROM refund
WHERE origin = 'window' AND operator = ? AND created_at_us >= ? AND currency = ?
  AND voided_at_us IS NULL"""


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit left: the refund, and its legs that wait to be sent."""

    refund_id: int
    to_send: ToSend
    already_done: bool = False


class Refunding:
    """Previews and commits refunds of one booking."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def preview(self, caller: Caller, request: RefundRequest) -> RefundPlan:
        """The plan with a commit key of its own; nothing is written."""
        context = self._context
        with context.store.read() as connection:
            booking = bookings.load_one(connection, request.booking_id)
            circumstances = self._circumstances(connection, booking, caller, context.now())
        plan = plan_refund(booking, request, circumstances)
        return replace(plan, commit_key=context.tokens.token())

    def execute(
        self, caller: Caller, plan: RefundPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        """Do exactly `plan` in one transaction, then send its legs and read what came of it."""
        context = self._context
        may(caller, Action.REFUND)
        key = commit_key(plan.commit_key) or context.tokens.token()
        now = context.now()

        def job(connection: Connection) -> Committed:
            wanted = replace(plan, commit_key=key)
            sealed = context.sealed(connection, number)
            return self._commit(connection, caller, wanted, sealed, now)

        done = context.store.write(job, label="refund")
        return finish(context, done.refund_id, done.to_send, already_done=done.already_done)

    def already_done(self, commit_key: str) -> RefundOutcome | None:
        """The refund committed under this key, if there is one."""
        with self._context.store.read() as connection:
            found = _committed(connection, commit_key)
        return read_outcome(self._context, found.refund_id, already_done=True) if found else None

    def _commit(
        self,
        connection: Connection,
        caller: Caller,
        plan: RefundPlan,
        sealed: SealedNumber | None,
        now: datetime,
    ) -> Committed:
        done = _committed(connection, plan.commit_key, plan.fingerprint)
        if done is not None:
            return done
        booking = bookings.load_one(connection, plan.request.booking_id)
        if booking.key != plan.booking_key:
            raise stale("this is another booking")
        fresh = self._plan_again(connection, caller, booking, plan, now)
        refuse_missing(fresh.missing, fresh.legs, sealed)
        if fresh.unacknowledged:
            raise Refused(
                "acknowledgement-required", codes=[one.code for one in fresh.unacknowledged]
            )
        return self._write(connection, caller, booking, fresh, sealed, now)

    def _plan_again(
        self,
        connection: Connection,
        caller: Caller,
        booking: Booking,
        plan: RefundPlan,
        now: datetime,
    ) -> RefundPlan:
        """The plan as it would be made now; refused unless it is the one that was shown."""
        refuse_if_taken(connection, booking, plan)
        circumstances = self._circumstances(connection, booking, caller, now)
        try:
            fresh = plan_refund(booking, plan.request, circumstances)
        except Refused as refusal:
            raise refusal_now(refusal, booking, plan.booking_version) from refusal
        if fresh.fingerprint != plan.fingerprint:
            raise what_changed(plan, fresh)
        return replace(fresh, commit_key=plan.commit_key)

    def _circumstances(
        self, connection: Connection, booking: Booking, caller: Caller, now: datetime
    ) -> Circumstances:
        """With what the caller gave back since the business day began, where that is limited."""
        context = self._context
        plain = context.circumstances(booking, caller, now)
        if context.policy.shift_limit_minor is None:
            return plain
        begin = to_us(begin_of_day(now, context.settings.house.zone))
        rows = fetch(connection, _GIVEN, caller.operator, begin, booking.currency)
        return replace(plain, given_today_minor=rows[0].given_minor)

    def _write(
        self,
        connection: Connection,
        caller: Caller,
        booking: Booking,
        plan: RefundPlan,
        sealed: SealedNumber | None,
        now: datetime,
    ) -> Committed:
        assert sum(leg.amount_minor for leg in plan.legs) == plan.amount_minor
        refund_id = ids.take(connection, "refund")
        reason = self._context.policy.reason(plan.request.reason)
        label = reason.label if reason else plan.request.reason
        _insert(connection, caller, booking, plan, refund_id, label, now)
        births = [
            Birth(
                leg,
                booking,
                refund_id,
                ordinal,
                now,
                gift_card=sealed if leg.method is Method.UNMATCHED else None,
            )
            for ordinal, leg in enumerate(plan.legs, 1)
        ]
        born = give_birth(connection, caller, now, births, self._context.tokens)
        sequences = [line.sequence for line in plan.lines]
        move_lines(connection, booking, sequences, LineState.SOLD, LineState.CANCELLED)
        touch(connection, booking, now)
        granted = _granted(booking, plan, refund_id)
        post(connection, caller, now, (granted, *born.entries))
        record = Record("refund", refunds.number_of(refund_id), _told(booking, plan, births, label))
        self._context.store.audit.append(connection, caller, now, record)
        write_mails(connection, self._context.mail, [refund_id], now)
        return Committed(refund_id, born.to_send)


def _committed(
    connection: Connection, commit_key: str, fingerprint: str | None = None
) -> Committed | None:
    """The refund of this commit key; another plan under the same key is refused."""
    rows = fetch(connection, "SELECT id, fingerprint FROM refund WHERE commit_key = ?", commit_key)
    if not rows:
        return None
    if fingerprint is not None and rows[0].fingerprint != fingerprint:
        raise stale(f"this commit was already used for {refunds.number_of(rows[0].id)}")
    waiting = fetch(connection, _WAITING, rows[0].id)
    to_send = ToSend(tuple(row.id for row in waiting))
    return Committed(rows[0].id, to_send, already_done=True)


def _insert(
    connection: Connection,
    caller: Caller,
    booking: Booking,
    plan: RefundPlan,
    refund_id: int,
    reason: str,
    now: datetime,
) -> None:
    row = (
        refund_id,
        refunds.number_of(refund_id),
        booking.id,
        Origin.WINDOW.value,
        plan.value_minor,
        plan.retained_minor,
        plan.breach_fee_minor,
        plan.amount_minor,
        plan.currency,
        reason,
        caller.operator,
        caller.role.value,
        caller.desk,
        caller.channel,
        caller.entrance.value,
        caller.correlation_id,
        to_us(now),
        plan.commit_key,
        plan.fingerprint,
    )
    insert_rows(connection, refund_table, REFUND_FIXED, [row])
    values = {line.sequence: line.value_minor for line in plan.lines}
    found = fetch(
        connection,
        "SELECT id, sequence FROM line WHERE booking_id = ? "
        "AND sequence IN (SELECT value FROM json_each(?))",
        booking.id,
        id_list(values),
    )
    assert len(found) == len(values), "a planned line is not in the store"
    rows = [(refund_id, one.id, values[one.sequence]) for one in found]
    insert_rows(connection, refund_line, ("refund_id", "line_id", "value_minor"), rows)


def _granted(booking: Booking, plan: RefundPlan, refund_id: int) -> Entry:
    kinds = {line.sequence: line.kind for line in booking.lines}
    return Entry(
        kind=EntryKind.GRANTED,
        postings=rules.granted(
            [(kinds[line.sequence], line.value_minor) for line in plan.lines],
            withheld_minor=plan.retained_minor + plan.breach_fee_minor,
            currency=plan.currency,
        ),
        refund_id=refund_id,
        reference=refunds.number_of(refund_id),
    )


def _told(booking: Booking, plan: RefundPlan, births: list[Birth], reason: str) -> dict[str, Any]:
    """The commit as the audit log tells it."""
    key = booking.key
    return {
        "booking": f"{key.site}:{key.booking_id}:{key.transaction_id}",
        "version": booking.version,
        "lines": [[line.sequence, line.value_minor] for line in plan.lines],
        "value_minor": plan.value_minor,
        "retained_minor": plan.retained_minor,
        "breach_fee_minor": plan.breach_fee_minor,
        "amount_minor": plan.amount_minor,
        "currency": plan.currency,
        "reason": reason,
        "acknowledged": sorted(plan.request.acknowledged),
        "legs": described(births),
        "policy": plan.policy_version,
        "environment": plan.provider_environment,
        "fingerprint": plan.fingerprint,
    }

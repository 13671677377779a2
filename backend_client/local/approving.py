"""Letting a refund go that waited for approval: every leg becomes what its approval makes of it, in
one commit, and then what goes to a provider is sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.answers import RefundOutcome
from backend_client.domain.approval import approval_fingerprint, approved_as, may_approve, waits
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Action, Caller
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.names import person_key
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from backend_client.domain.staleness import stale
from backend_client.local import bookings, refunds
from backend_client.local.audit import Record
from backend_client.local.books import post
from backend_client.local.changes import Event, note, touch
from backend_client.local.context import Context
from backend_client.local.finishing import finish
from backend_client.local.legs import PAID_AT_BIRTH, ToSend, add_credit, paid_entry
from backend_client.local.outbox import write_mails
from backend_client.local.refunding import Committed
from backend_client.local.rows import fetch
from backend_client.local.timeline import APPROVED, VOIDED
from backend_client.local.times import to_us

_BECOME = """
UPDATE leg SET state = ?, changed_at_us = ? WHERE id = ? AND state = 'awaiting_approval'"""
_KEEP = """
INSERT INTO refund_approval(refund_id, fingerprint, operator, operator_key, maker_key, desk,
  entrance, at_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_DECIDED = f"""
SELECT what, operator, json_extract(details, '$.fingerprint') AS fingerprint FROM booking_event
WHERE booking_id = ? AND what IN ('{APPROVED}', '{VOIDED}')
  AND json_extract(details, '$.refund') = ? ORDER BY id DESC LIMIT 1"""


class Approving:
    """Commits approvals, each once."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def approve(self, caller: Caller, number: str, fingerprint: str) -> RefundOutcome:
        """The same person's second try answers with what the first one did; somebody else's is
        told who was faster."""
        may(caller, Action.APPROVE_REFUND)
        now = self._context.now()

        def job(connection: Connection) -> Committed:
            return self._commit(connection, caller, number, fingerprint, now)

        done = self._context.store.write(job, label="approve")
        return finish(self._context, done.refund_id, done.to_send, already_done=done.already_done)

    def _commit(
        self, connection: Connection, caller: Caller, number: str, fingerprint: str, now: datetime
    ) -> Committed:
        refund = refunds.load_one(connection, refunds.find_refund(connection, number))
        may_approve(caller, refund)
        if not waits(refund):
            return _decided(connection, caller, refund, fingerprint)
        if approval_fingerprint(refund) != fingerprint:
            raise stale("the refund that waits for approval")
        booking = bookings.load_one(connection, refund.booking_id)
        self._write(connection, caller, booking, refund, fingerprint, now)
        write_mails(connection, self._context.mail, [refund.id], now)
        return Committed(refund.id, _to_send(refund))

    def _write(
        self,
        connection: Connection,
        caller: Caller,
        booking: Booking,
        refund: Refund,
        fingerprint: str,
        now: datetime,
    ) -> None:
        _keep(connection, caller, refund, fingerprint, now)
        waiting = [leg for leg in refund.legs if leg.state is LegState.AWAITING_APPROVAL]
        assert sum(leg.amount_minor for leg in waiting) == refund.amount_minor
        for leg in waiting:
            become = (approved_as(leg).value, to_us(now), leg.id)
            moved = connection.exec_driver_sql(_BECOME, become).rowcount
            assert moved == 1, f"{leg.number} changed inside the transaction"
        paid = [leg for leg in waiting if approved_as(leg) in PAID_AT_BIRTH]
        add_credit(
            connection,
            (
                (leg.payer_id, refund.currency, leg.amount_minor)
                for leg in paid
                if approved_as(leg) is LegState.CREDITED
            ),
        )
        post(
            connection,
            caller,
            now,
            [
                paid_entry(leg, (leg.id, refund.id, leg.ordinal), refund.currency, refund.desk)
                for leg in paid
            ],
        )
        touch(connection, booking, now)
        details = {
            "refund": refund.number,
            "made_by": refund.operator,
            "fingerprint": fingerprint,
        }
        note(connection, caller, now, [Event(booking.id, APPROVED, refund.amount_minor, details)])
        body = {
            **details,
            "amount_minor": refund.amount_minor,
            "currency": refund.currency,
            "legs": [[leg.number, leg.amount_minor, approved_as(leg).value] for leg in waiting],
        }
        record = Record("approve", refund.number, body)
        self._context.store.audit.append(connection, caller, now, record)


def _keep(
    connection: Connection, caller: Caller, refund: Refund, fingerprint: str, now: datetime
) -> None:
    """The yes itself, without which the database lets nothing of the refund leave."""
    keys = person_key(caller.operator), person_key(refund.operator)
    row = (refund.id, fingerprint, caller.operator, *keys, caller.desk, caller.entrance.value)
    connection.exec_driver_sql(_KEEP, (*row, to_us(now)))


def _to_send(refund: Refund) -> ToSend:
    """What goes to a gift card waits for its number once more: nobody kept it."""
    return ToSend(tuple(leg.id for leg in refund.legs if _is_sent(leg)))


def _is_sent(leg: Leg) -> bool:
    return leg.payment_id is not None and approved_as(leg) is LegState.PENDING


def _decided(connection: Connection, caller: Caller, refund: Refund, fingerprint: str) -> Committed:
    """What was decided before, if this very person decided it this way; else who was faster."""
    found = fetch(connection, _DECIDED, refund.booking_id, refund.number)
    if not found:
        status = refund.status.value.replace("_", " ")
        raise Refused("not-awaiting-approval", refund=refund.number, status=status)
    last = found[0]
    if (last.what, last.operator, last.fingerprint) == (APPROVED, caller.operator, fingerprint):
        waiting = (leg for leg in refund.legs if leg.state is LegState.PENDING)
        again = tuple(leg.id for leg in waiting if not leg.needs_number)
        return Committed(refund.id, ToSend(again), already_done=True)
    decision = "approved" if last.what == APPROVED else "taken back"
    raise Refused(
        "already-decided", refund=refund.number, operator=last.operator, decision=decision
    )

"""Taking a refund back while nothing of it has left: lines return, the books are reversed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.answers import RefundOutcome
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Action, Caller
from backend_client.domain.kinds import LineState
from backend_client.domain.legs import Refund
from backend_client.domain.permissions import may
from backend_client.domain.plan import VoidPlan
from backend_client.domain.planning import plan_void
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from backend_client.domain.staleness import refusal_now, what_changed_for_void
from backend_client.local import bookings, refunds
from backend_client.local.audit import Record
from backend_client.local.books import Entry, EntryKind, post, reversal_of
from backend_client.local.changes import (
    Event,
    already_noted,
    move_lines,
    note,
    refuse_missing,
    touch,
)
from backend_client.local.context import Context
from backend_client.local.finishing import finish
from backend_client.local.legs import NOTHING
from backend_client.local.method_changes import close_leg
from backend_client.local.refunding import Committed
from backend_client.local.rows import fetch
from backend_client.local.timeline import VOIDED
from backend_client.local.times import to_us

_TAKEN = """
SELECT mine.seat FROM refund_line rl JOIN line mine ON mine.id = rl.line_id
WHERE rl.refund_id = ? AND mine.seat <> '' AND mine.performance_id IS NOT NULL AND EXISTS (
  SELECT 1 FROM line other WHERE other.performance_id = mine.performance_id
  AND other.seat = mine.seat AND other.id <> mine.id AND other.state IN ('sold', 'reserved'))"""


class Voiding:
    """Previews and commits voids."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def preview(self, caller: Caller, refund_number: str, reason: str) -> VoidPlan:
        """What taking the refund back would restore; nothing is written."""
        context = self._context
        with context.store.read() as connection:
            booking, refund = _find(connection, refund_number)
            seats = seats_taken(connection, refund.id)
        circumstances = context.circumstances(booking, caller, context.now())
        return plan_void(booking, refund, seats, reason, circumstances)

    def execute(self, caller: Caller, plan: VoidPlan) -> RefundOutcome:
        """Do exactly `plan`; the same plan a second time answers with what the first one did."""
        may(caller, Action.VOID_OWN)
        now = self._context.now()

        def job(connection: Connection) -> Committed:
            return self._commit(connection, caller, plan, now)

        done = self._context.store.write(job, label="void")
        return finish(self._context, done.refund_id, NOTHING, already_done=done.already_done)

    def _commit(
        self, connection: Connection, caller: Caller, plan: VoidPlan, now: datetime
    ) -> Committed:
        booking, refund = _find(connection, plan.refund_number)
        if already_noted(connection, caller, booking.id, VOIDED, plan.fingerprint):
            return Committed(refund.id, NOTHING, already_done=True)
        circumstances = self._context.circumstances(booking, caller, now)
        seats = seats_taken(connection, refund.id)
        try:
            fresh = plan_void(booking, refund, seats, plan.reason, circumstances)
        except Refused as refusal:
            if refusal.code in ("void-not-possible", "already-voided", "seat-taken"):
                raise
            raise refusal_now(refusal, booking, plan.booking_version) from refusal
        if fresh.fingerprint != plan.fingerprint:
            raise what_changed_for_void(plan, fresh)
        refuse_missing(fresh.missing)
        self._write(connection, caller, booking, refund, fresh, now)
        return Committed(refund.id, NOTHING)

    def _write(
        self,
        connection: Connection,
        caller: Caller,
        booking: Booking,
        refund: Refund,
        plan: VoidPlan,
        now: datetime,
    ) -> None:
        for leg in refund.legs:
            if leg.is_live:
                close_leg(connection, leg, LegState.VOIDED, now)
        connection.exec_driver_sql(
            "UPDATE refund_line SET live = 0 WHERE refund_id = ?", (refund.id,)
        )
        connection.exec_driver_sql(
            "UPDATE refund SET voided_at_us = ? WHERE id = ?", (to_us(now), refund.id)
        )
        sequences = [line.sequence for line in plan.lines]
        move_lines(connection, booking, sequences, LineState.CANCELLED, LineState.SOLD)
        touch(connection, booking, now)
        reversal = Entry(
            kind=EntryKind.VOIDED,
            postings=reversal_of(connection, refund.id),
            refund_id=refund.id,
            reference=refund.number,
        )
        post(connection, caller, now, [reversal])
        details = {
            "refund": refund.number,
            "reason": plan.reason,
            "fingerprint": plan.fingerprint,
        }
        note(connection, caller, now, [Event(booking.id, VOIDED, refund.amount_minor, details)])
        body = {**details, "amount_minor": refund.amount_minor, "lines": sequences}
        self._context.store.audit.append(
            connection, caller, now, Record("void", refund.number, body)
        )


def seats_taken(connection: Connection, refund_id: int) -> frozenset[str]:
    """Seats of a refund's lines that somebody else holds by now."""
    return frozenset(row.seat for row in fetch(connection, _TAKEN, refund_id))


def _find(connection: Connection, number: str) -> tuple[Booking, Refund]:
    refund = refunds.load_one(connection, refunds.find_refund(connection, number))
    return bookings.load_one(connection, refund.booking_id), refund

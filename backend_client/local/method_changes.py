"""Paying an open leg another way: it is closed as replaced, and legs of the same total are born."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.answers import RefundOutcome
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Action, Caller
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.permissions import may
from backend_client.domain.plan import MethodChange, MethodPlan, Part
from backend_client.domain.planning import plan_method_change
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from backend_client.domain.staleness import refusal_now, what_changed_for_leg
from backend_client.domain.stored_value import SealedNumber, StoredValueNumber
from backend_client.local import bookings, refunds
from backend_client.local.audit import Record
from backend_client.local.books import post
from backend_client.local.changes import Event, already_noted, note, refuse_missing, touch
from backend_client.local.context import Context
from backend_client.local.finishing import finish
from backend_client.local.legs import Birth, ToSend, described, give_birth
from backend_client.local.outbox import write_mails
from backend_client.local.refunding import Committed
from backend_client.local.timeline import METHOD_CHANGED
from backend_client.local.times import to_us

RETRIABLE = frozenset({LegState.DECLINED, LegState.FAILED_LATE})
"""A final refusal: its key would only bring the same answer again."""


class MethodChanges:
    """Previews and commits changes by hand."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def preview(self, caller: Caller, change: MethodChange) -> MethodPlan:
        """Which legs would replace the open one; nothing is written."""
        context = self._context
        with context.store.read() as connection:
            booking, refund, leg = _find(connection, change.leg_number)
        circumstances = context.circumstances(booking, caller, context.now())
        plan = plan_method_change(booking, refund, leg, change, circumstances)
        return replace(plan, commit_key=context.tokens.token())

    def preview_retry(self, caller: Caller, leg_number: str, reason: str) -> MethodPlan:
        """The whole of a refused leg once more to its own payment."""
        with self._context.store.read() as connection:
            booking, _, leg = _find(connection, leg_number)
        payment = booking.payment(leg.payment_id) if leg.payment_id else None
        if payment is None or leg.state not in RETRIABLE:
            raise Refused("method-not-changeable", leg=leg.number, state=leg.state.value)
        part = Part(Method.MATCHED, leg.amount_minor, payment.key)
        return self.preview(caller, MethodChange(leg.number, (part,), reason))

    def execute(
        self, caller: Caller, plan: MethodPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        """Do exactly `plan`; the same plan a second time answers with what the first one did."""
        context = self._context
        policy, currency = context.policy, plan.currency
        may(caller, Action.CHANGE_METHOD, plan.amount_minor, policy, currency=currency)
        now = context.now()

        def job(connection: Connection) -> Committed:
            sealed = context.sealed(connection, number)
            return self._commit(connection, caller, plan, sealed, now)

        done = context.store.write(job, label="method change")
        return finish(context, done.refund_id, done.to_send, already_done=done.already_done)

    def _commit(
        self,
        connection: Connection,
        caller: Caller,
        plan: MethodPlan,
        sealed: SealedNumber | None,
        now: datetime,
    ) -> Committed:
        booking, refund, leg = _find(connection, plan.change.leg_number)
        if already_noted(connection, caller, booking.id, METHOD_CHANGED, plan.fingerprint):
            pending = (one for one in refund.legs if one.state is LegState.PENDING)
            waiting = tuple(one.id for one in pending if not one.needs_number)
            return Committed(refund.id, ToSend(waiting), already_done=True)
        circumstances = self._context.circumstances(booking, caller, now)
        try:
            fresh = plan_method_change(booking, refund, leg, plan.change, circumstances)
        except Refused as refusal:
            raise refusal_now(refusal, booking, plan.booking_version) from refusal
        if fresh.fingerprint != plan.fingerprint:
            raise what_changed_for_leg(plan, fresh)
        refuse_missing(fresh.missing, fresh.legs, sealed)
        return self._write(connection, caller, booking, refund, leg, fresh, sealed, now)

    def _write(
        self,
        connection: Connection,
        caller: Caller,
        booking: Booking,
        refund: Refund,
        leg: Leg,
        plan: MethodPlan,
        sealed: SealedNumber | None,
        now: datetime,
    ) -> Committed:
        assert sum(one.amount_minor for one in plan.legs) == leg.amount_minor
        close_leg(connection, leg, LegState.REPLACED, now)
        last = max(one.ordinal for one in refund.legs)
        births = [
            Birth(
                planned,
                booking,
                refund.id,
                ordinal,
                leg.requested_at,
                by_hand=planned.method is not Method.REQUESTED,
                replaces_leg_id=leg.id,
                gift_card=sealed if planned.method is Method.UNMATCHED else None,
            )
            for ordinal, planned in enumerate(plan.legs, last + 1)
        ]
        born = give_birth(connection, caller, now, births, self._context.tokens)
        post(connection, caller, now, born.entries)
        touch(connection, booking, now)
        told = described(births)
        details = {
            "leg": leg.number,
            "before": leg.method.value,
            "state": leg.state.value,
            "after": ", ".join(one["method"] for one in told),
            "reason": plan.change.reason,
            "fingerprint": plan.fingerprint,
        }
        note(
            connection,
            caller,
            now,
            [Event(booking.id, METHOD_CHANGED, leg.amount_minor, details)],
        )
        body = {**details, "amount_minor": leg.amount_minor, "legs": told}
        self._context.store.audit.append(
            connection, caller, now, Record("change_method", refund.number, body)
        )
        write_mails(connection, self._context.mail, [refund.id], now)
        return Committed(refund.id, born.to_send)


def close_leg(connection: Connection, leg: Leg, state: LegState, now: datetime) -> None:
    """Close a leg that is still in the state it was decided on."""
    closed = connection.exec_driver_sql(
        "UPDATE leg SET state = ?, changed_at_us = ? WHERE id = ? AND state = ?",
        (state.value, to_us(now), leg.id, leg.state.value),
    ).rowcount
    assert closed == 1, f"{leg.number} changed inside the transaction"


def _find(connection: Connection, number: str) -> tuple[Booking, Refund, Leg]:
    refund_id, leg_id = refunds.find_leg(connection, number)
    refund = refunds.load_one(connection, refund_id)
    booking = bookings.load_one(connection, refund.booking_id)
    leg = next(one for one in refund.legs if one.id == leg_id)
    return booking, refund, leg

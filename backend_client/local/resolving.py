"""A supervisor decides what became of a leg in review; the evidence is kept for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.answers import RefundOutcome
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Action, Caller
from backend_client.domain.findings import Resolution
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, needs_number
from backend_client.domain.resolution import ResolutionPlan, Step, plan_resolution
from backend_client.domain.settlement import LegResult, Outcome
from backend_client.domain.staleness import refusal_now, stale
from backend_client.local import bookings, refunds, resolutions
from backend_client.local.audit import Record
from backend_client.local.changes import Event, already_noted, note
from backend_client.local.context import Context
from backend_client.local.finishing import finish
from backend_client.local.leg_store import LocalLegStore
from backend_client.local.legs import NOTHING, ToSend
from backend_client.local.refunding import Committed
from backend_client.local.refunds import leg_number_of, number_of
from backend_client.local.rows import fetch
from backend_client.local.timeline import PROPOSED, RESOLVED
from backend_client.local.times import maybe_from_us

_USED = """
SELECT refund_id, ordinal FROM leg
WHERE provider = ? AND provider_refund_id = ? AND id <> ? LIMIT 1"""


class Resolving:
    """Previews and commits resolutions."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def preview(self, caller: Caller, resolution: Resolution) -> ResolutionPlan:
        """What would become of the leg; nothing is written."""
        with self._context.store.read() as connection:
            booking, refund, leg = _find(connection, resolution.leg_number)
            return self._plan(connection, caller, booking, refund, leg, resolution)

    def execute(self, caller: Caller, plan: ResolutionPlan) -> RefundOutcome:
        """Do exactly `plan`; the same plan a second time answers with what the first one did."""
        context = self._context
        may(caller, Action.RESOLVE)
        now = context.now()

        def job(connection: Connection) -> Committed:
            return self._commit(connection, caller, plan, now)

        done = context.store.write(job, label="resolve")
        return finish(context, done.refund_id, done.to_send, already_done=done.already_done)

    def _commit(
        self, connection: Connection, caller: Caller, plan: ResolutionPlan, now: datetime
    ) -> Committed:
        booking, refund, leg = _find(connection, plan.resolution.leg_number)
        for what in (RESOLVED, PROPOSED):
            if already_noted(connection, caller, booking.id, what, plan.fingerprint):
                return Committed(refund.id, NOTHING, already_done=True)
        try:
            fresh = self._plan(connection, caller, booking, refund, leg, plan.resolution)
        except Refused as refusal:
            raise refusal_now(refusal, booking, plan.booking_version) from refusal
        if fresh.fingerprint != plan.fingerprint:
            raise stale(f"payment {leg.number}")
        for name in fresh.missing:
            if name == "reference":
                raise Refused("reference-required", method=leg.method.value)
            raise Refused(f"{name}-required")
        self._write(connection, caller, booking, leg, fresh, now)
        sent_again = fresh.after is LegState.PENDING and leg.state is not LegState.PENDING
        if not sent_again or needs_number(leg.method, fresh.after):
            return Committed(refund.id, NOTHING)
        return Committed(refund.id, ToSend((leg.id,)))

    def _plan(
        self,
        connection: Connection,
        caller: Caller,
        booking: Booking,
        refund: Refund,
        leg: Leg,
        resolution: Resolution,
    ) -> ResolutionPlan:
        circumstances = self._context.circumstances(booking, caller, self._context.now())
        row = fetch(connection, "SELECT sent_at_us FROM leg WHERE id = ?", leg.id)[0]
        sent_at = maybe_from_us(row.sent_at_us)
        served = self._context.serves(leg.provider)
        plan = plan_resolution(
            booking, refund, leg, resolution, sent_at, circumstances, is_served=served
        )
        reference = plan.resolution.reference
        used = fetch(connection, _USED, leg.provider, reference, leg.id) if reference else ()
        for other in used:
            number = leg_number_of(number_of(other.refund_id), other.ordinal)
            raise Refused("provider-reference-used", reference=reference, leg=number)
        return plan

    def _write(
        self,
        connection: Connection,
        caller: Caller,
        booking: Booking,
        leg: Leg,
        plan: ResolutionPlan,
        now: datetime,
    ) -> None:
        found, before = plan.resolution, leg.state
        proposes = plan.step is Step.PROPOSES
        resolutions.keep(connection, caller, found, plan.step, now, plan.fingerprint)
        legs = LocalLegStore(self._context.store, self._context.mail)
        if before is LegState.PENDING and plan.after is not before:
            legs.take(connection, leg.id, now, caller)
            before = LegState.SENDING
        attempts = fetch(connection, "SELECT attempts FROM leg WHERE id = ?", leg.id)[0].attempts
        result = LegResult(
            leg_id=leg.id,
            before=before,
            attempts=attempts,
            state=plan.after,
            outcome=_outcome(plan, leg),
            code=found.finding.value,
            text=" · ".join(filter(None, (found.reference, found.evidence)))
            if proposes
            else found.evidence,
            provider_refund_id="" if proposes else found.reference,
        )
        applied = legs.apply(connection, [result], now, caller)
        assert applied == {leg.id}, f"{leg.number} changed inside the transaction"
        details = {
            "leg": leg.number,
            "finding": found.finding.value,
            "reference": found.reference,
            "evidence": found.evidence,
            "after": plan.after.value,
            "fingerprint": plan.fingerprint,
        }
        if plan.step is Step.CONFIRMS and leg.proposal is not None:
            details["proposed_by"] = leg.proposal.operator
        what = PROPOSED if proposes else RESOLVED
        note(connection, caller, now, [Event(booking.id, what, leg.amount_minor, details)])
        action = "propose_resolution" if proposes else "resolve"
        record = Record(action, leg.number, {**details, "amount_minor": leg.amount_minor})
        self._context.store.audit.append(connection, caller, now, record)


def _outcome(plan: ResolutionPlan, leg: Leg) -> Outcome:
    if plan.step is Step.PROPOSES:
        return Outcome.PROPOSED
    return Outcome.NOTED if plan.after is leg.state else Outcome.RESOLVED


def _find(connection: Connection, number: str) -> tuple[Booking, Refund, Leg]:
    refund_id, leg_id = refunds.find_leg(connection, number)
    refund = refunds.load_one(connection, refund_id)
    booking = bookings.load_one(connection, refund.booking_id)
    leg = next(one for one in refund.legs if one.id == leg_id)
    return booking, refund, leg

"""A refund that waits for approval: letting it go with its one call, or taking it back.

Nothing of it was sent, so taking it back asks nobody; letting it go reads the booking again first,
because somebody may have been there meanwhile.
"""

from __future__ import annotations

from dataclasses import replace

from backend_client.answers import RefundOutcome
from backend_client.domain.approval import approval_fingerprint, may_approve
from backend_client.domain.caller import Action, Caller
from backend_client.domain.connect_intent import (
    APPROVED,
    VOIDED,
    Intent,
    already_decided,
    leg_number,
    leg_state,
    refund_of,
)
from backend_client.domain.fingerprints import void_fingerprint
from backend_client.domain.parts import missing
from backend_client.domain.permissions import may, may_touch, may_void
from backend_client.domain.plan import PlannedLine, VoidPlan
from backend_client.domain.problems import Refused
from backend_client.domain.staleness import stale, what_changed_for_void
from backend_client.domain.texts import REASON_LIMIT, free_text
from backend_client.remote.context import Context
from backend_client.remote.not_there import NO_CHANGES
from backend_client.remote.refunding import Refunding
from backend_client.remote.writing import refund_body


class Approving:
    """Decisions about refunds that wait, each made once."""

    def __init__(self, context: Context, refunding: Refunding) -> None:
        self._context = context
        self._refunding = refunding

    def approve(self, caller: Caller, number: str, fingerprint: str) -> RefundOutcome:
        """The same person's second try answers with what the first one did; somebody else's is
        told who was faster. Raises as `Refunding.execute`, and `plan-stale` where the booking is
        not any more as it was when the refund was made."""
        may(caller, Action.APPROVE_REFUND)
        context = self._context
        intent = context.journal.by_number(number)
        refund = refund_of(intent, 0)
        may_approve(caller, refund)
        if not intent.waits:
            return self._decided(caller, intent, APPROVED, fingerprint)
        if approval_fingerprint(refund) != fingerprint:
            raise stale("the refund that waits for approval")
        wish = intent.wish
        reading = context.looking.read(caller, wish.key)
        if reading.snapshot.version != wish.before.version:
            raise stale("the booking: somebody gave back or changed something of it meanwhile")
        return self._refunding.carry_out(
            caller,
            reading.booking,
            wish,
            refund_body(wish),
            lambda: context.journal.approve(
                caller, intent, fingerprint, context.holder, context.clock.now()
            ),
        )

    def preview_void(self, caller: Caller, number: str, reason: str) -> VoidPlan:
        """What taking it back would free; what was sent is not taken back."""
        may(caller, Action.VOID_OWN)
        return self._plan_void(caller, self._context.journal.by_number(number), reason)

    def execute_void(self, caller: Caller, plan: VoidPlan) -> RefundOutcome:
        """Do exactly `plan`; the same plan a second time answers with what the first one did."""
        may(caller, Action.VOID_OWN)
        context = self._context
        intent = context.journal.by_number(plan.refund_number)
        if intent.decision is not None:
            may_void(caller, intent.operator)
            return self._decided(caller, intent, VOIDED, plan.fingerprint)
        fresh = self._plan_void(caller, intent, plan.reason)
        if fresh.fingerprint != plan.fingerprint:
            raise what_changed_for_void(plan, fresh)
        if fresh.missing:
            raise Refused("reason-required")
        now = context.clock.now()
        after = context.journal.withdraw(caller, intent, fresh.fingerprint, fresh.reason, now)
        return self._refunding.outcome(caller, after)

    def _plan_void(self, caller: Caller, intent: Intent, reason: str) -> VoidPlan:
        booking = self._refunding.known(intent)
        may_void(caller, intent.operator)
        may_touch(caller, booking)
        if not intent.waits:
            raise _not_taken_back(intent)
        wish, cleaned = intent.wish, free_text(reason, "reason", REASON_LIMIT)
        plan = VoidPlan(
            refund_number=intent.number,
            booking_key=wish.key,
            booking_version=booking.version,
            currency=wish.currency,
            amount_minor=wish.amount_minor,
            lines=tuple(
                PlannedLine(line.sequence, line.description, line.value_minor)
                for line in wish.lines
            ),
            fingerprint="",
            reason=cleaned,
            missing=missing(cleaned, ()),
        )
        legs = [(leg_number(intent, leg), leg_state(intent, leg).value) for leg in wish.legs]
        return replace(plan, fingerprint=void_fingerprint(plan, booking, legs))

    def _decided(
        self, caller: Caller, intent: Intent, what: str, fingerprint: str
    ) -> RefundOutcome:
        """What was decided before, if this very person decided it this way; else who was faster."""
        known = intent.decision
        mine = (what, caller.operator, fingerprint)
        if known is None or (known.what, known.operator, known.code) != mine:
            raise already_decided(intent)
        return self._refunding.outcome(caller, intent, already_done=True)


def _not_taken_back(intent: Intent) -> Refused:
    decision = intent.decision
    if decision is not None and decision.what == VOIDED:
        return Refused("already-voided", refund=intent.number)
    return Refused(NO_CHANGES)

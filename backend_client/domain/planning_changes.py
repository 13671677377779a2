"""Plans what may still happen to a refund: paying an open leg another way, and voiding it all."""

from __future__ import annotations

from dataclasses import replace

from backend_client.domain.allocation import destinations_for_leg, place_change
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Action
from backend_client.domain.circumstances import Circumstances
from backend_client.domain.fingerprints import method_fingerprint, void_fingerprint
from backend_client.domain.kinds import LineState
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.parts import cleaned_parts, missing
from backend_client.domain.permissions import may, may_touch, may_use, may_void
from backend_client.domain.plan import (
    MethodChange,
    MethodPlan,
    PlannedLeg,
    PlannedLine,
    VoidPlan,
)
from backend_client.domain.policy import Policy, reason_unknown
from backend_client.domain.problems import Refused
from backend_client.domain.refund import VOIDABLE
from backend_client.domain.texts import REASON_LIMIT, free_text


def plan_method_change(
    booking: Booking,
    refund: Refund,
    leg: Leg,
    change: MethodChange,
    circumstances: Circumstances,
) -> MethodPlan:
    """Exactly which legs would replace an open one; their sum is always the same.

    Without parts the plan is the leg as it is, with every place it could go, and "method" missing.
    """
    policy, caller = circumstances.policy, circumstances.caller
    may(caller, Action.CHANGE_METHOD, leg.amount_minor, policy, currency=booking.currency)
    if not leg.method_changeable:
        raise Refused("method-not-changeable", leg=leg.number, state=leg.state.value)
    assert leg.refund_id == refund.id
    assert refund.booking_id == booking.id
    change = _cleaned(change, policy)
    booking = circumstances.reaching(booking)
    able = (circumstances.provider_of, circumstances.loads_gift_cards)
    legs = place_change(booking, leg, change.parts, policy, *able)
    may_use(caller, legs)
    may_touch(caller, booking, legs=legs)
    plan = MethodPlan(
        change=change,
        refund_number=refund.number,
        leg_id=leg.id,
        booking_key=booking.key,
        booking_version=booking.version,
        currency=booking.currency,
        amount_minor=leg.amount_minor,
        legs=legs,
        fingerprint="",
        missing=_missing(leg, change, legs),
        destinations=destinations_for_leg(booking, leg, policy, *able),
    )
    assert sum(one.amount_minor for one in plan.legs) == leg.amount_minor
    fingerprint = method_fingerprint(
        plan, booking, policy.version, leg.state, circumstances.provider_environment
    )
    return replace(plan, fingerprint=fingerprint)


def plan_void(
    booking: Booking,
    refund: Refund,
    seats_taken: frozenset[str],
    reason: str,
    circumstances: Circumstances,
) -> VoidPlan:
    """Exactly what taking a refund back would restore, as long as nothing of it has left.

    `seats_taken` are seats of this refund's lines that were sold again since.
    """
    assert refund.booking_id == booking.id
    may_void(circumstances.caller, refund.operator)
    may_touch(circumstances.caller, booking)
    _refuse_unless_voidable(refund)
    for refunded in refund.lines:
        line = booking.line(refunded.sequence)
        if line is None or line.state is not LineState.CANCELLED:
            raise _not_possible(refund, f"line {refunded.sequence} is not cancelled")
        if line.seat and line.seat in seats_taken:
            raise Refused("seat-taken", seat=line.seat)
    cleaned = free_text(reason, "reason", REASON_LIMIT)
    plan = VoidPlan(
        refund_number=refund.number,
        booking_key=booking.key,
        booking_version=booking.version,
        currency=booking.currency,
        amount_minor=refund.amount_minor,
        lines=_lines_back(booking, refund),
        fingerprint="",
        reason=cleaned,
        missing=missing(cleaned, ()),
    )
    legs = [(leg.number, leg.state.value) for leg in refund.legs]
    return replace(plan, fingerprint=void_fingerprint(plan, booking, legs))


def _cleaned(change: MethodChange, policy: Policy) -> MethodChange:
    """As it is kept: a reason of the house by its label, as in a refund."""
    text = free_text(change.reason, "reason", REASON_LIMIT)
    reason = policy.later_reason(text)
    if text and reason is None:
        raise reason_unknown(text, (*policy.change_reasons, *policy.retry_reasons))
    label = reason.label if reason else ""
    return replace(change, reason=label, parts=cleaned_parts(change.parts))


def _missing(leg: Leg, change: MethodChange, legs: tuple[PlannedLeg, ...]) -> tuple[str, ...]:
    """A plan that would put the leg back as it is still lacks a method."""
    needed = missing(change.reason, legs)
    same = len(legs) == 1 and (legs[0].method, legs[0].state) == (leg.method, leg.state)
    same = same and not leg.needs_number  # another gift card is another place
    return needed if change.parts and not same else ("method", *needed)


def _refuse_unless_voidable(refund: Refund) -> None:
    if refund.voided_at is not None:
        raise Refused("already-voided", refund=refund.number)
    for leg in refund.legs:
        if leg.is_live and leg.state not in VOIDABLE:
            raise _not_possible(refund, f"{leg.number} is {leg.state.value.replace('_', ' ')}")


def _not_possible(refund: Refund, why: str) -> Refused:
    return Refused("void-not-possible", refund=refund.number, why=why)


def _lines_back(booking: Booking, refund: Refund) -> tuple[PlannedLine, ...]:
    lines = []
    for refunded in refund.lines:
        line = booking.line(refunded.sequence)
        assert line is not None
        lines.append(
            PlannedLine(
                sequence=refunded.sequence,
                description=refunded.description,
                value_minor=refunded.value_minor,
                seat=line.seat,
                performance_id=line.performance.id if line.performance else None,
            )
        )
    return tuple(lines)

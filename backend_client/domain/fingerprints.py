"""Fingerprints of plans: everything a plan was decided on, in 32 letters.

What a person may still add before committing (a reference) and what only names the commit (its
key) stay out, so that a preview and the commit of what it showed have the same fingerprint. The
clock stays out too; what it decides is in through the verdicts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from backend_client.domain.approval import NEEDS_APPROVAL
from backend_client.domain.booking import Booking
from backend_client.domain.plan import MethodPlan, PlannedLeg, RefundPlan, VoidPlan
from backend_client.domain.refundability import LineVerdict


def refund_fingerprint(
    plan: RefundPlan, booking: Booking, verdicts: Mapping[int, LineVerdict]
) -> str:
    return _digest(
        {
            "kind": "refund",
            "booking": _booking(booking),
            "policy": plan.policy_version,
            "sequences": sorted(line.sequence for line in plan.lines),
            "lines": [
                [line.sequence, line.value_minor, verdicts[line.sequence].code]
                for line in booking.lines
            ],
            "legs": _legs(plan.legs),
            "value": plan.value_minor,
            "retained": plan.retained_minor,
            "breach_fee": plan.breach_fee_minor,
            "amount": plan.amount_minor,
            "reason": plan.request.reason,
            "environment": plan.provider_environment,
            "acknowledged": sorted(plan.request.acknowledged),
            "approval": [
                [notice.code, notice.amount_minor]
                for notice in plan.notices
                if notice.code in NEEDS_APPROVAL
            ],
        }
    )


def method_fingerprint(
    plan: MethodPlan, booking: Booking, policy_version: str, state: str, environment: str
) -> str:
    return _digest(
        {
            "kind": "method",
            "booking": _booking(booking),
            "policy": policy_version,
            "refund": plan.refund_number,
            "leg": [plan.leg_id, plan.change.leg_number, state, plan.amount_minor],
            "legs": _legs(plan.legs),
            "reason": plan.change.reason,
            "environment": environment,
        }
    )


def void_fingerprint(plan: VoidPlan, booking: Booking, legs: Sequence[tuple[str, str]]) -> str:
    return _digest(
        {
            "kind": "void",
            "booking": _booking(booking),
            "refund": plan.refund_number,
            "lines": [[line.sequence, line.value_minor] for line in plan.lines],
            "legs": sorted(legs),
            "amount": plan.amount_minor,
            "reason": plan.reason,
        }
    )


def _booking(booking: Booking) -> list[str | int]:
    key = booking.key
    return [key.site, key.booking_id, key.transaction_id, booking.version, booking.currency]


def _legs(legs: Sequence[PlannedLeg]) -> list[list[str | int | None]]:
    return [
        [leg.method, leg.amount_minor, leg.state, leg.payment_id, leg.payer_id, leg.provider]
        for leg in legs
    ]


def _digest(content: Mapping[str, object]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]

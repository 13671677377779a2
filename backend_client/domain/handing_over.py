"""Promised money is handed over: payments that were due become recorded, many in one go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend_client.domain.caller import Action, Caller
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.permissions import may
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.reconciliation import Sum, sums
from backend_client.domain.refund import LegState, Method
from backend_client.domain.texts import REFERENCE_LIMIT, free_text


@dataclass(frozen=True, slots=True)
class HandOver:
    """`reference` is the proof for all of them: of the transfer that was made, or a receipt."""

    legs: tuple[str, ...]
    reference: str = ""


@dataclass(frozen=True, slots=True)
class HandedLeg:
    leg_id: int
    leg_number: str
    refund_number: str
    method: Method
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class HandOverPlan:
    """Exactly which payments become recorded; `missing` names what the commit still needs
    ("reference": a transfer without one cannot be found again)."""

    hand_over: HandOver
    legs: tuple[HandedLeg, ...]
    fingerprint: str
    missing: tuple[str, ...] = ()

    @property
    def totals(self) -> Sequence[Sum]:
        return sums((leg.currency, leg.amount_minor) for leg in self.legs)


def plan_hand_over(
    found: Sequence[tuple[Refund, Leg]], hand_over: HandOver, caller: Caller, policy: Policy
) -> HandOverPlan:
    """Only what is due can be handed over; each payment is named once. No limit is asked of what a
    supervisor has approved: the decision was theirs, whoever hands it out."""
    if not found:
        raise Refused("not-due", leg="–", state="not named")
    reference = free_text(hand_over.reference, "reference", REFERENCE_LIMIT)
    for refund, leg in found:
        assert leg.refund_id == refund.id
        limits = None if refund.approved_by else policy
        may(caller, Action.HAND_OVER, leg.amount_minor, limits, currency=refund.currency)
        if leg.state is not LegState.DUE:
            raise Refused("not-due", leg=leg.number, state=leg.state.value.replace("_", " "))
    once = {
        leg.id: HandedLeg(
            leg.id, leg.number, refund.number, leg.method, leg.amount_minor, refund.currency
        )
        for refund, leg in found
    }
    legs = tuple(once.values())
    lacks = not reference and any(leg.method is Method.TRANSFER for leg in legs)
    cleaned = replace(hand_over, legs=tuple(leg.leg_number for leg in legs), reference=reference)
    plan = HandOverPlan(cleaned, legs, "", missing=("reference",) if lacks else ())
    return replace(plan, fingerprint=_fingerprint(plan))


def _fingerprint(plan: HandOverPlan) -> str:
    legs = [[leg.leg_id, leg.method.value, leg.amount_minor] for leg in plan.legs]
    text = json.dumps(["hand over", legs, plan.hand_over.reference], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]

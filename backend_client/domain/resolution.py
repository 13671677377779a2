"""A payment nobody knows the outcome of is decided by a person with evidence, above the house's
threshold by two who say the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from backend_client.domain.booking import Booking, BookingKey
from backend_client.domain.caller import Action, Caller, Entrance
from backend_client.domain.circumstances import Circumstances
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.names import is_same_person
from backend_client.domain.permissions import may
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, may_become
from backend_client.domain.settlement import KEY_AGE
from backend_client.domain.texts import REASON_LIMIT, REFERENCE_LIMIT, free_text


class Shown(StrEnum):
    """What the ticketing system shows of a payment now, read again for the plan.

    `WHOLE` is all of its refund, `NOTHING` none of it after a clear no: then it is the ticketing
    system's word that is written down, not a person's. `WAS_PAID` is unread now, and shown as paid
    by the last reading there was.
    """

    WHOLE = "whole"
    NOTHING = "nothing"
    PAID = "paid"
    NOT_PAID = "not_paid"
    WAS_PAID = "was_paid"
    UNREAD = "unread"

    @property
    def is_clear(self) -> bool:
        return self in (Shown.WHOLE, Shown.NOTHING)

    @property
    def is_paid(self) -> bool:
        """As far as anybody could read, its payment was made."""
        return self in (Shown.PAID, Shown.WAS_PAID)


class Step(StrEnum):
    """What the word of this person does."""

    DECIDES = "decides"
    PROPOSES = "proposes"
    CONFIRMS = "confirms"


@dataclass(frozen=True, slots=True)
class ResolutionPlan:
    """Exactly what becomes of the leg; `missing` names what the commit still needs ("reference",
    "evidence"). `shown` is what the ticketing system says now, None where there is none to ask;
    `confirmed` is what becomes of it once another supervisor says the same."""

    resolution: Resolution
    refund_number: str
    leg_id: int
    booking_key: BookingKey
    booking_version: int
    currency: str
    amount_minor: int
    after: LegState
    fingerprint: str
    missing: tuple[str, ...] = ()
    shown: Shown | None = None
    step: Step = Step.DECIDES
    confirmed: LegState | None = None


def plan_resolution(
    booking: Booking,
    refund: Refund,
    leg: Leg,
    resolution: Resolution,
    first_sent_at: datetime | None,
    circumstances: Circumstances,
    *,
    is_served: bool,
    shown: Shown | None = None,
) -> ResolutionPlan:
    """What was found succeeded; what was not is sent again under its own key while the provider
    surely remembers that, else it is declined, so that a retry gets a new key; anything else stays
    as it is with what was noted. Where two supervisors are needed the first one's word is kept, and
    nothing comes of it before another one says the same.

    Where its provider is configured no more (`is_served`) nobody else finds out what became of it,
    whatever it waits for, and nothing is sent to that one again.

    What the ticketing system shows clearly (`shown`) is not a person's to decide, and what it shows
    as paid nobody says was never made: its lines would be given back twice.
    """
    may(circumstances.caller, Action.RESOLVE)
    is_left_alone = leg.waits_for_provider and not is_served
    if leg.state is not LegState.REVIEW and not is_left_alone:
        raise Refused("not-in-review", leg=leg.number, state=leg.state.value.replace("_", " "))
    assert leg.refund_id == refund.id
    assert refund.booking_id == booking.id
    cleaned = replace(
        resolution,
        reference=free_text(resolution.reference, "reference", REFERENCE_LIMIT),
        evidence=free_text(resolution.evidence, "evidence", REASON_LIMIT),
    )
    if shown is not None and shown.is_paid and cleaned.finding is Finding.NOT_FOUND:
        raise Refused("shown-as-paid", leg=leg.number)
    key_age = KEY_AGE if is_served else timedelta()
    after = _SHOWN_BECOMES.get(shown) or _after(
        leg, cleaned.finding, first_sent_at, circumstances.now, key_age
    )
    before = LegState.SENDING if leg.state is LegState.PENDING else leg.state
    assert after is leg.state or may_become(before, after)
    clear = shown is not None and shown.is_clear
    step = Step.DECIDES if clear else _step(circumstances, leg, cleaned, booking.currency)
    proposes = step is Step.PROPOSES
    plan = ResolutionPlan(
        resolution=cleaned,
        refund_number=refund.number,
        leg_id=leg.id,
        booking_key=booking.key,
        booking_version=booking.version,
        currency=booking.currency,
        amount_minor=leg.amount_minor,
        after=leg.state if proposes else after,
        fingerprint="",
        missing=_missing(cleaned, shown),
        shown=shown,
        step=step,
        confirmed=after if proposes else None,
    )
    return replace(plan, fingerprint=_fingerprint(plan, booking))


_SHOWN_BECOMES: Mapping[Shown | None, LegState] = MappingProxyType(
    {Shown.WHOLE: LegState.SUCCEEDED, Shown.NOTHING: LegState.DECLINED}
)


def to_confirm(leg: Leg, caller: Caller, evidence: str = "") -> Resolution:
    """What this person says who says the same as the one before, with their own evidence or that
    one's. Raises Refused: `nothing-proposed`, `resolution-own`."""
    if leg.proposal is None:
        raise Refused("nothing-proposed", leg=leg.number)
    if is_same_person(leg.proposal.operator, caller.operator):
        raise Refused("resolution-own", leg=leg.number, operator=leg.proposal.operator)
    said = leg.proposal.resolution
    return replace(said, evidence=evidence or said.evidence)


def needs_second(policy: Policy, amount_minor: int, currency: str) -> bool:
    """Does it take two supervisors? What is in another currency than the house's always does."""
    threshold = policy.second_reviewer_minor
    if threshold is None:
        return False
    return threshold == 0 or currency != policy.currency or amount_minor > threshold


def _step(circumstances: Circumstances, leg: Leg, resolution: Resolution, currency: str) -> Step:
    """To leave it open is everybody's; nobody confirms anything while nobody looks."""
    policy, caller = circumstances.policy, circumstances.caller
    if resolution.finding is Finding.OTHER or not needs_second(policy, leg.amount_minor, currency):
        return Step.DECIDES
    if leg.proposal is None or not leg.proposal.is_confirmed_by(caller, resolution):
        return Step.PROPOSES
    if caller.entrance in (Entrance.UNATTENDED, Entrance.API):
        raise Refused("approval-by-nobody", operator=caller.operator)
    return Step.CONFIRMS


def _after(
    leg: Leg, finding: Finding, first_sent_at: datetime | None, now: datetime, key_age: timedelta
) -> LegState:
    if finding is Finding.FOUND:
        return LegState.SUCCEEDED
    if finding is Finding.OTHER:
        return leg.state
    if first_sent_at is not None and first_sent_at <= now < first_sent_at + key_age:
        return LegState.PENDING
    return LegState.DECLINED


def _missing(resolution: Resolution, shown: Shown | None) -> tuple[str, ...]:
    """What was found has a name that proves it, unless the ticketing system shows nothing of it;
    nothing else proves itself."""
    if shown is not None and shown.is_clear:
        return ()
    found = resolution.finding is Finding.FOUND
    needed = [("reference", resolution.reference)] if found else []
    if not found or shown in (Shown.NOT_PAID, Shown.WAS_PAID, Shown.UNREAD):
        needed.append(("evidence", resolution.evidence))
    return tuple(name for name, said in needed if not said)


def _fingerprint(plan: ResolutionPlan, booking: Booking) -> str:
    key = booking.key
    content = [
        "resolution",
        [key.site, key.booking_id, key.transaction_id, booking.version],
        [plan.leg_id, plan.amount_minor, plan.after.value, plan.step.value],
        [plan.resolution.finding.value, plan.resolution.reference, plan.resolution.evidence],
        plan.shown,
    ]
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]

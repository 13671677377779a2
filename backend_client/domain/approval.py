"""A refund above a limit waits for somebody else: when it does, who approves it, and what then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from backend_client.domain.caller import Action, Caller, Entrance, Role
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.names import is_same_person
from backend_client.domain.permissions import limit_of, may
from backend_client.domain.plan import Notice, PlannedLeg
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import APPROVED_AS, LegState, Method

AT_ONCE, IN_A_DAY, SECOND = "needs-approval", "needs-approval-day", "needs-approval-second"
OTHER_CURRENCY = "needs-approval-currency"
NEEDS_APPROVAL = frozenset({AT_ONCE, IN_A_DAY, SECOND, OTHER_CURRENCY})
"""The notices of a plan that will wait: above which limit, and so who may approve it."""


@dataclass(frozen=True, slots=True)
class DayLimit:
    """The most a person gives back alone since the business day began; commits look again."""

    since: datetime
    most_minor: int


def day_limit_of(caller: Caller, policy: Policy) -> int | None:
    """The most this caller gives back alone in a business day; None without a limit."""
    return policy.shift_limit_minor if caller.role is Role.CASHIER else None


def needed(
    caller: Caller, amount_minor: int, policy: Policy, given_today_minor: int, currency: str
) -> Notice | None:
    """What a refund of this amount by this caller waits for; its amount is the limit it is above.

    The house limits what cashiers and programs give back at once, what a cashier gives back in a
    business day, and what a supervisor gives back alone; a token has a limit of its own besides.
    All of them are in the house's currency: who has one gives nothing back alone in another.
    """
    if not amount_minor:
        return None
    at_once = limit_of(caller, policy)
    day = day_limit_of(caller, policy)
    second = policy.second_supervisor_minor if caller.role is Role.SUPERVISOR else None
    if currency != policy.currency and (at_once, day, second) != (None, None, None):
        return Notice(OTHER_CURRENCY)
    if at_once is not None and amount_minor > at_once:
        return Notice(AT_ONCE, amount_minor=at_once)
    if day is not None and given_today_minor + amount_minor > day:
        return Notice(IN_A_DAY, amount_minor=day)
    if second is not None and amount_minor > second:
        return Notice(SECOND, amount_minor=second)
    return None


def waiting(legs: Iterable[PlannedLeg]) -> tuple[PlannedLeg, ...]:
    """The same legs, of which nothing is sent, handed out, credited or recorded yet."""
    return tuple(replace(leg, state=LegState.AWAITING_APPROVAL) for leg in legs)


def may_approve(caller: Caller, refund: Refund) -> None:
    """Raise `not-allowed`, `approval-own-refund` where the caller made it, or `approval-by-nobody`
    where no person looks at it."""
    may(caller, Action.APPROVE_REFUND)
    if caller.entrance in (Entrance.UNATTENDED, Entrance.API):
        raise Refused("approval-by-nobody", operator=caller.operator)
    if is_same_person(caller.operator, refund.operator):
        raise Refused("approval-own-refund", operator=caller.operator, refund=refund.number)


def waits(refund: Refund) -> bool:
    return any(leg.state is LegState.AWAITING_APPROVAL for leg in refund.legs)


def approved_as(leg: Leg) -> LegState:
    """What an approved leg becomes: what it would have been born as, but for cash."""
    assert leg.state is LegState.AWAITING_APPROVAL
    return APPROVED_AS[leg.method]


def cash_due(refund: Refund) -> tuple[Leg, ...]:
    """What of it somebody still has to hand over at a desk."""
    return tuple(
        leg for leg in refund.legs if leg.method is Method.CASH and leg.state is LegState.DUE
    )


def approval_fingerprint(refund: Refund) -> str:
    """What somebody who approves has seen: this refund, and where all of it was to go. What
    becomes of it later changes nothing of that, so a repeated approval is known as the same."""
    legs = [
        [leg.number, leg.method, leg.amount_minor, leg.label]
        for leg in refund.legs
        if leg.replaces_leg_id is None
    ]
    seen = ["approve", refund.number, refund.amount_minor, refund.currency, refund.operator, legs]
    text = json.dumps(seen, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]

"""Refund calls of Vista Connect, carried out by the backend; each call is one refund of ours.

The document knows three ways to fail, and its one call knows no half-way house. On our store every
payment of the call is a call of its own to a provider, so this is what its table becomes:

| our payments                       | the document          | the answer                |
|------------------------------------|-----------------------|---------------------------|
| all made, on their way or recorded | success               | 200                       |
| none made, all surely not executed | first payment failed  | 422 first-payment-failed: |
|                                    |                       | the refund is taken back  |
| the same, but not to be taken back | manual resolution     | 502 payment-failed, or    |
|                                    |                       | 504 payment-waits         |
| some made, the others surely not   | second payment failed | 502 second-payment-failed |
| any whose outcome is not known     | error after payment   | 504 outcome-unknown       |
| none: somebody was faster, or the  | (there is none)       | 409 already-refunded, or  |
| booking changed on the way         |                       | 409 plan-stale            |
| none made, they wait for approval  | (there is none)       | 504 awaits-approval       |

A refund is taken back by voiding it, as the program that made it may. After the other failures the
lines stay cancelled and what is owed stays in the open refunds, where a person goes on. The client
reads the booking again, as the document asks, and finds in it exactly what was paid.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace

from backend_client.answers import BookingView, RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Caller
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.money import described
from backend_client.domain.plan import RefundPlan
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from backend_client.domain.staleness import stale
from backend_client.server.connect_asking import Asked, asked
from backend_client.server.connect_finding import find
from backend_client.server.connect_reading import RefundCall, invalid, read_refund
from backend_client.server.connect_writing import WITH_THE_CUSTOMER, payments_json

TAKEN_BACK = "No payment was made"
_KEY = re.compile(r'"?([A-Za-z0-9_-]{16,64})"?', re.ASCII)
_NOT_EXECUTED = frozenset({LegState.DECLINED, LegState.PENDING, LegState.AWAITING_APPROVAL})
_STILL_MOVING = frozenset({LegState.SENDING, LegState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class RefundCalled:
    """One refund call as it came in; `idempotency_key` and `if_match` are extensions of ours."""

    cinema_id: str
    booking_id: str
    body: bytes
    idempotency_key: str = ""
    if_match: str = ""


def etag(booking: Booking) -> str:
    """A booking with its version, as a client gives it back in `If-Match`."""
    return f'"{booking.id}.{booking.version}"'


def begin(backend: Backend, caller: Caller, called: RefundCalled) -> RefundOutcome:
    """Plan and commit; what came of sending is in the outcome, and may not be known yet."""
    call = read_refund(called.body)
    key = _commit_key(caller, called)
    done = _done(backend, caller, key, call)
    if done is not None:
        return done
    try:
        return _committed(backend, caller, called, call, key)
    except Refused:
        # The same call may have come twice at once: what the other one did is the answer to both.
        done = _done(backend, caller, key, call)
        if done is None:
            raise
        return done


def _committed(
    backend: Backend, caller: Caller, called: RefundCalled, call: RefundCall, key: str
) -> RefundOutcome:
    view = find(backend, caller, called.cinema_id, booking_id=called.booking_id)
    _check_precondition(view, called.if_match)
    wanted = asked(call, view, caller.correlation_id)
    plan = _planned(backend, caller, wanted)
    if plan.booking_version != view.booking.version:
        raise Refused("precondition-failed") if called.if_match else stale("the booking")
    if key:
        plan = replace(plan, commit_key=key)
    try:
        return backend.execute_refund(caller, plan, wanted.number)
    except Refused as refused:
        if refused.code != "being-refunded":
            raise
        # Who was faster, and at which desk, is for people.
        lines = [line.sequence for line in plan.lines]
        raise Refused("already-refunded", sequences=lines) from None


def _planned(backend: Backend, caller: Caller, wanted: Asked) -> RefundPlan:
    plan = backend.preview_refund(caller, wanted.request)
    if plan.amount_minor and not wanted.request.parts:
        amounts = described(plan.currency, placed=0, amount=plan.amount_minor)
        raise Refused("amount-mismatch", **amounts)
    return plan


def _check_precondition(view: BookingView, if_match: str) -> None:
    tags = [tag.strip() for tag in if_match.split(",") if tag.strip()]
    if tags and "*" not in tags and etag(view.booking) not in tags:
        raise Refused("precondition-failed")


def _commit_key(caller: Caller, called: RefundCalled) -> str:
    """The key of this client, for this booking; empty where none was sent."""
    if not called.idempotency_key:
        return ""
    found = _KEY.fullmatch(called.idempotency_key.strip())
    if found is None:
        raise invalid("Idempotency-Key", "16 to 64 letters, digits, hyphens and underscores")
    named = (caller.operator, called.cinema_id, called.booking_id.upper(), found[1])
    return "connect-" + hashlib.sha256("\0".join(named).encode()).hexdigest()[:40]


def _done(backend: Backend, caller: Caller, key: str, call: RefundCall) -> RefundOutcome | None:
    """What was done under this key; raises `key-reused` unless this is the call that did it."""
    done = backend.already_done(caller, key) if key else None
    if done is None:
        return None
    refund = done.refund
    said = set(call.sequences_to_refund)
    given_back = {line.sequence for line in refund.lines}
    if (said and said != given_back) or _sums_of_call(call) != _sums_of(refund, done.booking):
        raise Refused("key-reused", refund=refund.number)
    return done


def _sums_of_call(call: RefundCall) -> Counter[tuple[Method, str]]:
    sums = Counter[tuple[Method, str]]()
    for matched in call.matched_payment_details:
        sums[Method.MATCHED, matched.payment_id] += matched.amount_in_cents
    for external in call.external_payment_details:
        sums[Method.EXTERNAL, ""] += external.amount_in_cents
    for unmatched in call.unmatched_payment_details:
        sums[Method.UNMATCHED, ""] += unmatched.amount_in_cents
    return sums


def _sums_of(refund: Refund, booking: Booking) -> Counter[tuple[Method, str]]:
    """By the payments it was born with, whatever became of them since."""
    keys = {one.id: one.key for one in booking.payments}
    sums = Counter[tuple[Method, str]]()
    for leg in refund.legs:
        if leg.replaces_leg_id is None and leg.method is not Method.WAITING:
            sums[leg.method, keys.get(leg.payment_id or 0, "")] += leg.amount_minor
    return sums


def is_settled(outcome: RefundOutcome) -> bool:
    """Will waiting a moment tell no more? What needs a number or approval waits for a person."""
    return not any(
        leg.state in _STILL_MOVING or (leg.state is LegState.PENDING and not leg.needs_number)
        for leg in outcome.refund.legs
    )


def conclude(backend: Backend, caller: Caller, outcome: RefundOutcome) -> None:
    """Raise `Refused` as the table above says unless all of the refund is with the customer; what
    became of each payment is among its details wherever something was done."""
    refund = outcome.refund
    if refund.voided_at is not None:
        raise Refused("first-payment-failed")
    live = [leg for leg in refund.legs if leg.is_live]
    owed = [leg for leg in live if leg.state not in WITH_THE_CUSTOMER]
    if not owed:
        return
    if any(leg.state not in _NOT_EXECUTED for leg in owed):
        raise unknown(outcome)
    if len(owed) < len(live):
        raise _undone("second-payment-failed", outcome, owed=_sum(owed))
    if any(leg.state is LegState.AWAITING_APPROVAL for leg in owed):
        raise _undone("awaits-approval", outcome, owed=_sum(owed))
    if _taken_back(backend, caller, refund):
        raise Refused("first-payment-failed")
    waits = any(leg.state is not LegState.DECLINED for leg in owed)
    code = "payment-waits" if waits else "payment-failed"
    raise _undone(code, outcome, owed=_sum(owed))


def unknown(outcome: RefundOutcome) -> Refused:
    """Committed, and nobody can say yet what came of it."""
    return _undone("outcome-unknown", outcome)


def _undone(code: str, outcome: RefundOutcome, **amounts_minor: int) -> Refused:
    refund = outcome.refund
    amounts = described(refund.currency, amount=refund.amount_minor, **amounts_minor)
    return Refused(code, refund=refund.number, **amounts, payments=payments_json(outcome))


def _sum(legs: list[Leg]) -> int:
    return sum(leg.amount_minor for leg in legs)


def _taken_back(backend: Backend, caller: Caller, refund: Refund) -> bool:
    """Void the refund; False where that cannot be (a seat was sold again, it is just being sent,
    the caller may not): the money stays owed then."""
    try:
        plan = backend.preview_void(caller, refund.number, TAKEN_BACK)
        backend.execute_void(caller, plan)
    except Refused:
        return False
    return True

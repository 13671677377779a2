"""Plans a refund: decides everything a commit will do, writes nothing, refuses by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from backend_client.domain.allocation import destinations, place
from backend_client.domain.amounts import Amounts, amounts_of
from backend_client.domain.approval import needed, waiting
from backend_client.domain.booking import Booking, Line
from backend_client.domain.caller import Action
from backend_client.domain.circumstances import Circumstances
from backend_client.domain.fingerprints import refund_fingerprint
from backend_client.domain.kinds import FeeKind
from backend_client.domain.parts import cleaned_parts, missing
from backend_client.domain.permissions import allowed, may, may_touch, may_use
from backend_client.domain.plan import (
    KeptFee,
    Notice,
    PlannedLine,
    RefundPlan,
    RefundRequest,
)
from backend_client.domain.planning_changes import plan_method_change, plan_void
from backend_client.domain.policy import Policy, Reason, reason_unknown
from backend_client.domain.problems import Refused
from backend_client.domain.refundability import LineVerdict, line_verdicts
from backend_client.domain.selection import (
    closure,
    gone_members,
    kept_fees,
    kept_shipment,
    stranded_fees,
)
from backend_client.domain.texts import REASON_LIMIT, free_text

__all__ = ["Circumstances", "plan_method_change", "plan_refund", "plan_void"]


def plan_refund(
    booking: Booking, request: RefundRequest, circumstances: Circumstances
) -> RefundPlan:
    """Exactly what giving these lines back would do.

    Raises `Refused` for everything the operator cannot put right by adding to this request; what
    is only missing (a reason, a reference) or needs a second look is named in the plan.
    """
    policy, caller = circumstances.policy, circumstances.caller
    may(caller, Action.PREVIEW)
    may_touch(caller, booking)
    request = _cleaned(request)
    verdicts = line_verdicts(booking, policy, circumstances.now)
    lines = _chosen_lines(booking, request, verdicts)
    chosen = frozenset(line.sequence for line in lines)
    notices = (*_broken_groups(booking, chosen, circumstances), *_stranded(booking, chosen, policy))
    reason = _reason(request.reason, policy)
    currencies = (booking.currency, policy.currency)
    amounts = amounts_of(lines, request.retained_minor, reason, *currencies)
    amount = amounts.amount_minor
    booking = circumstances.reaching(booking)
    able = (circumstances.provider_of, circumstances.loads_gift_cards)
    legs = place(booking, amount, request.parts, policy, *able)
    may_use(caller, legs)
    may_touch(caller, booking, lines, legs)
    approval = needed(caller, amount, policy, circumstances.given_today_minor, booking.currency)
    plan = RefundPlan(
        booking_key=booking.key,
        booking_version=booking.version,
        policy_version=policy.version,
        request=request,
        currency=booking.currency,
        lines=tuple(_planned(line) for line in lines),
        legs=waiting(legs) if approval else legs,
        value_minor=amounts.value_minor,
        retained_minor=amounts.retained_minor,
        breach_fee_minor=amounts.breach_fee_minor,
        amount_minor=amount,
        fingerprint="",
        kept_fees=_kept(kept_fees(booking, chosen)),
        notices=(*notices, approval) if approval else notices,
        destinations=destinations(booking, amount, policy, *able),
        missing=missing(request.reason, legs, circumstances.external_fields),
        provider_environment=circumstances.provider_environment,
    )
    _assert_whole(plan, amounts)
    return replace(plan, fingerprint=refund_fingerprint(plan, booking, verdicts))


def _cleaned(request: RefundRequest) -> RefundRequest:
    """The request as it will be kept: texts inert and free of card numbers, sequences sorted."""
    return replace(
        request,
        sequences=tuple(sorted(set(request.sequences))),
        reason=free_text(request.reason, "reason", REASON_LIMIT),
        parts=cleaned_parts(request.parts),
    )


def _chosen_lines(
    booking: Booking, request: RefundRequest, verdicts: Mapping[int, LineVerdict]
) -> tuple[Line, ...]:
    """The lines of the request, refused unless they may go back together."""
    sequences = request.sequences
    if not sequences:
        raise Refused("selection-empty")
    unknown = [sequence for sequence in sequences if sequence not in verdicts]
    if unknown:
        raise Refused("unknown-line", sequences=unknown)
    _refuse_blocked([verdicts[sequence] for sequence in sequences])
    chosen = frozenset(sequences)
    required = closure(booking, chosen)
    if required != chosen:
        raise Refused("group-incomplete", chosen=sorted(chosen), required=sorted(required))
    shipment = kept_shipment(booking, chosen)
    if shipment:
        raise Refused("shipment-kept", sequences=list(shipment))
    return tuple(line for line in booking.lines if line.sequence in chosen)


def _refuse_blocked(verdicts: Iterable[LineVerdict]) -> None:
    """Refuse with the first verdict in the way, naming all chosen lines it stands against."""
    blocked = [verdict for verdict in verdicts if not verdict.refundable]
    if not blocked:
        return
    first = blocked[0]
    same = [verdict for verdict in blocked if verdict.code == first.code]
    details = {
        **first.details,
        "sequences": [verdict.sequence for verdict in same],
    }
    raise Refused(first.code, **details)


def _broken_groups(
    booking: Booking, chosen: frozenset[int], circumstances: Circumstances
) -> tuple[Notice, ...]:
    """Part of a chosen group went back elsewhere: a supervisor may give back what is left."""
    gone = gone_members(booking, chosen)
    if not gone:
        return ()
    if not allowed(circumstances.caller, Action.REFUND_BROKEN_GROUP):
        raise Refused("group-broken", gone=list(gone), sequences=sorted(chosen))
    return (Notice("group-broken", gone, must_acknowledge=True),)


def _stranded(booking: Booking, chosen: frozenset[int], policy: Policy) -> tuple[Notice, ...]:
    """Fees that could never go back later; those the policy keeps anyway need no second look."""
    fees = [line for line in booking.lines if line.sequence in stranded_fees(booking, chosen)]
    by_choice = [line for line in fees if line.fee_kind not in policy.kept_fee_kinds]
    by_policy = [line for line in fees if line.fee_kind in policy.kept_fee_kinds]
    notices = []
    if by_choice:
        notices.append(_notice("fee-stranded", by_choice, must_acknowledge=True))
    if by_policy:
        notices.append(_notice("fee-kept-by-policy", by_policy, must_acknowledge=False))
    return tuple(notices)


def _notice(code: str, lines: Iterable[Line], *, must_acknowledge: bool) -> Notice:
    lines = tuple(lines)
    return Notice(
        code,
        tuple(line.sequence for line in lines),
        sum(_worth(line) for line in lines),
        must_acknowledge,
    )


def _worth(line: Line) -> int:
    """The value of a line that stays; the price stands in where the value is not settled."""
    return line.price_minor if line.value_minor is None else line.value_minor


def _kept(lines: Iterable[Line]) -> tuple[KeptFee, ...]:
    return tuple(
        KeptFee(line.fee_kind or FeeKind.BOOKING_FEE, line.sequence, _worth(line)) for line in lines
    )


def _reason(text: str, policy: Policy) -> Reason | None:
    """The house's reason for a text; none yet while the text is empty."""
    if not text:
        return None
    reason = policy.reason(text)
    if reason is None:
        raise reason_unknown(text, policy.reasons)
    return reason


def _planned(line: Line) -> PlannedLine:
    assert line.value_minor is not None, "a line of unknown value was planned"
    return PlannedLine(
        sequence=line.sequence,
        description=line.description,
        value_minor=line.value_minor,
        seat=line.seat,
        performance_id=line.performance.id if line.performance else None,
    )


def _assert_whole(plan: RefundPlan, amounts: Amounts) -> None:
    assert sum(leg.amount_minor for leg in plan.legs) == plan.amount_minor
    assert sum(line.value_minor for line in plan.lines) == amounts.value_minor
    assert all(leg.amount_minor > 0 for leg in plan.legs)
    assert plan.amount_minor >= 0

"""Where the money of a refund goes: proposals, placing by hand, and every place it could go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backend_client.domain.booking import Booking, Payment
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.legs import Leg
from backend_client.domain.money import described
from backend_client.domain.parts import (
    NEEDS_REFERENCE,
    check_one_gift_card,
    check_parts,
    mismatch,
    named_payment,
    owed_first,
    resolve_rest,
    resolve_waiting,
)
from backend_client.domain.placing import Placing, merge, place_parts, place_proposal, place_waiting
from backend_client.domain.plan import Destination, Part, PlannedLeg
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import BORN_AS, LegState, Method
from backend_client.domain.room import Room, payer_name, payment_label
from backend_client.domain.shares import allocate, largest_remainder

__all__ = [
    "NEEDS_REFERENCE",
    "allocate",
    "closed_payments",
    "destinations",
    "destinations_for_leg",
    "largest_remainder",
    "place",
    "place_change",
    "propose",
]


def propose(
    booking: Booking, amount_minor: int, policy: Policy, provider_of: Mapping[int, str]
) -> tuple[PlannedLeg, ...]:
    """The legs the policy would choose: debt first, then back the way it was paid."""
    return place(booking, amount_minor, (), policy, provider_of)


def place(
    booking: Booking,
    amount_minor: int,
    parts: Sequence[Part],
    policy: Policy,
    provider_of: Mapping[int, str],
    loads_gift_cards: str = "",
) -> tuple[PlannedLeg, ...]:
    """The legs for what the operator chose; without parts the policy's proposal.

    Raises a refusal of the catalogue when a part cannot go where it was put, when the parts do not
    make the amount, or when any cap would be passed.
    """
    room = Room.of(booking, policy)
    placing = Placing(booking, policy, provider_of, room, loads_gift_cards)
    owed = owed_first(booking, amount_minor)
    _check_booking_cap(placing, amount_minor, owed)
    parts = resolve_waiting(booking, amount_minor, owed, parts)
    legs = place_waiting(placing, owed, [part for part in parts if part.method is Method.WAITING])
    rest = amount_minor - owed
    others = [part for part in parts if part.method is not Method.WAITING]
    if others:
        legs += place_parts(placing, rest, resolve_rest(booking, amount_minor, rest, others))
    else:
        legs += place_proposal(placing, rest)
    merged = merge(legs)
    check_one_gift_card(merged)
    waiting = [leg.amount_minor for leg in merged if leg.method is Method.WAITING]
    assert sum([leg.amount_minor for leg in merged]) == amount_minor
    assert sum(waiting) == owed
    return merged


def _check_booking_cap(placing: Placing, amount_minor: int, owed_minor: int) -> None:
    left = placing.room.total_minor
    if amount_minor - owed_minor > left:
        raise Refused(
            "booking-cap-exceeded",
            **described(placing.booking.currency, left=left + owed_minor, amount=amount_minor),
        )


def place_change(
    booking: Booking,
    leg: Leg,
    parts: Sequence[Part],
    policy: Policy,
    provider_of: Mapping[int, str],
    loads_gift_cards: str = "",
) -> tuple[PlannedLeg, ...]:
    """The legs that pay an open leg another way: same payer, same total.

    What the parts do not name stays as it was: still due if it was due, otherwise requested, so
    that the next dispatch takes it.
    """
    check_parts(booking, parts)
    for part in parts:
        if part.method is Method.WAITING:
            raise Refused("method-not-allowed", method=part.method.value)
        if part.payment_key:
            payment = named_payment(booking, part.payment_key)
            if payment.payer_id != leg.payer_id:
                raise Refused("payment-not-refundable", payment=payment_label(payment, booking))
    room = Room.released(booking, policy, leg)
    placing = Placing(booking, policy, provider_of, room, loads_gift_cards)
    named = sum(part.amount_minor or 0 for part in parts)
    if named > leg.amount_minor:
        raise mismatch(booking.currency, named, leg.amount_minor)
    takes_rest = any(part.amount_minor is None for part in parts)
    changed = leg.amount_minor if takes_rest else named
    legs = place_parts(placing, changed, resolve_rest(booking, changed, changed, parts))
    if changed < leg.amount_minor:
        legs.append(_remainder(booking, leg, leg.amount_minor - changed))
    merged = merge(legs)
    check_one_gift_card(merged)
    assert sum(one.amount_minor for one in merged) == leg.amount_minor
    assert all(one.payer_id == leg.payer_id for one in merged)
    return merged


def _remainder(booking: Booking, leg: Leg, amount_minor: int) -> PlannedLeg:
    method = leg.method if leg.state is LegState.DUE else Method.REQUESTED
    return PlannedLeg(
        method=method,
        amount_minor=amount_minor,
        state=BORN_AS[method],
        payer_id=leg.payer_id,
        label=payer_name(booking, leg.payer_id),
    )


def destinations(
    booking: Booking,
    amount_minor: int,
    policy: Policy,
    provider_of: Mapping[int, str],
    loads_gift_cards: str = "",
) -> tuple[Destination, ...]:
    """Every place this amount could go, with its limit, or the code of why it cannot.

    First the payments a provider might reverse, then credit account, cash, requested, external,
    gift card, transfer, a new gift card (unmatched), waiting account.
    """
    room = Room.of(booking, policy)
    placing = Placing(booking, policy, provider_of, room, loads_gift_cards)
    owed = owed_first(booking, amount_minor)
    rest = min(amount_minor - owed, placing.room.total_minor)
    waiting = Destination(Method.WAITING, owed, code="" if owed else "waiting-cap-exceeded")
    return (*_places(placing, rest), waiting)


def closed_payments(
    booking: Booking, policy: Policy, provider_of: Mapping[int, str]
) -> dict[int, str]:
    """The payments an operator would look for that nothing goes back to, with the code of why."""
    placing = Placing(booking, policy, provider_of, Room.of(booking, policy))
    sought = (one for one in booking.payments if _might_reverse(placing, one))
    return {one.id: code for one in sought if (code := _closed(placing, one))}


def destinations_for_leg(
    booking: Booking,
    leg: Leg,
    policy: Policy,
    provider_of: Mapping[int, str],
    loads_gift_cards: str = "",
) -> tuple[Destination, ...]:
    """Every place an open leg could go instead."""
    room = Room.released(booking, policy, leg)
    placing = Placing(booking, policy, provider_of, room, loads_gift_cards)
    return _places(placing, leg.amount_minor)


def _places(placing: Placing, rest_minor: int) -> tuple[Destination, ...]:
    payments = (
        _payment_place(placing, payment, rest_minor)
        for payment in placing.booking.payments
        if payment.payer_id in placing.room.payers and _might_reverse(placing, payment)
    )
    accounts = (_account_place(placing, method, rest_minor) for method in _ACCOUNTS)
    return (*payments, *accounts)


_ACCOUNTS = (
    Method.CREDIT,
    Method.CASH,
    Method.REQUESTED,
    Method.EXTERNAL,
    Method.GIFT_CARD,
    Method.TRANSFER,
    Method.UNMATCHED,
)
_REVERSIBLE_KINDS = frozenset({PaymentMethod.CARD, PaymentMethod.GIFT_CARD, PaymentMethod.EXTERNAL})


def _might_reverse(placing: Placing, payment: Payment) -> bool:
    """Payments an operator would look for, shown with the reason where it cannot be."""
    return payment.id in placing.provider_of or payment.method in _REVERSIBLE_KINDS


def _payment_place(placing: Placing, payment: Payment, rest_minor: int) -> Destination:
    limit = min(rest_minor, placing.room.of_payment(payment))
    code = _closed(placing, payment)
    if not code and not limit and rest_minor:
        code = "payment-cap-exceeded"
    return Destination(
        method=Method.MATCHED,
        limit_minor=0 if code else limit,
        payment_key=payment.key,
        payment_id=payment.id,
        label=payment_label(payment, placing.booking),
        code=code,
    )


def _closed(placing: Placing, payment: Payment) -> str:
    """Why nothing goes back to this payment, whatever the amount; empty where it does."""
    if Method.MATCHED not in placing.policy.methods:
        return "method-not-allowed"
    if payment.obstacle:
        return payment.obstacle
    return "" if placing.reversible(payment) else "payment-not-refundable"


def _account_place(placing: Placing, method: Method, rest_minor: int) -> Destination:
    limit, code = rest_minor, ""
    payers = [payer for payer, left in placing.room.payers.items() if left]
    if method is Method.UNMATCHED and not placing.loads_gift_cards:
        code = "unmatched-disabled"
    elif method not in placing.policy.methods:
        code = "method-not-allowed"
    elif method is Method.UNMATCHED and len(payers) > 1:
        code = "payer-ambiguous"
    elif method is Method.CREDIT and None in payers:
        code = "credit-needs-contact"
    elif method is Method.CASH:
        limit = min(rest_minor, placing.room.cash_minor)
        code = "cash-for-card" if rest_minor and not limit else ""
    names = [payer_name(placing.booking, payer) for payer in payers]
    label = ", ".join(name for name in names if name) if method is Method.CREDIT else ""
    return Destination(method, 0 if code else limit, label=label, code=code)

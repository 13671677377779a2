"""Placing amounts on payments, payers and accounts, each within what is left there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from backend_client.domain.booking import Booking, Payment
from backend_client.domain.external_details import with_details
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.money import described
from backend_client.domain.parts import RECORDS, check_method, named_payment, over_cap
from backend_client.domain.plan import Part, PlannedLeg
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import BORN_AS, Method
from backend_client.domain.room import Room, payer_name, payment_label
from backend_client.domain.shares import allocate, largest_remainder


@dataclass(slots=True)
class Placing:
    """One placement in the making: the booking, the rules, what is left and what is placed."""

    booking: Booking
    policy: Policy
    provider_of: Mapping[int, str]
    room: Room
    loads_gift_cards: str = ""

    def reversible(self, payment: Payment) -> bool:
        """A provider can reverse it, and nothing we know of stands against that."""
        return payment.id in self.provider_of and not payment.obstacle


def place_parts(placing: Placing, rest_minor: int, parts: Sequence[Part]) -> list[PlannedLeg]:
    """Place parts that make exactly `rest_minor`, those that name a payment first.

    The legs come back in the order of the parts; placing the named ones first leaves the open ones
    what is really left.
    """
    for part in parts:
        if part.method is Method.UNMATCHED and not placing.loads_gift_cards:
            raise Refused("unmatched-disabled")
        check_method(placing.policy, part.method)
    by_part: dict[int, list[PlannedLeg]] = {}
    for index in sorted(range(len(parts)), key=lambda index: _freedom(parts[index])):
        by_part[index] = _placed(placing, parts[index])
    legs = [leg for index in range(len(parts)) for leg in by_part[index]]
    assert sum([leg.amount_minor for leg in legs]) == rest_minor
    return legs


def _freedom(part: Part) -> int:
    if part.payment_key:
        return 0
    return 1 if part.method is Method.MATCHED else 2


def _placed(placing: Placing, part: Part) -> list[PlannedLeg]:
    amount = part.amount_minor
    assert amount is not None
    payment = named_payment(placing.booking, part.payment_key) if part.payment_key else None
    if part.method is Method.MATCHED:
        if payment:
            return [_matched_to(placing, payment, amount)]
        return _matched_anywhere(placing, amount)
    shares = {payment.payer_id: amount} if payment else _by_payer(placing, amount)
    if payment and amount > placing.room.payers.get(payment.payer_id, 0):
        left = placing.room.payers.get(payment.payer_id, 0)
        raise over_cap(placing.booking, payment_label(payment, placing.booking), left, amount)
    if part.method is Method.UNMATCHED and len(shares) > 1:
        raise Refused("payer-ambiguous")
    if part.method is Method.CREDIT and None in shares:
        raise Refused("credit-needs-contact")
    if part.method is Method.CASH and amount > placing.room.cash_minor:
        currency = placing.booking.currency
        left = placing.room.cash_minor
        raise Refused("cash-for-card", **described(currency, left=left, amount=amount))
    legs = (
        _leg(placing, part.method, payer_id, share, part.reference)
        for payer_id, share in shares.items()
    )
    if part.method is not Method.EXTERNAL:
        return list(legs)
    return [with_details(leg, part, placing.booking) for leg in legs]


def _by_payer(placing: Placing, amount_minor: int) -> dict[int | None, int]:
    payers = placing.room.payers
    shares = largest_remainder(amount_minor, list(payers.values()))
    return {payer: share for payer, share in zip(payers, shares, strict=True) if share}


def _leg(
    placing: Placing, method: Method, payer_id: int | None, amount_minor: int, reference: str = ""
) -> PlannedLeg:
    """A leg that names no payment, taken from the room of its payer."""
    if method is Method.CASH:
        placing.room.take_cash(payer_id, amount_minor)
    else:
        placing.room.take(payer_id, amount_minor)
    return PlannedLeg(
        method=method,
        amount_minor=amount_minor,
        state=BORN_AS[method],
        payer_id=payer_id,
        provider=placing.loads_gift_cards if method is Method.UNMATCHED else "",
        reference=reference if method in RECORDS else "",
        label=payer_name(placing.booking, payer_id),
    )


def _matched_to(placing: Placing, payment: Payment, amount_minor: int) -> PlannedLeg:
    label = payment_label(payment, placing.booking)
    if payment.obstacle:
        raise Refused(payment.obstacle, payment=label)
    if not placing.reversible(payment):
        raise Refused("payment-not-refundable", payment=label)
    left = placing.room.of_payment(payment)
    if amount_minor > left:
        raise over_cap(placing.booking, label, left, amount_minor)
    placing.room.take(payment.payer_id, amount_minor, payment_id=payment.id)
    return PlannedLeg(
        method=Method.MATCHED,
        amount_minor=amount_minor,
        state=BORN_AS[Method.MATCHED],
        payment_id=payment.id,
        payer_id=payment.payer_id,
        provider=placing.provider_of[payment.id],
        label=label,
    )


def _matched_anywhere(placing: Placing, amount_minor: int) -> list[PlannedLeg]:
    """Over the payments a provider can reverse, payer by payer in the policy's order."""
    payments = [one for one in placing.booking.payments if one.payer_id in placing.room.payers]
    able = [one for one in payments if placing.reversible(one)]
    if not able:
        blocked = next((one for one in payments if one.obstacle), None)
        if blocked:
            raise Refused(blocked.obstacle, payment=payment_label(blocked, placing.booking))
        raise Refused("payment-not-refundable", payment=_names(placing, payments))
    room = placing.room
    most = {
        payer: min(left, sum(room.payments[one.id] for one in able if one.payer_id == payer))
        for payer, left in room.payers.items()
    }
    left = min(sum(most.values()), room.booking_minor)
    if amount_minor > left:
        names = _names(placing, able)
        raise over_cap(placing.booking, names, left, amount_minor)
    legs: list[PlannedLeg] = []
    split = largest_remainder(amount_minor, list(most.values()))
    for payer, share in zip(most, split, strict=True):
        own = [one for one in able if one.payer_id == payer]
        placed = allocate(share, own, room.payments, placing.policy.allocation_order)
        legs += [_matched_to(placing, one, placed[one.id]) for one in own if one.id in placed]
    return legs


def _names(placing: Placing, payments: Iterable[Payment]) -> str:
    return ", ".join(payment_label(one, placing.booking) for one in payments)


def place_proposal(placing: Placing, rest_minor: int) -> list[PlannedLeg]:
    """Each payer's share goes back to that payer's payments in the policy's order."""
    legs: list[PlannedLeg] = []
    for payer_id, share in _by_payer(placing, rest_minor).items() if rest_minor else ():
        own = [one for one in placing.booking.payments if one.payer_id == payer_id]
        placed = allocate(share, own, placing.room.payments, placing.policy.allocation_order)
        requested = share
        for payment in own:
            leg = _back_the_way(placing, payment, placed.get(payment.id, 0))
            if leg:
                legs.append(leg)
                requested -= leg.amount_minor
        if requested:
            check_method(placing.policy, Method.REQUESTED)
            legs.append(_leg(placing, Method.REQUESTED, payer_id, requested))
    return legs


def _back_the_way(placing: Placing, payment: Payment, amount_minor: int) -> PlannedLeg | None:
    """A leg that returns money the way it came, or None where only a dispatch can tell."""
    if not amount_minor:
        return None
    methods = placing.policy.methods
    if placing.reversible(payment) and Method.MATCHED in methods:
        return _matched_to(placing, payment, amount_minor)
    if payment.method is PaymentMethod.CASH and Method.CASH in methods:
        amount = min(amount_minor, placing.room.cash_minor)
        return _leg(placing, Method.CASH, payment.payer_id, amount) if amount else None
    if payment.method is PaymentMethod.CREDIT_ACCOUNT and Method.CREDIT in methods:
        if payment.payer_id is None:
            return None
        return _leg(placing, Method.CREDIT, payment.payer_id, amount_minor)
    return None


def place_waiting(placing: Placing, owed_minor: int, parts: Sequence[Part]) -> list[PlannedLeg]:
    """Exactly what is owed, to the payments named, else in the order they were made."""
    legs: list[PlannedLeg] = []
    if not owed_minor:
        assert not parts
        return legs
    booking = placing.booking
    for part in sorted(parts, key=_freedom):
        amount = part.amount_minor or 0
        if not part.payment_key:
            continue
        payment = named_payment(booking, part.payment_key)
        left = placing.room.waiting[payment.id]
        if amount > left:
            currency = booking.currency
            raise Refused("waiting-cap-exceeded", **described(currency, left=left, amount=amount))
        legs.append(_waiting_leg(placing, payment, amount))
    open_minor = owed_minor - sum(leg.amount_minor for leg in legs)
    for payment in booking.payments:
        share = min(open_minor, placing.room.waiting[payment.id])
        if share:
            legs.append(_waiting_leg(placing, payment, share))
            open_minor -= share
    assert not open_minor
    return legs


def _waiting_leg(placing: Placing, payment: Payment, amount_minor: int) -> PlannedLeg:
    placing.room.take_waiting(payment.id, amount_minor)
    return PlannedLeg(
        method=Method.WAITING,
        amount_minor=amount_minor,
        state=BORN_AS[Method.WAITING],
        payment_id=payment.id,
        payer_id=payment.payer_id,
        label=payment_label(payment, placing.booking),
    )


def merge(legs: Sequence[PlannedLeg]) -> tuple[PlannedLeg, ...]:
    """One leg for each method, payment and payer; records stay apart, each has its own proof."""
    if len(legs) < 2:
        return tuple(legs)
    merged: dict[tuple[object, ...], PlannedLeg] = {}
    for index, leg in enumerate(legs):
        apart = index if leg.method in RECORDS else None
        key = (leg.method, leg.payment_id, leg.payer_id, apart)
        before = merged.get(key)
        both = leg.amount_minor + (before.amount_minor if before else 0)
        merged[key] = replace(before, amount_minor=both) if before else leg
    return tuple(merged.values())

"""Splitting whole amounts: by largest remainder, and over payments in the house's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from backend_client.domain.kinds import STORED_VALUE_METHODS, PaymentMethod
from backend_client.domain.policy import AllocationOrder


class Paid(Protocol):
    """All an allocation looks at of a payment."""

    @property
    def id(self) -> int: ...

    @property
    def method(self) -> PaymentMethod: ...


def largest_remainder(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """`amount` split in proportion to `weights`, summing to it exactly.

    No share exceeds its weight as long as the amount does not exceed their sum. Equal remainders
    go to the earlier one, so that the same question always has the same answer.
    """
    total = sum(weights)
    if amount < 0 or min(weights, default=0) < 0 or (amount and not total):
        raise ValueError(f"cannot split {amount} over {list(weights)}")
    if not amount:
        return (0,) * len(weights)
    if len(weights) == 1:
        return (amount,)
    shares = [amount * weight // total for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda index: (-(amount * weights[index] % total), index)
    )
    for index in by_remainder[: amount - sum(shares)]:
        shares[index] += 1
    assert sum(shares) == amount
    return tuple(shares)


def allocate(
    amount: int,
    payments: Sequence[Paid],
    room: Mapping[int, int],
    order: AllocationOrder,
) -> dict[int, int]:
    """Split `amount` over payments by payment id, each within its `room`; the sum may fall short.

    A payment whose room is exactly the amount takes it all: customers recognise it, and no other
    payment is opened. Expiry is never looked at, expired cards can be refunded.
    """
    able = sorted(
        (payment for payment in payments if room[payment.id] > 0),
        key=lambda payment: (_rank(payment, order), -room[payment.id], payment.id),
    )
    amount = min(amount, sum(room[payment.id] for payment in able))
    if amount <= 0:
        return {}
    for payment in able:
        if room[payment.id] == amount:
            return {payment.id: amount}
    if order is AllocationOrder.PRO_RATA:
        split = largest_remainder(amount, [room[payment.id] for payment in able])
        return {payment.id: share for payment, share in zip(able, split, strict=True) if share}
    placed: dict[int, int] = {}
    for payment in able:
        share = min(amount - sum(placed.values()), room[payment.id])
        if share:
            placed[payment.id] = share
    return placed


def _rank(payment: Paid, order: AllocationOrder) -> int:
    if order is AllocationOrder.STORED_VALUE_FIRST:
        return 0 if payment.method in STORED_VALUE_METHODS else 1
    if order is AllocationOrder.CARDS_FIRST:
        return 0 if payment.method is PaymentMethod.CARD else 1
    return 0

"""What is left to give back while legs are being placed, on every side that has a cap."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend_client.domain.booking import Booking, Payment
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.legs import Leg
from backend_client.domain.policy import Policy

LONGEST_KEY, SHORTEST_TAIL = 12, 4
"""Keys beside a label: longer ones are shown by their end."""


@dataclass(slots=True)
class Room:
    """Caps that shrink as legs are placed: booking, payers, payments, waiting accounts, cash.

    It is the one mutable value of the rules; every take is checked, so no path past a cap exists.
    """

    booking_minor: int
    cash_minor: int
    payers: dict[int | None, int]
    payments: dict[int, int]
    waiting: dict[int, int]

    @classmethod
    def of(cls, booking: Booking, policy: Policy) -> Room:
        """Everything the booking has left."""
        left = booking.left_minor
        return cls(
            booking_minor=left,
            cash_minor=left if policy.cash_for_card else cash_left(booking),
            payers=payer_room(booking),
            payments={payment.id: payment.refundable_minor for payment in booking.payments},
            waiting={payment.id: max(payment.unsettled_minor, 0) for payment in booking.payments},
        )

    @classmethod
    def released(cls, booking: Booking, policy: Policy, leg: Leg) -> Room:
        """Room for paying an open leg another way: its own amount, for its own payer.

        The amount is already promised, so it needs no room of booking or payer beyond itself;
        payments keep their own caps.
        """
        cash = leg.amount_minor if policy.cash_for_card else cash_left(booking, leg.amount_minor)
        return cls(
            booking_minor=leg.amount_minor,
            cash_minor=min(cash, leg.amount_minor),
            payers={leg.payer_id: leg.amount_minor},
            payments={payment.id: payment.refundable_minor for payment in booking.payments},
            waiting={},
        )

    @property
    def total_minor(self) -> int:
        """The most that can still be given back other than to a waiting account."""
        return min(self.booking_minor, sum(self.payers.values()))

    def of_payment(self, payment: Payment) -> int:
        """What may still go to this payment, its payer's room considered."""
        return min(
            self.payments[payment.id], self.payers.get(payment.payer_id, 0), self.booking_minor
        )

    def take(
        self, payer_id: int | None, amount_minor: int, *, payment_id: int | None = None
    ) -> None:
        assert 0 < amount_minor <= self.booking_minor
        assert amount_minor <= self.payers[payer_id]
        self.booking_minor -= amount_minor
        self.payers[payer_id] -= amount_minor
        if payment_id is not None:
            assert amount_minor <= self.payments[payment_id]
            self.payments[payment_id] -= amount_minor

    def take_cash(self, payer_id: int | None, amount_minor: int) -> None:
        assert amount_minor <= self.cash_minor
        self.take(payer_id, amount_minor)
        self.cash_minor -= amount_minor

    def take_waiting(self, payment_id: int, amount_minor: int) -> None:
        assert 0 < amount_minor <= self.waiting[payment_id]
        self.waiting[payment_id] -= amount_minor


def payer_room(booking: Booking) -> dict[int | None, int]:
    """What each payer still has in the booking, in the order they paid; "no contact" is one."""
    room: dict[int | None, int] = {}
    for payment in booking.payments:
        left = payment.settled_minor - payment.prior_refunded_minor
        room[payment.payer_id] = room.get(payment.payer_id, 0) + left
    promised: Mapping[int | None, int] = dict(booking.promised_by_payer)
    return {payer_id: max(left - promised.get(payer_id, 0), 0) for payer_id, left in room.items()}


def paid_by_card(payment: Payment) -> bool:
    """A card, or a payment taken elsewhere that shows a card."""
    if payment.method is PaymentMethod.EXTERNAL:
        return bool(payment.card_type or payment.masked_number)
    return payment.method is PaymentMethod.CARD


def cash_left(booking: Booking, released_minor: int = 0) -> int:
    """What was paid otherwise than by card and is left.

    Amounts given back or promised without naming a payment are taken from it first: whether they
    were cash is not known, and a card must not become cash in two steps.
    """
    others = [one.refundable_minor for one in booking.payments if not paid_by_card(one)]
    if not others:
        return 0
    promised = booking.promised_minor - sum(payment.taken_minor for payment in booking.payments)
    prior = booking.prior_refunded_minor - sum(
        payment.prior_refunded_minor for payment in booking.payments
    )
    return max(sum(others) - max(promised - released_minor, 0) - max(prior, 0), 0)


def payment_label(payment: Payment, booking: Booking) -> str:
    """A payment in words: what it is and at most the last four digits ("VISA •••• 1111").

    Where another payment of the booking looks the same, its key stands beside it: nobody may take
    one for the other.
    """
    labels = labels_of(booking.payments)
    return next(
        label for one, label in zip(booking.payments, labels, strict=True) if one is payment
    )


class Labelled(Protocol):
    """All a label says of a payment."""

    @property
    def key(self) -> str: ...

    @property
    def method(self) -> PaymentMethod: ...

    @property
    def card_type(self) -> str: ...

    @property
    def masked_number(self) -> str: ...


def labels_of(payments: Sequence[Labelled]) -> list[str]:
    """The labels of all payments of a booking, in their order."""
    looks = list(map(_look, payments))
    if len(looks) == 1 or len(set(looks)) == len(looks):
        return looks
    labels = []
    for payment, look in zip(payments, looks, strict=True):
        same = (one.key for one, other in zip(payments, looks, strict=True) if other == look)
        twins = [key for key in same if key != payment.key]
        labels.append(f"{look} ({_tail(payment.key, twins)})" if twins else look)
    return labels


def _look(payment: Labelled) -> str:
    kind = payment.card_type or payment.method.value.replace("_", " ")
    tail = payment.masked_number.strip()[-SHORTEST_TAIL:]
    while tail and not tail.isdecimal():
        tail = tail[1:]
    return f"{kind} •••• {tail}" if tail else kind


def _tail(key: str, others: Iterable[str]) -> str:
    """A key no longer than it must be to be told from the others."""
    lengths = range(SHORTEST_TAIL, len(key) - 1)
    unique = (n for n in lengths if not any(other.endswith(key[-n:]) for other in others))
    length = next(unique, len(key)) if len(key) > LONGEST_KEY else len(key)
    return key if length == len(key) else f"…{key[-length:]}"


def payer_name(booking: Booking, payer_id: int | None) -> str:
    """The payer's name, empty for "no contact"."""
    for payment in booking.payments:
        if payment.payer and payment.payer.id == payer_id:
            return payment.payer.name
    return ""

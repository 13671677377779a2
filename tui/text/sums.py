"""The figures every question at the window is about: what became of a booking's money."""

from __future__ import annotations

from dataclasses import dataclass

from backend_client.answers import BookingView
from backend_client.domain.booking import Payment
from backend_client.domain.refund import OPEN, Method
from backend_client.domain.refundability import can_go_back


@dataclass(frozen=True, slots=True)
class Sums:
    """In minor units. `given_minor` reached the customer, here or before the booking came to us;
    `requested_minor` waits for a dispatch; `open_minor` is on its way, declined or due. What
    reduced a debt on a waiting account is none of these."""

    paid_minor: int
    given_minor: int
    requested_minor: int
    open_minor: int
    left_minor: int

    @classmethod
    def of(cls, view: BookingView) -> Sums:
        booking = view.booking
        legs = [leg for refund in view.refunds for leg in refund.legs if leg.state in OPEN]
        unsettled = sum(leg.amount_minor for leg in legs)
        requested = sum(leg.amount_minor for leg in legs if leg.method is Method.REQUESTED)
        # a ticketing system knows nothing of what is not sent to it yet, and promises nothing
        reached = max(booking.promised_minor - unsettled, 0)
        return cls(
            paid_minor=booking.settled_minor,
            given_minor=booking.prior_refunded_minor + reached,
            requested_minor=requested,
            open_minor=unsettled - requested,
            left_minor=can_go_back(booking, view.verdicts),
        )


def goes_back_to(view: BookingView, payment: Payment) -> int:
    """What may still go back of this payment: nothing more than of the whole booking."""
    return min(payment.refundable_minor, can_go_back(view.booking, view.verdicts))

"""A refund somebody made at the provider itself is taken into our books by a person, with
evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend_client.domain.booking import Booking
from backend_client.domain.money import described
from backend_client.domain.problems import Refused
from backend_client.domain.texts import REASON_LIMIT, REFERENCE_LIMIT, free_text

TOO_MUCH = "more-than-paid"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`payment` is the provider's name of the payment (or our own, `#17`), `reference` its name of
    the refund; `evidence` says who made it there and why; `acknowledged` are the codes of warnings
    it is done against."""

    payment: str
    reference: str
    evidence: str
    acknowledged: frozenset[str] = frozenset()

    def cleaned(self) -> Acceptance:
        """As it is kept; raises Refused without evidence or with a card number in it."""
        told = replace(
            self,
            payment=free_text(self.payment, "payment", REFERENCE_LIMIT),
            reference=free_text(self.reference, "reference", REFERENCE_LIMIT),
            evidence=free_text(self.evidence, "evidence", REASON_LIMIT),
        )
        if not told.evidence:
            raise Refused("evidence-required")
        return told

    def refuse_too_much(self, booking: Booking, payment_id: int, amount_minor: int) -> None:
        """More than was paid goes back only knowingly: a payment recorded by hand under another
        reference may be this very refund."""
        if TOO_MUCH in self.acknowledged:
            return
        payment = booking.payment(payment_id)
        assert payment is not None, "what was found was found under a payment of the booking"
        of_payment = payment.prior_refunded_minor + payment.taken_minor + amount_minor
        of_booking = booking.prior_refunded_minor + booking.promised_minor + amount_minor
        for gone, paid in (
            (of_booking, booking.settled_minor),
            (of_payment, payment.settled_minor),
        ):
            if gone > paid:
                raise Refused(TOO_MUCH, **described(booking.currency, gone=gone, paid=paid))


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is in the books now; `leg` is the payment recorded here for the same money, if one was:
    it then came from the provider, and counts once. `came_back` says that the provider failed to
    make that one, and that this was about how the customer was paid instead."""

    booking: str
    provider: str
    reference: str
    amount_minor: int
    currency: str
    leg: str = ""
    already_done: bool = False
    came_back: bool = False

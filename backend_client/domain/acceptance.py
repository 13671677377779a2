"""A refund somebody made at the provider itself is taken into our books by a person, with
evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend_client.domain.problems import Refused
from backend_client.domain.texts import REASON_LIMIT, REFERENCE_LIMIT, free_text


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`payment` is the provider's name of the payment (or our own, `#17`), `reference` its name of
    the refund; `evidence` says who made it there and why."""

    payment: str
    reference: str
    evidence: str

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


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is in the books now; `leg` is the payment recorded here for the same money, if one was:
    it then came from the provider, and counts once."""

    booking: str
    provider: str
    reference: str
    amount_minor: int
    currency: str
    leg: str = ""
    already_done: bool = False

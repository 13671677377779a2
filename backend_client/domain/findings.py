"""What a person found out about a payment in review, and says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend_client.domain.caller import Caller
from backend_client.domain.names import is_same_person


class Finding(StrEnum):
    """What a person found out, at the provider or elsewhere."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Resolution:
    """`reference` is the provider's own name of the refund that was found; `evidence` is where
    somebody looked and what they saw."""

    leg_number: str
    finding: Finding
    reference: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one supervisor said, which waits for another one who says the same."""

    resolution: Resolution
    operator: str
    at: datetime

    def is_confirmed_by(self, caller: Caller, resolution: Resolution) -> bool:
        """Does another person say the same? Where and how they saw it is each one's own."""
        mine = self.resolution
        return not is_same_person(self.operator, caller.operator) and (
            (mine.finding, mine.reference) == (resolution.finding, resolution.reference)
        )

"""A refund and its legs as they are kept, with every call that was made for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from backend_client.domain.refund import (
    CLOSED,
    METHOD_CHANGEABLE,
    LegState,
    Method,
    Origin,
    RefundStatus,
    needs_number,
    refund_status,
    waits_for_provider,
)

if TYPE_CHECKING:
    from backend_client.domain.findings import Proposal


AWAITS_THERE = "awaits-approval"
"""The code of an attempt that is written down at the system that was asked and waits for a
supervisor there; its text is the number it has there."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call to a provider for one leg and what was made of its answer."""

    at: datetime
    outcome: str
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """A refund payment: one amount by one method; it never changes method, amount or payer.

    `our_reference` and `provider_key` are born with a matched leg, before anything is sent.
    `reference` is what a person typed as proof (external, gift card, transfer). `proposal` is what
    a supervisor said became of it, while that waits for another one.
    """

    id: int
    refund_id: int
    number: str
    ordinal: int
    method: Method
    amount_minor: int
    state: LegState
    requested_at: datetime
    payment_id: int | None = None
    payer_id: int | None = None
    provider: str = ""
    provider_key: str = ""
    our_reference: str = ""
    payload_digest: str = ""
    provider_refund_id: str = ""
    reference: str = ""
    by_hand: bool = False
    replaces_leg_id: int | None = None
    label: str = ""
    attempts: tuple[Attempt, ...] = ()
    proposal: Proposal | None = None

    @property
    def is_live(self) -> bool:
        return self.state not in CLOSED

    @property
    def needs_number(self) -> bool:
        return needs_number(self.method, self.state)

    @property
    def awaits_there(self) -> str:
        """The number under which it waits for approval at the system that was asked; empty where
        it does not."""
        waits = [one.text for one in self.attempts if one.code == AWAITS_THERE]
        return waits[-1] if waits and self.state is LegState.UNKNOWN else ""

    @property
    def waits_for_provider(self) -> bool:
        return waits_for_provider(self.method, self.state)

    @property
    def method_changeable(self) -> bool:
        return self.state in METHOD_CHANGEABLE or self.needs_number


@dataclass(frozen=True, slots=True)
class RefundedLine:
    sequence: int
    description: str
    value_minor: int


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund order: lines given back, what is withheld, and the legs that pay it out.

    `run_id` is the cancellation run that made it, None for one made at the window; `approved_by`
    is the supervisor who let it go where it waited for that; `correlation_id` names the call that
    made it.
    """

    id: int
    number: str
    booking_id: int
    origin: Origin
    lines: tuple[RefundedLine, ...]
    legs: tuple[Leg, ...]
    value_minor: int
    retained_minor: int
    breach_fee_minor: int
    amount_minor: int
    currency: str
    reason: str
    operator: str
    desk: str
    created_at: datetime
    commit_key: str
    voided_at: datetime | None = None
    run_id: int | None = None
    approved_by: str = ""
    correlation_id: str = ""

    @property
    def status(self) -> RefundStatus:
        return refund_status(
            (leg.state for leg in self.legs),
            voided=self.voided_at is not None,
            lacks_number=any(leg.needs_number for leg in self.legs),
        )

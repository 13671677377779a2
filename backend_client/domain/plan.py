"""What was asked for and what exactly would be done about it; plans write nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend_client.domain.booking import BookingKey
from backend_client.domain.kinds import FeeKind
from backend_client.domain.refund import LegState, Method


@dataclass(frozen=True, slots=True)
class Part:
    """A wish for one method: `amount_minor` None takes the rest, `payment_key` names a payment.

    What follows the reference is recorded with a payment made elsewhere (external_details.py).
    """

    method: Method
    amount_minor: int | None = None
    payment_key: str = ""
    reference: str = ""
    masked_number: str = ""
    card_type: str = ""
    card_expiry: str = ""


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What the operator chose; no parts means the proposal of the allocation policy."""

    booking_id: int
    sequences: tuple[int, ...]
    reason: str = ""
    parts: tuple[Part, ...] = ()
    retained_minor: int = 0
    acknowledged: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PlannedLine:
    sequence: int
    description: str
    value_minor: int
    seat: str = ""
    performance_id: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedLeg:
    """One leg as it will be born; `label` is the payment or account in words ("VISA •••• 1111")."""

    method: Method
    amount_minor: int
    state: LegState
    payment_id: int | None = None
    payer_id: int | None = None
    provider: str = ""
    reference: str = ""
    label: str = ""
    masked_number: str = ""
    card_type: str = ""
    card_expiry: str = ""


@dataclass(frozen=True, slots=True)
class Destination:
    """A place money could go for this plan: at most `limit_minor`; `code` says why it cannot."""

    method: Method
    limit_minor: int
    payment_key: str = ""
    payment_id: int | None = None
    label: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the operator must see; `code` is in the catalogue of problems."""

    code: str
    sequences: tuple[int, ...] = ()
    amount_minor: int = 0
    must_acknowledge: bool = False


@dataclass(frozen=True, slots=True)
class KeptFee:
    fee_kind: FeeKind
    sequence: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """Exactly what a commit will do, and a fingerprint of everything it was decided on.

    `missing` names what the commit still needs ("reason", "reference"); `unacknowledged` the
    notices that block it. `destinations` are all places the money could go, chosen or not (not part
    of the fingerprint). `commit_key` makes a repeated commit return the same refund.
    """

    booking_key: BookingKey
    booking_version: int
    policy_version: str
    request: RefundRequest
    currency: str
    lines: tuple[PlannedLine, ...]
    legs: tuple[PlannedLeg, ...]
    value_minor: int
    retained_minor: int
    breach_fee_minor: int
    amount_minor: int
    fingerprint: str
    kept_fees: tuple[KeptFee, ...] = ()
    notices: tuple[Notice, ...] = ()
    destinations: tuple[Destination, ...] = ()
    missing: tuple[str, ...] = ()
    commit_key: str = ""
    provider_environment: str = ""

    @property
    def awaits_approval(self) -> bool:
        return any(leg.state is LegState.AWAITING_APPROVAL for leg in self.legs)

    @property
    def owed_minor(self) -> int:
        """What of it reduces a debt, and goes out to nobody."""
        return sum(leg.amount_minor for leg in self.legs if leg.method is Method.WAITING)

    @property
    def unacknowledged(self) -> tuple[Notice, ...]:
        return tuple(
            notice
            for notice in self.notices
            if notice.must_acknowledge and notice.code not in self.request.acknowledged
        )


@dataclass(frozen=True, slots=True)
class MethodChange:
    """A wish to pay an open leg another way; what `parts` do not name stays as it was."""

    leg_number: str
    parts: tuple[Part, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class MethodPlan:
    """Exactly which legs replace an open one; `missing` names what the commit still needs
    ("method", "reason", "reference"), each refused as `…-required`."""

    change: MethodChange
    refund_number: str
    leg_id: int
    booking_key: BookingKey
    booking_version: int
    currency: str
    amount_minor: int
    legs: tuple[PlannedLeg, ...]
    fingerprint: str
    missing: tuple[str, ...] = ()
    commit_key: str = ""
    destinations: tuple[Destination, ...] = ()


@dataclass(frozen=True, slots=True)
class VoidPlan:
    refund_number: str
    booking_key: BookingKey
    booking_version: int
    currency: str
    amount_minor: int
    lines: tuple[PlannedLine, ...]
    fingerprint: str
    reason: str = ""
    missing: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class CreditSpend:
    contact_key: str
    amount_minor: int
    currency: str
    reference: str

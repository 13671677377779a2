"""What a house allows, as data in one place; its version is part of every plan's fingerprint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from backend_client.domain.kinds import FeeKind
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method


class AllocationOrder(StrEnum):
    """In which order original payments are given money back, after an exact match."""

    STORED_VALUE_FIRST = "stored_value_first"
    CARDS_FIRST = "cards_first"
    PRO_RATA = "pro_rata"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why money goes back; `breach_fee_minor` is withheld once for a refund with this reason."""

    code: str
    label: str
    breach_fee_minor: int = 0


DEFAULT_REASONS = (
    Reason("customer-request", "Customer request"),
    Reason("performance-cancelled", "Performance cancelled"),
    Reason("performance-moved", "Performance moved"),
    Reason("illness", "Illness"),
    Reason("sold-in-error", "Sold in error"),
    Reason("goodwill", "Goodwill"),
)
PAID_BY_HAND = "paid"
"""The code of the reason that is meant where a payment made by hand is only written down."""
DEFAULT_CHANGE_REASONS = (
    Reason("customer-request", "Customer request"),
    Reason("card-refused", "The card cannot be refunded"),
    Reason(PAID_BY_HAND, "Already paid by hand"),
)
DEFAULT_RETRY_REASONS = (
    Reason("card-works", "The card works again"),
    Reason("customer-request", "Customer request"),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The house's choices; every one of them has its refusal text in the catalogue of problems.

    Fixed amounts are in `currency`, the house's: settings see to that.
    """

    currency: str = "EUR"
    collected_refundable: bool = False
    cut_off_minutes: int = 0
    closed_channels: frozenset[str] = frozenset()
    kept_fee_kinds: frozenset[FeeKind] = frozenset()
    methods: frozenset[Method] = frozenset(Method)
    """Unmatched is possible only where a provider was switched on for it besides."""
    cash_for_card: bool = False
    allocation_order: AllocationOrder = AllocationOrder.STORED_VALUE_FIRST
    reasons: tuple[Reason, ...] = DEFAULT_REASONS
    change_reasons: tuple[Reason, ...] = DEFAULT_CHANGE_REASONS
    """Why a payment is made another way than it was decided, and beside them why it is tried again:
    no fee is withheld for these."""
    retry_reasons: tuple[Reason, ...] = DEFAULT_RETRY_REASONS
    free_reasons: bool = True
    limit_minor: int | None = None
    """What a cashier gives back at once without approval; None is no limit, here and below."""
    shift_limit_minor: int | None = None
    """What a cashier gives back in one business day without approval."""
    second_supervisor_minor: int | None = None
    """What a supervisor gives back at once without another supervisor's approval."""
    second_reviewer_minor: int | None = None
    """What of a payment in review a supervisor decides without another one who says the same; None
    is for houses with one supervisor."""

    @property
    def version(self) -> str:
        """A digest of every choice, so that a plan made under other rules is known as stale."""
        import hashlib  # no window waits for these at its start
        import json

        text = json.dumps(asdict(self), sort_keys=True, default=sorted)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def reason(self, text: str) -> Reason | None:
        """The reason named by code or label; free text is a reason without a fee where allowed."""
        return self._named(text, self.reasons)

    def later_reason(self, text: str) -> Reason | None:
        """As `reason`, for another method or another attempt; both have the same reasons here,
        because an attempt by hand is a change too."""
        return self._named(text, (*self.retry_reasons, *self.change_reasons))

    def _named(self, text: str, reasons: tuple[Reason, ...]) -> Reason | None:
        wanted = text.strip().casefold()
        for reason in reasons:
            if wanted in (reason.code.casefold(), reason.label.casefold()):
                return reason
        return Reason("other", text.strip()) if self.free_reasons and wanted else None


def reason_unknown(text: str, reasons: Iterable[Reason]) -> Refused:
    """Own words are not allowed here, and these are the house's."""
    labels = dict.fromkeys(one.label for one in reasons)
    return Refused("reason-unknown", reason=text, reasons=list(labels))

"""What a house allows, as data in one place; its version is part of every plan's fingerprint."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from backend_client.domain.kinds import FeeKind
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


@dataclass(frozen=True, slots=True)
class Policy:
    """The house's choices; every one of them has its refusal text in the catalogue of problems."""

    collected_refundable: bool = False
    cut_off_minutes: int = 0
    closed_channels: frozenset[str] = frozenset()
    kept_fee_kinds: frozenset[FeeKind] = frozenset()
    methods: frozenset[Method] = frozenset(Method)
    """Unmatched is possible only where a provider was switched on for it besides."""
    cash_for_card: bool = False
    allocation_order: AllocationOrder = AllocationOrder.STORED_VALUE_FIRST
    reasons: tuple[Reason, ...] = DEFAULT_REASONS
    free_reasons: bool = True
    limit_minor: int | None = None

    @property
    def version(self) -> str:
        """A digest of every choice, so that a plan made under other rules is known as stale."""
        import hashlib  # no window waits for these at its start
        import json

        text = json.dumps(asdict(self), sort_keys=True, default=sorted)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def reason(self, text: str) -> Reason | None:
        """The reason named by code or label; free text is a reason without a fee where allowed."""
        wanted = text.strip().casefold()
        for reason in self.reasons:
            if wanted in (reason.code.casefold(), reason.label.casefold()):
                return reason
        return Reason("other", text.strip()) if self.free_reasons and wanted else None

"""What passes between the store and whoever sends its legs to providers: plain values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from backend_client.domain.refund import LegState


class Outcome(StrEnum):
    """What one attempt for a leg came to, as kept in its history."""

    FINAL = "final"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ALREADY_REFUNDED = "already_refunded"
    ABOUT_US = "about_us"
    NOT_EXECUTED = "not_executed"
    UNKNOWN = "unknown"
    MISMATCH = "mismatch"
    """The provider speaks of another amount, currency or reference than was asked."""
    INTERRUPTED = "interrupted"
    """Whoever was sending is gone; whether money moved is not known."""
    NOT_SENT = "not_sent"
    PAYLOAD_CHANGED = "payload_changed"
    """What would be sent is not what the leg was born with; nothing was sent."""
    FOUND = "found"
    NOT_FOUND = "not_found"


UNCLEAR = frozenset(
    {Outcome.ALREADY_REFUNDED, Outcome.UNKNOWN, Outcome.MISMATCH, Outcome.INTERRUPTED}
)
"""Outcomes after which nobody knows whether money moved."""


class NamedPayment(Protocol):
    """The names a payment came with; a Payment has them, and so has its row in a store."""

    @property
    def provider_reference(self) -> str: ...

    @property
    def bank_reference(self) -> str: ...

    @property
    def reversal_data(self) -> str: ...


def payment_reference(payment: NamedPayment) -> str:
    """The name a provider knows this payment by; an external sale brings its own reversal data."""
    return payment.provider_reference or payment.bank_reference or payment.reversal_data


def payload_digest(
    *,
    provider: str,
    provider_key: str,
    our_reference: str,
    payment_reference: str,
    amount_minor: int,
    currency: str,
) -> str:
    """A fingerprint of everything a provider is told, stored with the leg at its birth.

    Some providers answer a used key with the old outcome even if the request differs, so a changed
    payload must be refused before it is sent.
    """
    payload = [provider, provider_key, our_reference, payment_reference, amount_minor, currency]
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class LegToSend:
    """A leg and all a provider must be told about it.

    `attempts` counts the times it was claimed for sending and so names one sending among all;
    `first_sent_at` is when its key was first used, `changed_at` when it came into its state.
    `captured_minor` is what the payment brought in less what went back before it came to us;
    `unclear` counts the attempts after which nobody knew whether money moved.
    """

    leg_id: int
    payment_id: int
    provider: str
    provider_key: str
    our_reference: str
    payment_reference: str
    captured_minor: int
    amount_minor: int
    currency: str
    payload_digest: str
    state: LegState
    attempts: int
    changed_at: datetime
    first_sent_at: datetime | None = None
    owner: str = ""
    unclear: int = 0
    last_outcome: str = ""
    last_code: str = ""
    last_text: str = ""

    @property
    def digest_now(self) -> str:
        """The fingerprint of what would be sent now; must equal `payload_digest`."""
        return payload_digest(
            provider=self.provider,
            provider_key=self.provider_key,
            our_reference=self.our_reference,
            payment_reference=self.payment_reference,
            amount_minor=self.amount_minor,
            currency=self.currency,
        )


@dataclass(frozen=True, slots=True)
class LegResult:
    """The next state of a leg and why; applied only if the leg is still in `before` and was not
    claimed again since (`attempts`). The reason is kept as an attempt of the leg."""

    leg_id: int
    before: LegState
    attempts: int
    state: LegState
    outcome: Outcome
    code: str = ""
    text: str = ""
    provider_refund_id: str = ""

"""What passes between the store and whoever sends its legs to providers: plain values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.refund import LegState, Method
from backend_client.domain.stored_value import SealedNumber, StoredValueNumber


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
    CARD_IMPOSSIBLE = "card_impossible"
    """The provider would refuse it for its age or the number of its refunds; nothing was sent."""
    FOUND = "found"
    NOT_FOUND = "not_found"
    RESOLVED = "resolved"
    """A supervisor decided with evidence, which is kept as the attempt's text."""
    NOTED = "noted"
    """A supervisor looked and left it open; what was found is kept as the attempt's text."""
    PROPOSED = "proposed"
    """A supervisor said what became of it, and another one has to say the same."""
    SEEN = "seen"
    NOT_SEEN = "not_seen"
    """What the ticketing system shows of a payment after a call that went wrong."""


KEY_AGE = timedelta(hours=20)
"""How long a provider surely remembers a key (they promise 24 h); no older one is sent again."""

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


class Reversible(NamedPayment, Protocol):
    """What tells which provider can reverse a payment."""

    @property
    def method(self) -> PaymentMethod: ...

    @property
    def provider(self) -> str: ...

    @property
    def refund_method(self) -> str: ...


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
    `captured_minor` is what the payment brought in less what went back before it came to us; an
    unmatched leg has no payment; whoever was just given the number of its `gift_card` has that, and
    its seal as the reference.
    `unclear` counts the attempts after which nobody knew whether money moved.
    `looked_at` is when a look-up first found nothing since it was last sent, `looks` how many
    look-ups there were since; `refused` how often it was surely not executed; `settled_at` is when
    it succeeded, if it has. `earlier` refunds of the payment were promised before this one and hold
    or have its money. `known` are the names of the payment's refunds we know of, where its list is
    compared with them: in a check, and before it is sent from a store restored from a copy.
    """

    leg_id: int
    payment_id: int | None
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
    looked_at: datetime | None = None
    looks: int = 0
    refused: int = 0
    settled_at: datetime | None = None
    number: str = ""
    provider_refund_id: str = ""
    paid_at: datetime | None = None
    earlier: int = 0
    known: frozenset[str] | None = None
    method: Method = Method.MATCHED
    gift_card: StoredValueNumber | None = None

    def to_gift_card(self, sealed: SealedNumber) -> LegToSend:
        """The leg with the number it goes to, which may then be used once."""
        return replace(self, payment_reference=sealed.seal, gift_card=sealed.number)

    @property
    def can_be_sent(self) -> bool:
        """An unmatched leg goes out only with its number in hand."""
        return self.method is not Method.UNMATCHED or self.gift_card is not None

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
    again_at: datetime | None = None
    """Not before this instant is it looked at again, unless a person asks."""


@dataclass(frozen=True, slots=True)
class Look:
    """A look-up that changed nothing: remembered, because waiting is counted in look-ups too."""

    leg_id: int
    attempts: int
    looked_at: datetime
    looks: int
    again_at: datetime


class Mismatch(StrEnum):
    """How our books and a provider's can disagree about one refund."""

    OURS_ONLY = "ours_only"
    PROVIDER_ONLY = "provider_only"
    DIFFERING = "differing"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One refund about which a provider says something else than we do.

    One found only at the provider has no leg; its amount blocks the payment it was made from.
    """

    kind: Mismatch
    provider: str
    payment_id: int
    leg_id: int | None
    provider_refund_id: str
    our_reference: str
    amount_minor: int
    currency: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a provider's list says about a payment of ours, some time after it succeeded.

    `result` is the late failure, if it is one; `again_at` None ends the checks. What is in
    `discrepancies` is all that is wrong with this leg and this payment now.
    """

    leg: LegToSend
    answered: bool
    again_at: datetime | None
    result: LegResult | None = None
    discrepancies: tuple[Discrepancy, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of writing checks down: the legs that failed late, and how many contradictions
    stand, those a supervisor accepted left out."""

    failed: frozenset[int]
    standing: int


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """Who drives the settling of a store, and until when unless that is renewed."""

    holder: str
    name: str
    until: datetime

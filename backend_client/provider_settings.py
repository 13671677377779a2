"""What a house says of one payment service provider it uses: plain values, no secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from backend_client.domain.kinds import PaymentMethod

DIALECTS = ("worldline", "stripe", "practice")
PROVIDER_NAME = re.compile(r"[a-z][a-z0-9-]{0,23}")
FASTEST = 1000
PRACTICE_PROGRAM = "practice-program"
"""The endpoint of a provider to practise with that is started when it is first needed."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """A provider and the payments it serves; of several that fit, the one written first serves.

    `payments` are the names payments carry for it, in small letters, where "" stands for payments
    that name none; no `channels` means all. `endpoint` is only said where it is not the provider's
    own. Limits and times that are not said are those the provider is known for. `unmatched`
    switches on that gift cards are loaded by their number; only a provider that declares it can.
    `faults` are what goes wrong at a practice program.
    """

    name: str
    dialect: str
    merchant: str = ""
    endpoint: str = ""
    payments: frozenset[str] = frozenset()
    methods: frozenset[PaymentMethod] = frozenset({PaymentMethod.CARD})
    channels: frozenset[str] = frozenset()
    bank_references: bool = False
    rate_per_second: int = 20
    look_up: bool = True
    unmatched: bool = False
    max_age_days: int | None = None
    max_refunds_per_payment: int | None = None
    arrival_days: tuple[int, int] | None = None
    faults: str = ""

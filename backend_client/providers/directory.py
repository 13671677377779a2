"""Which provider can give a payment back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.reach import RefundLimits
from backend_client.domain.settlement import Reversible, payment_reference
from backend_client.providers.port import Provider

_BY_REFERENCE = frozenset({PaymentMethod.CARD, PaymentMethod.GIFT_CARD})
_TERMINAL = "terminal"
"""Card terminals at the desk give back only with the card in them, and by hand."""


def _may_be_reversed(payment: Reversible) -> bool:
    """A sale made outside brings what is needed to give it back, or it cannot be."""
    return bool(payment.reversal_data and payment.refund_method)


class ProviderDirectory:
    """One provider and the payments it serves."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    @property
    def environment(self) -> str:
        """practice, test or live: on screen at all times."""
        return self._provider.environment

    def provider_of(self, payment: Reversible, channel: str = "") -> str | None:
        """The provider that can reverse this payment now, or None where none can.

        A card's expiry is no reason: providers refund expired cards.
        """
        if payment.provider == _TERMINAL or not payment_reference(payment):
            return None
        if payment.method in _BY_REFERENCE:
            known = payment.provider_reference or payment.bank_reference
            return self._provider.name if known else None
        if payment.method is PaymentMethod.EXTERNAL:
            return self._provider.name if _may_be_reversed(payment) else None
        return None

    def loads_gift_cards(self, channel: str = "") -> str:
        """The provider that loads a gift card by its number; empty where none does."""
        return self._provider.name if self._provider.capabilities.unmatched else ""

    def get(self, name: str) -> Provider | None:
        return self._provider if name == self._provider.name else None

    def arrival_days(self) -> dict[str, tuple[int, int]]:
        """For each provider, from and to how many working days the money takes to arrive."""
        able = self._provider.capabilities
        return {self._provider.name: (able.arrival_days_from, able.arrival_days_to)}

    def limits(self) -> dict[str, RefundLimits]:
        """How far back each provider goes, and how often."""
        return {self._provider.name: self._provider.capabilities.limits}


@dataclass(frozen=True, slots=True)
class Service:
    """A provider and which payments it serves.

    `payments` are the names a payment carries for it, in small letters ("" for none); no
    `channels` means all. `shape` is what its payment references look like: one of another shape is
    another provider's, whatever the payment says.
    """

    provider: Provider
    payments: frozenset[str]
    methods: frozenset[PaymentMethod]
    channels: frozenset[str] = frozenset()
    bank_references: bool = False
    shape: re.Pattern[str] | None = None

    def is_for(self, channel: str) -> bool:
        return not self.channels or channel in self.channels

    def serves(self, payment: Reversible, channel: str) -> bool:
        if payment.provider == _TERMINAL or payment.method not in self.methods:
            return False
        if payment.provider.casefold() not in self.payments:
            return False
        if not self.is_for(channel):
            return False
        if payment.method is PaymentMethod.EXTERNAL and not _may_be_reversed(payment):
            return False
        reference = payment.provider_reference
        if not reference and self.bank_references:
            reference = payment.bank_reference
        return bool(reference) and (self.shape is None or bool(self.shape.fullmatch(reference)))


class ServiceDirectory:
    """The providers of a house, each with the payments it serves; the first that fits serves."""

    def __init__(self, environment: str, services: Sequence[Service]) -> None:
        self.environment = environment
        self._services = tuple(services)
        self._by_name = {service.provider.name: service.provider for service in services}

    def provider_of(self, payment: Reversible, channel: str = "") -> str | None:
        """The provider that can reverse this payment now, or None where none can."""
        return next(
            (one.provider.name for one in self._services if one.serves(payment, channel)), None
        )

    def loads_gift_cards(self, channel: str = "") -> str:
        """The first provider that loads a gift card by its number for this channel, if any."""
        able = (one for one in self._services if one.provider.capabilities.unmatched)
        return next((one.provider.name for one in able if one.is_for(channel)), "")

    def get(self, name: str) -> Provider | None:
        return self._by_name.get(name)

    def arrival_days(self) -> dict[str, tuple[int, int]]:
        """For each provider, from and to how many working days the money takes to arrive."""
        able = {name: provider.capabilities for name, provider in self._by_name.items()}
        return {name: (one.arrival_days_from, one.arrival_days_to) for name, one in able.items()}

    def limits(self) -> dict[str, RefundLimits]:
        """How far back each provider goes, and how often."""
        return {name: provider.capabilities.limits for name, provider in self._by_name.items()}

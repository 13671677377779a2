"""Which provider can give a payment back."""

from __future__ import annotations

from backend_client.domain.booking import Payment, PaymentMethod
from backend_client.domain.settlement import payment_reference
from backend_client.providers.port import Provider

_BY_REFERENCE = frozenset({PaymentMethod.CARD, PaymentMethod.GIFT_CARD})
_TERMINAL = "terminal"
"""Card terminals at the desk give back only with the card in them, and by hand."""


class ProviderDirectory:
    """One provider and the payments it serves."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    @property
    def environment(self) -> str:
        """practice, test or live: on screen at all times."""
        return self._provider.environment

    def provider_of(self, payment: Payment) -> str | None:
        """The provider that can reverse this payment now, or None where none can.

        A card's expiry is no reason: providers refund expired cards.
        """
        if payment.provider == _TERMINAL or not payment_reference(payment):
            return None
        if payment.method in _BY_REFERENCE:
            known = payment.provider_reference or payment.bank_reference
            return self._provider.name if known else None
        if payment.method is PaymentMethod.EXTERNAL:
            full = payment.reversal_data and payment.refund_method
            return self._provider.name if full else None
        return None

    def get(self, name: str) -> Provider | None:
        return self._provider if name == self._provider.name else None

    def arrival_days(self) -> dict[str, tuple[int, int]]:
        """For each provider, from and to how many working days the money takes to arrive."""
        able = self._provider.capabilities
        return {self._provider.name: (able.arrival_days_from, able.arrival_days_to)}

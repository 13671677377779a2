"""Which payments a provider can give back."""

from __future__ import annotations

import pytest

from backend_client.domain.booking import Payment
from backend_client.domain.kinds import PaymentMethod
from backend_client.providers.directory import ProviderDirectory, Service
from backend_client.providers.practice import PracticeProvider


def paid(method: PaymentMethod, **facts: str) -> Payment:
    return Payment(1, "1", method, 1450, 1450, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("payment", "served"),
    [
        (paid(PaymentMethod.CARD, provider_reference="pay-1"), True),
        (paid(PaymentMethod.CARD, bank_reference="000017"), True),
        (paid(PaymentMethod.CARD, provider_reference="pay-1", card_expiry="0120"), True),
        (paid(PaymentMethod.GIFT_CARD, provider_reference="gift-1"), True),
        (paid(PaymentMethod.EXTERNAL, reversal_data="rd", refund_method="CARD"), True),
        (paid(PaymentMethod.CARD), False),
        (paid(PaymentMethod.CARD, reversal_data="rd"), False),
        (paid(PaymentMethod.CARD, provider_reference="t-1", provider="terminal"), False),
        (paid(PaymentMethod.EXTERNAL, reversal_data="rd"), False),
        (paid(PaymentMethod.EXTERNAL, provider_reference="x", refund_method="CARD"), False),
        (paid(PaymentMethod.CASH, provider_reference="pay-1"), False),
        (paid(PaymentMethod.VOUCHER, provider_reference="pay-1"), False),
        (paid(PaymentMethod.CREDIT_ACCOUNT, provider_reference="pay-1"), False),
    ],
)
def test_served_payments(payment: Payment, served: bool) -> None:
    provider = PracticeProvider()
    directory = ProviderDirectory(provider)
    provider.close()
    assert directory.provider_of(payment) == ("practice" if served else None)


@pytest.mark.parametrize(
    ("payment", "served"),
    [
        (paid(PaymentMethod.EXTERNAL, reversal_data="r", refund_method="C", bank_reference="1"), 1),
        (paid(PaymentMethod.EXTERNAL, reversal_data="r", bank_reference="1"), 0),
        (paid(PaymentMethod.EXTERNAL, refund_method="C", provider_reference="1"), 0),
    ],
)
def test_a_sale_made_outside_brings_what_reverses_it(payment: Payment, served: bool) -> None:
    provider = PracticeProvider()
    methods = frozenset({PaymentMethod.EXTERNAL})
    service = Service(provider, frozenset({""}), methods, bank_references=True)
    provider.close()
    assert service.serves(payment, "internet") is bool(served)


def test_providers_are_found_by_name_alone() -> None:
    provider = PracticeProvider()
    directory = ProviderDirectory(provider)
    assert directory.get("practice") is provider
    assert directory.get("worldline") is None
    assert directory.environment == "practice"
    assert directory.arrival_days() == {"practice": (3, 5)}
    provider.close()

"""What a provider promises that loads a gift card by its number, and what the others never get."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.domain.refund import LegState
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.providers.port import (
    AnswerClass,
    FoundState,
    LookUp,
    RefundOrder,
    judge,
    judge_found,
)
from backend_client.providers.practice import PracticeProvider
from tests.contract.providers import FACTORIES

NUMBER = "9870555123456789"


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[PracticeProvider]:
    made = PracticeProvider(str(tmp_path / "ledger"), unmatched=True)
    yield made
    made.close()


def order(number: str = NUMBER, *, key: str = "1", amount_minor: int = 500) -> RefundOrder:
    return RefundOrder(
        provider_key=f"key-{key:0>36}",
        our_reference=f"ref-{key:0>36}",
        payment_reference="",
        amount_minor=amount_minor,
        currency="EUR",
        captured_minor=0,
        payment_id=None,
        gift_card=StoredValueNumber(number),
    )


@pytest.mark.parametrize("name", sorted(FACTORIES))
def test_nobody_loads_gift_cards_unless_switched_on(name: str, tmp_path: Path) -> None:
    with FACTORIES[name](tmp_path) as made:
        assert not made.capabilities.unmatched


def test_it_is_loaded_found_by_our_reference_and_loaded_once(provider: PracticeProvider) -> None:
    assert provider.capabilities.unmatched
    first, again = provider.refund(order()), provider.refund(order())
    assert first.kind is AnswerClass.FINAL
    assert again == first
    assert judge(order(), first).state is LegState.SUCCEEDED
    (found,) = provider.find(order()).found
    assert (found.state, found.provider_refund_id) == (FoundState.FINAL, first.provider_refund_id)
    verdict = judge_found(order(), LookUp(answered=True, found=(found,)))
    assert verdict is not None
    assert verdict.state is LegState.SUCCEEDED


def test_the_number_is_spent_by_the_call_and_kept_nowhere(
    provider: PracticeProvider, tmp_path: Path
) -> None:
    asked = order()
    assert NUMBER not in repr(asked)
    provider.refund(asked)
    assert asked.gift_card is not None
    with pytest.raises(ValueError, match="has been used"):
        asked.gift_card.spend()
    files = [path.read_bytes() for path in tmp_path.iterdir()]
    assert len(files) >= 1
    assert not [one for one in files if NUMBER.encode() in one]


@pytest.mark.parametrize(
    ("number", "kind", "listed"),
    [
        ("dead001", AnswerClass.DECLINED, [FoundState.DECLINED]),
        ("slow001", AnswerClass.ACCEPTED, [FoundState.FINAL]),
        ("lost001", AnswerClass.UNKNOWN, [FoundState.FINAL]),
        ("outage001", AnswerClass.NOT_EXECUTED, []),
        ("broke001", AnswerClass.ABOUT_US, []),
    ],
)
def test_trouble_can_be_practised_with_the_number(
    provider: PracticeProvider, number: str, kind: AnswerClass, listed: list[FoundState]
) -> None:
    assert provider.refund(order(number)).kind is kind
    assert [one.state for one in provider.find(order(number)).found] == listed


def test_there_is_no_payment_that_could_cap_it(provider: PracticeProvider) -> None:
    for key in ("1", "2", "3"):
        answer = provider.refund(order(key=key, amount_minor=10_000))
        assert answer.kind is AnswerClass.FINAL

"""What every provider adapter promises behind the port, whoever is at the other end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.refund import LegState
from backend_client.providers.port import (
    Answer,
    AnswerClass,
    FoundState,
    LookUp,
    Provider,
    RefundOrder,
    judge,
    judge_found,
)
from tests.contract.providers import FACTORIES, ClosableProvider

GOOD = {AnswerClass.FINAL, AnswerClass.ACCEPTED}


@pytest.fixture(params=sorted(FACTORIES))
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ClosableProvider]:
    with FACTORIES[request.param](tmp_path) as made:
        yield made


def order(number: int = 1, *, amount_minor: int = 500, payment: str = "pay-1") -> RefundOrder:
    """A refund of a payment of 50.00; references use all of the 40 letters they may have."""
    return RefundOrder(
        provider_key=f"key-{number:036d}",
        our_reference=f"ref-{number:036d}",
        payment_reference=payment,
        amount_minor=amount_minor,
        currency="EUR",
        captured_minor=5_000,
        payment_id=1,
    )


def test_a_refund_says_what_it_is_about(provider: Provider) -> None:
    answer = provider.refund(order())
    assert answer.kind in GOOD
    assert judge(order(), answer).state in (LegState.SUCCEEDED, LegState.ACCEPTED)
    assert answer.provider_refund_id


def test_it_is_found_by_our_reference_alone(provider: Provider) -> None:
    assert provider.find(order()) == LookUp(answered=True)
    answer = provider.refund(order())
    (found,) = provider.find(order()).found
    assert found.provider_refund_id == answer.provider_refund_id
    assert (found.our_reference, found.amount_minor, found.currency) == (
        order().our_reference,
        500,
        "EUR",
    )
    assert provider.find(order(2)).found == ()


def test_the_same_key_moves_money_once(provider: Provider) -> None:
    first = provider.refund(order())
    assert provider.refund(order()).provider_refund_id == first.provider_refund_id
    assert len(provider.find(order()).found) == 1


def test_the_same_key_at_the_same_time_moves_money_once(provider: Provider) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(provider.refund, [order()] * 16))
    assert len(provider.find(order()).found) == 1


def test_two_equal_partial_refunds_are_two(provider: Provider) -> None:
    first, second = provider.refund(order(1)), provider.refund(order(2))
    assert first.provider_refund_id != second.provider_refund_id
    assert len(provider.find(order(1)).found) == 1
    assert len(provider.find(order(2)).found) == 1


def test_any_number_of_refunds_of_one_payment_is_found(provider: Provider) -> None:
    """Providers list ten at a time."""
    orders = [order(number, amount_minor=100) for number in range(1, 26)]
    for one in orders:
        provider.refund(one)
    assert all(len(provider.find(one).found) == 1 for one in orders)


def test_more_than_was_captured_is_never_given_back(provider: Provider) -> None:
    assert provider.refund(order(1, amount_minor=4_999)).kind in GOOD
    over = provider.refund(order(2, amount_minor=2))
    assert over.kind in (AnswerClass.ALREADY_REFUNDED, AnswerClass.DECLINED)
    listed = provider.find(order(2)).found
    assert all(found.state is FoundState.DECLINED for found in listed)


def test_a_refused_card_is_declined_with_the_provider_s_reason(provider: Provider) -> None:
    answer = provider.refund(order(payment="dead-1"))
    assert answer.kind is AnswerClass.DECLINED
    assert answer.code
    assert answer.text


def test_a_lost_answer_is_unknown_and_a_look_up_knows(provider: Provider) -> None:
    lost = order(payment="lost-1")
    assert judge(lost, provider.refund(lost)).state is LegState.UNKNOWN
    verdict = judge_found(lost, provider.find(lost))
    assert verdict is not None
    assert verdict.state is LegState.SUCCEEDED


def test_trouble_is_an_answer_and_never_an_error(provider: ClosableProvider) -> None:
    provider.close()
    answer: Answer = provider.refund(order())
    assert answer.kind in (AnswerClass.NOT_EXECUTED, AnswerClass.UNKNOWN)
    assert not provider.find(order()).answered


def test_what_it_can_do_is_data(provider: Provider) -> None:
    able = provider.capabilities
    assert provider.name
    assert provider.environment in ("practice", "test", "live")
    assert 0 <= able.arrival_days_from <= able.arrival_days_to
    assert able.partial is (provider.refund(replace(order(), amount_minor=1)).kind in GOOD)

"""A leg to a gift card goes out once, with its number in hand, and is never sent again for want
of an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.refund import LegState, Method
from backend_client.domain.settlement import LegToSend, Outcome
from backend_client.domain.stored_value import SealedNumber, StoredValueNumber
from backend_client.providers.directory import ProviderDirectory
from backend_client.providers.port import Answer, AnswerClass, RefundOrder
from backend_client.settling.settler import Settler
from tests.clocks import SteppingClock
from tests.unit.settling.memory_legs import MemoryLegs, ScriptedProvider, leg

KEY = b"k" * 32
NUMBER = "9870555123456789"


def sealed(number: str = NUMBER) -> SealedNumber:
    return StoredValueNumber(number).seal(KEY)


def unmatched() -> LegToSend:
    """A leg born with the seal of `NUMBER`, as it comes out of a store: without either."""
    born = leg(1, payment=sealed().seal)
    return replace(born, payment_id=None, payment_reference="", method=Method.UNMATCHED)


def echo(order: RefundOrder) -> Answer:
    """The answer of a provider that spends the number and did what it was told."""
    assert order.gift_card is not None
    spent = order.gift_card.spend()
    return Answer(AnswerClass.FINAL, spent[-4:], order.our_reference, 1450, "EUR")


def answering(kind: AnswerClass) -> ScriptedProvider:
    return ScriptedProvider(lambda _order: Answer(kind, code="connect"), unmatched=True)


def settler(legs: MemoryLegs, provider: ScriptedProvider, clock: SteppingClock) -> Settler:
    return Settler(legs, ProviderDirectory(provider), clock)


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


def test_it_is_sent_with_the_number_just_given(clock: SteppingClock) -> None:
    legs, provider = MemoryLegs(unmatched()), ScriptedProvider(echo, unmatched=True)
    settler(legs, provider, clock).load({1: sealed()})
    assert legs.state() is LegState.SUCCEEDED
    assert legs.refund_ids[1] == NUMBER[-4:]
    (order,) = provider.orders
    assert (order.payment_id, order.payment_reference, order.amount_minor) == (None, "", 1450)


def test_nobody_sends_it_without(clock: SteppingClock) -> None:
    legs, provider = MemoryLegs(unmatched()), ScriptedProvider(echo, unmatched=True)
    one = settler(legs, provider, clock)
    one.recover()
    one.drive()
    assert legs.history == []
    one.settle([1])
    assert legs.state() is LegState.PENDING
    assert (legs.history[-1].outcome, legs.history[-1].code) == (Outcome.NOT_SENT, "number-gone")
    assert provider.orders == []


def test_another_number_than_it_was_born_with_is_not_sent(clock: SteppingClock) -> None:
    legs, provider = MemoryLegs(unmatched()), ScriptedProvider(echo, unmatched=True)
    settler(legs, provider, clock).load({1: sealed("9870555123456780")})
    assert legs.history[-1].outcome is Outcome.PAYLOAD_CHANGED
    assert provider.orders == []


def test_a_provider_that_does_not_do_it_is_never_given_one(clock: SteppingClock) -> None:
    legs, provider = MemoryLegs(unmatched()), ScriptedProvider(echo)
    given = sealed()
    settler(legs, provider, clock).load({1: given})
    assert legs.state() is LegState.PENDING
    assert legs.history[-1].code == "unmatched-off"
    assert provider.orders == []
    assert given.number.spend() == NUMBER


def test_what_may_have_been_sent_is_looked_up_and_then_a_persons(clock: SteppingClock) -> None:
    """However often and long it is looked for, it goes out once."""
    legs = MemoryLegs(unmatched())
    provider = answering(AnswerClass.UNKNOWN)
    one = settler(legs, provider, clock)
    one.load({1: sealed()})
    assert legs.state() is LegState.UNKNOWN
    for _ in range(5):
        clock.move(minutes=2)
        one.recover()
    assert legs.state() is LegState.REVIEW
    assert legs.history[-1].code == "number-gone"
    assert len(provider.orders) == 1


def test_what_was_surely_not_executed_is_not_tried_again_by_itself(clock: SteppingClock) -> None:
    legs = MemoryLegs(unmatched())
    provider = answering(AnswerClass.NOT_EXECUTED)
    one = settler(legs, provider, clock)
    one.load({1: sealed()})
    for _ in range(3):
        clock.move(minutes=60)
        one.recover()
    assert legs.state() is LegState.PENDING
    assert len(provider.orders) == 1
    one.load({1: sealed()})
    assert len(provider.orders) == 2
    assert {order.provider_key for order in provider.orders} == {"key-1"}

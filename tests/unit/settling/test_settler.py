"""Intent, call, record: what each class of answer does to a leg that is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegToSend, Outcome
from backend_client.providers.directory import ProviderDirectory
from backend_client.providers.port import (
    Answer,
    AnswerClass,
    Found,
    FoundState,
    LookUp,
    RefundOrder,
)
from backend_client.settling.settler import Settler
from tests.clocks import SteppingClock
from tests.unit.settling.memory_legs import MemoryLegs, ScriptedProvider, leg


def echo(order: RefundOrder, kind: AnswerClass = AnswerClass.FINAL) -> Answer:
    reference = order.our_reference
    return Answer(kind, f"re-{reference}", reference, order.amount_minor, order.currency)


def listed(order: RefundOrder, state: FoundState = FoundState.FINAL) -> LookUp:
    reference = order.our_reference
    found = Found(state, f"re-{reference}", reference, order.amount_minor, order.currency)
    return LookUp(True, (found,))


def settler(
    legs: MemoryLegs, provider: ScriptedProvider, clock: SteppingClock | None = None
) -> Settler:
    return Settler(legs, ProviderDirectory(provider), clock or SteppingClock())


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (AnswerClass.FINAL, LegState.SUCCEEDED),
        (AnswerClass.ACCEPTED, LegState.ACCEPTED),
        (AnswerClass.DECLINED, LegState.DECLINED),
        (AnswerClass.ABOUT_US, LegState.PENDING),
        (AnswerClass.NOT_EXECUTED, LegState.PENDING),
        (AnswerClass.UNKNOWN, LegState.UNKNOWN),
    ],
)
def test_each_answer_leads_to_its_state(kind: AnswerClass, state: LegState) -> None:
    legs = MemoryLegs(leg())
    settler(legs, ScriptedProvider(lambda order: echo(order, kind))).settle([1])
    assert legs.state() is state


def test_the_provider_is_told_what_the_leg_was_born_with() -> None:
    legs = MemoryLegs(leg(amount_minor=1450, captured_minor=5000))
    provider = ScriptedProvider(echo)
    settler(legs, provider).settle([1])
    assert provider.orders == [RefundOrder("key-1", "ref-1", "pay-1", 1450, "EUR", 5000, 1)]
    assert legs.refund_ids[1] == "re-ref-1"


def test_the_intent_is_written_before_the_call() -> None:
    legs = MemoryLegs(leg())
    seen: list[LegState] = []

    def answer(order: RefundOrder) -> Answer:
        seen.append(legs.state())
        return echo(order)

    settler(legs, ScriptedProvider(answer)).settle([1])
    assert seen == [LegState.SENDING]


def test_a_leg_somebody_else_has_is_not_sent() -> None:
    legs = MemoryLegs(leg(1, state=LegState.SENDING), leg(2, state=LegState.SUCCEEDED))
    provider = ScriptedProvider(echo)
    settler(legs, provider).settle([1, 2])
    assert provider.orders == []


def test_a_changed_payload_is_refused_before_any_call() -> None:
    changed = replace(leg(), amount_minor=9999)
    legs = MemoryLegs(changed)
    provider = ScriptedProvider(echo)
    settler(legs, provider).settle([1])
    assert provider.orders == []
    assert legs.state() is LegState.DECLINED
    assert legs.history[-1].outcome is Outcome.PAYLOAD_CHANGED


def test_an_unclear_answer_is_looked_up_at_once() -> None:
    legs = MemoryLegs(leg())
    provider = ScriptedProvider(lambda order: Answer(AnswerClass.UNKNOWN), listed)
    settler(legs, provider).settle([1])
    assert legs.state() is LegState.SUCCEEDED
    assert [one.state for one in legs.history] == [LegState.UNKNOWN, LegState.SUCCEEDED]
    assert legs.refund_ids[1] == "re-ref-1"


def test_not_found_at_once_stays_unknown_and_is_not_sent_again() -> None:
    legs = MemoryLegs(leg())
    provider = ScriptedProvider(lambda order: Answer(AnswerClass.UNKNOWN, code="timeout"))
    settler(legs, provider).settle([1])
    assert legs.state() is LegState.UNKNOWN
    assert (len(provider.orders), len(provider.look_ups)) == (1, 1)


def test_already_refunded_may_be_our_own_and_is_looked_up() -> None:
    legs = MemoryLegs(leg())
    provider = ScriptedProvider(lambda order: Answer(AnswerClass.ALREADY_REFUNDED), listed)
    settler(legs, provider).settle([1])
    assert legs.state() is LegState.SUCCEEDED


def test_an_adapter_that_breaks_leaves_the_outcome_unknown() -> None:
    def broken(_order: RefundOrder) -> Answer:
        raise ZeroDivisionError("4111111111111111")

    legs = MemoryLegs(leg(1), leg(2))
    settler(legs, ScriptedProvider(broken)).settle([1, 2])
    assert [legs.state(1), legs.state(2)] == [LegState.UNKNOWN, LegState.UNKNOWN]
    assert {one.text for one in legs.history} == {"ZeroDivisionError"}


def test_a_look_up_that_breaks_is_no_answer() -> None:
    def broken(_order: RefundOrder) -> LookUp:
        raise ZeroDivisionError

    legs = MemoryLegs(leg())
    provider = ScriptedProvider(lambda order: Answer(AnswerClass.UNKNOWN), broken)
    settler(legs, provider).settle([1])
    assert legs.state() is LegState.UNKNOWN


def test_a_refusal_about_us_leaves_the_provider_alone() -> None:
    legs = MemoryLegs(*(leg(number) for number in range(1, 51)))
    provider = ScriptedProvider(lambda order: echo(order, AnswerClass.ABOUT_US))
    settler(legs, provider).settle(list(range(1, 51)))
    assert len(provider.orders) == 1
    assert {one.state for one in legs.legs.values()} == {LegState.PENDING}


def test_an_outage_leaves_the_provider_alone_after_three() -> None:
    legs = MemoryLegs(*(leg(number) for number in range(1, 51)))
    provider = ScriptedProvider(lambda order: echo(order, AnswerClass.NOT_EXECUTED))
    settler(legs, provider).settle(list(range(1, 51)))
    assert len(provider.orders) == 3
    assert {one.state for one in legs.legs.values()} == {LegState.PENDING}


def test_single_hiccups_do_not_stop_the_rest() -> None:
    def answer(order: RefundOrder) -> Answer:
        odd = int(order.our_reference.removeprefix("ref-")) % 2
        return echo(order, AnswerClass.NOT_EXECUTED if odd else AnswerClass.FINAL)

    legs = MemoryLegs(*(leg(number) for number in range(1, 21)))
    provider = ScriptedProvider(answer)
    settler(legs, provider).settle(list(range(1, 21)))
    assert len(provider.orders) == 20


def test_a_provider_nobody_knows_is_not_called() -> None:
    legs = MemoryLegs(leg(provider="elsewhere"))
    provider = ScriptedProvider(echo)
    settler(legs, provider).settle([1])
    assert provider.orders == []
    assert legs.state() is LegState.PENDING


def test_a_claim_that_grew_old_is_given_back_uncalled() -> None:
    clock = SteppingClock()

    def slow(order: RefundOrder) -> Answer:
        clock.move(seconds=31)
        return echo(order)

    legs = MemoryLegs(leg(1), leg(2))
    provider = ScriptedProvider(slow)
    settler(legs, provider, clock).settle([1, 2])
    assert len(provider.orders) == 1
    assert [legs.state(1), legs.state(2)] == [LegState.SUCCEEDED, LegState.PENDING]


class CountingLegs(MemoryLegs):
    """Counts the transactions settling costs."""

    transactions = 0

    def claim(self, leg_ids: Sequence[int], owner: str, at: datetime) -> list[LegToSend]:
        self.transactions += 1
        return super().claim(leg_ids, owner, at)


def test_commits_are_grouped() -> None:
    legs = CountingLegs(*(leg(number) for number in range(1, 101)))
    settler(legs, ScriptedProvider(echo)).settle(list(range(1, 101)))
    assert legs.transactions == 4
    assert {one.state for one in legs.legs.values()} == {LegState.SUCCEEDED}


def test_calls_broken_off_are_written_down_as_far_as_they_went() -> None:
    def interrupted(order: RefundOrder) -> Answer:
        if order.our_reference == "ref-3":
            raise KeyboardInterrupt
        return echo(order)

    legs = MemoryLegs(leg(1), leg(2), leg(3), leg(4))
    provider = ScriptedProvider(interrupted)
    one = settler(legs, provider)
    with pytest.raises(KeyboardInterrupt):
        one.settle([1, 2, 3, 4])
    states = [legs.state(number) for number in (1, 2, 3)]
    assert states == [LegState.SUCCEEDED, LegState.SUCCEEDED, LegState.UNKNOWN]
    assert legs.state(4) in (LegState.PENDING, LegState.SUCCEEDED), "as far as it had come"

"""What is left open is finished by the rules: look up, wait, the same key again, then a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegToSend
from backend_client.providers.directory import ProviderDirectory
from backend_client.providers.port import Answer, AnswerClass, FoundState, LookUp, RefundOrder
from backend_client.settling.limits import Limits
from backend_client.settling.owner import ProcessOwner
from backend_client.settling.settler import Settler
from tests.clocks import START, SteppingClock
from tests.unit.settling.memory_legs import MemoryLegs, ScriptedProvider, leg
from tests.unit.settling.test_settler import echo, listed

DEAD = "nobody"


class OneDeadOwner(ProcessOwner):
    """Knows that the process named DEAD is gone."""

    def is_gone(self, token: str, leg_id: int) -> bool:
        return token == DEAD or super().is_gone(token, leg_id)


def lost(_order: RefundOrder) -> Answer:
    return Answer(AnswerClass.UNKNOWN, code="timeout")


def recovering(
    legs: MemoryLegs, provider: ScriptedProvider, clock: SteppingClock | None = None
) -> Settler:
    owner = OneDeadOwner()
    return Settler(legs, ProviderDirectory(provider), clock or SteppingClock(), owner=owner)


def unknown() -> LegToSend:
    """Sent, unclear, and looked up once in vain."""
    one = leg(state=LegState.UNKNOWN, attempts=1, first_sent_at=START)
    return replace(one, looked_at=START, looks=1)


def test_pending_legs_nobody_sent_are_sent() -> None:
    legs = MemoryLegs(leg())
    provider = ScriptedProvider(echo)
    assert recovering(legs, provider).recover() == 1
    assert legs.state() is LegState.SUCCEEDED


def test_a_leg_whose_sender_died_is_looked_up_and_not_sent_again() -> None:
    legs = MemoryLegs(leg(state=LegState.SENDING, owner=DEAD, attempts=1, first_sent_at=START))
    provider = ScriptedProvider(echo, listed)
    recovering(legs, provider).recover()
    assert legs.state() is LegState.SUCCEEDED
    assert provider.orders == []


def test_a_leg_in_living_hands_is_left_there() -> None:
    alive = ProcessOwner()
    legs = MemoryLegs(leg(state=LegState.SENDING, owner=alive.token, attempts=1))
    provider = ScriptedProvider(echo, listed)
    recovering(legs, provider).recover()
    assert legs.state() is LegState.SENDING
    assert provider.look_ups == []


def test_living_hands_that_took_longer_than_any_call_are_not_trusted() -> None:
    alive = ProcessOwner()
    legs = MemoryLegs(leg(state=LegState.SENDING, owner=alive.token, attempts=1))
    clock = SteppingClock()
    clock.move(seconds=121)
    provider = ScriptedProvider(echo)
    recovering(legs, provider, clock).recover()
    assert legs.state() is LegState.UNKNOWN
    assert provider.orders == []


def test_not_found_waits_for_the_settle_window_then_keeps_its_key() -> None:
    legs = MemoryLegs(leg(state=LegState.SENDING, owner=DEAD, attempts=1, first_sent_at=START))
    provider = ScriptedProvider(echo)
    clock = SteppingClock()
    clock.move(seconds=1)
    one = recovering(legs, provider, clock)
    one.recover()
    clock.move(seconds=59)
    one.recover()
    assert legs.state() is LegState.UNKNOWN
    assert provider.orders == []
    clock.move(seconds=1)
    one.recover()
    assert legs.state() is LegState.SUCCEEDED
    assert [(one.provider_key, one.our_reference) for one in provider.orders] == [
        ("key-1", "ref-1")
    ]


def test_no_answer_to_a_look_up_is_not_the_same_as_not_found() -> None:
    legs = MemoryLegs(unknown())
    provider = ScriptedProvider(echo, lambda order: LookUp(answered=False))
    clock = SteppingClock()
    clock.move(hours=19)
    recovering(legs, provider, clock).recover()
    assert legs.state() is LegState.UNKNOWN
    assert provider.orders == []


def test_a_provider_that_is_uncertain_itself_is_waited_for() -> None:
    legs = MemoryLegs(unknown())
    provider = ScriptedProvider(echo, lambda order: listed(order, FoundState.UNCERTAIN))
    clock = SteppingClock()
    clock.move(hours=19)
    recovering(legs, provider, clock).recover()
    assert legs.state() is LegState.UNKNOWN
    assert provider.orders == []


@pytest.mark.parametrize("answered", [True, False])
def test_a_key_too_old_is_never_sent_again(answered: bool) -> None:
    legs = MemoryLegs(unknown())
    provider = ScriptedProvider(echo, lambda order: LookUp(answered=answered))
    clock = SteppingClock()
    clock.move(hours=20)
    recovering(legs, provider, clock).recover()
    assert legs.state() is LegState.REVIEW
    assert provider.orders == []


def test_an_old_key_that_is_found_needs_no_person() -> None:
    legs = MemoryLegs(unknown())
    clock = SteppingClock()
    clock.move(days=3)
    recovering(legs, ScriptedProvider(echo, listed), clock).recover()
    assert legs.state() is LegState.SUCCEEDED


def test_without_a_look_up_a_person_decides() -> None:
    legs = MemoryLegs(unknown())
    provider = ScriptedProvider(echo, can_look_up=False)
    recovering(legs, provider).recover()
    assert legs.state() is LegState.REVIEW
    assert (provider.orders, provider.look_ups) == ([], [])


def test_after_three_unclear_sendings_a_person_is_asked() -> None:
    legs = MemoryLegs(leg())
    provider = ScriptedProvider(lost)
    clock = SteppingClock()
    one = recovering(legs, provider, clock)
    for _ in range(6):
        one.recover()
        clock.move(seconds=60)
    assert legs.state() is LegState.REVIEW
    assert len({order.provider_key for order in provider.orders}) == 1
    assert len(provider.orders) == 3


def test_a_resend_that_was_not_executed_stays_unknown() -> None:
    legs = MemoryLegs(unknown())
    provider = ScriptedProvider(lambda order: echo(order, AnswerClass.NOT_EXECUTED))
    clock = SteppingClock()
    clock.move(seconds=60)
    recovering(legs, provider, clock).recover()
    assert len(provider.orders) == 1
    assert legs.state() is LegState.UNKNOWN


def test_already_refunded_and_not_ours_is_declined_after_the_window() -> None:
    legs = MemoryLegs(leg())
    provider = ScriptedProvider(lambda order: Answer(AnswerClass.ALREADY_REFUNDED, code="exceeds"))
    clock = SteppingClock()
    one = recovering(legs, provider, clock)
    one.recover()
    assert legs.state() is LegState.UNKNOWN
    clock.move(seconds=60)
    one.recover()
    assert legs.state() is LegState.DECLINED
    assert legs.history[-1].code == "exceeds"
    assert len(provider.orders) == 1


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (FoundState.ACCEPTED, LegState.ACCEPTED),
        (FoundState.FINAL, LegState.SUCCEEDED),
        (FoundState.DECLINED, LegState.DECLINED),
        (FoundState.UNCERTAIN, LegState.ACCEPTED),
    ],
)
def test_accepted_legs_are_looked_up(found: FoundState, state: LegState) -> None:
    legs = MemoryLegs(leg(state=LegState.ACCEPTED, attempts=1))
    provider = ScriptedProvider(echo, lambda order: listed(order, found))
    clock = SteppingClock()
    clock.move(days=2)
    recovering(legs, provider, clock).recover()
    assert legs.state() is state
    assert provider.orders == []


def test_a_payload_that_changed_is_not_sent_again() -> None:
    legs = MemoryLegs(replace(unknown(), payment_reference="another"))
    provider = ScriptedProvider(echo)
    clock = SteppingClock()
    clock.move(seconds=60)
    recovering(legs, provider, clock).recover()
    assert legs.state() is LegState.REVIEW
    assert provider.orders == []


def test_legs_of_a_provider_nobody_knows_stay_as_they_are() -> None:
    legs = MemoryLegs(
        leg(1, provider="elsewhere"), leg(2, provider="elsewhere", state=LegState.UNKNOWN)
    )
    before = dict(legs.legs)
    recovering(legs, ScriptedProvider(echo)).recover()
    assert legs.legs == before


def test_two_recoveries_at_once_send_once() -> None:
    """The second one runs while the first has decided to send again and not yet claimed."""
    legs = MemoryLegs(unknown())
    clock = SteppingClock()
    clock.move(seconds=60)
    provider = ScriptedProvider(lost)
    second = recovering(legs, provider, clock)

    class Overtaken(MemoryLegs):
        def claim_again(self, *arguments: object) -> list[LegToSend]:
            second.recover()
            return MemoryLegs.claim_again(legs, *arguments)  # type: ignore[arg-type]

    slow = Overtaken()
    slow.legs, slow.history, slow.refund_ids = legs.legs, legs.history, legs.refund_ids
    recovering(slow, provider, clock).recover()
    assert len(provider.orders) == 1
    assert legs.legs[1].attempts == 2


def test_every_page_is_looked_at() -> None:
    legs = MemoryLegs(*(leg(number) for number in range(1, 451)))
    assert recovering(legs, ScriptedProvider(echo)).recover() == 450
    assert {one.state for one in legs.legs.values()} == {LegState.SUCCEEDED}


def test_the_settle_window_is_a_minute() -> None:
    assert Limits().settle_window == timedelta(seconds=60)
    assert Limits().claim_fresh < Limits().call

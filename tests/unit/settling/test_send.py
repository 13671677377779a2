"""Sending legs that are given out bit by bit, as a dispatch run does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from backend_client.domain.driving import Pause
from backend_client.domain.refund import LegState
from backend_client.providers.port import Answer, AnswerClass, RefundOrder
from backend_client.settling.deferred import DeferredSettler
from backend_client.settling.limits import Limits
from backend_client.settling.settler import Settler
from tests.clocks import START, SteppingClock
from tests.unit.settling.memory_legs import MemoryLegs, ScriptedProvider, leg
from tests.unit.settling.test_settler import echo


@dataclass
class Two:
    """A directory of two providers, named as their legs name them."""

    providers: Sequence[ScriptedProvider]

    def get(self, name: str) -> ScriptedProvider | None:
        return next((one for one in self.providers if one.name == name), None)


@dataclass
class Supply:
    """Gives out legs in pieces until a provider is left alone; remembers what it was told."""

    pieces: list[list[int]]
    told: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, paused: Mapping[str, Pause]) -> Sequence[int] | None:
        self.told.append({name: pause.outcome for name, pause in paused.items()})
        if paused or not self.pieces:
            return None
        return self.pieces.pop(0)


def settler(
    legs: MemoryLegs, *providers: ScriptedProvider, clock: SteppingClock | None = None
) -> Settler:
    at = clock or SteppingClock()
    return Settler(legs, Two(providers), at, wait=lambda seconds: at.move(seconds=seconds))


def states(legs: MemoryLegs) -> dict[LegState, int]:
    found = [one.state for one in legs.legs.values()]
    return {state: found.count(state) for state in set(found)}


def test_everything_given_is_sent_once_and_the_end_is_the_supplys() -> None:
    legs = MemoryLegs(*(leg(number) for number in range(1, 301)))
    provider = ScriptedProvider(echo)
    supply = Supply([list(range(start, start + 60)) for start in range(1, 301, 60)])
    report = settler(legs, provider).send(supply)
    assert states(legs) == {LegState.SUCCEEDED: 300}
    assert len({order.provider_key for order in provider.orders}) == len(provider.orders) == 300
    assert report.states == {LegState.SUCCEEDED: 300}
    assert not report.paused
    assert not report.stopped
    assert supply.told == [{}] * 6


def test_it_is_asked_for_more_only_as_there_is_room() -> None:
    """What is given out at once is bounded by the connections, however slow the provider is."""
    legs = MemoryLegs(*(leg(number) for number in range(1, 401)))
    waiting: list[int] = []
    supply = Supply([[number] for number in range(1, 401)])

    def answer(order: RefundOrder) -> Answer:
        waiting.append(400 - len(supply.pieces) - len(waiting))
        return echo(order)

    settler(legs, ScriptedProvider(answer)).send(supply)
    assert len(waiting) == 400
    assert max(waiting) <= 3 * Limits().connections


def test_nothing_just_now_is_not_the_end() -> None:
    legs = MemoryLegs(leg(1), leg(2))
    supply = Supply([[1], [], [], [2], []])
    settler(legs, ScriptedProvider(echo)).send(supply)
    assert states(legs) == {LegState.SUCCEEDED: 2}


def test_one_that_fails_in_the_middle_of_200_stops_nobody_else() -> None:
    """A card that is refused, an adapter that breaks, an answer nobody understands."""
    legs = MemoryLegs(*(leg(number) for number in range(1, 201)))

    def answer(order: RefundOrder) -> Answer:
        if order.payment_id == 100:
            return echo(order, AnswerClass.DECLINED)
        if order.payment_id == 101:
            raise ZeroDivisionError
        if order.payment_id == 102:
            return Answer(AnswerClass.UNKNOWN, code="500")
        return echo(order)

    settler(legs, ScriptedProvider(answer)).send(Supply([list(range(1, 201))]))
    assert states(legs) == {
        LegState.SUCCEEDED: 197,
        LegState.DECLINED: 1,
        LegState.UNKNOWN: 2,
    }


def test_an_outage_is_told_to_the_supply_and_what_is_left_waits() -> None:
    """The other provider's legs that were given out already are sent."""
    here = [leg(number) for number in range(1, 21)]
    there = [leg(number, provider="other") for number in range(21, 41)]
    legs = MemoryLegs(*here, *there)
    down = ScriptedProvider(lambda order: echo(order, AnswerClass.NOT_EXECUTED))
    up = ScriptedProvider(echo, name="other")
    supply = Supply([list(range(1, 41)), [999]])
    report = settler(legs, down, up).send(supply)
    assert report.paused["practice"].outcome == "not_executed"
    assert states(legs) == {LegState.PENDING: 20, LegState.SUCCEEDED: 20}
    assert len(down.orders) == Limits().outages
    assert supply.told[-1] == {"practice": "not_executed"}
    assert supply.pieces == [[999]], "nothing more was begun"


def test_a_refusal_about_us_ends_it_after_one_call() -> None:
    """Trap 41: credentials, address, balance: not one more is burnt."""
    legs = MemoryLegs(*(leg(number) for number in range(1, 101)))
    provider = ScriptedProvider(lambda order: Answer(AnswerClass.ABOUT_US, code="balance"))
    report = settler(legs, provider).send(Supply([list(range(1, 101))]))
    assert len(provider.orders) == 1
    assert states(legs) == {LegState.PENDING: 100}
    assert report.paused["practice"].code == "balance"


def test_a_provider_that_asks_for_time_gets_it_and_nothing_is_lost() -> None:
    clock = SteppingClock()

    def answer(order: RefundOrder) -> Answer:
        if clock.now() < START + timedelta(seconds=30):
            return Answer(AnswerClass.NOT_EXECUTED, code="429", retry_after_s=5)
        return echo(order)

    provider = ScriptedProvider(answer)
    legs = MemoryLegs(*(leg(number) for number in range(1, 101)))
    supply = Supply([list(range(start, start + 10)) for start in range(1, 101, 10)])
    report = settler(legs, provider, clock=clock).send(supply)
    assert states(legs) == {LegState.SUCCEEDED: 100}
    assert not report.paused
    assert {frozenset(told) for told in supply.told} == {frozenset()}, "a nap is nothing to tell"
    assert len(provider.orders) < 200, "no busy loop"


def test_who_asks_for_time_for_ever_is_left_alone_in_the_end() -> None:
    clock = SteppingClock()
    provider = ScriptedProvider(
        lambda order: Answer(AnswerClass.NOT_EXECUTED, code="429", retry_after_s=30)
    )
    legs = MemoryLegs(leg(1), leg(2), leg(3), leg(4))
    report = settler(legs, provider, clock=clock).send(Supply([[1, 2, 3, 4]]))
    assert states(legs) == {LegState.PENDING: 4}
    assert report.paused["practice"].is_short
    assert len(provider.orders) <= 3 * (Limits().passes + 1)


def test_a_provider_nobody_knows_any_more_is_waited_for_in_vain_once() -> None:
    legs = MemoryLegs(leg(1, provider="gone"), leg(2))
    report = settler(legs, ScriptedProvider(echo)).send(Supply([[1, 2]]))
    assert states(legs) == {LegState.PENDING: 1, LegState.SUCCEEDED: 1}
    assert legs.legs[1].attempts == 2
    assert not report.paused


def test_who_may_not_go_on_begins_nothing_more() -> None:
    legs = MemoryLegs(*(leg(number) for number in range(1, 201)))
    sent: list[RefundOrder] = []

    def answer(order: RefundOrder) -> Answer:
        sent.append(order)
        return echo(order)

    report = settler(legs, ScriptedProvider(answer)).send(
        Supply([list(range(1, 201))]), lambda: not sent
    )
    assert report.stopped
    assert LegState.SENDING not in states(legs)
    assert states(legs)[LegState.PENDING] > 100
    assert states(legs)[LegState.SUCCEEDED] == len(sent)


def test_who_wants_to_stop_is_heard_while_a_provider_is_waited_for() -> None:
    """One of three is refused with a minute to wait: it is not sent a second time."""
    clock = SteppingClock()
    legs = MemoryLegs(leg(1), leg(2), leg(3))

    def answer(order: RefundOrder) -> Answer:
        if order.our_reference == legs.legs[2].our_reference:
            return Answer(AnswerClass.NOT_EXECUTED, code="429", retry_after_s=60.0)
        return echo(order)

    def come_back() -> bool:
        return clock.now() < START + timedelta(seconds=3)

    one = settler(legs, ScriptedProvider(answer), clock=clock)
    report = one.send(Supply([[1, 2, 3]]), come_back=come_back)
    assert report.stopped
    assert states(legs) == {LegState.SUCCEEDED: 2, LegState.PENDING: 1}
    assert legs.legs[2].attempts == 1
    assert clock.now() < START + timedelta(seconds=5)


def test_a_settler_that_was_told_to_stop_asks_for_nothing() -> None:
    legs = MemoryLegs(leg(1))
    one = settler(legs, ScriptedProvider(echo))
    one.stop()
    supply = Supply([[1]])
    assert DeferredSettler(lambda: one).send(supply).stopped
    assert (supply.told, states(legs)) == ([], {LegState.PENDING: 1})

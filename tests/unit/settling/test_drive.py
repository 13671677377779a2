"""Driving: overload, outages, late failures, clocks that jump, an orderly stop."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import Mismatch, Outcome
from backend_client.providers.directory import ProviderDirectory
from backend_client.providers.port import (
    Answer,
    AnswerClass,
    Found,
    FoundState,
    LookUp,
    RefundOrder,
)
from backend_client.settling.limits import Limits
from backend_client.settling.settler import Settler
from tests.clocks import START, SteppingClock
from tests.unit.settling.memory_legs import MemoryLegs, ScriptedProvider, leg
from tests.unit.settling.test_settler import echo, listed


def driver(
    legs: MemoryLegs,
    provider: ScriptedProvider,
    clock: SteppingClock,
    limits: Limits | None = None,
) -> Settler:
    return Settler(
        legs,
        ProviderDirectory(provider),
        clock,
        limits=limits,
        wait=lambda seconds: clock.move(seconds=seconds),
    )


def states(legs: MemoryLegs) -> set[LegState]:
    return {one.state for one in legs.legs.values()}


def test_a13_a_storm_of_429_ends_with_everything_done_and_nothing_unknown() -> None:
    clock = SteppingClock()

    def answer(order: RefundOrder) -> Answer:
        if clock.now() < START + timedelta(seconds=60) and len(provider.orders) % 2:
            return Answer(AnswerClass.NOT_EXECUTED, code="429", retry_after_s=2)
        return echo(order)

    provider = ScriptedProvider(answer)
    legs = MemoryLegs(*(leg(number) for number in range(1, 101)))
    report = driver(legs, provider, clock).drive()
    assert states(legs) == {LegState.SUCCEEDED}
    assert LegState.UNKNOWN not in {one.state for one in legs.history}
    assert report.paused == {}
    assert len(provider.orders) < 400, "no busy loop"


def test_a13_a_storm_without_an_end_leaves_everything_pending() -> None:
    clock = SteppingClock()
    provider = ScriptedProvider(
        lambda order: Answer(AnswerClass.NOT_EXECUTED, code="429", retry_after_s=30)
    )
    legs = MemoryLegs(*(leg(number) for number in range(1, 101)))
    report = driver(legs, provider, clock).drive()
    assert states(legs) == {LegState.PENDING}
    assert report.paused["practice"].code == "429"
    assert clock.now() > START + timedelta(minutes=5), "it waited as it was asked to"
    assert len(provider.orders) <= 3 * (Limits().passes + 1)


def test_a16_an_answer_about_another_amount_stops_the_run() -> None:
    def lies(order: RefundOrder) -> Answer:
        return replace(echo(order), amount_minor=order.amount_minor + 1)

    provider = ScriptedProvider(lies)
    legs = MemoryLegs(*(leg(number) for number in range(1, 51)))
    report = driver(legs, provider, SteppingClock()).drive()
    assert len(provider.orders) == 1
    assert report.states[LegState.UNKNOWN] == 1
    assert {one: pause.outcome for one, pause in report.paused.items()} == {"practice": "mismatch"}
    assert len(provider.look_ups) == 1, "what became of it is asked all the same"


def test_a14_no_connection_pauses_the_run_and_a_later_one_resumes() -> None:
    clock = SteppingClock()
    down = [True]
    provider = ScriptedProvider(
        lambda order: echo(order, AnswerClass.NOT_EXECUTED) if down[0] else echo(order)
    )
    legs = MemoryLegs(*(leg(number) for number in range(1, 51)))
    one = driver(legs, provider, clock)
    report = one.drive()
    assert states(legs) == {LegState.PENDING}
    assert set(report.paused) == {"practice"}
    assert len(provider.orders) == 3
    down[0] = False
    clock.move(minutes=5)
    assert one.drive(patient=True).states[LegState.SUCCEEDED] == 50


def test_a_refused_leg_waits_twice_as_long_each_time() -> None:
    clock = SteppingClock()
    provider = ScriptedProvider(lambda order: echo(order, AnswerClass.NOT_EXECUTED))
    legs = MemoryLegs(leg())
    one = driver(legs, provider, clock)
    waits = []
    for _ in range(4):
        one.recover()
        due = legs.due[1]
        assert due is not None
        waits.append((due - clock.now()).total_seconds())
    assert waits == [2, 4, 8, 16]
    one.drive(patient=True)
    assert len(provider.orders) == 4, "who is patient waits until then"


def test_what_is_about_us_is_shown_with_the_provider_s_own_words() -> None:
    answer = Answer(AnswerClass.ABOUT_US, code="401", text="bad key")
    legs = MemoryLegs(*(leg(number) for number in range(1, 51)))
    provider = ScriptedProvider(lambda order: answer)
    report = driver(legs, provider, SteppingClock()).drive()
    pause = report.paused["practice"]
    assert (pause.outcome, pause.code, pause.text) == ("about_us", "401", "bad key")
    assert len(provider.orders) == 1


def test_at_most_so_many_calls_at_once_and_never_the_store_in_between() -> None:
    most, now, lock = [0], [0], threading.Lock()

    def answer(order: RefundOrder) -> Answer:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        with lock:
            now[0] -= 1
        return echo(order)

    legs = MemoryLegs(*(leg(number) for number in range(1, 301)))
    driver(legs, ScriptedProvider(answer), SteppingClock()).drive()
    assert states(legs) == {LegState.SUCCEEDED}
    assert 1 <= most[0] <= Limits().connections


def test_a24_money_that_comes_back_later_is_a_late_failure() -> None:
    clock = SteppingClock()
    legs = MemoryLegs(leg(state=LegState.SUCCEEDED, attempts=1))
    legs.due[1] = START
    provider = ScriptedProvider(echo, listing=lambda order: listed(order, FoundState.DECLINED))
    report = driver(legs, provider, clock).drive()
    assert legs.state() is LegState.FAILED_LATE
    assert report.states[LegState.FAILED_LATE] == 1
    assert provider.orders == []


def test_what_succeeded_is_checked_daily_for_forty_days() -> None:
    clock = SteppingClock()
    first = replace(leg(state=LegState.SUCCEEDED, attempts=1), settled_at=START)
    legs = MemoryLegs(first)
    legs.due[1] = START
    provider = ScriptedProvider(echo, listing=listed)
    one = driver(legs, provider, clock)
    for _ in range(60):
        one.drive()
        one.drive()
        clock.move(days=1)
    assert len(legs.checks) == 41
    assert all(not check.discrepancies for check in legs.checks)


def test_a20_a_refund_of_somebody_else_is_a_discrepancy_and_not_ours() -> None:
    other = Found(FoundState.FINAL, "re-back-office", "", 500, "EUR")
    legs = MemoryLegs(leg(state=LegState.SUCCEEDED, attempts=1))
    legs.due[1] = START
    provider = ScriptedProvider(
        echo,
        listing=lambda order: LookUp(answered=True, found=(*listed(order).found, other)),
    )
    report = driver(legs, provider, SteppingClock()).drive()
    (found,) = legs.checks[0].discrepancies
    assert (found.kind, found.provider_refund_id) == (Mismatch.PROVIDER_ONLY, "re-back-office")
    assert (found.amount_minor, found.leg_id) == (500, None)
    assert report.discrepancies == 1
    assert legs.state() is LegState.SUCCEEDED


def test_a42_two_equal_refunds_of_one_payment_are_told_apart_by_reference() -> None:
    first = leg(1, state=LegState.SUCCEEDED, attempts=1)
    second = replace(leg(2, state=LegState.SUCCEEDED, attempts=1), payment_id=1)
    legs = MemoryLegs(first, second)
    legs.due = {1: START, 2: START}
    both = tuple(
        Found(FoundState.FINAL, f"re-{one.our_reference}", one.our_reference, 1450, "EUR")
        for one in (first, second)
    )
    provider = ScriptedProvider(echo, listing=lambda _: LookUp(answered=True, found=both))
    driver(legs, provider, SteppingClock()).drive()
    assert [check.discrepancies for check in legs.checks] == [(), ()]


def test_no_answer_to_a_check_proves_nothing() -> None:
    legs = MemoryLegs(leg(state=LegState.SUCCEEDED, attempts=1))
    legs.due[1] = START
    provider = ScriptedProvider(echo, listing=lambda _: LookUp(answered=False))
    report = driver(legs, provider, SteppingClock()).drive()
    assert (report.checked, report.discrepancies) == (0, 0)
    assert legs.due[1] == START + timedelta(hours=1)


class Ticks:
    """A clock nobody can set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def unclear_once(
    clock: SteppingClock, ticks: Ticks
) -> tuple[MemoryLegs, ScriptedProvider, Settler]:
    """A leg whose answer was lost and that was looked up in vain by this very program."""
    legs = MemoryLegs(leg())
    provider = ScriptedProvider(lambda order: Answer(AnswerClass.UNKNOWN, code="timeout"))
    one = Settler(legs, ProviderDirectory(provider), clock, ticks=ticks)
    one.settle([1])
    assert legs.state() is LegState.UNKNOWN
    return legs, provider, one


def test_a50_a_clock_set_forward_does_not_end_the_settle_window() -> None:
    clock, ticks = SteppingClock(), Ticks()
    _, provider, one = unclear_once(clock, ticks)
    clock.move(hours=1)
    ticks.now += 5
    one.recover()
    assert len(provider.orders) == 1
    ticks.now += 60
    one.recover()
    assert len(provider.orders) == 2


def test_a50_a_clock_set_back_does_not_make_a_key_young() -> None:
    clock, ticks = SteppingClock(), Ticks()
    legs, provider, one = unclear_once(clock, ticks)
    clock.move(hours=-1)
    ticks.now += 20 * 3600
    one.recover()
    assert legs.state() is LegState.REVIEW
    assert len(provider.orders) == 1


def test_a50_a_look_up_in_the_future_begins_the_window_anew() -> None:
    clock = SteppingClock()
    future = replace(
        leg(state=LegState.UNKNOWN, attempts=1, first_sent_at=START),
        looked_at=START + timedelta(hours=1),
        looks=1,
    )
    legs, provider = MemoryLegs(future), ScriptedProvider(echo)
    one = driver(legs, provider, clock)
    one.recover()
    assert provider.orders == []
    assert legs.legs[1].looked_at == START
    clock.move(seconds=60)
    one.recover()
    assert legs.state() is LegState.SUCCEEDED


def test_a52_a_stop_lets_calls_on_the_wire_finish_and_gives_the_rest_back() -> None:
    clock = SteppingClock()
    legs = MemoryLegs(*(leg(number) for number in range(1, 101)))

    def answer(order: RefundOrder) -> Answer:
        if len(provider.orders) == 5:
            one.stop()
        return echo(order)

    provider = ScriptedProvider(answer)
    one = driver(legs, provider, clock)
    report = one.drive()
    assert report.stopped
    assert report.abandoned == 0
    assert states(legs) == {LegState.SUCCEEDED, LegState.PENDING}
    assert sum(one.state is LegState.SUCCEEDED for one in legs.legs.values()) == len(
        provider.orders
    )


def test_a52_a_call_without_an_answer_becomes_unknown_when_time_is_up() -> None:
    held, reached = threading.Event(), threading.Event()

    def answer(order: RefundOrder) -> Answer:
        one.stop()
        reached.set()
        held.wait()
        return echo(order)

    legs = MemoryLegs(leg(1), leg(2))
    one = driver(legs, ScriptedProvider(answer), SteppingClock(), Limits(stop_s=0.05))
    report = one.drive()
    assert reached.is_set()
    held.set()
    assert report.abandoned == 1
    assert [legs.state(1), legs.state(2)] == [LegState.UNKNOWN, LegState.PENDING]
    assert legs.history[-1].outcome in (Outcome.INTERRUPTED, Outcome.NOT_SENT)


def test_a_window_s_own_fresh_legs_are_left_to_it() -> None:
    clock = SteppingClock()
    legs, provider = MemoryLegs(leg()), ScriptedProvider(echo)
    one = driver(legs, provider, clock)
    one.drive(patient=True)
    assert provider.orders == []
    clock.move(seconds=5)
    one.drive(patient=True)
    assert legs.state() is LegState.SUCCEEDED

"""One program drives; others are told who, and take over only when that is safe."""

from __future__ import annotations

from datetime import timedelta

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LeaseRow
from backend_client.providers.directory import ProviderDirectory
from backend_client.settling.owner import ProcessOwner
from backend_client.settling.settler import Settler
from tests.clocks import START, SteppingClock
from tests.unit.settling.memory_legs import MemoryLegs, ScriptedProvider, leg
from tests.unit.settling.test_settler import echo

ELSEWHERE = "otherhost:1:1:abcd"
LEASE = timedelta(seconds=30)


def driver(legs: MemoryLegs, provider: ScriptedProvider, clock: SteppingClock) -> Settler:
    return Settler(
        legs,
        ProviderDirectory(provider),
        clock,
        wait=lambda seconds: clock.move(seconds=seconds),
    )


def held(until: timedelta, holder: str = ELSEWHERE) -> LeaseRow:
    return LeaseRow(holder, "otherhost, process 1", START + until)


def test_a33_a_second_program_is_told_who_drives_and_sends_nothing() -> None:
    legs, provider = MemoryLegs(leg()), ScriptedProvider(echo)
    legs.held_by = held(LEASE)
    report = driver(legs, provider, SteppingClock()).drive()
    assert report.held_by == legs.held_by
    assert provider.orders == []
    assert driver(legs, provider, SteppingClock()).recover() == 0


def test_a33_a_lease_that_ran_out_is_taken_over() -> None:
    legs, provider, clock = MemoryLegs(leg()), ScriptedProvider(echo), SteppingClock()
    legs.held_by = held(LEASE)
    clock.move(seconds=30)
    assert driver(legs, provider, clock).drive().held_by is None
    assert legs.state() is LegState.SUCCEEDED
    assert legs.held_by is None, "it is let go afterwards"


def test_a_program_that_ended_keeps_nobody_waiting() -> None:
    host, pid, start, nonce = ProcessOwner().token.split(":")
    legs, provider = MemoryLegs(leg()), ScriptedProvider(echo)
    legs.held_by = held(LEASE, f"{host}:{pid}:{int(start) - 1}:{nonce}")
    assert driver(legs, provider, SteppingClock()).drive().held_by is None


def test_a50_a_lease_dated_by_a_clock_that_was_set_back_does_not_last_for_hours() -> None:
    legs, provider = MemoryLegs(leg()), ScriptedProvider(echo)
    legs.held_by = held(timedelta(hours=1))
    assert driver(legs, provider, SteppingClock()).drive().held_by is None


def test_who_drives_for_hours_keeps_the_lease_until_it_lets_go() -> None:
    legs, provider, clock = MemoryLegs(leg()), ScriptedProvider(echo), SteppingClock()
    patient, other = driver(legs, provider, clock), driver(legs, provider, clock)
    clock.move(seconds=10)
    patient.drive(patient=True)
    report = other.drive()
    assert report.held_by is not None
    assert report.held_by.until == START + timedelta(seconds=40)
    patient.let_go()
    assert other.drive().held_by is None


def test_of_two_that_read_the_same_lease_one_takes_it() -> None:
    legs = MemoryLegs()
    row = held(LEASE)
    assert legs.take_lease(row, None)
    assert not legs.take_lease(held(LEASE, "another"), None)


def test_a_run_ends_when_its_lease_was_taken() -> None:
    clock = SteppingClock()
    legs = MemoryLegs(*(leg(number) for number in range(1, 200)))
    taken = held(timedelta(days=365))

    def answer(order: object) -> object:
        if len(provider.orders) == 3:
            clock.move(seconds=29)
            legs.held_by = LeaseRow(ELSEWHERE, "other", clock.now() + LEASE)
        return echo(order)  # type: ignore[arg-type]

    provider = ScriptedProvider(answer)  # type: ignore[arg-type]
    report = driver(legs, provider, clock).drive()
    assert report.held_by is not None
    assert report.held_by != taken
    assert LegState.SENDING not in {one.state for one in legs.legs.values()}
    assert LegState.PENDING in {one.state for one in legs.legs.values()}

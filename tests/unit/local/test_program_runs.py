"""Programs and runs: a token starts, takes up and ends what a supervisor approved, and nothing
else; it never approves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.plan import RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CreditMode, DispatchParameters
from backend_client.domain.runs import Run, RunState
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.local.rows import fetch
from backend_client.settings import House as Place
from backend_client.settings import RunSettings, Settings
from tests.unit.builders import NOW, caller
from tests.unit.local.cancelled_house import BOSS, OTHER_BOSS, House, between_steps, chunks_of
from tests.unit.local.venue import Desk, counts_and_hashes, findings

EVERY = Scope(frozenset(ScopeWord))
PROGRAM = replace(
    caller(Role.CLIENT, operator="night", desk=""), entrance=Entrance.API, scope=EVERY
)


def allowing_up_to(minor: int | None) -> Settings:
    """However much nobody may look at."""
    runs = RunSettings(unattended_items=100, unattended_minor=100_000, four_eyes_minor=minor)
    return Settings(house=Place(currency="CHF"), runs=runs)


@pytest.fixture
def house(desk: Desk) -> House:
    """Two bookings of 10.00, and one supervisor is enough."""
    desk.settings = allowing_up_to(None)
    made = House(desk)
    made.sell("A")
    made.sell("B")
    return made


def approve(house: House, run: Run) -> None:
    house.backend.approve_run(OTHER_BOSS, run.id, run.fingerprint)


def denied(house: House) -> list[str]:
    asked = "SELECT operator FROM audit WHERE action = 'denied' ORDER BY seq"
    with house.desk.store.read() as connection:
        return [row.operator for row in fetch(connection, asked)]


def kept(house: House) -> dict[str, tuple[int, str]]:
    """All there is but what is on record of who was refused."""
    every = counts_and_hashes(house.desk.store)
    return {table: found for table, found in every.items() if table != "audit"}


@pytest.mark.parametrize("threshold", [None, 0, 1999, 5000])
@pytest.mark.parametrize("maker", [BOSS, PROGRAM])
@pytest.mark.parametrize("entrance", Entrance)
def test_it_starts_what_was_approved_and_nothing_else(
    house: House, threshold: int | None, maker: Caller, entrance: Entrance
) -> None:
    """Where one supervisor is enough, and where nobody looks, it still decides nothing."""
    house.desk.settings = allowing_up_to(threshold)
    program = replace(PROGRAM, entrance=entrance)
    simulated = house.simulate(maker)
    before = kept(house)
    with pytest.raises(Refused, match="approval-for-programs"):
        house.backend.go_live(program, simulated.id)
    assert kept(house) == before
    assert denied(house) == ["night"]
    approve(house, simulated)
    live = house.backend.go_live(program, simulated.id)
    assert (live.state, live.operator) == (RunState.DONE, "night")
    assert findings(house.desk.store) == []


def test_a_dispatch_too(house: House) -> None:
    days = DispatchParameters(NOW.date(), NOW.date(), CreditMode.NEVER)
    simulated = house.backend.simulate_dispatch(PROGRAM, days)
    with pytest.raises(Refused, match="run-nothing-to-do"):
        house.backend.go_live(PROGRAM, simulated.id)
    house.cancel()
    simulated = house.backend.simulate_dispatch(PROGRAM, days)
    assert simulated.taken == 2
    with pytest.raises(Refused, match="approval-for-programs"):
        house.backend.go_live(PROGRAM, simulated.id)
    approve(house, simulated)
    with pytest.raises(Refused, match="no-provider"):  # it came as far as sending
        house.backend.go_live(PROGRAM, simulated.id)
    assert house.backend.run(BOSS, simulated.id + 1).simulation_id == simulated.id


def test_the_approval_of_another_simulation_is_none(house: House) -> None:
    approved, other = house.simulate(), house.simulate()
    approve(house, approved)
    assert approved.fingerprint == other.fingerprint
    with pytest.raises(Refused, match="approval-for-programs"):
        house.backend.go_live(PROGRAM, other.id)


def test_what_changed_since_its_approval_it_does_not_start(house: House) -> None:
    simulated = house.simulate()
    approve(house, simulated)
    booking = house.backend.booking(BOSS, "A").booking
    plan = house.desk.plan(RefundRequest(booking.id, (1,), "illness"), BOSS)
    house.backend.execute_refund(BOSS, plan)
    with pytest.raises(Refused, match="run-changed"):
        house.backend.go_live(PROGRAM, simulated.id)


def stopped(house: House, monkeypatch: pytest.MonkeyPatch, *, approved: bool) -> int:
    """A live run of the supervisor's, stopped after its first booking."""
    chunks_of(monkeypatch, 1)
    simulated = house.simulate()
    if approved:
        approve(house, simulated)
    between_steps(
        monkeypatch,
        lambda: _stop(house),
        when=lambda: house.count("refund") == 1,
    )
    run = house.backend.go_live(BOSS, simulated.id)
    assert (run.state, run.done) == (RunState.STOPPED, 1)
    return run.id


def _stop(house: House) -> None:
    running = [one for one in house.backend.runs(PROGRAM).runs if one.state is RunState.RUNNING]
    house.backend.stop_run(replace(PROGRAM, scope=None), running[0].id)


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.parametrize("what", ["resume_run", "end_run"])
def test_what_is_left_of_one_it_takes_up_or_ends_only_if_it_was_approved(
    house: House, monkeypatch: pytest.MonkeyPatch, approved: bool, what: str
) -> None:
    """And it may stop any."""
    run_id = stopped(house, monkeypatch, approved=approved)
    ask: Any = getattr(house.backend, what)
    if approved:
        assert ask(PROGRAM, run_id).state is RunState.DONE
        assert house.count("refund") == (2 if what == "resume_run" else 1)
    else:
        with pytest.raises(Refused, match="approval-for-programs"):
            ask(PROGRAM, run_id)
        assert (house.backend.run(BOSS, run_id).state, house.count("refund")) == (
            RunState.STOPPED,
            1,
        )
        assert denied(house) == ["night"]
    assert findings(house.desk.store) == []


def test_it_needs_the_word_for_each(house: House) -> None:
    """`runs:simulate` makes a plan and starts none; `runs:execute` starts one and makes none."""
    plans = replace(PROGRAM, scope=Scope(frozenset({ScopeWord.RUNS_SIMULATE})))
    starts = replace(PROGRAM, scope=Scope(frozenset({ScopeWord.RUNS_EXECUTE})))
    simulated = house.simulate(plans)
    assert simulated.taken == 2
    approve(house, simulated)
    with pytest.raises(Refused, match="not-allowed"):
        house.backend.go_live(plans, simulated.id)
    with pytest.raises(Refused, match="not-allowed"):
        house.backend.simulate_cancellation(starts, house.parameters())
    assert house.backend.go_live(starts, simulated.id).state is RunState.DONE


def test_a_token_that_reaches_only_some_bookings_has_no_runs(house: House) -> None:
    """However it came by the words."""
    partial = replace(PROGRAM, scope=replace(EVERY, sites=frozenset({"0001"})))
    simulated = house.simulate()
    approve(house, simulated)
    for ask in (
        lambda: house.backend.simulate_cancellation(partial, house.parameters()),
        lambda: house.backend.go_live(partial, simulated.id),
        lambda: house.backend.runs(partial),
    ):
        with pytest.raises(Refused, match="not-allowed"):
            ask()


@pytest.mark.parametrize("entrance", Entrance)
def test_none_approves_whatever_its_words(house: House, entrance: Entrance) -> None:
    simulated = house.simulate()
    with pytest.raises(Refused, match="not-allowed"):
        house.backend.approve_run(
            replace(PROGRAM, entrance=entrance), simulated.id, simulated.fingerprint
        )
    assert house.count("run_approval") == 0
    assert denied(house) == ["night"]

"""What forbids to go live, and two who want the same at the same time."""

from __future__ import annotations

import pytest

from backend_client.domain.caller import Caller
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.runs import ItemOutcome, RunState
from backend_client.local.running import under_way
from backend_client.settings import RunSettings, Settings
from tests.unit.local.cancelled_house import (
    BOSS,
    OTHER_BOSS,
    House,
    between_steps,
    chunks_of,
    total,
)
from tests.unit.local.run_house import (
    NAMES,
    cancelled,
    five_sold,
    give_back,
    refused,
)
from tests.unit.local.venue import Desk

house = five_sold


# ------------------------------------------------------------ what forbids to go live


def test_an_unknown_run_and_one_that_is_no_simulation(house: House) -> None:
    refused(house, "run-not-found", 99)
    live = house.cancel()
    refused(house, "run-not-simulated", live.id)


def test_a_simulation_is_used_once(house: House) -> None:
    simulated = house.simulate()
    live = house.backend.go_live(BOSS, simulated.id)
    assert refused(house, "run-used", simulated.id).details["live"] == live.id
    assert house.backend.run(BOSS, simulated.id).live_id == live.id


def test_a_simulation_expires(desk: Desk) -> None:
    desk.settings = Settings(runs=RunSettings(expires_minutes=10))
    house = House(desk)
    house.sell("A")
    simulated = house.simulate()
    desk.clock.move(minutes=9, seconds=59)
    other = house.simulate()
    desk.clock.move(seconds=1)
    refused(house, "run-expired", simulated.id)
    assert house.backend.go_live(BOSS, other.id).state is RunState.DONE


def test_one_changed_item_stops_everything(house: House) -> None:
    """A cashier gave B back between the simulation and the live run: nothing at all is done."""
    simulated = house.simulate()
    give_back(house, "B")
    refusal = refused(house, "run-changed", simulated.id)
    assert (refusal.details["count"], refusal.details["bookings"]) == (1, ["B"])
    differences = house.backend.differences(BOSS, simulated.id)
    assert [(one.ordinal, one.booking_reference) for one in differences.changed] == [(2, "B")]
    assert not house.backend.performances(BOSS).performances[0].blocked


def test_what_only_appeared_is_left_for_the_next_run(house: House) -> None:
    simulated = house.simulate()
    house.sell("LATE")
    differences = house.backend.differences(BOSS, simulated.id)
    assert (differences.changed_count, differences.appeared) == (0, ("LATE",))
    assert house.backend.go_live(BOSS, simulated.id).done == len(NAMES)
    assert house.cancel().done == 1


def test_rules_that_changed_since_leave_the_items_alone(house: House) -> None:
    """The house closed the channel meanwhile: nothing is what was simulated, nothing is done."""
    simulated = house.simulate()
    house.desk.settings = Settings(policy=Policy(closed_channels=frozenset({"internet"})))
    run = house.backend.go_live(BOSS, simulated.id)
    assert run.outcomes == {ItemOutcome.CHANGED: len(NAMES)}
    assert (cancelled(house), run.totals) == (0, ())


# ------------------------------------------------------------ others at the same time


@pytest.mark.parametrize("other", [BOSS, OTHER_BOSS])
def test_of_two_who_go_live_at_once_one_does(
    house: House, monkeypatch: pytest.MonkeyPatch, other: Caller
) -> None:
    """While one works, the same simulation is used and the performance taken for any other."""
    chunks_of(monkeypatch, 2)
    simulated, twin = house.simulate(), house.simulate()
    codes: list[str] = []

    def also() -> None:
        for one in (simulated, twin):
            with pytest.raises(Refused) as refusal:
                house.backend.go_live(other, one.id)
            codes.append(refusal.value.code)

    between_steps(monkeypatch, also, when=lambda: house.count("run_scope") > 0)
    assert house.backend.go_live(BOSS, simulated.id).done == 5
    assert codes == ["run-used", "run-scope-taken"]
    refused(house, "run-changed", twin.id)


def test_a_booking_given_back_meanwhile_is_left_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D goes back at the window while A is being cancelled: D is what the cashier made it."""
    chunks_of(monkeypatch, 1)
    between_steps(monkeypatch, lambda: give_back(house, "D"), when=lambda: cancelled(house) == 1)
    run = house.cancel()
    assert house.outcomes(run)["D"] is ItemOutcome.CHANGED
    assert (run.done, run.outcomes) == (5, {ItemOutcome.CANCELLED: 4, ItemOutcome.CHANGED: 1})
    assert (total(run, "cancel"), cancelled(house)) == ((4, 4000), 4)
    (refund,) = house.backend.booking(BOSS, "D").refunds
    assert refund.run_id is None


def test_begun_items_are_begun_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped while items get their first outcome, then resumed: each has one, all are counted."""
    monkeypatch.setattr(under_way, "BEGUN_AT_ONCE", 2)
    chunks_of(monkeypatch, 2)
    house.sell("UNPAID", is_paid=False)
    simulated = house.simulate()

    def stop() -> None:
        house.backend.stop_run(BOSS, simulated.id + 1)

    between_steps(monkeypatch, stop, when=lambda: house.count("run_count") > 0)
    run = house.backend.go_live(BOSS, simulated.id)
    assert (run.state, run.outcomes) == (RunState.STOPPED, {ItemOutcome.WAITING: 2})
    run = house.backend.resume_run(BOSS, run.id)
    assert run.outcomes == {ItemOutcome.CANCELLED: 5, ItemOutcome.SKIPPED: 1}

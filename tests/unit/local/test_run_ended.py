"""A run that is given up: in steps, so that others get the store in between, and for good."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.engine import Connection

from backend_client.domain.caller import Entrance
from backend_client.domain.problems import Refused
from backend_client.domain.runs import BROKE_OFF, ItemOutcome, RunState
from backend_client.local.rows import fetch
from backend_client.local.running import under_way
from backend_client.local.running.cancelling import Cancelling
from backend_client.local.running.work import Ending
from backend_client.settings import House as HouseSettings
from backend_client.settings import RunSettings, Settings
from tests.unit.local.cancelled_house import BOSS, OTHER_BOSS, House, between_steps, chunks_of
from tests.unit.local.venue import Desk, findings

SOLD = 5
LEFT = {ItemOutcome.LEFT: SOLD}


@pytest.fixture
def house(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> House:
    made = House(desk)
    for number in range(SOLD):
        made.sell(f"B{number}")
    monkeypatch.setattr(under_way, "LEFT_AT_ONCE", 1)
    return made


@pytest.fixture
def stopped(house: House, monkeypatch: pytest.MonkeyPatch) -> int:
    """A live run whose items are all begun, and none of them done."""
    with monkeypatch.context() as patched:
        patched.setattr(Cancelling, "carry_out", lambda *_: Ending(RunState.STOPPED))
        return house.backend.go_live(BOSS, house.simulate().id).id


def left(house: House) -> int:
    with house.desk.store.read() as connection:
        asked = "SELECT COUNT(*) AS n FROM run_item WHERE outcome = 'left'"
        return int(fetch(connection, asked)[0].n)


def test_others_commit_while_it_is_ended(
    house: House, stopped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One item a step: after the second one another window gets a commit in."""
    found: list[int] = []

    def sell() -> None:
        house.sell("BETWEEN")
        found.append(left(house))

    between_steps(monkeypatch, sell, when=lambda: left(house) == 2)
    run = house.backend.end_run(OTHER_BOSS, stopped)
    assert found == [2]
    assert (run.state, run.outcomes, run.note) == (RunState.DONE, LEFT, "ended by M. Keller")
    assert findings(house.desk.store) == []


@pytest.mark.parametrize("then", ["ended", "gone on with"])
def test_who_breaks_off_leaves_a_run_that_is_ended_or_goes_on_as_a_whole(
    house: House, stopped: int, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    def full() -> None:
        raise Refused("store-full")

    between_steps(monkeypatch, full, when=lambda: left(house) == 2)
    with pytest.raises(Refused, match="store-full"):
        house.backend.end_run(BOSS, stopped)
    run = house.backend.run(BOSS, stopped)
    assert (run.state, run.note, run.is_left_behind) == (RunState.STOPPED, "store-full", False)
    assert run.outcomes == {ItemOutcome.LEFT: 2, ItemOutcome.WAITING: SOLD - 2}
    assert findings(house.desk.store) == []
    if then == "ended":
        ended = house.backend.end_run(BOSS, stopped)
        assert (ended.state, ended.outcomes) == (RunState.DONE, LEFT)
        assert house.cancel().done == SOLD, "another run takes what was left"
    else:
        assert house.backend.resume_run(BOSS, stopped).outcomes == {ItemOutcome.CANCELLED: SOLD}


def test_what_is_given_up_is_not_gone_on_with_by_a_timer(
    house: House, stopped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the middle of giving it up: nobody but a person decides otherwise."""

    def let_go(connection: Connection) -> None:
        connection.exec_driver_sql(
            "UPDATE run SET owner = 'nowhere:1:1:0', owner_until_us = 0 WHERE id = ?", (stopped,)
        )

    def kill() -> None:
        house.desk.store.write(let_go, label="test")

    between_steps(monkeypatch, kill, when=lambda: left(house) == 2)
    nobody = house.backend.end_run(BOSS, stopped)
    assert (nobody.state, nobody.is_lost, left(house)) == (RunState.RUNNING, True, 2)
    by_timer = replace(nobody, entrance=Entrance.UNATTENDED)
    assert not by_timer.is_left_behind
    assert replace(by_timer, note="").is_left_behind, "any other that is lost is"
    assert house.backend.end_run(BOSS, stopped).outcomes == LEFT


def test_of_two_who_end_it_one_does(
    house: House, stopped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str] = []

    def end_too() -> None:
        for ask in (house.backend.end_run, house.backend.resume_run):
            with pytest.raises(Refused) as refusal:
                ask(OTHER_BOSS, stopped)
            found.append(refusal.value.code)

    between_steps(monkeypatch, end_too, when=lambda: left(house) == 2)
    assert house.backend.end_run(BOSS, stopped).outcomes == LEFT
    assert found == ["run-not-endable", "run-not-resumable"]


def test_a_stop_that_was_asked_for_stays_a_person_s(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks off before it could stop is not gone on with by a timer."""
    chunks_of(monkeypatch, 1)
    unattended = replace(BOSS, entrance=Entrance.UNATTENDED)
    house.desk.settings = Settings(
        house=HouseSettings(currency="CHF"),
        runs=RunSettings(unattended_items=SOLD, unattended_minor=10**6),
    )
    simulation = house.simulate().id

    def stop() -> None:
        house.backend.stop_run(OTHER_BOSS, simulation + 1)
        raise Refused("store-full")

    between_steps(monkeypatch, stop, when=lambda: True)
    with pytest.raises(Refused, match="store-full"):
        house.backend.go_live(unattended, simulation)
    run = house.backend.run(BOSS, simulation + 1)
    assert (run.state, run.note) == (RunState.STOPPED, "")

    def full() -> None:
        raise Refused("store-full")

    between_steps(monkeypatch, full, when=lambda: True)
    with pytest.raises(Refused, match="store-full"):
        house.backend.resume_run(unattended, run.id)
    assert house.backend.run(BOSS, run.id).note == f"{BROKE_OFF}store-full"

"""Four eyes on a run in the store: who approves what, once, and what goes live without."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.problems import Refused
from backend_client.domain.runs import Run, RunState
from backend_client.local.rows import fetch
from backend_client.local.running import allowing
from backend_client.settings import House as Place
from backend_client.settings import RunSettings, Settings
from tests.unit.builders import caller
from tests.unit.local.cancelled_house import BOSS, OTHER_BOSS, House
from tests.unit.local.venue import Desk, counts_and_hashes, findings

THIRD_BOSS = caller(Role.SUPERVISOR, operator="N. Roth", desk="5")


def allowing_up_to(minor: int | None, items: int = 0, unattended: int = 0) -> Settings:
    return Settings(
        house=Place(currency="CHF"),
        runs=RunSettings(
            unattended_items=items, unattended_minor=unattended, four_eyes_minor=minor
        ),
    )


@pytest.fixture
def house(desk: Desk) -> House:
    """Two bookings of 10.00, and another supervisor is needed above 19.99."""
    desk.settings = allowing_up_to(1999)
    made = House(desk)
    made.sell("A")
    made.sell("B")
    return made


def approve(house: House, run: Run, who: Caller = OTHER_BOSS) -> Run:
    return house.backend.approve_run(who, run.id, run.fingerprint)


def refused(house: House, code: str, run: Run, who: Caller, fingerprint: str = "") -> None:
    """The approval is refused and is not kept; that somebody tried may be on record."""
    with pytest.raises(Refused, match=code):
        house.backend.approve_run(who, run.id, fingerprint or run.fingerprint)
    assert house.count("run_approval") == 0


def told(house: House, action: str) -> list[str]:
    with house.desk.store.read() as connection:
        asked = "SELECT operator FROM audit WHERE action = ? ORDER BY seq"
        return [row.operator for row in fetch(connection, asked, action)]


# ------------------------------------------------------------ going live


def test_without_an_approval_nothing_goes_live(house: House) -> None:
    simulated = house.simulate()
    assert simulated.needs_approval
    assert simulated.approval is None
    before = counts_and_hashes(house.desk.store)
    for who in (BOSS, OTHER_BOSS, replace(BOSS, entrance=Entrance.API)):
        with pytest.raises(Refused, match="approval-required"):
            house.backend.go_live(who, simulated.id)
    assert counts_and_hashes(house.desk.store) == before


@pytest.mark.parametrize("starter", [BOSS, OTHER_BOSS, THIRD_BOSS])
def test_with_one_whoever_may_carries_it_out(house: House, starter: Caller) -> None:
    simulated = house.simulate()
    approved = approve(house, simulated)
    assert approved.approval is not None
    assert (approved.approval.operator, approved.approval.desk) == ("M. Keller", "4")
    live = house.backend.go_live(starter, simulated.id)
    assert (live.state, live.approval) == (RunState.DONE, approved.approval)
    assert told(house, "run_approved") == ["M. Keller"]
    assert findings(house.desk.store) == []


def test_at_the_threshold_nobody_else_is_needed(house: House) -> None:
    house.desk.settings = allowing_up_to(2000)
    simulated = house.simulate()
    assert not simulated.needs_approval
    assert house.backend.go_live(BOSS, simulated.id).state is RunState.DONE
    assert findings(house.desk.store) == []


def test_an_approval_is_for_one_simulation(house: House) -> None:
    first, second = house.simulate(), house.simulate()
    assert first.fingerprint == second.fingerprint
    approve(house, first)
    assert house.backend.run(BOSS, second.id).approval is None
    with pytest.raises(Refused, match="approval-required"):
        house.backend.go_live(BOSS, second.id)


def test_it_dies_with_the_simulation(house: House) -> None:
    simulated = house.simulate()
    approve(house, simulated)
    house.desk.clock.move(minutes=30)
    with pytest.raises(Refused, match="run-expired"):
        house.backend.go_live(BOSS, simulated.id)
    used = house.simulate()
    approve(house, used)
    house.backend.go_live(BOSS, used.id)
    with pytest.raises(Refused, match="run-used"):
        house.backend.go_live(BOSS, used.id)


# ------------------------------------------------------------ who approves


@pytest.mark.parametrize(
    "maker", [BOSS, replace(BOSS, operator="s. WEBER"), replace(BOSS, desk="9")]
)
def test_its_maker_does_not(house: House, maker: Caller) -> None:
    refused(house, "approval-own", house.simulate(), maker)
    assert told(house, "denied") == [maker.operator]


@pytest.mark.parametrize("role", [Role.CASHIER, Role.ADMIN, Role.CLIENT])
def test_another_role_does_not(house: House, role: Role) -> None:
    refused(house, "not-allowed", house.simulate(), caller(role, operator="M. Keller"))


@pytest.mark.parametrize("entrance", [Entrance.UNATTENDED, Entrance.API])
def test_a_program_does_not(house: House, entrance: Entrance) -> None:
    who = replace(OTHER_BOSS, entrance=entrance)
    refused(house, "approval-by-nobody", house.simulate(), who)


def test_what_was_not_looked_at_is_not_approved(house: House) -> None:
    refused(house, "approval-differs", house.simulate(), OTHER_BOSS, "another")


def test_what_can_no_longer_go_live_is_not_approved(house: House) -> None:
    simulated = house.simulate()
    house.desk.clock.move(minutes=30)
    refused(house, "run-expired", simulated, OTHER_BOSS)
    house.desk.settings = allowing_up_to(None)
    live = house.cancel()
    refused(house, "run-not-simulated", live, OTHER_BOSS)
    used = house.backend.run(BOSS, live.simulation_id or 0)
    refused(house, "run-used", used, OTHER_BOSS)


def test_two_at_once_are_one(house: House) -> None:
    simulated = house.simulate()
    found: list[Run] = []
    threads = [
        threading.Thread(target=lambda who=who: found.append(approve(house, simulated, who)))
        for who in (OTHER_BOSS, THIRD_BOSS)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 2
    assert found[0].approval == found[1].approval is not None
    assert (house.count("run_approval"), len(told(house, "run_approved"))) == (1, 1)


def test_what_dies_before_its_commit_approved_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated = house.simulate()

    def dies(*_args: object, **_values: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(allowing, "tell", dies)
        with pytest.raises(KeyboardInterrupt):
            approve(house, simulated)
    assert house.count("run_approval") == 0
    assert house.backend.run(BOSS, simulated.id).approval is None
    assert approve(house, simulated).approval is not None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE run_approval SET operator = 'S. Weber'",
        "DELETE FROM run_approval",
        "INSERT OR REPLACE INTO run_approval SELECT * FROM run_approval",
        "INSERT INTO run_approval SELECT run_id + 1, fingerprint, operator, desk, entrance, at_us "
        "FROM run_approval",
    ],
)
def test_the_database_keeps_what_was_approved(house: House, statement: str) -> None:
    approve(house, house.simulate())
    with pytest.raises(IntegrityError):
        house.desk.store.write(
            lambda connection: connection.exec_driver_sql(statement), label="test"
        )


# ------------------------------------------------------------ while nobody looks


def test_below_the_ceilings_nobody_else_is_needed(house: House) -> None:
    house.desk.settings = allowing_up_to(0, items=2, unattended=2000)
    timer = replace(BOSS, entrance=Entrance.UNATTENDED)
    live = house.backend.go_live(timer, house.simulate().id)
    assert (live.state, live.approval) == (RunState.DONE, None)
    assert findings(house.desk.store) == []


@pytest.mark.parametrize(("items", "minor"), [(1, 2000), (2, 1999), (0, 0)])
def test_above_a_ceiling_no_approval_helps(house: House, items: int, minor: int) -> None:
    house.desk.settings = allowing_up_to(0, items=items, unattended=minor)
    timer = replace(BOSS, entrance=Entrance.UNATTENDED)
    simulated = house.simulate()
    approve(house, simulated)
    with pytest.raises(Refused, match="run-over-ceiling"):
        house.backend.go_live(timer, simulated.id)
    assert house.backend.go_live(BOSS, simulated.id).state is RunState.DONE

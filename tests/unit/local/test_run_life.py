"""The life of a run: what forbids to go live, stop, resume, end, and two who want the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy.engine import Connection

from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import Through
from backend_client.domain.runs import ItemOutcome, RunState
from backend_client.local.migrations.m0008 import upgrade
from backend_client.local.migrations.m0009 import upgrade as mask
from backend_client.local.rows import fetch
from backend_client.local.running import freezing, room
from tests.unit.builders import NOW
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
    left_behind,
    refused,
    stopped,
)
from tests.unit.local.venue import findings

house = five_sold


# ------------------------------------------------------------ stop, resume, end


def test_a_stopped_run_goes_on_where_it_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = stopped(house, monkeypatch)
    seen = house.backend.run(BOSS, run_id)
    assert seen.outcomes == {ItemOutcome.CANCELLED: 2, ItemOutcome.WAITING: 3}
    assert total(seen, "cancel") == (2, 2000)
    run = house.backend.resume_run(OTHER_BOSS, run_id)
    assert (run.state, run.done, run.outcomes) == (RunState.DONE, 5, {ItemOutcome.CANCELLED: 5})
    assert (total(run, "cancel"), cancelled(house)) == ((5, 5000), 5)
    operators = {house.backend.booking(BOSS, one).refunds[0].operator for one in NAMES}
    assert operators == {BOSS.operator, OTHER_BOSS.operator}, "who did it is who is named"


def test_nobody_else_begins_while_a_stopped_run_may_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = stopped(house, monkeypatch)
    again = house.simulate()
    refusal = refused(house, "run-scope-taken", again.id)
    assert (refusal.details["other"], refusal.details["operator"]) == (run_id, BOSS.operator)
    ended = house.backend.end_run(OTHER_BOSS, run_id)
    assert (ended.state, ended.outcomes[ItemOutcome.LEFT]) == (RunState.DONE, 3)
    assert house.backend.go_live(BOSS, again.id).done == 3


def test_what_an_ended_run_never_began_is_called_that_everywhere(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On screen, in the database, in the log and in the export; the next run takes it."""
    run_id = stopped(house, monkeypatch)
    run = house.backend.end_run(BOSS, run_id)
    assert run.outcomes == {ItemOutcome.CANCELLED: 2, ItemOutcome.LEFT: 3}
    counted = "SELECT outcome, COUNT(*) FROM run_item WHERE outcome <> '' GROUP BY outcome"
    with house.desk.store.read() as connection:
        assert dict(map(tuple, fetch(connection, counted))) == {"cancelled": 2, "left": 3}
        told = fetch(connection, "SELECT body FROM audit WHERE action = 'run_ended'")[0].body
    assert json.loads(told)["left"] == 3
    _, *exported = house.backend.export_run(BOSS, run_id)
    assert Counter(one["outcome"] for one in exported) == {"cancelled": 2, "left": 3}
    page = house.backend.run_items(BOSS, run_id, outcomes=frozenset({ItemOutcome.LEFT}))
    assert (page.total, {one.refund_number for one in page.items}) == (3, {""})
    assert findings(house.desk.store) == []
    again = house.cancel()
    assert again.outcomes == {ItemOutcome.CANCELLED: 3, ItemOutcome.SKIPPED: 2}
    assert house.backend.run(BOSS, run_id).outcomes == run.outcomes


def test_a_store_of_before_says_so_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that were ended by earlier versions left their items waiting."""
    run_id = stopped(house, monkeypatch)

    def as_before(connection: Connection) -> None:
        connection.exec_driver_sql("UPDATE run SET state = 'done' WHERE id = ?", (run_id,))
        connection.exec_driver_sql("DELETE FROM run_scope")
        upgrade(connection)

    house.desk.store.write(as_before, label="test")
    seen = house.backend.run(BOSS, run_id).outcomes
    assert seen == {ItemOutcome.CANCELLED: 2, ItemOutcome.LEFT: 3}


def test_a_card_number_an_earlier_version_kept_is_masked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was typed where a desk is meant: the run says that it was masked, and its items are those
    it was simulated with."""
    number = "4111 1111 1111 1111"
    monkeypatch.setattr(room, "_refuse_card_numbers", lambda _told: None)
    ready = house.simulate(through=Through(desk=number))
    clean = house.simulate()
    store = house.desk.store
    assert [one for one in findings(store) if number in one or "cards" in one] == [
        "cards: run 1: parameters"
    ]
    store.write(mask, label="upgrade")
    assert findings(store) == []
    with store.read() as connection:
        told = fetch(connection, "SELECT id, parameters, note FROM run ORDER BY id")
        assert "4111 11" in told[0].parameters
        assert "1111 1111" not in told[0].parameters
        assert told[0].note == "a card number in what it was told was masked by an upgrade"
        assert told[1].note == ""
    assert house.backend.run(BOSS, ready.id).fingerprint != ready.fingerprint
    assert house.backend.run(BOSS, clean.id).fingerprint == clean.fingerprint
    run = house.backend.go_live(BOSS, ready.id)
    assert (run.outcomes, findings(store)) == ({ItemOutcome.CANCELLED: 5}, [])
    store.write(mask, label="upgrade")
    assert house.backend.run(BOSS, run.id).note == "", "nothing is left to be masked"


def test_an_ended_run_never_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = stopped(house, monkeypatch)
    house.backend.end_run(BOSS, run_id)
    with pytest.raises(Refused, match="run-not-resumable"):
        house.backend.resume_run(BOSS, run_id)
    with pytest.raises(Refused, match="run-not-endable"):
        house.backend.end_run(BOSS, run_id)
    with pytest.raises(Refused, match="run-not-running"):
        house.backend.stop_run(BOSS, run_id)


def test_what_is_done_or_simulated_is_not_resumed(house: House) -> None:
    simulated = house.simulate()
    with pytest.raises(Refused, match="run-only-simulated"):
        house.backend.resume_run(BOSS, simulated.id)
    done = house.backend.go_live(BOSS, simulated.id)
    with pytest.raises(Refused, match="run-not-resumable"):
        house.backend.resume_run(BOSS, done.id)


def test_a_simulation_can_be_stopped_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks_of(monkeypatch, 1)
    monkeypatch.setattr(freezing, "FROZEN_AT_ONCE", 1)

    def stop() -> None:
        house.backend.stop_run(BOSS, 1)

    between_steps(monkeypatch, stop, when=lambda: house.count("run_item") == 2)
    run = house.simulate()
    assert (run.state, house.count("run_item")) == (RunState.STOPPED, 2)
    refused(house, "run-not-simulated", run.id)


def test_a_simulation_that_cannot_be_written_is_stopped_and_says_why(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks_of(monkeypatch, 1)
    monkeypatch.setattr(freezing, "FROZEN_AT_ONCE", 1)

    def fail() -> None:
        raise Refused("store-locked", store="x", seconds=5)

    between_steps(monkeypatch, fail, when=lambda: house.count("run_item") == 2)
    with pytest.raises(Refused, match="store-locked"):
        house.simulate()
    run = house.backend.run(BOSS, 1)
    assert (run.state, run.note, house.count("run_item")) == (RunState.STOPPED, "store-locked", 2)
    refused(house, "run-not-simulated", run.id)


# ------------------------------------------------------------ left behind


def test_a_run_whose_program_is_gone_is_lost_and_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = stopped(house, monkeypatch)
    left_behind(house, run_id)
    assert house.backend.run(BOSS, run_id).is_lost
    run = house.backend.resume_run(BOSS, run_id)
    assert (run.state, run.is_lost, run.done, cancelled(house)) == (RunState.DONE, False, 5, 5)


@pytest.mark.parametrize(
    ("ask", "state"),
    [
        (lambda house, run_id: house.backend.stop_run(BOSS, run_id), RunState.STOPPED),
        (lambda house, run_id: house.backend.end_run(BOSS, run_id), RunState.DONE),
    ],
)
def test_a_lost_run_is_stopped_or_ended_at_once(
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[House, int], object],
    state: RunState,
) -> None:
    run_id = stopped(house, monkeypatch)
    left_behind(house, run_id)
    ask(house, run_id)
    assert house.backend.run(BOSS, run_id).state is state


def test_who_is_alive_is_not_taken_over_from(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another window resumes while this one works: refused, and this one finishes."""
    chunks_of(monkeypatch, 1)
    simulated = house.simulate()
    found: list[str] = []

    def resume() -> None:
        with pytest.raises(Refused) as refusal:
            house.backend.resume_run(OTHER_BOSS, simulated.id + 1)
        found.append(refusal.value.code)

    between_steps(monkeypatch, resume, when=lambda: cancelled(house) == 1)
    assert house.backend.go_live(BOSS, simulated.id).done == 5
    assert found == ["run-not-resumable"]


def test_who_only_slept_finds_out_before_writing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silent for too long, taken over, woken again: the sleeper writes not one more row."""
    chunks_of(monkeypatch, 1)
    simulated = house.simulate()

    def overslept() -> None:
        house.desk.clock.move(seconds=31)
        run = house.backend.resume_run(OTHER_BOSS, simulated.id + 1)
        assert (run.state, run.done) == (RunState.DONE, 5)

    between_steps(monkeypatch, overslept, when=lambda: cancelled(house) == 1)
    run = house.backend.go_live(BOSS, simulated.id)
    assert (run.state, run.done, cancelled(house)) == (RunState.DONE, 5, 5)
    operators = [house.backend.booking(BOSS, one).refunds[0].operator for one in NAMES]
    assert operators == [BOSS.operator, *[OTHER_BOSS.operator] * 4]


def test_a_run_that_broke_down_says_so_and_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunks_of(monkeypatch, 1)
    simulated = house.simulate()

    def fail() -> None:
        raise Refused("store-locked", store="x", seconds=5)

    between_steps(monkeypatch, fail, when=lambda: cancelled(house) == 1)
    with pytest.raises(Refused, match="store-locked"):
        house.backend.go_live(BOSS, simulated.id)
    run = house.backend.run(BOSS, simulated.id + 1)
    assert (run.state, run.note, run.done) == (RunState.STOPPED, "store-locked", 1)
    assert house.backend.resume_run(BOSS, run.id).done == 5


def test_every_step_of_a_life_is_in_the_audit_log(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = stopped(house, monkeypatch)
    house.backend.resume_run(OTHER_BOSS, run_id)
    list(house.backend.export_run(BOSS, run_id))
    told = [one for one in house.backend.audit_export(BOSS) if '"run ' in one]
    actions = [one.split('"action": "')[1].split('"')[0] for one in told]
    assert actions == [
        "run_simulated",
        "run_live",
        "run_stop_asked",
        "run_stopped",
        "run_resumed",
        "run_done",
        "run_exported",
    ]
    assert house.desk.clock.now() == NOW

"""What the database refuses about runs, even where the code forgot."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.domain.runs import ItemOutcome, RunState
from backend_client.local.rows import fetch
from backend_client.local.running import items
from tests.unit.local.cancelled_house import House
from tests.unit.local.venue import Desk


@pytest.fixture
def house(desk: Desk) -> House:
    """A simulation (run 1) carried out by run 2, one simulated (3)."""
    made = House(desk)
    for name in ("A", "B"):
        made.sell(name)
    made.cancel()
    made.sell("C")
    made.simulate()
    return made


def refused(house: House, statement: str, message: str) -> None:
    with pytest.raises(IntegrityError, match=message):
        house.desk.store.write(
            lambda connection: connection.exec_driver_sql(statement), label="test"
        )


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE run SET parameters = '{}' WHERE id = 1", "what a run was told stays"),
        ("UPDATE run SET operator = 'x' WHERE id = 2", "what a run was told stays"),
        ("UPDATE run SET taken = 9 WHERE id = 3", "what was simulated stays"),
        ("UPDATE run SET fingerprint = 'x' WHERE id = 3", "what was simulated stays"),
        ("DELETE FROM run WHERE id = 3", "runs are never deleted"),
        ("UPDATE run_item SET body = '{}'", "a frozen item never changes"),
        ("UPDATE run_item SET plan = 'skip' WHERE run_id = 3", "a frozen item never changes"),
        ("DELETE FROM run_item", "items are never deleted"),
        (
            "INSERT INTO run_item SELECT 3, 9, booking_id, NULL, 1, '', 'cancel', '', 1, 'CHF', "
            "'{}', '', NULL FROM run_item WHERE run_id = 3",
            "items are written by the simulation",
        ),
        ("UPDATE run_item SET outcome = 'waiting' WHERE run_id = 1", "stays cancelled"),
        ("UPDATE run_item SET refund_id = NULL WHERE run_id = 1", "by one refund"),
        ("UPDATE run_total SET amount_minor = 1 WHERE run_id = 1", "totals of a simulation stay"),
        ("DELETE FROM run_total WHERE run_id = 3", "totals of a simulation stay"),
        (
            "INSERT INTO run_total VALUES (3, 'cancel', 'more', 'CHF', 1, 1)",
            "totals of a simulation stay",
        ),
        ("UPDATE run SET simulation_id = 3 WHERE id = 2", "what a run was told stays"),
    ],
)
def test_frozen_is_frozen(house: House, statement: str, message: str) -> None:
    refused(house, statement, message)


@pytest.mark.parametrize(
    ("run_id", "after"),
    [
        *((3, state) for state in RunState if state is not RunState.SIMULATED),
        *((2, state) for state in RunState if state is not RunState.DONE),
    ],
)
def test_what_is_simulated_or_done_stays_so(house: House, run_id: int, after: RunState) -> None:
    refused(house, f"UPDATE run SET state = '{after}' WHERE id = {run_id}", "illegal transition")


@pytest.mark.parametrize(
    "statement",
    [
        items.WAITING,
        "SELECT ordinal FROM run_item WHERE run_id = ? AND "
        f"{items.came_to(ItemOutcome.CANCELLED)} ORDER BY ordinal LIMIT ?",
    ],
)
def test_items_by_outcome_come_from_their_index(house: House, statement: str) -> None:
    """A run that walked over what it has done would take four times as long for twice the items."""
    with house.desk.store.read() as connection:
        steps = fetch(connection, f"EXPLAIN QUERY PLAN {statement}", 1, 10)
    assert len(steps) == 1
    assert "run_item_by_outcome (run_id=? AND outcome=?)" in steps[0].detail

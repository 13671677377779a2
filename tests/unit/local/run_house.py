"""A house whose runs are stopped, left behind and refused, for tests of the life of a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.plan import Part
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.runs import RunState
from backend_client.local.rows import fetch
from tests.unit.builders import request
from tests.unit.local.cancelled_house import (
    BOSS,
    OTHER_BOSS,
    House,
    between_steps,
    chunks_of,
)
from tests.unit.local.venue import Desk, counts_and_hashes

NAMES = ("A", "B", "C", "D", "E")


@pytest.fixture
def five_sold(desk: Desk) -> House:
    """One performance, and five bookings of 10.00 for it."""
    house = House(desk)
    for name in NAMES:
        house.sell(name)
    return house


def give_back(house: House, name: str) -> None:
    """A cashier gives a booking back at the window."""
    booking = house.backend.booking(BOSS, name).booking
    asked = replace(request(1, parts=(Part(Method.REQUESTED),)), booking_id=booking.id)
    house.backend.execute_refund(BOSS, house.backend.preview_refund(BOSS, asked))


def cancelled(house: House) -> int:
    """Refunds that runs have made so far."""
    with house.desk.store.read() as connection:
        asked = "SELECT COUNT(*) AS n FROM refund WHERE origin = 'cancellation_run'"
        return int(fetch(connection, asked)[0].n)


def left_behind(house: House, run_id: int) -> None:
    """As if the program that carries the run out had been killed."""
    house.desk.store.write(
        lambda connection: connection.exec_driver_sql(
            "UPDATE run SET state = 'running', owner = 'nowhere:1:1:0', owner_until_us = 0 "
            "WHERE id = ?",
            (run_id,),
        ),
        label="test",
    )


def stopped(house: House, monkeypatch: pytest.MonkeyPatch) -> int:
    """A live run that another window stopped after its second booking."""
    chunks_of(monkeypatch, 1)
    simulated = house.simulate()

    def stop() -> None:
        house.backend.stop_run(OTHER_BOSS, simulated.id + 1)

    between_steps(monkeypatch, stop, when=lambda: cancelled(house) == 2)
    run = house.backend.go_live(BOSS, simulated.id)
    assert (run.state, run.done, run.ended_at) == (RunState.STOPPED, 2, None)
    return run.id


def refused(house: House, code: str, simulation_id: int) -> Refused:
    """Going live is refused with this code, and every row is as it was."""
    before = counts_and_hashes(house.desk.store)
    with pytest.raises(Refused, match=code) as refusal:
        house.backend.go_live(BOSS, simulation_id)
    assert counts_and_hashes(house.desk.store) == before
    return refusal.value

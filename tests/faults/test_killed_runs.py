"""A cancellation killed in its live phase: resumed it does the rest, nothing twice, to the cent."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.runs import ItemOutcome, Run, RunState
from backend_client.local.doctor import examine
from backend_client.local.rows import fetch
from backend_client.settings import RunSettings, Settings
from tests.faults import run_child
from tests.faults.cancelled_siege import (
    CancellationPlan,
    besiege_cancellation,
    is_paid,
    look,
    sold,
)
from tests.shop import PRICE, SUPERVISOR, Shop, opened_shop
from tests.sound import wrong

BOOKINGS, TOGETHER = 24, 7

pytestmark = pytest.mark.faults

PAID = sum(is_paid(number) for number in range(1, BOOKINGS + 1))


def simulated(folder: Path) -> Run:
    with opened_shop(folder) as shop:
        shop.sell(sold(number) for number in range(1, BOOKINGS + 1))
        parameters = CancellationParameters((1,), "performance-cancelled")
        return shop.backend.simulate_cancellation(SUPERVISOR, parameters)


def killed(folder: Path, simulation: Run, label: str, occurrence: int, moment: str) -> None:
    command = [sys.executable, "-m", run_child.__name__, str(folder), str(simulation.id), label]
    child = subprocess.run([*command, str(occurrence), moment, str(TOGETHER)], check=False)
    assert child.returncode == -signal.SIGKILL, "it was not killed where it should be"


def refunds(shop: Shop) -> list[tuple[int, int]]:
    """Bookings and amounts of all refunds there are."""
    with shop.store.read() as connection:
        rows = fetch(connection, "SELECT booking_id, amount_minor FROM refund ORDER BY booking_id")
        return [(row.booking_id, row.amount_minor) for row in rows]


def check_whole(shop: Shop, run: Run, simulation: Run) -> None:
    """Everything was done once, and every figure says the same."""
    assert (run.state, run.done, run.totals) == (RunState.DONE, PAID, tuple(_done(simulation)))
    assert run.outcomes == {
        ItemOutcome.CANCELLED: PAID,
        ItemOutcome.SKIPPED: BOOKINGS - PAID,
    }
    assert refunds(shop) == [(one, 2 * PRICE) for one in range(1, BOOKINGS + 1) if one % 5]
    assert wrong(examine(shop.store)) == {}


def _done(simulation: Run) -> list[object]:
    return [row for row in simulation.totals if row.name != "skip"]


@pytest.mark.parametrize("moment", ["inside", "after"])
@pytest.mark.parametrize(
    ("label", "occurrence"),
    [("begin items", 2), ("cancel bookings", 1), ("cancel bookings", 3), ("leave run", 1)],
)
def test_a_killed_cancellation_goes_on_and_does_nothing_twice(
    tmp_path: Path, label: str, occurrence: int, moment: str
) -> None:
    simulation = simulated(tmp_path)
    killed(tmp_path, simulation, label, occurrence, moment)
    with opened_shop(tmp_path) as shop:
        assert wrong(examine(shop.store)) == {}
        run = shop.backend.run(SUPERVISOR, simulation.id + 1)
        assert len(refunds(shop)) == run.outcomes.get(ItemOutcome.CANCELLED, 0) == run.done
        if run.state is not RunState.DONE:
            assert run.is_lost, "whoever carried it out is gone"
            with pytest.raises(Refused, match="run-used"):
                shop.backend.go_live(SUPERVISOR, simulation.id)
            run = shop.backend.resume_run(SUPERVISOR, run.id)
        check_whole(shop, run, simulation)


@pytest.mark.parametrize("moment", ["inside", "after"])
def test_killed_as_it_goes_live_it_is_begun_or_not(tmp_path: Path, moment: str) -> None:
    """Before the commit nothing happened and the simulation is as good as it was; after it the
    performance is closed and the run is there to be resumed."""
    simulation = simulated(tmp_path)
    killed(tmp_path, simulation, "go live", 1, moment)
    with opened_shop(tmp_path) as shop:
        begun = shop.backend.run(SUPERVISOR, simulation.id).live_id
        assert (begun is not None) is (moment == "after")
        (hamlet,) = shop.backend.performances(SUPERVISOR).performances
        assert hamlet.blocked is (moment == "after")
        go_on = shop.backend.go_live if begun is None else shop.backend.resume_run
        check_whole(shop, go_on(SUPERVISOR, begun or simulation.id), simulation)


def test_killed_twice_it_still_adds_up(tmp_path: Path) -> None:
    """Lost, ended, and the rest taken by a new run."""
    simulation = simulated(tmp_path)
    killed(tmp_path, simulation, "cancel bookings", 2, "after")
    with opened_shop(tmp_path) as shop:
        first = shop.backend.end_run(SUPERVISOR, simulation.id + 1)
        assert (first.state, first.done) == (RunState.DONE, 2 * TOGETHER)
        parameters = CancellationParameters((1,), "performance-cancelled")
        again = shop.backend.simulate_cancellation(SUPERVISOR, parameters)
    killed(tmp_path, again, "cancel bookings", 1, "inside")
    with opened_shop(tmp_path) as shop:
        run = shop.backend.resume_run(SUPERVISOR, again.id + 1)
        assert (run.state, run.done) == (RunState.DONE, PAID - 2 * TOGETHER)
        assert refunds(shop) == [(one, 2 * PRICE) for one in range(1, BOOKINGS + 1) if one % 5]
        assert wrong(examine(shop.store)) == {}


def test_killed_as_it_went_live_and_ended_every_item_is_counted(tmp_path: Path) -> None:
    simulation = simulated(tmp_path)
    killed(tmp_path, simulation, "go live", 1, "after")
    with opened_shop(tmp_path) as shop:
        run = shop.backend.end_run(SUPERVISOR, simulation.id + 1)
        assert (run.state, run.done, refunds(shop)) == (RunState.DONE, 0, [])
        assert run.outcomes == {ItemOutcome.LEFT: PAID, ItemOutcome.SKIPPED: BOOKINGS - PAID}
        assert wrong(examine(shop.store)) == {}


@pytest.mark.parametrize("then", ["ended", "gone on with"])
@pytest.mark.parametrize("moment", ["inside", "after"])
@pytest.mark.parametrize(
    ("label", "occurrence"), [("take run over", 1), ("leave items", 2), ("leave run", 1)]
)
def test_killed_while_it_is_ended_it_is_ended_later_or_goes_on(
    tmp_path: Path, label: str, occurrence: int, moment: str, then: str
) -> None:
    simulation = simulated(tmp_path)
    killed(tmp_path, simulation, "cancel bookings", 1, "after")
    killed(tmp_path, simulation, label, occurrence, moment)
    with opened_shop(tmp_path) as shop:
        assert wrong(examine(shop.store)) == {}
        run = shop.backend.run(SUPERVISOR, simulation.id + 1)
        assert run.is_lost is (run.state is not RunState.DONE)
        if run.is_lost and then == "gone on with":
            check_whole(shop, shop.backend.resume_run(SUPERVISOR, run.id), simulation)
            return
        if run.is_lost:
            run = shop.backend.end_run(SUPERVISOR, run.id)
        assert (run.state, run.done, len(refunds(shop))) == (RunState.DONE, TOGETHER, TOGETHER)
        assert run.outcomes[ItemOutcome.LEFT] == PAID - TOGETHER
        assert wrong(examine(shop.store)) == {}


def test_killed_again_and_again_it_cancels_each_booking_once(tmp_path: Path) -> None:
    """The short form; `python -m tests.faults --cancellation` kills thirty times."""
    verdict = besiege_cancellation(tmp_path, CancellationPlan(5, 20_260_314))
    print(verdict)
    assert verdict.is_sound, str(verdict)
    assert verdict.kills == 5
    with opened_shop(tmp_path) as shop:
        shop.store.write(
            lambda connection: connection.exec_driver_sql(
                "UPDATE run_total SET amount_minor = amount_minor + 1 WHERE name = 'cancel' "
                "AND run_id = (SELECT MAX(id) FROM run)"
            ),
            label="test",
        )
        look(shop, shop.backend.run(SUPERVISOR, 1), verdict)
    assert (verdict.unequal, verdict.findings) == (1, 1), "a cent more is seen"


@pytest.mark.parametrize("moment", ["inside", "after"])
def test_killed_between_the_approval_and_the_run(tmp_path: Path, moment: str) -> None:
    """What was committed of an approval counts, and it is whole or not there at all."""
    simulation = simulated(tmp_path)
    killed(tmp_path, simulation, run_child.APPROVING, 1, moment)
    four_eyes = Settings(runs=RunSettings(four_eyes_minor=0))
    with opened_shop(tmp_path, settings=four_eyes) as shop:
        found = shop.backend.run(SUPERVISOR, simulation.id)
        assert (found.approval is not None) is (moment == "after")
        if found.approval is None:
            with pytest.raises(Refused, match="approval-required"):
                shop.backend.go_live(SUPERVISOR, simulation.id)
            assert refunds(shop) == []
            shop.backend.approve_run(run_child.APPROVER, found.id, found.fingerprint)
        check_whole(shop, shop.backend.go_live(SUPERVISOR, simulation.id), simulation)

"""kill -9 in the live phase of a dispatch: resumed, every refund is paid once and none is lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from backend_client.domain.runs import ItemOutcome, RunState
from tests.clocks import SteppingClock
from tests.faults.crash_child import (
    AFTER_MOVING,
    BEFORE_CALL,
    BEFORE_INTENT,
    BEFORE_RECORD,
    INSIDE_BEGINNING,
    INSIDE_BIRTHS,
    INSIDE_CREDIT,
    INSIDE_INTENT,
    INSIDE_RECORD,
    Orders,
    dispatch,
)
from tests.faults.test_kills import Child
from tests.shop import SUPERVISOR, open_shop, opened_shop, provider_ledger
from tests.unit.local.dispatch_house import (
    FALLBACK,
    healthy,
    legs,
    outcomes,
    request,
    sell,
    simulate,
)
from tests.unit.local.dispatch_house import (
    dispatch as again,
)

pytestmark = pytest.mark.faults

BOOKINGS = 150
WORDS = ("pay", "dead", "lost", "slow", "pay")
KILLS = (
    (INSIDE_BEGINNING, 1),
    (INSIDE_BIRTHS, 1),
    (INSIDE_BIRTHS, 3),
    (BEFORE_INTENT, 3),
    (INSIDE_INTENT, 2),
    (BEFORE_CALL, 3),
    (AFTER_MOVING, 40),
    (BEFORE_RECORD, 2),
    (INSIDE_RECORD, 2),
    (INSIDE_CREDIT, 1),
)


@pytest.mark.parametrize(("step", "occurrence"), KILLS)
def test_a_killed_dispatch_resumes(tmp_path: Path, step: str, occurrence: int) -> None:
    with opened_shop(tmp_path, settles=False) as shop:
        for number in range(1, BOOKINGS + 1):
            sell(shop, number, (f"{WORDS[number % len(WORDS)]}-{number}", 1000))
            request(shop, number)
        simulation = simulate(shop, FALLBACK).id
    child = Child(Orders(tmp_path, 0, False, (simulation,), step, occurrence), dispatch)
    assert child.ended(), "it was to be killed"
    clock = SteppingClock()
    clock.move(minutes=1)
    shop = open_shop(tmp_path, clock=clock)
    live = shop.backend.run(SUPERVISOR, simulation).live_id
    assert live is not None
    assert shop.backend.run(SUPERVISOR, live).is_lost
    healthy(shop)
    run = shop.backend.resume_run(SUPERVISOR, live)
    assert run.state is RunState.DONE
    assert sum(outcomes(run).values()) == BOOKINGS
    for _ in range(3):
        clock.move(hours=1)
        shop.settler.drive()
    if outcomes(shop.backend.run(SUPERVISOR, live)).get(ItemOutcome.DECLINED):
        again(shop, FALLBACK)
    _once_each(tmp_path)
    states = Counter(
        state for number in range(1, BOOKINGS + 1) for _, state, _ in legs(shop, number)
    )
    dead = sum(WORDS[number % len(WORDS)] == "dead" for number in range(1, BOOKINGS + 1))
    assert states == {"succeeded": BOOKINGS - dead, "credited": dead}
    assert shop.backend.credit(SUPERVISOR, "C-1").balances == (("EUR", 1000 * dead),)
    healthy(shop)
    shop.backend.close()


def _once_each(folder: Path) -> None:
    """The provider's own books: what moved, moved once for each payment."""
    moved = [row for row in provider_ledger(folder) if row[3] != "declined"]
    assert len({row[0] for row in moved}) == len(moved) == BOOKINGS - BOOKINGS // len(WORDS)

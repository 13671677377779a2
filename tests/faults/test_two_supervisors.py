"""Two programs go live at the same moment: one does everything, the other is told why not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.runs import RunState
from backend_client.local.doctor import examine
from tests.faults.cancelled_siege import sold
from tests.faults.test_killed_runs import BOOKINGS, PAID, refunds
from tests.shop import PRICE, SUPERVISOR, Shop, opened_shop
from tests.sound import wrong

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("same", [True, False], ids=["one simulation", "two simulations"])
def test_one_of_two_wins(tmp_path: Path, same: bool) -> None:
    """Each with a store of its own open on the one file, as two programs have."""
    parameters = CancellationParameters((1,), "performance-cancelled")
    with opened_shop(tmp_path) as anna, opened_shop(tmp_path) as ben:
        anna.sell(sold(number) for number in range(1, BOOKINGS + 1))
        simulated = [
            shop.backend.simulate_cancellation(SUPERVISOR, parameters) for shop in (anna, ben)
        ]
        chosen = [simulated[0].id, simulated[0 if same else 1].id]
        barrier = Barrier(2)

        def go(shop: Shop, simulation_id: int) -> str:
            barrier.wait()
            try:
                run = shop.backend.go_live(SUPERVISOR, simulation_id)
            except Refused as refusal:
                return refusal.code
            assert (run.state, run.done) == (RunState.DONE, PAID)
            return "done"

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(go, (anna, ben), chosen))
        late = {"run-used"} if same else {"run-scope-taken", "run-changed"}
        assert answers[0] == "done"
        assert answers[1] in late
        assert refunds(anna) == [(one, 2 * PRICE) for one in range(1, BOOKINGS + 1) if one % 5]
        assert wrong(examine(anna.store)) == {}

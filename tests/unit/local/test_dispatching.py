"""Dispatch on the store, worked out with figures: simulated, carried out, and carried out again."""

from __future__ import annotations

from pathlib import Path

from backend_client.domain.runs import RunState
from tests.unit.local.dispatch_house import (
    NEVER,
    dispatch,
    everything,
    house,
    legs,
    outcomes,
    request,
    sell,
    simulate,
    totals,
)


def test_a_simulation_changes_nothing(tmp_path: Path) -> None:
    """Trap 16: no row of money, no mail, no call."""
    with house(tmp_path) as shop:
        sell(shop, 1, ("pay-1", 2900))
        request(shop, 1)
        before = everything(shop)
        run = simulate(shop)
        assert everything(shop) == before
        assert (run.candidates, run.items, run.taken) == (1, 1, 1)
        assert totals(run) == {"plan cards": (1, 2900), "card": (1, 2900)}


def test_the_prescribed_procedure(tmp_path: Path) -> None:
    """Never, again never, then when not possible: of 29.00, 14.50 and 50.00 the first card works,
    the second is dead, and of the third 42.00 fit on cards."""
    with house(tmp_path) as shop:
        sell(shop, 1, ("pay-1", 2900))
        sell(shop, 2, ("dead-2", 1450))
        sell(shop, 3, ("pay-3a", 3000), ("pay-3b", 1200), ("terminal", 800))
        for number in (1, 2, 3):
            request(shop, number)
        run = dispatch(shop, NEVER)
        assert run.state is RunState.DONE
        print(totals(run), outcomes(run))
        assert legs(shop, 1) == [("matched", "succeeded", 2900)]
        assert legs(shop, 2) == [("matched", "declined", 1450)]

"""A hundred thousand items on the screen: only what is in sight is read, drawn and kept."""

from __future__ import annotations

from dataclasses import replace

from backend_client.domain.caller import Caller
from backend_client.domain.refund import LegState
from backend_client.domain.runs import (
    ItemOutcome,
    ItemPage,
    ItemPlan,
    Run,
    RunState,
    RunTotal,
)
from tests.functional.run_steps import (
    SIMULATION,
    confirming,
    dispatch_form,
    go,
    simulated,
    supervised,
)
from tests.functional.scripted_items import Script
from tests.functional.scripted_runs import ScriptedRuns
from tests.functional.window import cashier
from tui.widgets.virtual_list import PAGE_ROWS, PAGES_KEPT

ITEMS = 100_000


class LongRuns(ScriptedRuns):
    """Figures that cost nothing to answer, so that only the window's own work is left."""

    def __init__(self) -> None:
        super().__init__(count=ITEMS, held=True)
        self.limits: list[int] = []

    def _live(self, script: Script) -> Run:
        assert script.live is not None
        done = script.done
        counts = {ItemOutcome.REFUNDED: done, ItemOutcome.WAITING: ITEMS - done}
        totals = (RunTotal("card", "succeeded", "CHF", done, done * 1000),)
        return replace(script.live, outcomes=counts, done=done, totals=totals)

    def run_items(
        self,
        caller: Caller,
        run_id: int,
        *,
        plans: frozenset[ItemPlan] = frozenset(),
        outcomes: frozenset[ItemOutcome] = frozenset(),
        seen: frozenset[LegState] = frozenset(),
        start: int = 0,
        limit: int = 200,
    ) -> ItemPage:
        """Every filter lets everything through: nothing is counted here."""
        self.limits.append(limit)
        return super().run_items(caller, run_id, start=start, limit=limit)


async def test_any_place_of_the_list_is_one_page_away() -> None:
    backend = LongRuns()
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        assert screen.rows.items.total == ITEMS
        read = len(backend.limits)
        await go(person, "end")
        assert person.sees("WQ100000")
        assert len(backend.limits) - read <= 2
        await go(person, "home")
        for _ in range(60):
            await person.press("pagedown")
        await person.settled()
        assert len(screen.rows.items._pages) <= PAGES_KEPT
        assert max(backend.limits) <= PAGE_ROWS


async def test_a_live_run_of_that_many_asks_for_a_screenful() -> None:
    backend = LongRuns()
    async with cashier(supervised(backend)) as person:
        await dispatch_form(person)
        screen = await simulated(person)
        assert screen.run is not None
        count = str(screen.run.taken)
        await confirming(person)
        await person.type(count)
        backend.limits.clear()
        await person.press("f9")
        await person.until(lambda: backend.scripts[SIMULATION].live is not None, "it is live")
        backend.advance(SIMULATION, 40_000)
        await person.until(lambda: person.sees("40,000 of 100,000"), "progress")
        assert person.sees("40 %")
        await person.until(lambda: screen.rows.items.total > 0, "the latest rows")
        assert max(backend.limits) <= 24
        backend.stop_run(person.app.caller, SIMULATION)
        await person.until(
            lambda: screen.run is not None and screen.run.state is RunState.STOPPED, "stopped"
        )
        await person.settled()

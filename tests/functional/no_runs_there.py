"""What no screen of the window asks about runs, answered as where there never was one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from backend_client.domain.caller import Caller
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
from backend_client.domain.runs import (
    Differences,
    ItemOutcome,
    ItemPage,
    ItemPlan,
    PerformancePage,
    Run,
    RunPage,
)


class NoRunsThere:
    """The part of a backend that has no performance and no run."""

    def performances(
        self, caller: Caller, text: str = "", *, start: int = 0, limit: int = 200
    ) -> PerformancePage:
        return PerformancePage((), 0)

    def simulate_cancellation(
        self,
        caller: Caller,
        parameters: CancellationParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        raise Refused("performance-unknown", performance=parameters.performances[0])

    def simulate_dispatch(
        self,
        caller: Caller,
        parameters: DispatchParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        raise Refused("run-dates", first=parameters.first, last=parameters.last)

    def differences(self, caller: Caller, simulation_id: int) -> Differences:
        raise Refused("run-not-found", run=simulation_id)

    def go_live(self, caller: Caller, simulation_id: int) -> Run:
        raise Refused("run-not-found", run=simulation_id)

    def approve_run(self, caller: Caller, simulation_id: int, fingerprint: str) -> Run:
        raise Refused("run-not-found", run=simulation_id)

    def resume_run(self, caller: Caller, run_id: int) -> Run:
        raise Refused("run-not-found", run=run_id)

    def stop_run(self, caller: Caller, run_id: int) -> Run:
        raise Refused("run-not-found", run=run_id)

    def end_run(self, caller: Caller, run_id: int) -> Run:
        raise Refused("run-not-found", run=run_id)

    def runs(self, caller: Caller, *, before: int | None = None, limit: int = 50) -> RunPage:
        return RunPage(())

    def run(self, caller: Caller, run_id: int) -> Run:
        raise Refused("run-not-found", run=run_id)

    def run_items(
        self,
        caller: Caller,
        run_id: int,
        *,
        plans: frozenset[ItemPlan] = frozenset(),
        outcomes: frozenset[ItemOutcome] = frozenset(),
        start: int = 0,
        limit: int = 200,
    ) -> ItemPage:
        raise Refused("run-not-found", run=run_id)

    def export_run(self, caller: Caller, run_id: int) -> Iterator[dict[str, object]]:
        raise Refused("run-not-found", run=run_id)

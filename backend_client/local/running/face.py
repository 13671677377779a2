"""The methods of the `Running` protocol on the local backend; the rooms behind load when asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from backend_client.domain.caller import Action, Caller
from backend_client.domain.permissions import may
from backend_client.domain.runs import WantedItems

if TYPE_CHECKING:
    from backend_client.domain.refund import LegState
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
    from backend_client.local.running.room import RunRoom


class RunningFace(ABC):
    """What a backend with a store answers about runs."""

    @abstractmethod
    def _answering(
        self, caller: Caller, asked: str, *, anybody: bool = False
    ) -> AbstractContextManager[Caller]:
        """Every answer is a value or a row of the catalogue; who was denied is on record."""

    @property
    @abstractmethod
    def _runs(self) -> RunRoom: ...

    def performances(
        self, caller: Caller, text: str = "", *, start: int = 0, limit: int = 200
    ) -> PerformancePage:
        with self._answering(caller, "performances") as known:
            may(known, Action.SEARCH)
            return self._runs.performances(text, start, limit)

    def simulate_cancellation(
        self,
        caller: Caller,
        parameters: CancellationParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        with self._answering(caller, "simulate cancellation") as known:
            return self._runs.simulate_cancellation(known, parameters, progress)

    def simulate_dispatch(
        self,
        caller: Caller,
        parameters: DispatchParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        with self._answering(caller, "simulate dispatch") as known:
            return self._runs.simulate_dispatch(known, parameters, progress)

    def differences(self, caller: Caller, simulation_id: int) -> Differences:
        with self._answering(caller, "differences") as known:
            may(known, Action.READ_RUNS)
            return self._runs.differences(known, simulation_id)

    def go_live(self, caller: Caller, simulation_id: int) -> Run:
        with self._answering(caller, "go live") as known:
            return self._runs.go_live(known, simulation_id)

    def approve_run(self, caller: Caller, simulation_id: int, fingerprint: str) -> Run:
        with self._answering(caller, "approve run") as known:
            return self._runs.approve(known, simulation_id, fingerprint)

    def resume_run(self, caller: Caller, run_id: int) -> Run:
        with self._answering(caller, "resume run") as known:
            return self._runs.resume(known, run_id)

    def stop_run(self, caller: Caller, run_id: int) -> Run:
        with self._answering(caller, "stop run") as known:
            return self._runs.stop(known, run_id)

    def end_run(self, caller: Caller, run_id: int) -> Run:
        with self._answering(caller, "end run") as known:
            return self._runs.end(known, run_id)

    def runs(self, caller: Caller, *, before: int | None = None, limit: int = 50) -> RunPage:
        with self._answering(caller, "runs") as known:
            may(known, Action.READ_RUNS)
            return self._runs.page(before, limit)

    def run(self, caller: Caller, run_id: int) -> Run:
        with self._answering(caller, "run") as known:
            may(known, Action.READ_RUNS)
            return self._runs.run(run_id)

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
        with self._answering(caller, "run items") as known:
            may(known, Action.READ_RUNS)
            return self._runs.items(run_id, WantedItems(plans, outcomes, seen), start, limit)

    def export_run(self, caller: Caller, run_id: int) -> Iterator[dict[str, object]]:
        """Asked for once, read as it goes; who may not is refused before the first row."""
        with self._answering(caller, "export run") as known:
            may(known, Action.READ_RUNS)
            return self._runs.export(known, run_id)

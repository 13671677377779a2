"""The part of the Backend protocol for mass runs: simulate, look, go live, stop, resume, export.

As everywhere, each call carries a `Caller`, blocks, and is made from a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from backend_client.domain.caller import Caller
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


class Running(Protocol):
    """A simulation freezes items; a live run names it and carries out exactly these."""

    def performances(
        self, caller: Caller, text: str = "", *, start: int = 0, limit: int = 200
    ) -> PerformancePage:
        """Performances whose event or key holds `text`, the next one first and the past ones
        behind, `start` rows left out; what is sold of each is counted in set form."""
        ...

    def simulate_cancellation(
        self,
        caller: Caller,
        parameters: CancellationParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        """Freeze what cancelling would do: a stored run that changes no money and sends nothing.

        Raises Refused: `performance-unknown`, `performances-of-two-events`, `run-too-many-named`,
        `reason-required`, `reason-unknown`, `run-filter-unknown`.
        """
        ...

    def simulate_dispatch(
        self,
        caller: Caller,
        parameters: DispatchParameters,
        progress: Callable[[int], None] = lambda _items: None,
    ) -> Run:
        """Freeze what dispatching would do; nothing is sent. Raises Refused: `run-dates`."""
        ...

    def differences(self, caller: Caller, simulation_id: int) -> Differences:
        """What changed since a simulation was frozen, and what only appeared since."""
        ...

    def go_live(self, caller: Caller, simulation_id: int) -> Run:
        """Carry out exactly the frozen items, and return when the run is done, stopped or paused.

        Raises Refused before anything is done: `run-not-found`, `run-not-simulated`, `run-used`,
        `run-expired`, `run-changed`, `run-scope-taken`, `run-nothing-to-do`; `approval-required`
        above the house's threshold, and `run-over-ceiling` where nobody looks.
        """
        ...

    def approve_run(self, caller: Caller, simulation_id: int, fingerprint: str) -> Run:
        """Say as another supervisor that a simulation may go live exactly as it is; it is used up
        with it. Approving twice is approving once.

        Raises Refused: `approval-own`, `approval-by-nobody`, `approval-differs`, and as `go_live`
        for what can no longer go live.
        """
        ...

    def resume_run(self, caller: Caller, run_id: int) -> Run:
        """Go on with a live run that was stopped or paused, or whose program is gone; returns as
        `go_live`. Raises Refused: `run-not-found`, `run-only-simulated`,
        `run-not-resumable`."""
        ...

    def stop_run(self, caller: Caller, run_id: int) -> Run:
        """Ask a live run to stop, from any window: what is on the wire is finished, nothing more
        is begun. Returns at once; the run's state says when it stopped. Asking twice is asking
        once. Raises Refused: `run-not-found`, `run-not-running`."""
        ...

    def end_run(self, caller: Caller, run_id: int) -> Run:
        """Give up what is left of a stopped or paused run for good, so that another may begin.
        Raises Refused: `run-not-found`, `run-only-simulated`, `run-not-endable`."""
        ...

    def runs(self, caller: Caller, *, before: int | None = None, limit: int = 50) -> RunPage:
        """Runs, newest first."""
        ...

    def run(self, caller: Caller, run_id: int) -> Run:
        """One run with its totals as they are now; cheap enough to ask ten times a second."""
        ...

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
        """Items of a run by position in the filtered list; a filter that is empty means all.
        `seen` are the states payments were in when a dispatch was simulated."""
        ...

    def export_run(self, caller: Caller, run_id: int) -> Iterator[dict[str, object]]:
        """The log: the run itself with its totals first, then every item, in order."""
        ...

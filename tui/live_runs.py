"""The live runs this window carries out: they go on whatever screen is shown, until stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from backend_client.domain.runs import Run
    from tui.app import TicketWindowApp


class LiveRuns:
    """Each run in a thread of the window, named by its simulation; its end comes as a message.

    A run that is begun has no number of its own until its first commit, so the simulation's is
    what it goes by here.
    """

    def __init__(self, window: TicketWindowApp) -> None:
        self._window = window
        self._under_way: set[int] = set()
        self._begun = 0
        self._stopper: threading.Thread | None = None

    @property
    def under_way(self) -> bool:
        return bool(self._under_way)

    @property
    def simulations(self) -> tuple[int, ...]:
        """The runs under way by their simulations, in the order of these."""
        return tuple(sorted(self._under_way))

    @property
    def stopping(self) -> bool:
        """Was all of it asked to stop, because the window closes?"""
        return self._stopper is not None

    def carries_out(self, run: Run) -> bool:
        """Is this run, or the run of this simulation, under way in this window?"""
        return (run.simulation_id or run.id) in self._under_way

    def go_live(self, simulation: Run) -> None:
        self._begin(simulation.id, lambda backend, who: backend.go_live(who, simulation.id))

    def resume(self, run: Run) -> None:
        assert run.simulation_id is not None
        self._begin(run.simulation_id, lambda backend, who: backend.resume_run(who, run.id))

    def _begin(self, simulation_id: int, call: Callable[[Backend, Caller], Run]) -> None:
        window = self._window
        assert window.backend is not None
        assert simulation_id not in self._under_way
        self._under_way.add(simulation_id)
        self._begun += 1
        own_id = f"{window.caller.correlation_id}-run-{self._begun}"
        caller = replace(window.caller, correlation_id=own_id)
        window.run_worker(
            partial(self._carry_out, window.backend, caller, simulation_id, call),
            thread=True,
            group="runs",
            exit_on_error=False,
        )

    def _carry_out(
        self,
        backend: Backend,
        caller: Caller,
        simulation_id: int,
        call: Callable[[Backend, Caller], Run],
    ) -> None:
        from tui.screens.messages import RunOver  # no start waits for it

        result: Run | Refused
        try:
            result = call(backend, caller)
        except Refused as problem:
            result = problem
        except Exception as error:
            result = self._window.as_problem(error)
        self._window.post_message(RunOver(simulation_id, result))

    def ended(self, simulation_id: int) -> None:
        self._under_way.discard(simulation_id)

    def stop_all(self) -> None:
        """Ask every run to stop, in a thread of its own: the window may be closing already."""
        backend = self._window.backend
        if backend is None or not self._under_way or self._stopper is not None:
            return
        self._stopper = threading.Thread(
            target=self._stop, args=(backend, self.simulations), name="stop-runs"
        )
        self._stopper.start()

    def _stop(self, backend: Backend, simulations: tuple[int, ...]) -> None:
        """A run that has no number yet, or is over, has nothing to stop."""
        for simulation_id in simulations:
            try:
                live_id = backend.run(self._window.caller, simulation_id).live_id
                if live_id is not None:
                    backend.stop_run(self._window.caller, live_id)
            except Refused:
                continue

    def join(self) -> None:
        """Wait until everything was asked; the store is closed only then."""
        if self._stopper is not None:
            self._stopper.join()

"""A screen that makes simulations, and says how far one is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from backend_client.backend import Backend
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
from backend_client.domain.runs import Run
from tui.screens.typed_fields import TypedFieldsScreen
from tui.widgets.frame_lines import Level


@dataclass
class Frozen(Message):
    """So many items are frozen by now."""

    items: int


class SimulatingScreen(TypedFieldsScreen):
    """One simulation at a time; it changes no money, so leaving the screen does not matter."""

    simulating = False
    _told = True
    """Was the last progress shown? What comes before is dropped, not queued."""

    def simulated(self, run: Run) -> None:
        """The simulation is made."""
        raise NotImplementedError

    def not_simulated(self, problem: Refused) -> None:
        self.refuse_problem(problem)

    def simulate(self, parameters: CancellationParameters | DispatchParameters) -> None:
        if self.simulating:
            return
        self.simulating = self._told = True
        self.say(self.window.wording.text("screen.run.simulating"), Level.INFO)
        self.ask("simulate", self._question(parameters), self._made, self._failed)
        self.refresh_frame()

    def _question(
        self, parameters: CancellationParameters | DispatchParameters
    ) -> Callable[[Backend], Run]:
        caller = self.window.caller
        if isinstance(parameters, CancellationParameters):
            cancelled = parameters
            return lambda backend: backend.simulate_cancellation(caller, cancelled, self._progress)
        dispatched = parameters
        return lambda backend: backend.simulate_dispatch(caller, dispatched, self._progress)

    def _progress(self, items: int) -> None:
        """In the worker: told only as fast as it is shown."""
        if self._told:
            self._told = False
            self.post_message(Frozen(items))

    def on_frozen(self, message: Frozen) -> None:
        self._told = True
        if self.simulating:
            count = f"{message.items:,}"
            self.say(self.window.wording.text("screen.run.simulating_items", count=count))

    def _made(self, run: Run) -> None:
        self.simulating = False
        self.simulated(run)

    def _failed(self, problem: Refused) -> None:
        self.simulating = False
        self.not_simulated(problem)

    def why_not(self, action: str) -> str:
        reason = super().why_not(action)
        if not reason and self.simulating and action in ("preview", "commit", "export"):
            return self.window.wording.text("screen.run.not.simulating")
        return reason

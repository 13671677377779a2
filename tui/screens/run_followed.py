"""A run that is kept up to date while it is looked at: read, looked after, and followed while it
is live."""

from __future__ import annotations

from collections.abc import Sequence

from backend_client.backend import Backend
from backend_client.domain.problems import Refused
from backend_client.domain.runs import Run, RunItem, RunMode, RunState
from tui.screens.run_items import MOVED
from tui.screens.run_list import RunList
from tui.screens.simulating import SimulatingScreen
from tui.text.run_pace import Pace

PULL_S = 0.2
"""How often a live run is asked for its figures: by one worker, never for each item."""
LOOK_S = 1.0
"""How often one nobody carries out here is looked at: another program may."""


class FollowedRunScreen(SimulatingScreen):
    """Subclasses show what `take` is given; while the run is live the list gets its latest rows."""

    def __init__(self, run: Run | int) -> None:
        """A run just made, or the number of one to read."""
        super().__init__()
        self.run_id = run if isinstance(run, int) else run.id
        self.run: Run | None = None if isinstance(run, int) else run
        self.pace = Pace()
        self._pulling = False

    def take(self, run: Run) -> None:
        """Show the run as it is now."""
        raise NotImplementedError

    @property
    def rows(self) -> RunList:
        return self.query_one(RunList)

    def on_mount(self) -> None:
        # Textual calls this of every class by itself: called once more, it would ask twice.
        self.set_interval(PULL_S, self._pull)
        self.set_interval(LOOK_S, self._look)

    def came_back(self) -> None:
        self.read()

    def payments_moved(self) -> None:
        self.read()

    @property
    def phase(self) -> str:
        """`reading`, `simulated`, `starting`, `live`, `halted` or `done`."""
        run = self.run
        if run is None:
            return "reading"
        here = self.window.live_runs.carries_out(run)
        if run.mode is RunMode.SIMULATION:
            return "starting" if here else "simulated"
        if run.state is RunState.DONE:
            return "done"
        is_running = run.state is RunState.RUNNING and not run.is_lost
        return "live" if here or is_running else "halted"

    def read(self) -> None:
        """The run as it is now, and for a simulation what changed since."""
        caller, run_id = self.window.caller, self.run_id
        self.ask("run", lambda backend: backend.run(caller, run_id), self.take)

    def _look(self) -> None:
        """See what another program did to it: gone live with it, on with it, or given it up."""
        if self.phase in ("simulated", "halted") and self.window.frame is self:
            caller, run_id = self.window.caller, self.run_id
            # What stands against one look is no news: the next one is soon.
            self.ask("look", lambda backend: backend.run(caller, run_id), self._looked, _nothing)

    def _looked(self, run: Run) -> None:
        if self.phase in ("simulated", "halted") and run.id == self.run_id and run != self.run:
            self.take(run)

    def _pull(self) -> None:
        if self._pulling or self.phase not in ("starting", "live"):
            return
        self._pulling = True
        room = self.rows.room
        self.ask(
            "progress",
            lambda backend: self._progress_of(backend, room),
            self._pulled,
            self._pull_failed,
        )

    def _progress_of(self, backend: Backend, room: int) -> tuple[Run, Sequence[RunItem]]:
        """In a worker: the figures, and as many of the latest rows as there is room for."""
        caller = self.window.caller
        run = backend.run(caller, self.run_id)
        if run.mode is RunMode.SIMULATION and run.live_id is not None:
            run = backend.run(caller, run.live_id)
        moved = sum(run.outcomes.get(outcome, 0) for outcome in MOVED)
        if run.mode is RunMode.SIMULATION or not room or not moved:
            return run, ()
        start = max(moved - room, 0)
        page = backend.run_items(caller, run.id, outcomes=MOVED, start=start, limit=room)
        return run, page.items

    def _pulled(self, answer: tuple[Run, Sequence[RunItem]]) -> None:
        self._pulling = False
        run, rows = answer
        self.pace.read(self.window.clock.now(), run)
        if run != self.run:
            self.take(run)
        self.rows.show_latest(rows)

    def _pull_failed(self, problem: Refused) -> None:
        self._pulling = False
        self.refuse_problem(problem)

    def pull_no_more(self) -> None:
        """Its end is known: figures still under way are older than that."""
        self.forget("progress")
        self._pulling = False


def _nothing(_problem: Refused) -> None:
    pass

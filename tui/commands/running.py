"""`cancel-performance` and `dispatch`: simulate, go live with what was simulated, or both at once
unattended, below the ceilings of the house."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from backend_client.domain.caller import Entrance
from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.run_record import cancellation_of, dispatch_of
from backend_client.domain.runs import Run, RunKind, RunMode, RunState
from tui.commands import running_typed
from tui.commands.running_live import Carrying, Progress
from tui.commands.running_outcome import COMMANDS, Report
from tui.commands.running_unattended import left_behind
from tui.commands.session import Session

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller


def cancel_performance(session: Session) -> int:
    """Step 1: what goes back is requested, nothing is paid out."""
    _refuse_half_a_step(session)
    with session.backend() as backend:
        step = _Step(session, backend)
        if session.args.live:
            simulation = step.simulation(RunKind.CANCELLATION)
            known = cancellation_of(simulation.parameters)
            again = running_typed.cancellation(session, backend, step.caller, known)
            _refuse_unlike(session, running_typed.unlike(again, known))
            return step.live(simulation)
        nothing = CancellationParameters((), "")
        told = running_typed.cancellation(session, backend, step.caller, nothing)
        for option, given in (("PERFORMANCE", told.performances), ("--reason", told.reason)):
            if not given:
                raise session.usage("run_needs", option=option)
        if not step.earlier_night_is_done(RunKind.CANCELLATION, told.performances):
            return step.exit_code
        progress = Progress(session)
        run = backend.simulate_cancellation(step.caller, told, progress.items)
        progress.over()
        return step.simulated(run) or step.exit_code


def dispatch(session: Session) -> int:
    """Step 2: what was requested is paid out, to cards and to credit accounts."""
    _refuse_half_a_step(session)
    if session.args.live:
        with session.backend() as backend:
            step = _Step(session, backend)
            simulation = step.simulation(RunKind.DISPATCH)
            known = dispatch_of(simulation.parameters)
            again = running_typed.dispatch(session, known)
            _refuse_unlike(session, running_typed.unlike(again, known))
            return step.live(simulation)
    told = running_typed.dispatch(session, None)
    with session.backend() as backend:
        step = _Step(session, backend)
        if not step.earlier_night_is_done(RunKind.DISPATCH):
            return step.exit_code
        progress = Progress(session)
        run = backend.simulate_dispatch(step.caller, told, progress.items)
        progress.over()
        return step.simulated(run) or step.exit_code


def _refuse_half_a_step(session: Session) -> None:
    if session.args.live != (session.args.simulation is not None):
        raise session.usage("run_simulation")


def _refuse_unlike(session: Session, options: Iterable[str]) -> None:
    named = ", ".join(options)
    if named:
        raise session.usage("run_unlike", options=named, run=session.args.simulation)


class _Step:
    """One command about one run, from its parameters to its exit code."""

    def __init__(self, session: Session, backend: Backend) -> None:
        self._session = session
        self._backend = backend
        entrance = Entrance.UNATTENDED if session.args.unattended else Entrance.COMMAND_LINE
        self.caller: Caller = session.caller(entrance)
        self.exit_code = 0
        """That of a run an earlier night left, if there was one."""
        self._report = Report(session, backend, self.caller)

    def simulation(self, kind: RunKind) -> Run:
        """The simulation that is to go live, which must be one of this kind."""
        run = self._backend.run(self.caller, self._session.args.simulation)
        if run.kind is not kind:
            command = f"{COMMANDS[run.kind]} --live --simulation {run.id}"
            raise self._session.usage("run_kind", run=run.id, command=command)
        return run

    def earlier_night_is_done(self, kind: RunKind, performances: Iterable[int] = ()) -> bool:
        """Go on first with what an earlier night left; False when that gets no further."""
        if not self._session.args.unattended:
            return True
        left = left_behind(self._backend, self.caller, kind, performances)
        if left is None:
            return True
        self._report.goes_on(left)
        carrying = Carrying(self._session, self._backend, self.caller)
        try:
            run = carrying.carry_out(
                lambda: self._backend.resume_run(self.caller, left.id), lambda: left.id
            )
        except Refused as refused:
            self.exit_code = self._report.refused(refused, self._now(left))
            self._report.not_begun()
            return False
        if run.state is RunState.DONE:
            self.exit_code = self._report.went_on(run)
            return True
        self.exit_code = self._report.ended(run, carrying.told)
        self._report.not_begun()
        return False

    def _now(self, run: Run) -> Run:
        """The run as it is, where that can still be read."""
        with suppress(Refused):
            return self._backend.run(self.caller, run.id)
        return run

    def simulated(self, run: Run) -> int:
        """Shown and left to be looked at, or carried out at once where nobody is there to."""
        session = self._session
        if not session.args.unattended or run.state is not RunState.SIMULATED:
            return self._report.simulated(run)
        if not run.taken:
            return self._report.nothing_to_do(run)
        return self._go(run, lambda: None if session.console.json else self._report.show(run))

    def live(self, simulation: Run) -> int:
        """What only appeared since is left for the next run; what changed forbids this one."""
        session = self._session
        if simulation.mode is RunMode.SIMULATION and simulation.live_id is None:
            self._report.since(self._backend.differences(self.caller, simulation.id))
        told = self._report.what(simulation)
        words = session.wording.text("command.running.going_live", told=told)
        say = session.console.say
        return self._go(simulation, lambda: None if session.console.json else say(words))

    def _go(self, simulation: Run, begun: Callable[[], None] = lambda: None) -> int:
        backend, caller = self._backend, self.caller
        carrying = Carrying(self._session, backend, caller)
        try:
            run = carrying.carry_out(
                lambda: backend.go_live(caller, simulation.id),
                lambda: self._live_id(simulation),
                begun,
            )
        except Refused as refused:
            return self._report.refused(refused, self._as_it_is(simulation))
        return self._report.ended(run, carrying.told)

    def _live_id(self, simulation: Run) -> int | None:
        """The run that begins here; one that carried the simulation out before is another."""
        if simulation.live_id is not None:
            return None
        return self._backend.run(self.caller, simulation.id).live_id

    def _as_it_is(self, simulation: Run) -> Run:
        """The live run, if it came to that before it was refused more; else the simulation."""
        live_id = self._now(simulation).live_id
        if live_id is None or simulation.live_id is not None:
            return simulation
        with suppress(Refused):
            return self._backend.run(self.caller, live_id)
        return simulation

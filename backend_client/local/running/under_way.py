"""Runs that went live: carried out and gone on with by one program at a time, stopped, given up."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from backend_client.domain.caller import Action, Caller, Entrance
from backend_client.domain.permissions import may
from backend_client.domain.problems import Kind, Refused
from backend_client.domain.run_record import cancellation_of, dispatch_of
from backend_client.domain.runs import (
    BROKE_OFF,
    ENDED_BY,
    TOLD_TO_END,
    UNFINISHED,
    ItemOutcome,
    Run,
    RunKind,
    RunMode,
    RunState,
    RunTotal,
)
from backend_client.local.running import allowing, items, reading, runs
from backend_client.local.running.live import Live, NotOursError, StopAskedError, tell
from backend_client.local.running.looks import RunLooks
from backend_client.local.running.runs import Owner
from backend_client.local.running.work import Ending
from backend_client.processes import own_name, own_token

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Row

    from backend_client.domain.run_parameters import CancellationParameters, DispatchParameters
    from backend_client.local.context import Context, Driver
    from backend_client.local.running.work import RunWork

BEGUN_AT_ONCE = 4000
"""Items that get their first outcome in one step."""
LEFT_AT_ONCE = 4000
"""At most so many are left to other runs, or taken up again, in one step."""
TAKEN_BACK_AT_ONCE = 64
"""Payments that were never sent are requested again, as they were made: in steps of as many."""


class RunsUnderWay(RunLooks):
    """What becomes of both kinds of runs once they are live, over what a kind does."""

    def __init__(self, context: Context, driver: Driver) -> None:
        super().__init__(context)
        self._driver = driver

    def resume(self, caller: Caller, run_id: int) -> Run:
        with self._context.store.read() as connection:
            seen = runs.row_of(connection, run_id)
            may(caller, self._work_of(caller, seen).action)
            self._check_left(seen, "run-not-resumable")
            allowing.check_program(connection, caller, seen)
        return self._go_on(caller, seen)

    def finish(self, run_id: int) -> None:
        """Bring a paused run to its end of which nothing is left to be sent, in the name of who
        went live with it: what is refused is credited and all of it told, as they decided."""
        with self._context.store.read() as connection:
            seen = runs.row_of(connection, run_id)
        if seen.state != RunState.PAUSED:
            return
        try:
            self._go_on(runs.caller_of(seen), seen)
        except Refused as refusal:
            if refusal.code != "run-not-resumable":  # somebody else was faster
                raise

    def _go_on(self, caller: Caller, seen: Row[Any]) -> Run:
        """Take over a run that was read as `seen`, and carry it out."""
        live = self._taken_over(caller, seen, "run_resumed")
        return self._carry_out(live, self._work_of(caller, seen))

    def _taken_over(self, caller: Caller, seen: Row[Any], told: str, note: str = "") -> Live:
        """The run in our hands, if it is as it was read; `note` says what for."""
        context, owner, run_id = self._context, new_owner(), int(seen.id)
        live = Live(context, caller, run_id, owner, seen.simulation_id)

        def take_over(connection: Connection) -> None:
            if not runs.take_over(connection, seen, owner, context.now(), note):
                now_row = runs.row_of(connection, run_id)
                raise Refused("run-not-resumable", run=run_id, state=now_row.state)
            live.tell(connection, told, before=seen.state)

        context.store.write(take_over, label="take run over")
        return live

    def _check_left(self, row: Row[Any], refusal: str) -> None:
        """Is it a live run that nobody carries out and that is not through?"""
        if row.mode != RunMode.LIVE:
            raise Refused("run-only-simulated", run=row.id)
        lost = runs.is_lost(row, self._context.now())
        if row.state not in (RunState.STOPPED, RunState.PAUSED) and not lost:
            raise Refused(refusal, run=row.id, state=row.state)

    def _carry_out(self, live: Live, work: RunWork) -> Run:
        def go_on() -> None:
            self._begin_items(live)
            self._of_items(live, items.take_up, "take items up")
            self._leave(live, work.carry_out(live))

        self._guarded(live, go_on)
        return self.run(live.run_id)

    def _of_items(
        self, live: Live, change: Callable[[Connection, int, int], int], told: str
    ) -> None:
        """Change items step by step, until there are none any more that it changes."""
        live.steps(
            lambda connection, count: change(connection, live.simulation_id, count),
            most=LEFT_AT_ONCE,
            label=told,
        )

    def _begin_items(self, live: Live) -> None:
        while live.step(
            lambda connection: items.begin(connection, live.simulation_id, BEGUN_AT_ONCE),
            label="begin items",
        ):
            pass

    def _guarded(self, live: Live, work: Callable[[], None]) -> None:
        """Do `work`; whatever ends it early leaves a run that says so."""
        try:
            work()
        except StopAskedError:
            self._leave(live, Ending(RunState.STOPPED))
        except NotOursError:
            return
        except BaseException as error:
            with suppress(Refused):
                self._leave(live, Ending(RunState.STOPPED, _told_of(error, live.caller)))
            raise

    def _leave(self, live: Live, ending: Ending, told: str = "") -> None:
        """Out of our hands; the log tells of it as `told`, or by the state it is in now."""

        def leave(connection: Connection) -> None:
            now = self._context.now()
            left = runs.leave(connection, live.run_id, live.owner, ending.state, ending.note, now)
            if not left:
                return
            if ending.state not in UNFINISHED:
                runs.release_scopes(connection, live.run_id)
            self._tell_end(connection, live, ending, told or f"run_{ending.state.value}")

        self._context.store.write(leave, label="leave run")

    def _tell_end(self, connection: Connection, live: Live, ending: Ending, told: str) -> None:
        run = reading.read(connection, live.run_id, self._context.now())
        live.tell(
            connection,
            told,
            note=ending.note,
            done=run.done,
            left=run.outcomes.get(ItemOutcome.LEFT, 0),
            totals=[told_total(one) for one in run.totals],
            outcomes={outcome.value: count for outcome, count in run.outcomes.items()},
        )

    # ------------------------------------------------------------ stop and end

    def stop(self, caller: Caller, run_id: int) -> Run:
        context = self._context

        def ask(connection: Connection) -> None:
            row = runs.row_of(connection, run_id)
            may(caller, Action.STOP_RUN)
            if runs.is_lost(row, context.now()):
                stopped = runs.set_down(connection, row)
            else:
                why = TOLD_TO_END if caller.entrance is Entrance.UNATTENDED else ""
                stopped = runs.ask_to_stop(connection, run_id, why)
                if not stopped and row.state not in (RunState.RUNNING, RunState.SIMULATING):
                    raise Refused("run-not-running", run=run_id, state=row.state)
            if stopped:
                tell(context, connection, caller, run_id, "run_stop_asked")

        context.store.write(ask, label="stop run")
        return self.run(run_id)

    def end(self, caller: Caller, run_id: int) -> Run:
        """In steps, as it is carried out: it is in our hands until the last item is left. Who
        breaks off in between leaves a run that is ended, or gone on with as a whole, as any."""
        with self._context.store.read() as connection:
            seen = runs.row_of(connection, run_id)
            work = self._work_of(caller, seen)
            may(caller, work.action)
            self._check_left(seen, "run-not-endable")
            allowing.check_program(connection, caller, seen)
        note = f"{ENDED_BY}{caller.operator}"
        live = self._taken_over(caller, seen, "run_ending", note)

        def end() -> None:
            self._begin_items(live)  # those nobody came to are counted too
            self._of_items(live, items.leave, "leave items")
            live.steps(
                lambda connection, count: work.give_up(connection, live, count),
                most=TAKEN_BACK_AT_ONCE,
                label="take back",
            )
            self._leave(live, Ending(RunState.DONE, note), "run_ended")

        self._guarded(live, end)
        return self.run(run_id)

    # ------------------------------------------------------------ parts

    def _work_of(self, caller: Caller, row: Row[Any]) -> RunWork:
        told = json.loads(row.parameters)
        if row.kind == RunKind.CANCELLATION:
            return self._cancelling(caller, cancellation_of(told))
        return self._dispatching(caller, dispatch_of(told))

    def _cancelling(self, caller: Caller, parameters: CancellationParameters) -> RunWork:
        from backend_client.local.running.cancelling import Cancelling

        return Cancelling(self._context, caller, parameters)

    def _dispatching(self, caller: Caller, parameters: DispatchParameters) -> RunWork:
        from backend_client.local.running.dispatching import Dispatching

        return Dispatching(self._context, self._driver, caller, parameters)


def _told_of(error: BaseException, caller: Caller) -> str:
    """The note of a run that ended by `error`. Only what something around it lacked, with nobody
    there to see it, can be gone by itself: a mistake of ours would come again."""
    if not isinstance(error, Refused):
        return type(error).__name__
    passes = error.problem.kind is Kind.UNAVAILABLE and caller.entrance is Entrance.UNATTENDED
    return f"{BROKE_OFF if passes else ''}{error.code}"


def told_total(row: RunTotal) -> list[Any]:
    return [row.name, row.detail, row.currency, row.count, row.amount_minor]


def new_owner() -> Owner:
    return Owner(own_token(), own_name())

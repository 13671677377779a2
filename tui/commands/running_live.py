"""A live run on the command line: carried out in a thread of its own, while this one says how far
it is and hears that it shall end."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from backend_client.domain.problems import Refused
from backend_client.domain.runs import Run, RunState
from tui.commands.session import Session
from tui.commands.signals import Told, told_to_end
from tui.text.run_pace import Pace, figures

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller

LOOK_S = 0.2
"""How often a run is asked how far it is."""
LINE_EVERY_S = 30.0
"""A log gets a line as often, where a terminal has one that moves."""
STDERR = 2


class Progress:
    """How many items are through: one moving line on a terminal, now and then one elsewhere."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last = time.monotonic()
        self._shown = 0.0
        self._pace = Pace()

    def items(self, done: int) -> None:
        """So many are frozen by now."""
        self._tell("command.running.simulating", count=f"{done:,}")

    def run(self, run: Run) -> None:
        self._pace.read(self._session.clock.now(), run)
        told = "   ".join(figures(run, self._pace.rate, self._session.wording))
        self._tell("command.running.live", run=run.id, told=told)

    def over(self) -> None:
        self._session.console.progress("")

    def _tell(self, key: str, **values: object) -> None:
        now = time.monotonic()
        if sys.stderr.isatty():
            if now - self._shown >= LOOK_S:
                self._shown = now
                self._session.console.progress(self._session.wording.text(key, **values))
        elif now - self._last >= LINE_EVERY_S:
            self._last = now
            self._session.console.say(self._session.wording.text(key, **values))


class Carrying:
    """One call of the backend that carries a run out. A first signal stops the run in order, a
    second one leaves at once: what is committed stays, and the run can be resumed."""

    def __init__(self, session: Session, backend: Backend, caller: Caller) -> None:
        self._session = session
        self._backend = backend
        self._caller = caller
        self._signals = 0
        self._asked = False
        self._result: Run | BaseException | None = None
        self._tell_begun: Callable[[], None] | None = None
        self.told = Told()

    def carry_out(
        self,
        call: Callable[[], Run],
        live_id: Callable[[], int | None],
        begun: Callable[[], None] = lambda: None,
    ) -> Run:
        """What `call` returned, or what it raised; `live_id` is None until the run has begun,
        which `begun` is told once."""
        self._tell_begun = begun
        worker = threading.Thread(target=self._call, args=(call,), name="run", daemon=True)
        progress = Progress(self._session)
        with told_to_end(self._heard) as self.told:
            worker.start()
            while worker.is_alive():
                worker.join(LOOK_S)
                # What stands against looking stands against the run too, and that says it.
                with suppress(Refused):
                    self._look(live_id(), progress)
        progress.over()
        if isinstance(self._result, BaseException):
            raise self._result
        assert self._result is not None
        self._has_begun()
        return self._result

    def _look(self, run_id: int | None, progress: Progress) -> None:
        if run_id is None:
            return
        self._has_begun()
        run = self._backend.run(self._caller, run_id)
        if self.told.number and not self._asked and run.state is RunState.RUNNING:
            progress.over()
            self._session.console.say(self._session.wording.text("command.running.stopping"))
            self._backend.stop_run(self._caller, run_id)
            self._asked = True
        elif not self._asked:
            progress.run(run)

    def _has_begun(self) -> None:
        """What is refused has not begun, and is not said to have."""
        tell, self._tell_begun = self._tell_begun, None
        if tell is not None:
            tell()

    def _call(self, call: Callable[[], Run]) -> None:
        try:
            self._result = call()
        except BaseException as error:
            self._result = error

    def _heard(self) -> None:
        """In a signal handler: nothing here may wait for what was interrupted."""
        self._signals += 1
        if self._signals > 1:
            words = self._session.wording.text("command.running.left")
            os.write(STDERR, f"{words}\n".encode())
            os._exit(self.told.exit_code)

"""One window in a process of its own, told what to do line by line.

    plan BOOKING SEQUENCES METHOD   → planned
    go                              → {"code": …, "refund": …} of the commit
    hold                            → held: the write lock is taken, until the next line
    die STATEMENT                   → commits the plan, and is killed before that statement of it
    room BYTES                      → no file may grow beyond this; 0 lifts the limit again
    stream FIRST LAST               → refunds bookings B-FIRST … B-LAST, one number a line

Answers are one line each. `die` forks, so that one start serves many deaths.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import replace

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.plan import Part, RefundPlan, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.local.backend import LocalBackend
from backend_client.local.connect import driver
from backend_client.local.store import Store
from backend_client.ports import RandomTokens, SystemClock
from backend_client.settings import Settings
from tests.unit.local.venue import backend_over

REASON = "goodwill"


class Window:
    """A backend over a file; opened anew for each command, as a till that is switched on."""

    def __init__(self, url: str, operator: str) -> None:
        self._url = url
        self._caller = Caller(
            operator, Role.CASHIER, operator, "box-office", Entrance.COMMAND_LINE, "corr-1"
        )
        self._plan: RefundPlan | None = None
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store = Store.open(self._url, create=False, clock=SystemClock())
        return self._store

    @property
    def backend(self) -> LocalBackend:
        return backend_over(self.store, Settings(), SystemClock(), RandomTokens())

    def plan(self, booking: str, sequences: str, method: str) -> str:
        chosen = tuple(int(one) for one in sequences.split(","))
        found = self.backend.booking(self._caller, booking).booking
        request = RefundRequest(found.id, chosen, REASON, (Part(Method(method)),))
        self._plan = self.backend.preview_refund(self._caller, request)
        return "planned"

    def go(self) -> str:
        assert self._plan is not None
        try:
            outcome = self.backend.execute_refund(self._caller, self._plan)
        except Refused as refusal:
            return json.dumps({"code": refusal.code, "refund": refusal.details.get("refund", "")})
        return json.dumps({"code": "", "refund": outcome.refund.number})

    def hold(self) -> str:
        """Take the write lock and keep it until another line comes."""
        path = self._url.removeprefix("sqlite:///")
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        print("held", flush=True)
        sys.stdin.readline()
        connection.execute("ROLLBACK")
        connection.close()
        return "released"

    def die(self, statement: str) -> str:
        """Fork: the child commits the plan and is killed before the given statement."""
        assert self._plan is not None
        if self._store is not None:
            self._store.close()
            self._store = None
        child = os.fork()
        if child == 0:
            self._commit_and_die(int(statement))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        return "killed" if os.WIFSIGNALED(status) else "done"

    def stream(self, first: str, last: str) -> str:
        """Refund booking after booking, each acknowledged on a line of its own."""
        for number in range(int(first), int(last)):
            self.plan(f"B-{number}", "1", "requested")
            print(json.loads(self.go())["refund"], flush=True)
        return "end"

    def room(self, size: str) -> str:
        """Let the disk be full: what SQLite is told then is the same."""
        most = int(size) or resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
        return "limited" if int(size) else "free"

    def _commit_and_die(self, statement: int) -> None:
        assert self._plan is not None
        seen = 0

        def trace(sql: str) -> None:
            nonlocal seen
            seen += 1
            if seen == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        self.store.write(
            lambda connection: driver(connection).set_trace_callback(trace), label="arm"
        )
        plan = replace(self._plan, commit_key=f"death-{statement}")
        self.backend.execute_refund(self._caller, plan)


def main() -> None:
    window = Window(sys.argv[1], sys.argv[2])
    commands: dict[str, Callable[..., str]] = {
        "plan": window.plan,
        "go": window.go,
        "hold": window.hold,
        "die": window.die,
        "stream": window.stream,
        "room": window.room,
    }
    for line in sys.stdin:
        name, *words = line.split()
        print(commands[name](*words), flush=True)


if __name__ == "__main__":
    main()

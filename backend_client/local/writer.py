"""The one thread that writes: two priorities, and one commit for jobs that wait together."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection, Engine

from backend_client.domain.problems import Refused
from backend_client.local.connect import driver
from backend_client.local.errors import commit_problem_of, problem_of

POLL_S = 0.002
TOGETHER = 64
"""At most so many jobs share a commit: the store's lock is held for all of them."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do in a write transaction, and where its result is awaited; `committing` is
    called when all that is left of it is the disk's work."""

    work: Callable[[Connection], Any]
    label: str
    committing: Callable[[], None] = lambda: None
    future: Future[Any] = field(default_factory=Future)


class Writer:
    """Runs jobs one after another inside BEGIN IMMEDIATE, window before run.

    Jobs that share a transaction have a savepoint each: one that fails leaves no trace and does
    not touch its neighbours. Where SQLite itself gives up the whole transaction (a full disk), the
    neighbours run again by themselves, so a job must do nothing but write to its connection. A job
    alone is undone with its transaction: for a savepoint SQLite keeps a copy of every page.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        store: str,
        deadline_s: float,
        turn: AbstractContextManager[Any],
        guard: Callable[[], None],
        prepare: Callable[[Connection], object],
        noting: Callable[[sqlite3.Connection], Callable[[], None]],
    ) -> None:
        """`prepare` may refuse a transaction; `noting` looks at it before its commit, and what it
        answers is done once that is on the disk."""
        self._engine = engine
        self._store = store
        self._deadline_s = deadline_s
        self._turn = turn
        self._guard = guard
        self._prepare = prepare
        self._noting = noting
        self._window: deque[Job] = deque()
        self._run: deque[Job] = deque()
        self._waiting = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, job: Job, *, run: bool) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError(f"{job.label}: a job may not wait for another job")
        with self._waiting:
            if self._closing:
                raise Refused("store-gone", store=self._store)
            (self._run if run else self._window).append(job)
            self._waiting.notify()

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._waiting:
            self._closing = True
            self._waiting.notify()
        self._thread.join()

    def _serve(self) -> None:
        while jobs := self._next():
            batches = deque([jobs])
            while batches:
                batches.extend([job] for job in self._write(batches.popleft()))
            del jobs

    def _next(self) -> list[Job]:
        with self._waiting:
            self._waiting.wait_for(lambda: self._window or self._run or self._closing)
            if self._window:
                count = min(len(self._window), TOGETHER)
                return [self._window.popleft() for _ in range(count)]
            return [self._run.popleft()] if self._run else []

    def _write(self, jobs: list[Job]) -> list[Job]:
        """One transaction for `jobs`; the ones that must run again, each alone."""
        try:
            self._guard()
            with self._turn, self._engine.connect() as connection:
                raw = driver(connection)
                begin_immediate(raw, self._deadline_s)
                with connection.begin():
                    self._prepare(connection)
                    run = self._run_alone if len(jobs) == 1 else self._run_all
                    done, again = run(connection, raw, jobs)
                    if raw.in_transaction:
                        note = self._noting(raw)
                        for job, _ in done:
                            job.committing()
                        self._commit(raw)
                        note()
        except BaseException as error:
            problem = problem_of(error, store=self._store, seconds=self._deadline_s)
            _fail(jobs, problem or error, error)
            return []
        for job, result in done:
            job.future.set_result(result)
        return again

    def _run_alone(
        self, connection: Connection, raw: sqlite3.Connection, jobs: list[Job]
    ) -> tuple[list[tuple[Job, Any]], list[Job]]:
        try:
            return [(jobs[0], jobs[0].work(connection))], []
        except BaseException as error:
            self._refuse(jobs[0], error)
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            return [], []

    def _run_all(
        self, connection: Connection, raw: sqlite3.Connection, jobs: list[Job]
    ) -> tuple[list[tuple[Job, Any]], list[Job]]:
        done: list[tuple[Job, Any]] = []
        for place, job in enumerate(jobs):
            raw.execute("SAVEPOINT job")
            try:
                result = job.work(connection)
            except BaseException as error:
                self._refuse(job, error)
                if not raw.in_transaction:
                    return [], [one for one, _ in done] + jobs[place + 1 :]
                raw.execute("ROLLBACK TO job")
                raw.execute("RELEASE job")
            else:
                raw.execute("RELEASE job")
                done.append((job, result))
        return done, []

    def _refuse(self, job: Job, error: BaseException) -> None:
        problem = problem_of(error, store=self._store, seconds=self._deadline_s)
        _fail([job], problem or error, error)

    def _commit(self, raw: sqlite3.Connection) -> None:
        try:
            raw.execute("COMMIT")
        except sqlite3.Error as error:
            problem = commit_problem_of(error, store=self._store)
            if problem is None:
                raise
            raise problem from error


def _fail(jobs: list[Job], problem: BaseException, cause: BaseException) -> None:
    for job in jobs:
        if not job.future.done():
            if problem is not cause:
                problem.__cause__ = cause
            job.future.set_exception(problem)


def begin_immediate(connection: sqlite3.Connection, deadline_s: float) -> None:
    """Take the write lock, asking every 2 ms.

    SQLite's own waiting backs off to 100 ms naps and starves beside a busy neighbour.
    """
    limit = time.monotonic() + deadline_s
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= limit:
                raise
        time.sleep(POLL_S)

"""What is written together: one commit for those who wait, windows before runs, failures alone."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from backend_client.local.connect import driver
from backend_client.local.ids import take
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from backend_client.local.writer import Job
from tests.unit.local.venue import opened, url_of
from tests.unit.refusing import refused


class Held:
    """Holds the writer thread in one job, so that what is queued meanwhile waits together."""

    def __init__(self, store: Store) -> None:
        self._go = threading.Event()
        self.statements: list[str] = []
        entered = threading.Event()

        def hold(connection: Connection) -> None:
            entered.set()
            self._go.wait()
            driver(connection).set_trace_callback(self.statements.append)

        self._first = Job(hold, "hold")
        assert store._writer is not None
        self._writer = store._writer
        self._writer.submit(self._first, run=False)
        entered.wait()

    def queue(self, job: Job, *, run: bool = False) -> Job:
        self._writer.submit(job, run=run)
        return job

    def release(self) -> None:
        self._go.set()
        self._first.future.result()


def test_jobs_that_wait_together_share_one_commit_and_fail_alone(store: Store) -> None:
    held = Held(store)

    def fails(connection: Connection) -> int:
        take(connection, "failed")
        raise ZeroDivisionError

    jobs = [
        held.queue(Job(lambda connection: take(connection, "x"), "first")),
        held.queue(Job(fails, "fails")),
        held.queue(Job(lambda connection: take(connection, "x"), "last")),
    ]
    held.release()
    assert jobs[0].future.result() == 1
    with pytest.raises(ZeroDivisionError):
        jobs[1].future.result()
    assert jobs[2].future.result() == 2
    assert held.statements.count("BEGIN IMMEDIATE") == 1
    with store.read() as connection:
        assert [row.name for row in fetch(connection, "SELECT name FROM sequence")] == ["x"]


def test_a_job_alone_is_undone_with_its_transaction(store: Store) -> None:
    held = Held(store)

    def fails(connection: Connection) -> int:
        take(connection, "failed")
        raise ZeroDivisionError

    alone = held.queue(Job(fails, "fails"))
    held.release()
    with pytest.raises(ZeroDivisionError):
        alone.future.result()
    assert store.write(lambda connection: take(connection, "x"), label="test") == 1
    assert "ROLLBACK" in held.statements
    assert not [one for one in held.statements if one.startswith("SAVEPOINT")]
    with store.read() as connection:
        assert [row.name for row in fetch(connection, "SELECT name FROM sequence")] == ["x"]


def test_windows_go_before_runs(store: Store) -> None:
    held = Held(store)
    order: list[str] = []
    jobs = [
        held.queue(Job(lambda connection: order.append("run"), "run"), run=True),
        held.queue(Job(lambda connection: order.append("window"), "window")),
    ]
    held.release()
    for job in jobs:
        job.future.result()
    assert order == ["window", "run"]


def test_neighbours_of_a_job_that_lost_the_transaction_are_done_again(store: Store) -> None:
    """SQLite itself rolls everything back when the disk is full."""
    held = Held(store)

    def loses_everything(connection: Connection) -> None:
        driver(connection).execute("ROLLBACK")
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    first = held.queue(Job(lambda connection: take(connection, "x"), "first"))
    full = held.queue(Job(loses_everything, "full"))
    last = held.queue(Job(lambda connection: take(connection, "x"), "last"))
    held.release()
    with refused("store-full"):
        full.future.result()
    assert {first.future.result(), last.future.result()} == {1, 2}
    assert store.write(lambda connection: take(connection, "x"), label="test") == 3


def test_an_error_of_the_statement_itself_passes_as_it_is(store: Store) -> None:
    from sqlalchemy.exc import IntegrityError

    def job(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO meta(key, value) VALUES ('a', 'b'), ('a', 'c')")

    with pytest.raises(IntegrityError):
        store.write(job, label="test")


def test_parameters_are_not_in_the_text_of_errors(store: Store) -> None:
    from sqlalchemy.exc import IntegrityError

    def job(connection: Connection) -> None:
        for _ in range(2):
            connection.exec_driver_sql(
                "INSERT INTO meta(key, value) VALUES (?, ?)", ("4111111111111111", "x")
            )

    with pytest.raises(IntegrityError) as caught:
        store.write(job, label="test")
    assert "4111111111111111" not in str(caught.value)


def test_who_waits_is_told_when_only_the_commit_is_left(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    with opened(url_of(tmp_path / "store.db")) as store:

        def look() -> None:
            with store.read() as connection:
                seen.append([row.name for row in fetch(connection, "SELECT name FROM sequence")])

        first = store.start(lambda one: take(one, "x"), label="told", committing=look)
        assert first.result() == 1
        look()
    assert seen == [[], ["x"]]


def test_a_job_that_fails_is_never_said_to_be_committing(store: Store) -> None:
    told: list[str] = []

    def fails(connection: Connection) -> int:
        raise ZeroDivisionError

    failing = store.start(fails, label="fails", committing=lambda: told.append("fails"))
    with pytest.raises(ZeroDivisionError):
        failing.result()
    assert told == []

"""Looks at the whole store for anything that cannot be, and changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from backend_client.backend import Check, DoctorReport
from backend_client.domain.refund import OPEN
from backend_client.local import migrations
from backend_client.local.doctor_checks import CHECKS, SqlCheck
from backend_client.local.doctor_looks import LOOKS, LookCheck, broken_chain
from backend_client.local.doctor_mail import MAIL_CHECKS
from backend_client.local.doctor_providers import PROVIDER_CHECKS
from backend_client.local.store import Store
from backend_client.local.triggers import in_list

MOST_FINDINGS = 20
_COUNTED = ("booking", "line", "payment", "refund", "leg", "book_entry", "audit")


def examine(store: Store) -> DoctorReport:
    """Every check on one consistent moment of the store; at most 20 findings a check.

    The chain of the audit log, which is computing alone, is followed beside the rest, which is the
    database's work alone; in memory they would wait for each other's turn.
    """
    if store.path is None:
        with store.read() as connection:
            return _report(connection, store, lambda: _chain(store))
    with ThreadPoolExecutor(1) as pool, store.read() as connection:
        return _report(connection, store, pool.submit(_chain, store).result)


def _report(connection: Connection, store: Store, chain: Callable[[], Check]) -> DoctorReport:
    checks = [_look(connection, store, check) for check in LOOKS]
    checks += [_ask(connection, check) for check in (*CHECKS, *PROVIDER_CHECKS, *MAIL_CHECKS)]
    checks.append(chain())
    return DoctorReport(checks=tuple(checks), facts=dict(_facts(connection, store)))


def _chain(store: Store) -> Check:
    return _check("audit", "The audit chain holds", lambda: broken_chain(store))


def _look(connection: Connection, store: Store, check: LookCheck) -> Check:
    return _check(check.code, check.title, lambda: check.look(connection, store))


def _ask(connection: Connection, check: SqlCheck) -> Check:
    def findings() -> Iterator[str]:
        for row in connection.exec_driver_sql(check.statement):
            yield str(row[0])

    return _check(check.code, check.title, findings)


def _check(code: str, title: str, findings: Callable[[], Iterable[str]]) -> Check:
    """A check that could not be made has failed: what cannot be read may be anything."""
    try:
        found = tuple(islice(findings(), MOST_FINDINGS))
    except (DBAPIError, sqlite3.Error) as error:
        found = (f"cannot be checked: {type(error).__name__}",)
    return Check(code, title, ok=not found, findings=found)


def _facts(connection: Connection, store: Store) -> Iterator[tuple[str, str]]:
    yield "store", store.name
    yield "sqlite_version", sqlite3.sqlite_version
    yield "schema_version", str(migrations.version_of(connection))
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    yield "size_bytes", str(pages * size)
    for table in _COUNTED:
        count = connection.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar_one()
        yield f"{table}_rows", str(count)
    open_legs = f"SELECT COUNT(*) FROM leg WHERE state IN {in_list(OPEN)}"
    yield "open_legs", str(connection.exec_driver_sql(open_legs).scalar_one())

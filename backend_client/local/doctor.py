"""Looks at the whole store for anything that cannot be, and changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain, islice

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from backend_client.domain.refund import OPEN
from backend_client.local import migrations
from backend_client.local.anchor import Mark
from backend_client.local.doctor_access import ACCESS_CHECKS
from backend_client.local.doctor_approvals import APPROVAL_CHECKS, APPROVAL_LOOKS
from backend_client.local.doctor_checks import CHECKS, SqlCheck
from backend_client.local.doctor_connect import CONNECT_CHECKS
from backend_client.local.doctor_dispatch import DISPATCH_CHECKS
from backend_client.local.doctor_looks import LOOKS, LookCheck, broken_chain
from backend_client.local.doctor_mail import MAIL_CHECKS
from backend_client.local.doctor_providers import PROVIDER_CHECKS, unserved
from backend_client.local.doctor_run_limits import RUN_LIMIT_CHECKS
from backend_client.local.doctor_runs import RUN_CHECKS, RUN_LOOKS
from backend_client.local.doctor_sweeps import SWEEPS, Sweep
from backend_client.local.open_refunds import Serves
from backend_client.local.store import Store
from backend_client.local.triggers import in_list
from backend_client.reports import Check, DoctorReport

MOST_FINDINGS = 20
CHAIN = "audit"
SERVED = "served"
_LOOKED = (*LOOKS, *RUN_LOOKS, *APPROVAL_LOOKS)
_ASKED = (
    *CHECKS,
    *PROVIDER_CHECKS,
    *MAIL_CHECKS,
    *RUN_CHECKS,
    *RUN_LIMIT_CHECKS,
    *DISPATCH_CHECKS,
    *ACCESS_CHECKS,
    *APPROVAL_CHECKS,
    *CONNECT_CHECKS,
)
_ORDER = (
    *(look.code for look in _LOOKED),
    *(rule.code for sweep in SWEEPS for rule in sweep.rules),
    *(check.code for check in _ASKED),
    SERVED,
    CHAIN,
)
_UNREADABLE = (DBAPIError, sqlite3.Error)
_COUNTED = ("booking", "line", "payment", "refund", "leg", "book_entry", "audit")


BESIDE = frozenset({"integrity", "foreign-keys", "cards", "L13"})
"""About half the work: done on a second connection, as long as that sees the same moment."""


def examine(store: Store, serves: Serves = lambda _name: True) -> DoctorReport:
    """Every check on one consistent moment of the store; at most 20 findings a check. `serves`
    knows which providers are configured.

    In memory there is one connection, and its users would only wait for each other.
    """
    mark = store.anchor.read()
    if store.path is None:
        with store.read() as connection:
            found = [*_checks(connection, store, lambda _: True), _served(connection, serves)]
            return _report(connection, store, [*found, _chain(store, mark)])
    with store.read() as connection, ThreadPoolExecutor(1) as pool:
        beside = pool.submit(_beside, store, store.audit.head(connection), mark)
        found = _checks(connection, store, lambda code: code not in BESIDE)
        found.append(_served(connection, serves))
        others = beside.result()
        if others is None:
            others = [*_checks(connection, store, BESIDE.__contains__), _chain(store, mark)]
        return _report(connection, store, [*found, *others])


def _beside(store: Store, head: tuple[int, str], mark: Mark | None) -> list[Check] | None:
    """The other half, in a thread of its own; None where somebody wrote in between."""
    with store.read() as connection:
        if store.audit.head(connection) != head:
            return None
        return [*_checks(connection, store, BESIDE.__contains__), _chain(store, mark)]


def _checks(connection: Connection, store: Store, wanted: Callable[[str], bool]) -> list[Check]:
    looks = [_look(connection, store, check) for check in _LOOKED if wanted(check.code)]
    asked = [_ask(connection, check) for check in _ASKED if wanted(check.code)]
    swept = (_sweep(connection, sweep) for sweep in SWEEPS if wanted(sweep.rules[0].code))
    return [*looks, *asked, *chain.from_iterable(swept)]


def _report(connection: Connection, store: Store, found: Sequence[Check]) -> DoctorReport:
    """In the order of the lists, whoever did them first; one check of one code."""
    checks: dict[str, Check] = {}
    for check in sorted(found, key=lambda check: _ORDER.index(check.code)):
        before = checks.get(check.code)
        checks[check.code] = check if before is None else _both(before, check)
    return DoctorReport(checks=tuple(checks.values()), facts=dict(_facts(connection, store)))


def _both(one: Check, other: Check) -> Check:
    findings = (*one.findings, *other.findings)[:MOST_FINDINGS]
    return replace(one, ok=not findings, findings=findings)


def _chain(store: Store, mark: Mark | None) -> Check:
    return _check(CHAIN, "The audit chain holds", lambda: broken_chain(store, mark))


def _served(connection: Connection, serves: Serves) -> Check:
    title = "Every payment on its way has a provider that can be asked"
    return _check(SERVED, title, lambda: unserved(connection, serves))


def _look(connection: Connection, store: Store, check: LookCheck) -> Check:
    return _check(check.code, check.title, lambda: check.look(connection, store))


def _ask(connection: Connection, check: SqlCheck) -> Check:
    def findings() -> Iterator[str]:
        for row in connection.exec_driver_sql(check.statement):
            yield str(row[0])

    return _check(check.code, check.title, findings)


def _sweep(connection: Connection, sweep: Sweep) -> list[Check]:
    """All rules in one reading; where its rows cannot be read, none of them is known to hold."""
    found: list[list[str]] = [[] for _ in sweep.rules]
    try:
        for row in connection.exec_driver_sql(sweep.statement):
            for findings, text in zip(found, row, strict=True):
                if text is not None and len(findings) < MOST_FINDINGS:
                    findings.append(text)
    except _UNREADABLE as error:
        found = [[_cannot(error)] for _ in sweep.rules]
    return [
        Check(rule.code, rule.title, ok=not findings, findings=tuple(findings))
        for rule, findings in zip(sweep.rules, found, strict=True)
    ]


def _check(code: str, title: str, findings: Callable[[], Iterable[str]]) -> Check:
    """A check that could not be made has failed: what cannot be read may be anything."""
    try:
        found = tuple(islice(findings(), MOST_FINDINGS))
    except _UNREADABLE as error:
        found = (_cannot(error),)
    return Check(code, title, ok=not found, findings=found)


def _cannot(error: Exception) -> str:
    return f"cannot be checked: {type(error).__name__}"


def _facts(connection: Connection, store: Store) -> Iterator[tuple[str, str]]:
    yield "store", store.name
    if store.read_only:
        yield "read_only", "nothing is written; every check only reads"
    if store.is_copied:
        yield "copy", "the store was not closed; it is read from a copy of it and its log"
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

"""A62: a store of the first version, with payments in every state, is killed at every part of its
upgrade: it is the old one or the new one, never between, and every state means what it meant."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.refund import LegState, Method
from backend_client.domain.settlement import LegResult, Outcome
from backend_client.local import migrations
from backend_client.local.leg_store import LocalLegStore
from tests.shop import SUPERVISOR, Shop, open_shop, opened_shop, sale
from tests.unit.local.doctors_ward import break_in
from tests.unit.local.first_version import store_of_version_1, version_and_tables
from tests.unit.local.venue import findings, opened, url_of

pytestmark = pytest.mark.faults

KILLED_AT = """
import os, signal, sys
from sqlalchemy.engine import Connection
from backend_client.local import migrations
from backend_client.local.store import Store
from backend_client.ports import SystemClock

left = int(sys.argv[2])
upgrade = migrations.upgrade

def watched(connection):
    def counted(statement):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    raw = connection.connection.driver_connection
    raw.set_trace_callback(counted)
    upgrade(connection)

migrations.upgrade = watched
Store.open(sys.argv[1], create=False, clock=SystemClock()).close()
"""
S = LegState
PATHS: dict[LegState, tuple[LegState, ...]] = {
    S.SENDING: (),
    S.ACCEPTED: (S.ACCEPTED,),
    S.UNKNOWN: (S.UNKNOWN,),
    S.REVIEW: (S.UNKNOWN, S.REVIEW),
    S.SUCCEEDED: (S.SUCCEEDED,),
    S.FAILED_LATE: (S.SUCCEEDED, S.FAILED_LATE),
    S.DECLINED: (S.DECLINED,),
}
"""What a provider's answers make of a leg that was sent."""


def fill(folder: Path) -> None:
    """One refund for every state there is."""
    with opened_shop(folder, settles=False) as shop:
        shop.sell(sale(number) for number in range(1, 20))
        for number, path in enumerate(PATHS.values(), 1):
            _answer(shop, shop.refund(number, 1).refund.legs[0].id, path)
        for number, method in enumerate((Method.REQUESTED, Method.CREDIT, Method.TRANSFER), 10):
            shop.refund(number, 1, parts=(Part(method),))
        shop.refund(13, 1, parts=(Part(Method.EXTERNAL, reference="slip 1"),))
        replaced = shop.refund(14, 1, parts=(Part(Method.REQUESTED),)).refund.legs[0]
        change = MethodChange(replaced.number, (Part(Method.CREDIT),), "customer is here")
        plan = shop.backend.preview_method_change(SUPERVISOR, change)
        shop.backend.execute_method_change(SUPERVISOR, plan)
        voided = shop.refund(15, 1, parts=(Part(Method.REQUESTED),)).refund.number
        void = shop.backend.preview_void(SUPERVISOR, voided, "by mistake")
        shop.backend.execute_void(SUPERVISOR, void)
        shop.refund(16, 1)
        approval = shop.refund(17, 1).refund.legs[0].id
    break_in(
        folder / "store.db", [f"UPDATE leg SET state = 'awaiting_approval' WHERE id = {approval}"]
    )


def _answer(shop: Shop, leg_id: int, path: tuple[LegState, ...]) -> None:
    legs = LocalLegStore(shop.store)
    now = shop.clock.now()
    (leg,) = legs.claim([leg_id], "a till that is gone", now)
    before = S.SENDING
    for state in path:
        refund_id = f"re-{leg_id}" if state is S.SUCCEEDED else ""
        result = LegResult(
            leg_id, before, leg.attempts, state, Outcome.FOUND, provider_refund_id=refund_id
        )
        assert legs.record([result], now) == {leg_id}
        before = state


def legs_of(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM leg ORDER BY id").fetchall()


def states_of(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT DISTINCT state FROM leg")}


@pytest.fixture(scope="module")
def old_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    old = store_of_version_1(tmp_path_factory, fill)
    assert states_of(old / "store.db") == {state.value for state in LegState}
    return old


def upgraded(path: Path, statements: int) -> int:
    command = [sys.executable, "-c", KILLED_AT, url_of(path), str(statements)]
    return subprocess.run(command, check=False).returncode


@pytest.mark.parametrize("statements", [0, 1, 3, 8, 12, 17, 22, 26, 30, 34])
def test_a62_killed_inside_an_upgrade_it_is_the_old_store(
    old_store: Path, tmp_path: Path, statements: int
) -> None:
    for name in ("store.db", "store.db.audit-key"):
        shutil.copy2(old_store / name, tmp_path / name)
    path = tmp_path / "store.db"
    before = legs_of(path)
    assert upgraded(path, statements) == -signal.SIGKILL
    version, tables = version_and_tables(path)
    assert (version, "outbox" in tables, "leg_watch" in tables) == (1, False, False)
    assert legs_of(path) == before
    assert upgraded(path, 10_000) == 0
    assert version_and_tables(path)[0] == migrations.LATEST
    assert legs_of(path) == before, "every state, key and reference is what it was"
    with opened(url_of(path), create=False) as store:
        assert findings(store) == []


def test_a62_every_state_goes_on_from_where_it_was(old_store: Path, tmp_path: Path) -> None:
    for name in ("store.db", "store.db.audit-key"):
        shutil.copy2(old_store / name, tmp_path / name)
    assert upgraded(tmp_path / "store.db", 10_000) == 0
    shop = open_shop(tmp_path)
    shop.clock.move(hours=1)
    shop.backend.settle(SUPERVISOR)
    shop.clock.move(seconds=61)
    shop.backend.settle(SUPERVISOR)
    left = {one.state for one in shop.backend.open_refunds(SUPERVISOR).legs}
    shop.backend.close()
    waits = {S.REQUESTED, S.DUE, S.DECLINED, S.FAILED_LATE, S.REVIEW, S.AWAITING_APPROVAL}
    assert left - {S.ACCEPTED} == waits, "what can go on by itself has gone on"

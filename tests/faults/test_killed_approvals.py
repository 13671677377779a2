"""Killed at every statement of an approval: all of the refund is approved, or nothing of it."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.approval import approval_fingerprint
from backend_client.domain.plan import Part
from backend_client.domain.refund import Method, RefundStatus
from backend_client.local.connect import driver
from backend_client.local.rows import fetch
from tests.faults.forked import CHILDREN
from tests.shop import open_shop, opened_shop, sale
from tests.unit.local.test_approving import OTHER, SETTINGS, approve, made, sent
from tests.unit.local.venue import findings, opened, url_of

MOST_STATEMENTS = 150
WAYS = (Part(Method.CREDIT, 200), Part(Method.CASH, 300), Part(Method.MATCHED))
THERE = replace(OTHER, desk="3")

pytestmark = pytest.mark.faults


def approve_and_die(folder: Path, number: str, statement: int) -> None:
    shop = open_shop(folder, settings=SETTINGS, settles=False)
    seen = 0

    def trace(_sql: str) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    outcome = shop.backend.refund(THERE, number)
    shop.store.write(lambda connection: driver(connection).set_trace_callback(trace), label="arm")
    shop.backend.approve_refund(THERE, number, approval_fingerprint(outcome.refund))
    os._exit(0)


def test_an_approval_is_whole_or_nothing_wherever_it_is_killed(tmp_path: Path) -> None:
    with opened_shop(tmp_path, settings=SETTINGS) as shop:
        shop.sell([sale(1, tickets=5)])
        number = made(shop, 1, 3, parts=WAYS).refund.number
    for statement in range(1, MOST_STATEMENTS):
        child = CHILDREN.Process(target=approve_and_die, args=(tmp_path, number, statement))
        child.start()
        child.join()
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        url = url_of(tmp_path / "store.db")
        with opened(url, create=False) as store, store.read() as connection:
            states = {row.state for row in fetch(connection, "SELECT state FROM leg")}
        assert len(states) == 1 or "awaiting_approval" not in states
        if states != {"awaiting_approval"}:
            break
    assert statement > 15, "the deaths were inside the commit"
    assert sent(tmp_path) == []
    with opened_shop(tmp_path, settings=SETTINGS) as shop:
        outcome = shop.backend.refund(THERE, number)
        assert outcome.refund.status is RefundStatus.TO_BE_SENT
        shop.backend.recover(THERE)
        assert len(sent(tmp_path)) == 1, "what was approved is sent by whoever is next"
        assert findings(shop.store) == []


def test_asked_again_after_the_death_it_is_sent_once(tmp_path: Path) -> None:
    with opened_shop(tmp_path, settings=SETTINGS, settles=False) as shop:
        shop.sell([sale(1, tickets=5)])
        outcome = made(shop, 1, 3)
        approve(shop, outcome)
    with opened_shop(tmp_path, settings=SETTINGS) as shop:
        again = approve(shop, outcome)
        assert (again.already_done, again.refund.status) == (True, RefundStatus.DONE)
    assert len(sent(tmp_path)) == 1

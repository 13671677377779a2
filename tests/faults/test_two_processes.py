"""Two windows, two processes, one store: nothing goes back twice, and the loser is told."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from backend_client.local.ids import take
from backend_client.local.store import Store
from tests.clocks import SteppingClock
from tests.faults.processes import Process, windows
from tests.shop import SUPERVISOR, open_shop, sale
from tests.unit import builders
from tests.unit.local.troubled import Books
from tests.unit.local.venue import Desk, counts_and_hashes, findings, opened, put, url_of
from tests.unit.refusing import refused
from tests.unit.settling.memory_legs import ScriptedProvider

ROUNDS = 12

pytestmark = pytest.mark.faults


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store with one booking a round: two tickets, paid by card."""
    url = url_of(tmp_path / "store.db")
    with opened(url) as store:
        lines = [builders.ticket(1, 1000), builders.ticket(2, 1000)]
        for number in range(ROUNDS):
            put(store, builders.booking(lines), named=f"B-{number}")
    return url


def race(both: list[Process], booking: str, chosen: tuple[str, str]) -> list[dict[str, str]]:
    """Both plan, then both commit at the same moment."""
    for process, sequences in zip(both, chosen, strict=True):
        assert process.ask(f"plan {booking} {sequences} requested") == "planned"
    for process in both:
        process.tell("go")
    return [process.outcome() for process in both]


def live_amounts(url: str) -> dict[str, int]:
    """What is promised for each booking, by its own legs; and the doctor finds nothing wrong."""
    with opened(url, create=False) as store:
        assert findings(store) == []
        with store.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT b.booking_id, COALESCE(SUM(g.amount_minor), 0) FROM booking b "
                "LEFT JOIN leg g ON g.booking_id = b.id GROUP BY b.id"
            )
            return {row[0]: row[1] for row in rows}


def test_one_line_goes_back_to_one_of_two_windows(url: str) -> None:
    with windows(url, "anna", "ben") as both:
        for number in range(ROUNDS):
            outcomes = race(both, f"B-{number}", ("1", "1"))
            codes = sorted(outcome["code"] for outcome in outcomes)
            assert codes in (["", "being-refunded"], ["", "plan-stale"])
            if "being-refunded" in codes:
                assert len({outcome["refund"] for outcome in outcomes}) == 1, "the winner's"
    assert set(live_amounts(url).values()) == {1000}


def test_different_lines_of_one_booking_both_go_back(url: str) -> None:
    seen = Counter[str]()
    with windows(url, "anna", "ben") as both:
        for number in range(ROUNDS):
            outcomes = race(both, f"B-{number}", ("1", "2"))
            for process, sequence, outcome in zip(both, ("1", "2"), outcomes, strict=True):
                seen[outcome["code"]] += 1
                if outcome["code"]:
                    process.ask(f"plan B-{number} {sequence} requested")
                    process.tell("go")
                    assert process.outcome()["code"] == "", "at the second try it goes through"
    assert set(seen) == {"", "plan-stale"}
    assert set(live_amounts(url).values()) == {2000}


def test_a_store_held_by_another_program_is_locked_and_left_as_it_was(url: str) -> None:
    with windows(url, "anna") as (other,), opened(url, create=False, deadline_s=0.05) as store:
        desk = Desk(store)
        plan = desk.plan(builders.request(1))
        before = counts_and_hashes(store)
        assert other.ask("hold") == "held"
        with refused("store-locked"):
            desk.backend.execute_refund(builders.caller(), plan)
        assert counts_and_hashes(store) == before, "reading goes on, nothing was written"
        assert other.ask("release") == "released"
        assert desk.backend.execute_refund(builders.caller(), plan).refund.amount_minor == 1000
        assert findings(store) == []


def test_a_writer_waits_for_another_program_that_is_soon_done(url: str) -> None:
    with windows(url, "anna") as (other,), opened(url, create=False) as store:
        assert other.ask("hold") == "held"
        other.tell("release")
        assert store.write(lambda connection: take(connection, "mark"), label="test") == 1
        assert other.answer() == "released"


def test_a47_nothing_is_sent_while_a_store_is_locked(tmp_path: Path) -> None:
    path, clock, books = tmp_path / "store.db", SteppingClock(), Books()
    store = Store.open(url_of(path), create=True, clock=clock, deadline_s=0.05)
    provider = ScriptedProvider(books.refund, books.find, listing=books.of)
    shop = open_shop(tmp_path, clock=clock, store=store, provider=provider, settles=False)
    shop.sell([sale(1)])
    leg = shop.refund(1, 1).refund.legs[0]
    with closing(sqlite3.connect(path, isolation_level=None)) as backup:
        backup.execute("BEGIN IMMEDIATE")
        with refused("store-locked"):
            shop.settler.settle([leg.id])
        with refused("store-locked"):
            shop.backend.settle(SUPERVISOR)
        assert provider.orders == [], "no call without its intent on the disk"
    shop.backend.settle(SUPERVISOR)
    assert len(provider.orders) == 1
    assert findings(store) == []
    shop.backend.close()

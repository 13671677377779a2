"""A yes to a refund at Connect is another person's: the database holds it, of older stores too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.domain.booking import BookingKey
from backend_client.domain.caller import Caller
from backend_client.domain.connect_intent import Intent, IntentState
from backend_client.local import migrations
from backend_client.local.journal import LocalJournal
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from tests.clocks import START
from tests.shop import SUPERVISOR
from tests.unit.local.venue import findings, opened, url_of
from tests.wishes import wish

OTHER = replace(SUPERVISOR, operator="T. Blanc", desk="9")
KEPT = """INSERT INTO connect_approval(intent_id, fingerprint, operator, operator_key, maker_key,
desk, entrance, at_us) VALUES (?, 'seen', ?, ?, ?, '9', ?, 1)"""
NOTED = """INSERT INTO connect_note(id, intent_id, at_us, what, code, text, operator, desk)
VALUES (999, ?, 1, 'approved', 'seen', '', ?, '9')"""
SENT = "UPDATE connect_intent SET state = 'sending', sent_at_us = 1 WHERE id = ?"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(url_of(tmp_path / "store.db")) as made:
        yield made
        assert findings(made) == []


def waiting(store: Store, number: int = 1, maker: Caller = SUPERVISOR) -> Intent:
    key = BookingKey("0001", f"B-{number}", "1")
    waits = IntentState.AWAITING_APPROVAL
    return LocalJournal(store).begin(maker, wish(number, key=key), "maker", START, waits)


def refuses(store: Store, why: str, statement: str, *values: object) -> None:
    with pytest.raises(IntegrityError, match=why):
        store.write(
            lambda connection: connection.exec_driver_sql(statement, values), label="a raw hand"
        )


def test_a_yes_is_kept_with_whose_it_is(store: Store) -> None:
    first = waiting(store)
    LocalJournal(store).approve(OTHER, first, "seen", "holder", START)
    with store.read() as connection:
        (row,) = fetch(connection, "SELECT * FROM connect_approval")
    assert (row.intent_id, row.fingerprint, row.operator) == (first.id, "seen", "T. Blanc")
    assert (row.operator_key, row.maker_key, row.desk) == ("tblanc", "sweber", "9")


@pytest.mark.parametrize(
    ("operator", "keys", "why"),
    [
        ("S. Weber", ("sweber", "sweber"), "another person approves"),
        ("s weber", ("sweber", "sweber"), "connect_approval_by_another"),
        ("S. Wéber", ("sweber", "sweber"), "connect_approval_by_another"),
        (" s. WEBER ", ("other", "sweber"), "another person approves"),
    ],
    ids=["the maker", "without dots", "with an accent", "under another key"],
)
def test_the_maker_s_own_yes_is_refused_in_every_spelling(
    store: Store, operator: str, keys: tuple[str, str], why: str
) -> None:
    first = waiting(store)
    refuses(store, why, KEPT, first.id, operator, *keys, "window")
    with pytest.raises(IntegrityError):
        LocalJournal(store).approve(
            replace(SUPERVISOR, operator=operator), first, "seen", "holder", START
        )
    assert LocalJournal(store).by_number(first.number) == first, "nothing of it stays"


@pytest.mark.parametrize("entrance", ["api", "unattended", ""])
def test_it_is_a_person_s(store: Store, entrance: str) -> None:
    first = waiting(store)
    row = (first.id, "T. Blanc", "tblanc", "sweber", entrance)
    refuses(store, "connect_approval_by_a_person", KEPT, *row)


def test_without_it_the_call_is_not_made_and_no_history_tells_it(store: Store) -> None:
    first = waiting(store)
    refuses(store, "is made with it", SENT, first.id)
    refuses(store, "tells the approval it was given", NOTED, first.id, "T. Blanc")
    LocalJournal(store).withdraw(OTHER, first, "plan", "too much", START)


def test_it_is_given_once_to_what_waits_and_stays(store: Store) -> None:
    journal, row = LocalJournal(store), ("T. Blanc", "tblanc", "sweber", "window")
    sent = journal.approve(OTHER, waiting(store), "seen", "holder", START)
    refuses(store, "append-only|that waits", KEPT, sent.id, *row)
    refuses(store, "append-only", "UPDATE connect_approval SET operator = 'N. Roth'")
    refuses(store, "append-only", "DELETE FROM connect_approval")
    gone = journal.withdraw(OTHER, waiting(store, 2), "plan", "no", START)
    refuses(store, "that waits", KEPT, gone.id, *row)


NEW = ("connect_intent_approved", "connect_note_approved", "leg_cash_due")


def older(path: Path, *statements: str) -> None:
    """The store as version 15 left it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        fixed = "SELECT sql FROM sqlite_master WHERE name = 'connect_note_fixed'"
        (guard,) = connection.execute(fixed).fetchone()
        for name in (*NEW, "connect_note_fixed"):
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DROP TABLE connect_approval")
        for statement in (*statements, guard):
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 15")


def test_an_older_store_s_yes_is_taken_from_its_records(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with opened(url_of(path)) as store:
        sent = LocalJournal(store).approve(OTHER, waiting(store), "seen", "holder", START)
        waits = waiting(store, 2)
        with store.read() as connection:
            before = fetch(connection, "SELECT * FROM connect_approval")
    older(path)
    with opened(url_of(path), create=False) as store:
        with store.read() as connection:
            assert migrations.version_of(connection) == migrations.LATEST
            assert fetch(connection, "SELECT * FROM connect_approval") == before
        journal = LocalJournal(store)
        assert (journal.by_number(sent.number), journal.by_number(waits.number)) == (sent, waits)
        refuses(store, "is made with it", SENT, waits.id)
        assert journal.approve(OTHER, waits, "seen", "holder", START).sent_at == START
        assert findings(store) == []


def test_an_older_store_s_own_yes_in_another_spelling_is_found(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with opened(url_of(path)) as store:
        sent = LocalJournal(store).approve(OTHER, waiting(store), "seen", "holder", START)
    older(path, "UPDATE connect_note SET operator = 'S Weber'")
    with opened(url_of(path), create=False) as store:
        assert findings(store) == [f"connect-approved: {sent.number}: approved by nobody on record"]

"""A store somebody tampered with is red from the command line: in words, JSON and exit code."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.functional.desk import Desk, booking, card, ticket

REFUND = ("refund", "WPM8TS9", "--all", "--reason", "goodwill", "--commit")


def tamper(desk: Desk, *statements: str) -> None:
    with closing(sqlite3.connect(desk.store)) as store, store:
        for statement in statements:
            store.execute(statement)


def test_a_rewritten_record_breaks_the_chain(sample: Desk) -> None:
    assert sample(*REFUND).code == 0
    whole = sample("audit", "verify")
    assert (whole.code, whole.err.count("audit-broken")) == (0, 0)
    tamper(
        sample,
        "DROP TRIGGER audit_no_update",
        "UPDATE audit SET operator = 'Nobody' WHERE action = 'refund'",
    )
    broken = sample("audit", "verify")
    assert broken.code == 4
    assert "(audit-broken)" in broken.err
    assert "Nobody" not in broken.out + broken.err
    red = sample("doctor", "--json")
    assert (red.code, red.problem, red.json["ok"]) == (4, "doctor-red", False)
    assert "audit" in red.json["details"]["checks"]


@pytest.mark.parametrize(
    ("statement", "check"),
    [
        ("UPDATE payment SET taken_minor = 0", "C1"),
        ("UPDATE line SET state = 'sold'", "L6b"),
        ("DROP TRIGGER leg_transition", "L3"),
    ],
)
def test_a_store_changed_from_outside_is_red(sample: Desk, statement: str, check: str) -> None:
    assert sample(*REFUND).code == 0
    assert sample("doctor").code == 0
    tamper(sample, statement)
    red = sample("doctor")
    assert red.code == 4
    assert "(doctor-red)" in red.err
    assert f"  {check}  " in red.out
    assert check in sample("doctor", "--json").json["details"]["checks"]


def test_going_on_from_an_older_copy(desk: Desk) -> None:
    sold = booking("B1", [ticket(1, 1000)], [card("P-1", 1000, "pay-1")])
    assert desk.import_native(sold).code == 0
    answer = desk("audit", "restored", "--note", "nothing happened")
    assert (answer.code, "as far as it ever was" in answer.err) == (5, True)
    assert desk("audit", "restored").code == 2
    assert desk("audit", "verify", "--note", "why").code == 2
    copy = desk.store.read_bytes()
    desk("refund", "B1", "--all", "--reason", "goodwill", "--commit")
    desk.store.write_bytes(copy)
    assert desk("refund", "B1", "--all", "--reason", "goodwill", "--commit").code == 5
    assert desk("audit", "verify").code == 4
    answer = desk("audit", "restored", "--note", "Sunday's copy")
    assert answer.code == 0
    assert "0 payments are looked up" in answer.out
    assert desk("audit", "verify").code == 0
    assert desk("refund", "B1", "--all", "--reason", "goodwill", "--commit").code == 4

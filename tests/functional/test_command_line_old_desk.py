"""A store of an earlier version whose desk was called by a full card number: it is found, and goes
out nowhere."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from tests.functional.cancelled_evening import CANCEL, DISPATCH, sell_evening, with_ceilings
from tests.functional.desk import Desk, booking, card, ticket
from tests.unit.local.doctors_ward import break_in

NUMBER = "4111 1111 1111 1111"
MASKED = "4111 11•• •••• 1111"
KEPT = ("refund", "booking_event", "book_entry", "run", "run_approval")


@pytest.fixture
def old(desk: Desk) -> Desk:
    """R-10001 to R-10003 of runs 2 and 4, and R-10004 of the window, all at that desk."""
    with_ceilings(desk, 10, 100_000)
    sell_evening(desk)
    assert desk(*CANCEL, "--unattended").code == 0
    assert desk(*DISPATCH, "never", "--unattended").code == 0
    break_in(desk.store, [f"UPDATE {table} SET desk = '{NUMBER}'" for table in KEPT])
    return desk


@pytest.mark.parametrize(
    ("arguments", "shows_desk"),
    [
        (("show", "A1"), True),
        (("show", "A1", "--json"), True),
        (("show", "R-10001"), True),
        (("show", "R-10001", "--json"), True),
        (("show", "R-10001", "--receipt"), True),
        (("runs",), False),
        (("runs", "--json"), True),
        (("runs", "--csv"), True),
        (("runs", "2"), False),
        (("runs", "2", "--json"), True),
        (("runs", "4", "--csv"), False),
        (("open",), False),
        (("open", "--json"), False),
        (("audit", "export"), False),
        (("refund", "A1", "--all", "--reason", "goodwill", "--commit"), False),
        (("method", "R-10003.1", "--to", "cash", "--reason", "goodwill"), True),
        (("doctor",), False),
    ],
)
def test_nothing_that_goes_out_has_it_in_full(
    old: Desk, arguments: tuple[str, ...], shows_desk: bool
) -> None:
    answer = old(*arguments)
    said = answer.out + answer.err
    assert said
    assert NUMBER not in said
    assert (MASKED in said) is shows_desk


def test_the_doctor_says_where_it_is_and_what_to_do(old: Desk) -> None:
    answer = old("doctor")
    assert answer.code == 4
    assert "refund 1: desk" in answer.out
    assert "keep them as you keep card data" in answer.out
    checks = [line for line in answer.out.splitlines() if re.match(r"  (ok|FAILED) ", line)]
    codes = {line.split()[1]: line.index(line.split(maxsplit=2)[2]) for line in checks}
    assert codes.keys() >= {"cards", "L16b", "second-person"}
    assert len(set(codes.values())) == 1, "the titles begin in one column"
    assert set(old("doctor", "--json").json["details"]["checks"]) == {"cards"}


def test_what_is_written_from_now_on_has_it_masked(desk: Desk) -> None:
    """What comes of a payment later is booked at the desk of who made the refund."""
    sold = booking("B1", [ticket(1, 500)], [card("K1", 500, "slow-1")])
    assert desk.import_native(sold).code == 0
    given = desk("refund", "B1", "--all", "--reason", "goodwill", "--commit")
    assert "on its way" in given.out
    break_in(desk.store, [f"UPDATE refund SET desk = '{NUMBER}'"])
    desk.clock.move(hours=1)
    assert desk("settle").code == 0
    with closing(sqlite3.connect(desk.store)) as connection:
        asked = "SELECT desk FROM book_entry ORDER BY id DESC LIMIT 1"
        assert connection.execute(asked).fetchone() == (MASKED,)
    assert desk("audit", "verify").code == 0

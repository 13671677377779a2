"""What a dispatch came to: one table at the terminal, in the window, the log and the store."""

from __future__ import annotations

import csv
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import NoReturn

import pytest

from backend_client.backend import Backend
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.runs import Run
from backend_client.local.running.dispatch_live import LiveDispatch
from backend_client.settings import load_settings
from tests.clocks import CountingTokens, SteppingClock
from tests.functional.beside_provider import ledger
from tests.functional.cancelled_evening import CANCEL, DISPATCH, sell_evening
from tests.functional.desk import Desk, booking, card, ticket
from tui import wiring
from tui.screens.run_head import RunHead
from tui.text.dates import Dates
from tui.text.run_totals import Figure, dispatched
from tui.text.run_words import RunWords
from tui.text.wording import Wording

ROW = re.compile(r" +(\d+) +([\d,.]+)(?: +CHF)?$")
SPLIT = booking("A6", [ticket(1, 5000)], [card("K6", 2000, "pay-6"), card("K7", 3000, "pay-7")])
NOBODY = booking("A7", [ticket(1, 700)], [{"key": "K8", "method": "cash", "amount_minor": 700}])
NOBODY["contact"] = None


@pytest.fixture
def cancelled(desk: Desk) -> Desk:
    """Requested: 11.00 and 50.00 on cards, 20.00 on a dead one, 30.00 and 7.00 in cash."""
    sell_evening(desk, SPLIT, NOBODY)
    assert desk(*CANCEL, "--simulate").code == 0
    assert desk("cancel-performance", "--live", "--simulation", "1").code == 0
    return desk


def dispatch(desk: Desk, mode: str, simulation: int) -> list[str]:
    """The table of a live dispatch, as it is printed."""
    assert desk(*DISPATCH, mode, "--simulate").code == 0
    desk("dispatch", "--live", "--simulation", str(simulation))
    return table(desk, simulation + 1)


def table(desk: Desk, run: int) -> list[str]:
    lines = desk("runs", str(run)).out.splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("  Totals"))
    rows = [line for line in lines[first:] if ROW.search(line) or line == lines[first]]
    return [" ".join(line.split()) for line in rows]


def test_with_never_every_bucket_has_its_row(cancelled: Desk) -> None:
    assert dispatch(cancelled, "never", 3) == [
        "Totals payments amount",
        "In this run, as requests 5 118.00 CHF",
        "To cards: refunded 3 61.00 CHF",
        "To cards: declined 1 20.00 CHF",
        "Stay requested 2 37.00 CHF",
    ]
    assert cancelled("doctor").code == 0


def test_when_not_possible_what_was_refused_and_credited_is_told_apart(cancelled: Desk) -> None:
    assert dispatch(cancelled, "when-not-possible", 3) == [
        "Totals payments amount",
        "In this run, as requests 5 118.00 CHF",
        "To cards: refunded 3 61.00 CHF",
        "To cards: declined 1 20.00 CHF",
        "To credit accounts 1 30.00 CHF",
        "Refused, then credited 1 20.00 CHF",
        "Need a person 1 7.00 CHF",
    ]
    said = cancelled("runs", "4").err
    assert "Some need a person" in said
    assert "Nothing is left to do" not in said, "one of the two is true"
    assert cancelled("doctor").code == 0


def test_a_simulation_counts_payments_too(cancelled: Desk) -> None:
    assert cancelled(*DISPATCH, "never", "--simulate").code == 0
    assert table(cancelled, 3) == [
        "Totals requests amount",
        "To cards 3 81.00 CHF",
        "Stay requested 2 37.00 CHF",
        "Simulated 5 118.00 CHF",
        "as payments: card 4 81.00 CHF",
        "as payments: stays 2 37.00 CHF",
        "Reason: no card 2 37.00 CHF",
    ]


def test_what_was_declined_before_is_counted_and_listed_before_anything_is_confirmed(
    cancelled: Desk,
) -> None:
    """A cashier's refused payment is no request, and is taken along like one."""
    sold = booking("W1", [ticket(1, 500)], [card("K9", 500, "dead-9")])
    assert cancelled.import_native(sold).code == 0
    given = cancelled("refund", "W1", "--all", "--reason", "goodwill", "--commit")
    assert "declined" in given.out
    shown = cancelled(*DISPATCH, "never", "--simulate").out
    assert re.search(r"^  of that declined before, in no run +1 +5\.00 ", shown, re.M)
    told, _, listed = shown.partition("1 was declined before and is taken along:\n")
    assert told
    assert re.match(r" +R-\d+\.1 +W1 +Bette Davis +5\.00 CHF +to cards, declined before", listed)
    value = cancelled("runs", "3", "--json").json
    (again,) = [one for one in value["items"] if one["state_seen"] == "declined"]
    assert (again["booking_reference"], again["plan"]) == ("W1", "cards")
    head, *rows = csv.reader(cancelled("runs", "3", "--csv").out.splitlines())
    seen = [row[head.index("state_seen")] for row in rows]
    assert (seen.count("declined"), seen.count("requested")) == (1, 5)
    assert cancelled("dispatch", "--live", "--simulation", "3").code == 0
    later = cancelled(*DISPATCH, "when-not-possible", "--simulate").out
    assert re.search(r"^  of that declined in an earlier run +2 +25\.00 ", later, re.M)
    assert "2 were declined before and are taken along:" in later
    assert cancelled("doctor").code == 0


def test_what_a_stopped_run_did_not_take_up_waits_in_the_table(
    cancelled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> NoReturn:
        raise RuntimeError

    assert cancelled(*DISPATCH, "never", "--simulate").code == 0
    with monkeypatch.context() as patched:
        patched.setattr(LiveDispatch, "carry_out", broken)
        cancelled("dispatch", "--live", "--simulation", "3")
    assert table(cancelled, 4)[1:] == [
        "In this run, as requests 5 118.00 CHF",
        "Stay requested 2 37.00 CHF",
        "Waiting 3 81.00 CHF",
    ]


@pytest.mark.parametrize("mode", ["never", "when-not-possible", "always"])
def test_window_terminal_log_and_store_say_the_same(cancelled: Desk, mode: str) -> None:
    printed = [figures_in(line) for line in dispatch(cancelled, mode, 3)[1:]]
    wording = Wording("en")
    run = read(cancelled, 4)
    rows = list(dispatched(run, wording))
    assert printed == [(row.count, row.minor) for row in rows]
    dates = Dates("Europe/Zurich", wording)
    head = RunHead(wording, RunWords(wording, dates), 100)
    shown = [line.plain for line in head.totals(run, None)][1:]
    for row, line in zip(rows, shown, strict=True):
        assert row.label in line
        assert row.word in line
        assert figures_in(line) == (row.count, row.minor)
    assert sum(row.minor for row in rows[1:] if not is_counted_before(row)) == rows[0].minor
    log = cancelled("runs", "4", "--json").json["run"]
    assert sum_of(log["planned"], "plan") == (rows[0].count, rows[0].minor)
    with closing(sqlite3.connect(cancelled.store)) as store:
        made = store.execute(
            "SELECT SUM(count), SUM(amount_minor) FROM run_total WHERE run_id = 4 AND name = 'card'"
        ).fetchone()
    cards = [row for row in rows if row.label == "To cards"]
    in_table = (sum(row.count for row in cards), sum(row.minor for row in cards))
    assert in_table == sum_of(log["totals"], "card") == (made[0] or 0, made[1] or 0)


def is_counted_before(row: Figure) -> bool:
    return row.label == "Refused, then credited"


def figures_in(line: str) -> tuple[int, int]:
    found = ROW.search(line.rstrip())
    assert found is not None, line
    return int(found[1]), int(found[2].replace(".", "").replace(",", ""))


def sum_of(totals: list[dict[str, object]], name: str) -> tuple[int, int]:
    mine = [one for one in totals if one["name"] == name]
    counts, minors = ([int(str(one[key])) for one in mine] for key in ("count", "amount_minor"))
    return sum(counts), sum(minors)


def read(desk: Desk, run_id: int) -> Run:
    caller = Caller("B. Keller", Role.SUPERVISOR, "3", "", Entrance.WINDOW, "test")
    clock = SteppingClock(datetime(2026, 11, 22, 13, 30, tzinfo=UTC))
    backend: Backend = wiring.open_backend(
        desk.url, load_settings(desk.config), create=False, clock=clock, tokens=CountingTokens()
    )
    try:
        return backend.run(caller, run_id)
    finally:
        backend.close()


def test_an_exception_says_why_and_not_the_reference_of_another_part(desk: Desk) -> None:
    """20.00 arrive on the first card; the 30.00 of the second are sent back a day later."""
    assert desk.import_native(SPLIT).code == 0
    assert desk(*CANCEL, "--simulate").code == 0
    assert desk("cancel-performance", "--live", "--simulation", "1").code == 0
    dispatch(desk, "never", 3)
    back = "state = 'declined', code = '94', text = 'sent back by the acquirer'"
    ledger(desk, f"UPDATE refund SET {back} WHERE payment_reference = 'pay-7'")
    desk.clock.move(days=1)
    assert desk("settle").code == 4
    (line,) = (one for one in desk("runs", "4").out.splitlines() if "R-10001.1" in one)
    assert "declined: sent back by the" in line
    assert "practice-" not in line

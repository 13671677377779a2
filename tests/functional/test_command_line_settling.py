"""`settle`, `resolve` and `reconcile`, against the practice provider inside and outside."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext

import pytest

from backend_client.ports import SystemClock
from backend_client.providers.practice import GONE_TIMES
from backend_client.providers.practice_program.counter import Manners
from backend_client.providers.practice_program.server import PracticeProgram
from tests.functional.desk import NOW, SETTINGS, Desk, booking, card, ticket

PROVIDER = """
[providers.psp]
dialect = "stripe"
endpoint = "{url}"
look_up = {look_up}
"""


def sell(desk: Desk, *references: str) -> None:
    bookings = (
        booking(f"B{number}", [ticket(1, 1000)], [card("P-1", 1000, reference)])
        for number, reference in enumerate(references, 1)
    )
    assert desk.import_native(*bookings).code == 0


def give_back(desk: Desk, number: int, *more: str) -> None:
    desk("refund", f"B{number}", "--all", "--reason", "goodwill", "--commit", *more)


def ledger(desk: Desk, statement: str) -> None:
    """The provider's own books, changed behind our back."""
    path = desk.folder / "store.db.practice-provider"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


@contextmanager
def remote(desk: Desk, *, look_up: bool = True) -> Iterator[None]:
    """The house's provider is a program of its own for a while."""
    program = PracticeProgram("stripe", manners=Manners(currency="CHF"))
    thread = threading.Thread(target=program.serve)
    thread.start()
    words = "true" if look_up else "false"
    desk.config.write_text(SETTINGS + PROVIDER.format(url=program.url, look_up=words))
    try:
        yield
    finally:
        program.stop()
        thread.join()


def states(desk: Desk) -> dict[str, str]:
    with closing(sqlite3.connect(desk.store)) as connection:
        rows = connection.execute(
            "SELECT 'R-' || (10000 + refund_id) || '.' || ordinal, state FROM leg"
        )
        return dict(rows.fetchall())


def test_settling_finishes_what_was_accepted(desk: Desk) -> None:
    sell(desk, "slow-1", "pay-2")
    give_back(desk, 1)
    give_back(desk, 2)
    assert states(desk) == {"R-10001.1": "accepted", "R-10002.1": "succeeded"}
    answer = desk("settle")
    assert (answer.code, answer.out) == (0, "1 refunded\n2 compared with the provider's list\n")
    assert desk("settle", "--once", "--json").json["looked"] == 0


def test_what_is_about_us_is_said_and_ends_with_5(desk: Desk) -> None:
    sell(desk, "broke-1", "broke-2")
    give_back(desk, 1)
    give_back(desk, 2)
    answer = desk("settle")
    assert answer.code == 5
    assert "the provider does not serve us (balance merchant balance too low)" in answer.out
    paused = desk("settle", "--json").json["paused"]["practice"]
    assert paused == {"outcome": "about_us", "code": "balance", "text": "merchant balance too low"}
    assert set(states(desk).values()) == {"pending"}


def test_a24_a_late_failure_ends_with_4_and_is_paid_again_by_hand(desk: Desk) -> None:
    sell(desk, "pay-1")
    give_back(desk, 1)
    ledger(desk, "UPDATE refund SET state = 'declined'")
    desk.clock.move(days=1)
    answer = desk("settle")
    assert (answer.code, states(desk)) == (4, {"R-10001.1": "failed_late"})
    retry = desk("method", "R-10001.1", "--to", "matched", "--reason", "new card")
    assert retry.code == 0
    assert states(desk)["R-10001.1"] == "replaced"
    assert states(desk)["R-10001.2"] == "succeeded"
    with closing(sqlite3.connect(desk.store)) as connection:
        keys = connection.execute("SELECT COUNT(DISTINCT provider_key) FROM leg").fetchone()
    assert keys == (2,)


def test_transfers_that_were_due_are_handed_over_in_one_go(desk: Desk) -> None:
    sell(desk, "pay-1", "pay-2")
    for number in (1, 2):
        give_back(desk, number, "--to", "transfer")
    assert desk("hand-over", "R-10001.1", "--json").problem == "reference-required"
    answer = desk("hand-over", "r-10001.1", "R-10002.1", "--reference", "SEPA 7")
    assert answer.code == 0
    assert "R-10001.1, R-10002.1, 20.00 CHF" in answer.out
    assert states(desk) == {"R-10001.1": "recorded", "R-10002.1": "recorded"}
    again = desk("hand-over", "R-10001.1", "--reference", "SEPA 7", "--json")
    assert (again.code, again.problem) == (1, "not-due")
    assert desk("hand-over", "17", "--json").problem == "leg-not-found"
    assert desk("doctor").code == 0


def test_a_supervisor_accepts_a_refund_made_at_the_provider(desk: Desk) -> None:
    sell(desk, "pay-1")
    give_back(desk, 1)
    ledger(
        desk,
        "INSERT INTO refund(provider_key, our_reference, payment_id, payment_reference, "
        "amount_minor, currency, state) SELECT 'office', 'office', payment_id, "
        "payment_reference, 500, currency, 'final' FROM refund",
    )
    (found,) = desk("reconcile", "--json").json["provider_only"]
    named = ("--accept", found["payment_reference"], "--reference", found["provider_refund_id"])
    assert desk("reconcile", *named, "--json").problem == "evidence-required"
    assert desk("reconcile", "--accept", "pay-1").code == 2
    for alone in (("--note", "by telephone"), ("--acknowledge", "more-than-paid")):
        assert desk("reconcile", *alone).code == 2
    noted = (*named, "--note", "given back by telephone")
    stopped = desk("reconcile", *noted)
    assert stopped.code == 1
    assert "more than was paid has gone back" in stopped.err
    accepted = desk("reconcile", *noted, "--acknowledge", "more-than-paid", "--json")
    assert (accepted.code, accepted.json["amount_minor"]) == (0, 500)
    again = desk("reconcile", *noted)
    assert again.code == 0
    assert "5.00 CHF" in again.out
    green = desk("reconcile", "--json")
    assert (green.code, len(green.json["accepted"])) == (0, 1)
    assert desk("settle").code == 0
    assert desk("doctor").code == 0


def test_money_that_came_back_is_red_until_it_is_said_how_it_was_paid(desk: Desk) -> None:
    sell(desk, "dead-1")
    give_back(desk, 1)
    ledger(
        desk,
        "INSERT INTO refund(provider_key, our_reference, payment_id, payment_reference, "
        "amount_minor, currency, state) SELECT 'office', 'office', payment_id, "
        "payment_reference, amount_minor, currency, 'final' FROM refund",
    )
    (found,) = desk("reconcile", "--json").json["provider_only"]
    reference = ("--reference", found["provider_refund_id"])
    by_hand = ("--to", "external", *reference, "--reason", "made at the provider")
    assert desk("method", "R-10001.1", *by_hand).code == 0
    named = ("--accept", "dead-1", *reference)
    assert desk("reconcile", *named, "--note", "by telephone").code == 0
    assert desk("doctor").code == 0
    ledger(desk, "UPDATE refund SET state = 'declined'")
    red = desk("reconcile")
    assert red.code == 4
    assert "1 only in our books   10.00 CHF" in red.out
    assert "R-10001.2" in red.out
    told = desk("doctor")
    assert told.code == 4
    assert "the money of this payment did not arrive" in told.out
    closed = desk("reconcile", *named, "--note", "SEPA 7, seen at the bank")
    assert closed.code == 0
    assert "came back to practice; payment R-10001.2 was made another way" in closed.out
    assert (desk("reconcile").code, desk("doctor").code) == (0, 0)


def test_a_list_nobody_could_read_proves_nothing_and_differs_in_nothing(desk: Desk) -> None:
    sell(desk, "pay-1")
    give_back(desk, 1)
    (desk.folder / "store.db.practice-provider").write_bytes(b"no books at all" * 100)
    silent = desk("reconcile")
    assert silent.code == 4
    assert "0 differing" in silent.out
    assert "nothing is proved about those of practice. (reconcile-unanswered)" in silent.err
    assert "not the same" not in silent.err
    told = desk("reconcile", "--json").json
    assert (told["code"], told["unanswered"]) == ("reconcile-unanswered", ["practice"])


def test_reconciling_is_green_then_red_and_doctor_with_it(desk: Desk) -> None:
    sell(desk, "pay-1")
    give_back(desk, 1)
    green = desk("reconcile", "--json")
    assert green.code == 0
    assert green.json["sums"]["matched"] == [{"currency": "CHF", "count": 1, "amount_minor": 1000}]
    ledger(
        desk,
        "INSERT INTO refund(provider_key, our_reference, payment_id, payment_reference, "
        "amount_minor, currency, state) SELECT 'office', 'office', payment_id, "
        "payment_reference, 500, currency, 'final' FROM refund",
    )
    red = desk("reconcile", "--json")
    assert (red.code, red.problem) == (4, "reconcile-red")
    (found,) = red.json["provider_only"]
    assert (found["our_reference"], found["amount_minor"]) == ("office", 500)
    told = desk("reconcile")
    assert "1 only at the provider   5.00 CHF" in told.out
    assert "not the same here and at the provider: 1." in told.err
    assert desk("doctor").code == 4
    ledger(desk, "DELETE FROM refund WHERE our_reference = 'office'")
    assert desk("reconcile").code == 0
    assert desk("doctor").code == 0


def test_reconciling_with_a_file_asks_nobody(desk: Desk) -> None:
    sell(desk, "pay-1", "pay-2")
    give_back(desk, 1)
    give_back(desk, 2)
    with closing(sqlite3.connect(desk.store)) as connection:
        rows = connection.execute(
            "SELECT provider_refund_id, our_reference FROM leg ORDER BY id"
        ).fetchall()
    export = desk.folder / "export.csv"
    lines = ["Id;Our_Reference;Amount;Currency;Status"]
    lines += [f"{refund};{reference};10.00;chf;succeeded" for refund, reference in rows]
    export.write_text("\n".join(lines))
    assert desk("reconcile", "--file", str(export)).code == 0
    lines[2] = lines[2].replace("10.00", "9.00")
    export.write_text("\n".join([*lines, "re-9;;1.00;CHF;refunded"]))
    answer = desk("reconcile", "--file", str(export), "--json")
    assert answer.code == 4
    assert [one["differs"] for one in answer.json["differing"]] == [["amount"]]
    assert [one["provider_refund_id"] for one in answer.json["provider_only"]] == ["re-9"]
    assert desk("doctor").code == 0, "a file is only compared"
    as_json = [
        {
            "id": refund,
            "our_reference": ref,
            "amount_minor": 1000,
            "currency": "CHF",
            "state": "final",
        }
        for refund, ref in rows
    ]
    export.write_text("\n".join(json.dumps(one) for one in as_json))
    assert desk("reconcile", "--file", str(export)).code == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id,amount\nre-1",
        "id,amount,currency,status\nre-1,ten,CHF,final",
        "id,amount,currency,status\nre-1,10.00,XXX,final",
        "id,amount,currency,status\n,10.00,CHF,final",
        "{broken",
        '{"id": "re-1"}',
    ],
)
def test_an_export_that_cannot_be_read_is_refused_whole(desk: Desk, text: str) -> None:
    sell(desk, "pay-1")
    export = desk.folder / "export.csv"
    export.write_text(text)
    answer = desk("reconcile", "--file", str(export), "--json")
    assert (answer.code, answer.problem) == (2, "export-unreadable")


def test_reconciling_takes_a_day_of_the_house(desk: Desk) -> None:
    sell(desk, "pay-1")
    give_back(desk, 1)
    for since, count in (("2026-11-22", 1), ("2026-11-22T14:30", 1), ("2026-11-22T14:31", 0)):
        found = desk("reconcile", "--since", since, "--json").json
        assert len(found["matched"]) == count, since
    assert desk("reconcile", "--since", "yesterday").code == 2


def test_a9_a_lost_answer_without_a_look_up_needs_a_person(desk: Desk) -> None:
    sell(desk, "lost-1")
    with remote(desk, look_up=False):
        give_back(desk, 1)
        assert states(desk) == {"R-10001.1": "review"}
        assert desk("resolve", "R-10001.1", "--not-found", "--operator", "A. Rochat").code == 1
        unproved = desk("resolve", "R-10001.1", "--not-found", "--json")
        assert (unproved.code, unproved.problem) == (1, "evidence-required")
        noted = desk("resolve", "R-10001.1", "--other", "asked the provider", "--json")
        assert noted.json["legs"][0]["state"] == "review"
        answer = desk("resolve", "R-10001.1", "--found", "re_1", "--evidence", "dashboard")
        assert answer.code == 0
        assert "R-10001.1 is now refunded." in answer.err
        assert desk("resolve", "R-10001.1", "--not-found", "--json").problem == "not-in-review"
    assert states(desk) == {"R-10001.1": "succeeded"}
    exported = [json.loads(line) for line in desk("audit", "export").out.splitlines()]
    (told,) = [
        json.loads(one["body"])
        for one in exported
        if one["action"] == "resolve" and '"found"' in one["body"]
    ]
    assert told["evidence"] == "dashboard"
    assert desk("doctor").code == 0


def test_a9_a_lost_answer_with_a_look_up_settles_itself(desk: Desk) -> None:
    sell(desk, "lost-1")
    with remote(desk):
        give_back(desk, 1)
        assert states(desk) == {"R-10001.1": "succeeded"}
        assert desk("reconcile").code == 0


def test_not_found_and_not_moved_is_sent_again(desk: Desk) -> None:
    sell(desk, "lost-1")
    with remote(desk, look_up=False):
        give_back(desk, 1)
        answer = desk("resolve", "R-10001.1", "--not-found", "--evidence", "no trace", "--json")
    assert answer.json["legs"][0]["state"] in ("review", "unknown"), "lost again, key kept"
    with closing(sqlite3.connect(desk.store)) as connection:
        assert connection.execute("SELECT attempts FROM leg").fetchone() == (2,)


@pytest.mark.parametrize("beside", [False, True])
def test_an_answer_that_never_comes_is_practised_up_to_the_supervisor(
    desk: Desk, beside: bool
) -> None:
    """Whichever practice provider it is: three times nothing, then review; sent again, it works."""
    sell(desk, "gone-1")
    with remote(desk) if beside else nullcontext():
        give_back(desk, 1)
        seen = [states(desk)["R-10001.1"]]
        while seen[-1] == "unknown" and len(seen) < 10:
            desk.clock.move(minutes=2)
            desk("settle")
            seen.append(states(desk)["R-10001.1"])
        assert seen[-1] == "review", seen
        assert desk("resolve", "R-10001.1", "--not-found", "--evidence", "no trace").code == 0
        assert states(desk) == {"R-10001.1": "succeeded"}
        assert desk("reconcile").code == 0
        with closing(sqlite3.connect(desk.store)) as connection:
            assert connection.execute("SELECT attempts FROM leg").fetchone() == (GONE_TIMES + 1,)
        assert desk("doctor").code == 0


@pytest.mark.parametrize("text", ["R-10001", "R-9.9", "nonsense", "R-99999.1"])
def test_a_payment_nobody_knows(desk: Desk, text: str) -> None:
    sell(desk, "pay-1")
    assert desk("resolve", text, "--not-found").code == 3


def watcher(desk: Desk) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tui",
            "--store",
            desk.url,
            "--config",
            str(desk.config),
            "settle",
            "--watch",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "Looking every" not in process.stderr.readline():
        assert process.poll() is None
    return process


def wait_for_lease(desk: Desk) -> None:
    while True:
        with closing(sqlite3.connect(desk.store)) as connection:
            if connection.execute("SELECT COUNT(*) FROM lease").fetchone() == (1,):
                return


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a33_a52_one_watches_others_are_told_and_a_signal_ends_it(
    desk: Desk, number: signal.Signals
) -> None:
    sell(desk, "pay-1")
    process = watcher(desk)
    try:
        wait_for_lease(desk)
        desk.clock.move(seconds=(SystemClock().now() - NOW).total_seconds())
        answer = desk("settle", "--json")
        assert answer.code == 5
        assert f"process {process.pid}" in answer.json["held_by"]["name"]
        assert "already sending" in desk("settle").err
        process.send_signal(number)
        out, _ = process.communicate()
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert out == ""
    assert desk("settle").code == 0, "the lease was let go"

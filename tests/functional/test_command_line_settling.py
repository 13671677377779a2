"""`settle`, `resolve` and `hand-over`, against the practice provider inside and outside."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, nullcontext

import pytest

from backend_client.ports import SystemClock
from backend_client.providers.practice import GONE_TIMES
from tests.functional.beside_provider import give_back, ledger, remote, sell, states
from tests.functional.desk import NOW, Desk


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


def test_above_a_threshold_two_supervisors_say_what_became_of_it(desk: Desk) -> None:
    sell(desk, "lost-1")
    second = ("--operator", "D. Roth")
    with remote(desk, look_up=False):
        settings = desk.config.read_text(encoding="utf-8")
        told = settings.replace("[operators]\n", '[operators]\n"D. Roth" = "supervisor"\n')
        told += "\n[policy]\nsecond_reviewer_minor = 0\n"
        desk.config.write_text(told, encoding="utf-8")
        give_back(desk, 1)
        nothing = desk("resolve", "R-10001.1", "--confirm", *second, "--json")
        assert (nothing.code, nothing.problem) == (1, "nothing-proposed")
        said = desk("resolve", "R-10001.1", "--found", "re_1", "--evidence", "dashboard")
        assert said.code == 4
        assert "Another supervisor confirms it; until then it stays in review" in said.err
        assert states(desk) == {"R-10001.1": "review"}
        own = desk("resolve", "R-10001.1", "--confirm", "--json")
        assert (own.code, own.problem) == (1, "resolution-own")
        (leg,) = desk("show", "R-10001", "--json").json["legs"]
        assert (leg["proposal"]["operator"], leg["proposal"]["reference"]) == ("B. Keller", "re_1")
        assert desk("resolve", "R-10001.9", "--confirm", *second).code == 3
        done = desk("resolve", "R-10001.1", "--confirm", *second)
        assert (done.code, states(desk)) == (0, {"R-10001.1": "succeeded"})
        assert "Confirmed: R-10001.1 is now refunded." in done.err
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


def driven_elsewhere(desk: Desk) -> None:
    """From now on another machine has the lease, and nobody can see whether it still lives."""
    until_us = int((desk.clock.now().timestamp() + 30) * 1_000_000)
    with closing(sqlite3.connect(desk.store)) as connection, connection:
        connection.execute("DELETE FROM lease")
        connection.execute(
            "INSERT INTO lease(name, holder, holder_name, until_us) "
            "VALUES ('settling', 'desk-2:1:1:a', 'desk 2', ?)",
            (until_us,),
        )


def test_beside_another_driver_the_code_says_whether_something_waits_for_it(desk: Desk) -> None:
    sell(desk, "broke-1", "pay-2")
    give_back(desk, 2)
    driven_elsewhere(desk)
    nothing = desk("settle", "--json")
    assert (nothing.code, nothing.json["left"]) == (0, {})
    give_back(desk, 1)
    driven_elsewhere(desk)
    waits = desk("settle")
    assert (waits.code, waits.out) == (5, "")
    assert "desk 2 is already sending for this store" in waits.err
    assert "look again in a moment" in waits.err
    coded = desk("settle", "--json")
    assert (coded.code, coded.json["left"]) == (5, {"pending": 1})
    assert coded.json["held_by"]["name"] == "desk 2"


def test_beside_another_driver_what_needs_a_person_is_still_told(desk: Desk) -> None:
    sell(desk, "pay-1")
    give_back(desk, 1)
    ledger(desk, "UPDATE refund SET state = 'declined'")
    desk.clock.move(days=1)
    assert desk("settle").code == 4
    driven_elsewhere(desk)
    assert desk("settle").code == 4


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
        assert (answer.code, answer.json["left"]) == (0, {})
        assert f"process {process.pid}" in answer.json["held_by"]["name"]
        assert f"process {process.pid} does that" in desk("settle").err
        process.send_signal(number)
        out, _ = process.communicate()
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert out == ""
    assert desk("settle").code == 0, "the lease was let go"


def test_a_provider_the_settings_name_no_more_leaves_its_payments_to_a_person(desk: Desk) -> None:
    sell(desk, "broke-1")
    give_back(desk, 1)
    assert states(desk) == {"R-10001.1": "pending"}
    with remote(desk):
        answer = desk("settle")
        assert answer.code == 4
        assert "1 waits for a person: the settings name no practice" in answer.out
        assert desk("settle", "--json").json["no_provider"] == {"practice": 1}
        listed = desk("open")
        assert "needs a person" in listed.out
        assert "needs a person" in listed.err, "in the totals too"
        (one,) = desk("open", "--json").json["legs"]
        assert (one["state"], one["no_provider"]) == ("pending", "practice")
        examined = desk("doctor")
        assert examined.code != 0
        assert "look there and resolve R-10001.1" in examined.out
        unproved = desk("resolve", "R-10001.1", "--not-found", "--json")
        assert unproved.problem == "evidence-required"
        desk("resolve", "R-10001.1", "--not-found", "--evidence", "no trace")
        assert states(desk) == {"R-10001.1": "declined"}
        assert desk("settle").code == 0
        assert desk("doctor").code == 0

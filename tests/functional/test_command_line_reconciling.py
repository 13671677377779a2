"""`reconcile` and `accept` on the command line: what only the provider knows is found, judged."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tests.functional.beside_provider import give_back, give_back_there, ledger, sell
from tests.functional.desk import Desk


def test_a_supervisor_accepts_a_refund_made_at_the_provider(desk: Desk) -> None:
    sell(desk, "pay-1")
    give_back(desk, 1)
    give_back_there(desk, "500")
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
    give_back_there(desk)
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
    give_back_there(desk, "500")
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

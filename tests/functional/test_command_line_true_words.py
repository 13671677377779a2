"""What the command line says of a refund is true of all of it, not only of its worst part."""

from __future__ import annotations

import pytest

from backend_client.providers.port import LookUp
from backend_client.providers.practice import PracticeProvider
from backend_client.settling.limits import Limits
from tests.functional.desk import Desk, booking, card, fee, ticket

TWO_CARDS = [card("P-GOOD", 2000, "psp-1"), card("P-DEAD", 1000, "dead-1")]
OWED_AND_DEAD = [
    {"key": "P-OWED", "method": "waiting_account", "amount_minor": 2000, "settled_minor": 0},
    card("P-DEAD", 1000, "dead-1"),
]


@pytest.fixture
def venue(desk: Desk) -> Desk:
    done = desk.import_native(
        booking("MIX", [ticket(1, 3000)], TWO_CARDS),
        booking("OWED", [ticket(1, 3000)], OWED_AND_DEAD),
        booking("LOST", [ticket(1, 1000)], [card("P-LOST", 1000, "lost-1")]),
        booking(
            "KEPT",
            [ticket(1, 1000), ticket(2, 1000), fee(3, 150), fee(4, 50, parent_sequence=1)],
            [card("P-KEPT", 2200, "psp-3")],
        ),
        booking("TWO", [ticket(1, 1000), ticket(2, 1000)], [card("P-TWO", 2000, "psp-2")]),
    )
    assert done.code == 0
    return desk


def test_one_declined_card_does_not_hide_what_another_was_paid(venue: Desk) -> None:
    done = venue("refund", "MIX", "--all", "--reason", "x", "--commit", "--json")
    assert [leg["state"] for leg in done.json["legs"]] == ["succeeded", "declined"]
    assert (done.code, done.problem) == (4, "partly-paid-out")
    assert done.json["money_moved"] == "yes"
    assert (done.json["details"]["paid_minor"], done.json["details"]["amount_minor"]) == (
        2000,
        1000,
    )
    assert "20.00 CHF of this refund has been paid out" in done.json["message"]


def test_a_reduced_debt_is_no_money_that_moved(venue: Desk) -> None:
    done = venue("refund", "OWED", "--all", "--reason", "x", "--commit", "--json")
    assert [leg["state"] for leg in done.json["legs"]] == ["recorded", "declined"]
    assert (done.problem, done.json["money_moved"]) == ("needs-person", "no")


def test_a_leg_in_review_may_have_been_paid(venue: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PracticeProvider, "find", lambda *_: LookUp(answered=False))
    again = ("refund", "LOST", "--all", "--reason", "x", "--commit", "--json")
    plan = venue(*again[:5], "--preview", "--json").json["fingerprint"]
    assert venue(*again, "--plan", plan).problem == "outcome-unknown"
    venue.clock.move(seconds=Limits().key_age.total_seconds())
    assert venue(*again, "--plan", plan).json["legs"][0]["state"] == "review"
    looked_at = venue(*again, "--plan", plan)
    assert (looked_at.code, looked_at.problem) == (4, "outcome-in-review")
    assert looked_at.json["money_moved"] == "unknown"


def test_a_plan_committed_for_other_lines_is_not_already_done(venue: Desk) -> None:
    first = ("refund", "TWO", "--lines", "1", "--reason", "x")
    plan = venue(*first, "--preview", "--json").json["fingerprint"]
    assert venue(*first, "--commit", "--plan", plan).code == 0
    other = ("refund", "TWO", "--lines", "2", "--reason", "x", "--commit", "--plan", plan)
    done = venue(*other, "--json")
    assert (done.code, done.problem) == (1, "plan-stale")
    assert "R-10001" in done.json["message"]
    assert venue(*first, "--commit", "--plan", plan, "--json").json["already_done"]


def test_a_reprinted_receipt_says_what_was_decided_then(venue: Desk) -> None:
    refund = ("refund", "KEPT", "--reason", "x", "--commit", "--acknowledge", "fee-stranded")
    assert venue(*refund, "--lines", "1").code == 0
    first = venue("show", "R-10001", "--receipt").out
    assert "0.50)" in first
    assert "1.50)" not in first
    assert venue(*refund, "--lines", "2,4").code == 0
    second = venue("show", "R-10002", "--receipt").out
    assert "1.50)" in second
    assert "0.50)" not in second
    assert venue("show", "R-10001", "--receipt").out == first
    assert venue("show", "KEPT", "--receipt").out == f"{first}\n{second}"


def test_what_is_declined_or_due_is_not_given_back(venue: Desk) -> None:
    assert venue("refund", "MIX", "--all", "--reason", "x", "--commit").code == 4
    assert "Given back 20.00   Requested 0.00   Still open 10.00" in venue("show", "MIX").out
    change = ("method", "R-10001.2", "--reason", "card closed", "--to", "transfer:600")
    assert venue(*change).code == 0
    assert "Given back 20.00   Requested 4.00   Still open 6.00" in venue("show", "MIX").out
    assert venue("refund", "TWO", "--lines", "1", "--reason", "x", "--commit").code == 0
    assert "Given back 10.00   Requested 0.00   Can go back 10.00" in venue("show", "TWO").out


def test_a_line_is_shown_with_the_refund_that_holds_it_and_where_that_is(venue: Desk) -> None:
    ask = ("refund", "TWO", "--lines", "2", "--reason", "x", "--to", "requested", "--commit")
    made = venue(*ask, "--json").json["refund"]
    row = next(line for line in venue("show", "TWO").out.splitlines() if line.startswith("  2  "))
    assert row.endswith(f"cancelled · {made}, requested")
    line = venue("show", "TWO", "--json").json["lines"][1]
    assert line["code"] == "already-refunded"
    assert line["why_not"] == f"Line 2 is part of refund {made} already (requested)."

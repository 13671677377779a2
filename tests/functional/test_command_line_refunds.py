"""Every way money can go from the command line, and what is still to be done about it."""

from __future__ import annotations

import pytest

from backend_client.providers.port import LookUp
from backend_client.providers.practice import PracticeProvider
from tests.functional.desk import Desk, booking, card, fee, ticket

CASH = {"key": "P-CASH", "method": "cash", "amount_minor": 1200}
OWED = {
    "key": "P-OWED",
    "method": "waiting_account",
    "amount_minor": 10_000,
    "settled_minor": 6_000,
}
VENUE = (
    booking(
        "PAIR",
        [ticket(1, 2000, groups=["g"]), ticket(2, 2000, groups=["g"]), ticket(3, 1500)],
        [card("P-PAIR", 5500, "psp-1")],
    ),
    booking("LOST", [ticket(1, 1000)], [card("P-LOST", 1000, "lost-1")]),
    booking("DEAD", [ticket(1, 1000)], [card("P-DEAD", 1000, "dead-1")]),
    booking("SLOW", [ticket(1, 1000)], [card("P-SLOW", 1000, "slow-1")]),
    booking("NOTE", [ticket(1, 1200)], [CASH], contact=None),
    booking("YEN", [ticket(1, 1450)], [card("P-YEN", 1450, "psp-2")], currency="JPY"),
    booking("DINAR", [ticket(1, 1450)], [card("P-DINAR", 1450, "psp-3")], currency="KWD"),
    booking("OWED", [ticket(1, 5000), ticket(2, 5000)], [OWED]),
    booking("OPEN", [ticket(1, 5000)], [], is_paid=False),
    booking(
        "SENT",
        [ticket(1, 1000), ticket(2, 1000, collected=True), fee(3, 300, "shipment")],
        [card("P-SENT", 2300, "psp-4")],
    ),
    booking("TWO", [ticket(1, 3000)], [card("P-ONE", 1000, "psp-5"), card("P-TWO", 2000, "psp-6")]),
)


@pytest.fixture
def venue(desk: Desk) -> Desk:
    assert desk.import_native(*VENUE).code == 0
    return desk


def commit(name: str, *more: str, lines: str = "1") -> tuple[str, ...]:
    return ("refund", name, "--lines", lines, "--reason", "goodwill", *more, "--commit", "--json")


def test_a_mix_of_methods_is_placed_as_typed(venue: Desk) -> None:
    ways = (
        "--to",
        "cash:300",
        "--to",
        "credit:200",
        "--to",
        "matched:100@P-TWO",
        "--to",
        "requested",
    )
    refused = venue(
        "refund", "TWO", "--lines", "1", "--reason", "goodwill", *ways, "--preview", "--json"
    )
    assert (refused.code, refused.problem) == (1, "cash-for-card")
    done = venue(*commit("TWO", *ways[2:]))
    assert done.code == 0
    placed = {(leg["method"], leg["amount_minor"], leg["payment"]) for leg in done.json["legs"]}
    assert placed == {("credit", 200, ""), ("matched", 100, "P-TWO"), ("requested", 2700, "")}
    assert done.json["status"] == "requested"


def test_amounts_stand_beside_their_currency_and_never_get_decimals(venue: Desk) -> None:
    for name, currency, shown in (("YEN", "JPY", "1450 "), ("DINAR", "KWD", "1.450 ")):
        plan = venue("refund", name, "--all", "--reason", "x", "--preview", "--json").json
        assert (plan["amount_minor"], plan["currency"]) == (1450, currency)
        text = venue("refund", name, "--all", "--reason", "x", "--preview").out
        assert f"{shown} {currency}" in text


def test_an_external_record_needs_its_reference_at_commit_not_at_preview(venue: Desk) -> None:
    external = ("refund", "TWO", "--all", "--reason", "goodwill", "--to", "external")
    seen = venue(*external, "--preview", "--json")
    assert seen.code == 0
    assert seen.json["missing"] == ["reference"]
    assert "--reference" in venue(*external, "--preview").err
    bare = venue(*external, "--commit", "--json")
    assert (bare.code, bare.problem) == (1, "reference-required")
    plan = ("--plan", seen.json["fingerprint"])
    done = venue(*external, "--reference", "T-4711", "--commit", *plan, "--json")
    assert done.code == 0
    assert [(leg["state"], leg["reference"]) for leg in done.json["legs"]] == [
        ("recorded", "T-4711")
    ]


def test_the_waiting_account_is_reduced_first(venue: Desk) -> None:
    done = venue(*commit("OWED"))
    assert done.code == 0
    placed = {leg["method"]: leg["amount_minor"] for leg in done.json["legs"]}
    assert placed == {"waiting": 4000, "requested": 1000}


def test_a_lost_answer_is_being_checked_and_found_when_asked_again(
    venue: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PracticeProvider, "find", lambda *_: LookUp(answered=False))
    plan = venue("refund", "LOST", "--all", "--reason", "x", "--preview", "--json").json
    again = ("refund", "LOST", "--all", "--reason", "x", "--commit", "--plan", plan["fingerprint"])
    done = venue(*again, "--json")
    assert (done.code, done.problem) == (4, "outcome-unknown")
    assert done.json["money_moved"] == "unknown"
    assert done.json["refund"] == "R-10001"
    assert [leg["state"] for leg in done.json["legs"]] == ["unknown"]
    assert venue(*again).code == 4
    assert "Being checked" in venue("show", "R-10001", "--receipt").out
    monkeypatch.undo()
    repeated = venue(*again, "--json")
    assert repeated.code == 0
    assert repeated.json["already_done"]
    assert [leg["state"] for leg in repeated.json["legs"]] == ["succeeded"]


def test_a_declined_card_leaves_the_refund_and_needs_a_person(venue: Desk) -> None:
    done = venue(*commit("DEAD"))
    assert (done.code, done.problem) == (4, "needs-person")
    assert done.json["status"] == "declined"
    assert done.json["details"]["legs"] == ["R-10001.1"]
    listed = venue("open", "--json").json
    assert [leg["leg"] for leg in listed["legs"]] == ["R-10001.1"]
    assert listed["totals"] == [
        {
            "state": "declined",
            "needs_number": False,
            "no_provider": False,
            "count": 1,
            "amount_minor": 1000,
            "currency": "CHF",
        }
    ]
    text = venue("open")
    assert "R-10001.1" in text.out
    assert "declined: 1, 10.00 CHF" in text.err

    changed = venue("method", "R-10001.1", "--to", "credit", "--reason", "card closed", "--json")
    assert changed.code == 0
    states = [(leg["leg"], leg["state"]) for leg in changed.json["legs"]]
    assert states == [("R-10001.1", "replaced"), ("R-10001.2", "credited")]

    account = venue("credit", "C-DEAD", "--json").json
    assert account["balances"] == [{"currency": "CHF", "balance_minor": 1000}]
    spend = ("credit", "C-DEAD", "--spend", "400", "--reference", "SALE-1", "--json")
    assert venue(*spend).json["balances"][0]["balance_minor"] == 600
    assert venue(*spend).json["balances"][0]["balance_minor"] == 600
    too_much = venue("credit", "C-DEAD", "--spend", "601", "--reference", "SALE-2", "--json")
    assert (too_much.code, too_much.problem) == (1, "credit-insufficient")
    assert "spent" in venue("credit", "C-DEAD").out


def test_an_accepted_refund_is_on_its_way_and_final_when_listed(venue: Desk) -> None:
    done = venue(*commit("SLOW"))
    assert done.code == 0
    assert done.json["status"] == "on_its_way"
    assert venue("open", "--json").json["legs"] == []
    assert venue("show", "R-10001", "--json").json["status"] == "done"


def test_a_requested_refund_can_be_split_and_taken_back(venue: Desk) -> None:
    assert venue(*commit("PAIR", "--to", "requested", lines="1,2")).code == 0
    part = venue("method", "R-10001.1", "--to", "credit:1000", "--reason", "asked", "--json")
    assert part.code == 0
    live = [(leg["method"], leg["amount_minor"]) for leg in part.json["legs"][1:]]
    assert sorted(live) == [("credit", 1000), ("requested", 3000)]
    left = next(
        leg["leg"]
        for leg in part.json["legs"]
        if leg["method"] == "requested" and leg["state"] == "requested"
    )
    same = venue("method", left, "--to", "requested", "--reason", "asked", "--json")
    assert (same.code, same.problem) == (2, "usage")

    assert venue(*commit("PAIR", "--to", "requested", lines="3")).code == 0
    taken_back = venue("void", "R-10002", "--reason", "sold in error")
    assert taken_back.code == 0
    assert "R-10002 is taken back" in taken_back.err
    assert "taken back" in venue("show", "PAIR").out
    assert "*** TAKEN BACK ***" in venue("show", "R-10002", "--receipt").out
    twice = venue("void", "R-10002", "--reason", "sold in error")
    assert twice.code == 1


def test_an_external_change_by_hand_needs_its_reference(venue: Desk) -> None:
    assert venue(*commit("PAIR", "--to", "requested", lines="3")).code == 0
    bare = venue("method", "R-10001.1", "--to", "external", "--reason", "terminal", "--json")
    assert (bare.code, bare.problem) == (1, "reference-required")
    with_it = ("--to", "external", "--reason", "terminal", "--reference", "T-1", "--json")
    assert venue("method", "R-10001.1", *with_it).code == 0


def test_half_a_group_is_refused_with_the_whole_of_it(venue: Desk) -> None:
    half = venue("refund", "PAIR", "--lines", "1", "--reason", "x", "--preview", "--json")
    assert (half.code, half.problem) == (1, "group-incomplete")
    assert half.json["details"]["required"] == [1, 2]
    assert "goes back with 2" in venue("show", "PAIR").out


def test_all_means_what_may_go_back_and_says_what_stays(venue: Desk) -> None:
    seen = venue("refund", "SENT", "--all", "--reason", "x", "--preview")
    assert "Line 2 is left out: Line 2 was collected" in seen.err
    plan = venue("refund", "SENT", "--all", "--reason", "x", "--preview", "--json").json
    assert [line["sequence"] for line in plan["lines"]] == [1]


def test_an_unpaid_booking_has_nothing_to_give_back(venue: Desk) -> None:
    refused = venue("refund", "OPEN", "--all", "--reason", "x", "--preview", "--json")
    assert (refused.code, refused.problem) == (1, "not-paid")
    assert "This booking has not been paid." in venue("show", "OPEN").out
    assert "not paid" in venue("lookup", "OPEN").out


def test_a_retained_amount_stays_with_the_house(venue: Desk) -> None:
    done = venue(*commit("PAIR", "--retain", "250", lines="3"))
    assert (done.json["value_minor"], done.json["amount_minor"]) == (1500, 1250)
    receipt = venue("show", "R-10001", "--receipt").out
    assert "Retained                             -2.50" in receipt
    assert venue(*commit("PAIR", "--retain", "4001", lines="1,2")).problem == "retained-too-much"


def test_nothing_goes_back_when_all_of_it_is_retained(venue: Desk) -> None:
    done = venue(*commit("PAIR", "--retain", "1500", lines="3"))
    assert done.code == 0
    assert done.json["legs"] == []
    assert "No money goes back" in venue("show", "R-10001", "--receipt").out


def test_cash_goes_back_as_cash_to_somebody_without_a_name(venue: Desk) -> None:
    done = venue(*commit("NOTE"))
    assert [(leg["method"], leg["state"]) for leg in done.json["legs"]] == [("cash", "recorded")]
    assert "Handed over at the desk." in venue("show", "R-10001", "--receipt").out
    no_account = venue("refund", "NOTE", "--all", "--reason", "x", "--to", "credit", "--preview")
    assert no_account.code == 1


def test_who_may_do_what_comes_from_the_settings(venue: Desk) -> None:
    assert venue(*commit("PAIR", "--to", "requested", lines="3")).code == 0
    void = ("void", "R-10001", "--reason", "x")
    for operator in ("A. Rochat", "nobody we know"):
        assert venue(*void, "--operator", operator).code == 1
    admin = venue("refund", "TWO", "--all", "--reason", "x", "--preview", "--operator", "C. Admin")
    assert (admin.code, "may not do this" in admin.err) == (1, True)
    assert venue(*void, "--operator", "B. Keller").code == 0


def test_a_house_that_lists_nobody_has_a_supervisor(venue: Desk) -> None:
    alone = venue.folder / "alone.toml"
    alone.write_text('[house]\ncurrency = "CHF"\n', encoding="utf-8")
    assert venue("audit", "verify", "--config", str(alone), "--operator", "anybody").code == 0


def test_a_house_without_a_provider_reverses_nothing(venue: Desk) -> None:
    live = venue.folder / "live.toml"
    live.write_text('[house]\ncurrency = "CHF"\nenvironment = "live"\n', encoding="utf-8")
    where = ("--config", str(live))
    refused = venue(*commit("PAIR", "--to", "matched", lines="3"), *where)
    assert (refused.code, refused.problem) == (1, "payment-not-refundable")
    proposed = venue(*commit("PAIR", lines="3"), *where)
    assert [leg["method"] for leg in proposed.json["legs"]] == ["requested"]
    assert "PRACTICE" not in venue("show", "R-10001", "--receipt", *where).out


def test_what_is_meant_exactly_stands_alone(venue: Desk) -> None:
    """As it opens in the window, whatever else begins alike."""
    alike = booking("R-10001X", [ticket(1, 1000)], [card("P-X", 1000, "psp-7")])
    assert venue.import_native(alike).code == 0
    assert venue(*commit("DINAR")).code == 0
    found = venue("lookup", "R-10001", "--json").json
    assert [hit["booking"] for hit in found["hits"]] == ["DINAR"]
    assert (found["exact"], found["more"]) == (True, False)
    near = venue("lookup", "R-1000", "--json").json
    assert ("R-10001X" in [hit["booking"] for hit in near["hits"]], near["exact"]) == (True, False)


def test_a_free_ticket_goes_back_and_nothing_is_said_to_go_anywhere(desk: Desk) -> None:
    assert desk.import_native(booking("REWARD", [ticket(1, 0)], [])).code == 0
    given = desk("refund", "REWARD", "--all", "--reason", "goodwill", "--commit")
    assert given.code == 0
    assert given.out.splitlines()[-2:] == ["Where it goes", "  nothing: the amount is zero"]
    assert desk("show", "R-10001").out == given.out

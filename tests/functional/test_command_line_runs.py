"""Mass runs on the command line, with worked figures: what is printed is what was done."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from tests.functional.beside_provider import states
from tests.functional.cancelled_evening import (
    CANCEL,
    DISPATCH,
    REASON,
    figures,
    package,
    sell_evening,
)
from tests.functional.desk import Desk, booking, card, ticket

TODAY = date(2026, 11, 22)


def sound(desk: Desk) -> bool:
    return desk("doctor").code == 0


def test_a_simulation_shows_totals_exceptions_and_the_ready_command(evening: Desk) -> None:
    answer = evening(*CANCEL, "--simulate")
    assert answer.code == 0
    assert answer.out.splitlines() == [
        "Cancel performance · simulation 1 · Hamlet · 02 Dec 19:30",
        "4 of 4 candidates, valid until 22 Nov 15:00",
        "  Totals                               bookings  amount",
        "  Bookings cancelled                          3   61.00  CHF",
        "  tickets                                     3   60.00  CHF",
        "  fees given back: booking fee                1    1.00  CHF",
        "  requests, paid by the next dispatch         3   61.00  CHF",
        "  Left out: not paid                          1    0.00  CHF",
        "",
        "1 exception:",
        "  A4  Bette Davis  –  not paid",
    ]
    assert "Nothing has been changed or sent." in answer.err
    ready = f"cancel-performance --live --simulation 1 --store {evening.url}"
    assert ready in answer.err
    assert states(evening) == {}


def test_live_does_exactly_that_and_names_the_next_step(cancelled: Desk) -> None:
    assert set(states(cancelled).values()) == {"requested"}
    assert "--live" not in cancelled("runs", "1").err
    shown = cancelled("runs", "2")
    assert "Cancel performance · run 2 of simulation 1" in shown.out
    assert "Items: cancelled 3 · left out 1" in shown.out
    assert "dispatch --from 2026-11-22 --to 2026-11-22 --credit never --simulate" in shown.err
    (hamlet,) = cancelled("performances", "hamlet", "--json").json["performances"]
    assert (hamlet["blocked"], hamlet["bookings"]) == (True, 1)
    assert "blocked" in cancelled("performances").out
    again = cancelled("cancel-performance", "--live", "--simulation", "1", "--json")
    assert (again.code, again.problem, again.json["details"]["live"]) == (1, "run-used", 2)
    assert sound(cancelled)


def test_the_prescribed_dispatches_pay_everybody_once(cancelled: Desk) -> None:
    simulated = cancelled(*DISPATCH, "never", "--simulate", "--json")
    assert simulated.code == 0
    assert figures(simulated.json) == {
        ("plan", "cards"): (2, 3100),
        ("plan", "stays"): (1, 3000),
        ("card", ""): (2, 3100),
        ("stays", ""): (1, 3000),
        ("reason", "no-card"): (1, 3000),
    }
    live = cancelled("dispatch", "--live", "--simulation", "3", "--json")
    assert live.code == 0
    assert figures(live.json) == {("card", "succeeded"): (1, 1100), ("card", "declined"): (1, 2000)}
    assert live.json["run"]["outcomes"] == {"refunded": 1, "declined": 1, "stays": 1}
    shown = cancelled("runs", "4")
    assert "declined: card closed by is…" in shown.out
    step = "dispatch --from 2026-11-22 --to 2026-11-22 --credit when-not-possible --simulate"
    assert step in shown.err
    assert cancelled(*DISPATCH, "when-not-possible", "--simulate").code == 0
    rest = cancelled("dispatch", "--live", "--simulation", "5")
    assert rest.code == 0
    assert "Items: credited 2" in rest.out
    assert "Nothing is left to do" in rest.err
    assert sorted(states(cancelled).values()) == [
        *("credited", "credited", "replaced", "replaced", "replaced", "replaced", "succeeded"),
    ]
    nothing = cancelled(*DISPATCH, "when-not-possible", "--simulate")
    assert (nothing.code, "nothing to carry out" in nothing.err) == (0, True)
    empty = cancelled("dispatch", "--live", "--simulation", "7", "--json")
    assert (empty.code, empty.problem) == (1, "run-nothing-to-do")
    assert sound(cancelled)


def test_what_needs_a_person_ends_live_with_4(desk: Desk) -> None:
    sell_evening(desk, package())
    simulated = desk(*CANCEL, "--simulate")
    assert simulated.code == 0
    assert "A5  Bette Davis  15.00 CHF  goes back with other performances" in simulated.out
    live = desk("cancel-performance", "--live", "--simulation", "1")
    assert live.code == 4
    assert "Some need a person" in live.err
    assert sound(desk)


@pytest.mark.parametrize(
    ("given", "total", "count"),
    [
        (("--tariff", "Adult"), 3100, 2),
        (("--tariff", "Adult,Child"), 6100, 3),
        (("--tariff", "Child", "--tariff", "Adult"), 6100, 3),
        (("--sold-through", "internet"), 1100, 1),
        (("--paid-by", "card"), 3100, 2),
        (("--paid-by", "cash,card"), 6100, 3),
        (("--not-paid-by", "card"), 3000, 1),
        (("--file", "A1,A3"), 4100, 2),
        (("--except-contact", "C-A1", "--except-contact", "C-A2"), 3000, 1),
        (("--no-charges",), 6000, 3),
        (("--retain", "500"), 4600, 3),
        (("--retain", "fixed:500"), 4600, 3),
        (("--retain", "per-ticket:100"), 5800, 3),
        (("--retain", "percent:12.5"), 5337, 3),
        (("--batch", "2"), 3100, 2),
    ],
)
def test_every_parameter_says_what_it_says(
    evening: Desk, given: tuple[str, ...], total: int, count: int
) -> None:
    answer = evening(*CANCEL, *given, "--simulate", "--json")
    assert answer.code == 0
    assert figures(answer.json)["cancel", ""] == (count, total)


def test_parameters_are_kept_with_the_run(evening: Desk) -> None:
    given = ("--retain", "percent:12,5", "--shipment", "--no-block", "--through", "web")
    run = evening(*CANCEL, *given, "--desk", "7", "--simulate", "--json").json["run"]
    assert run["parameters"] == {
        "performances": [1],
        "reason": REASON,
        "contingents": [],
        "categories": [],
        "tariffs": [],
        "sold_through": [],
        "methods": [],
        "methods_excluded": False,
        "files": [],
        "contacts": [],
        "charges": True,
        "shipment": True,
        "retained": {"kind": "percent", "amount": 1250},
        "block": False,
        "through": {"channel": "web", "desk": "7"},
        "batch": 0,
    }
    assert run["performances"] == [
        {"id": 1, "event": "Hamlet", "starts_at": "2026-12-02T18:30:00Z", "key": "P-1"}
    ]


@pytest.mark.parametrize("named", ["P-1", "0001:P-1", "#1"])
def test_a_performance_is_named_in_three_ways(evening: Desk, named: str) -> None:
    answer = evening("cancel-performance", named, "--reason", REASON, "--simulate", "--json")
    assert answer.json["run"]["parameters"]["performances"] == [1]


@pytest.mark.parametrize(
    ("days", "first", "last"),
    [
        (("--from", "today"), TODAY, TODAY),
        (("--from", "yesterday"), date(2026, 11, 21), date(2026, 11, 21)),
        (("--from", "last-week"), date(2026, 11, 9), date(2026, 11, 15)),
        (("--from", "last-month"), date(2026, 10, 1), date(2026, 10, 31)),
        (("--from", "last-month", "--to", "yesterday"), date(2026, 10, 1), date(2026, 11, 21)),
        (("--from", "2026-11-01", "--to", "today"), date(2026, 11, 1), TODAY),
    ],
)
def test_days_are_those_of_the_house(
    evening: Desk, days: tuple[str, ...], first: date, last: date
) -> None:
    answer = evening("dispatch", *days, "--credit", "never", "--simulate", "--json")
    told = answer.json["run"]["parameters"]
    assert (told["first"], told["last"]) == (first.isoformat(), last.isoformat())


def test_today_begins_at_midnight_of_the_house(evening: Desk) -> None:
    """23:30 in London is the next day in Zürich already."""
    evening.clock.move(hours=10)
    told = evening(*DISPATCH, "always", "--simulate", "--json").json["run"]["parameters"]
    assert told["first"] == "2026-11-23"


MAIL = """
[mail]
start = 2026-11-22
host = "127.0.0.1"
encryption = "none"
from = "office@palais.example"
"""


def test_customers_are_mailed_only_when_it_is_said(evening: Desk) -> None:
    refused = evening(*DISPATCH, "never", "--email", "--simulate", "--json")
    assert (refused.code, refused.problem) == (2, "usage")
    assert "no [mail] in its settings" in refused.json["details"]["detail"]
    evening.config.write_text(evening.config.read_text(encoding="utf-8") + MAIL, encoding="utf-8")
    for given, mailed in (((), False), (("--no-email",), False), (("--email",), True)):
        answer = evening(*DISPATCH, "never", *given, "--simulate", "--json")
        assert answer.code == 0
        assert answer.json["run"]["parameters"]["email"] is mailed


@pytest.mark.parametrize("given", [(), ("--email",)])
def test_the_next_step_mails_as_this_one_did(cancelled: Desk, given: tuple[str, ...]) -> None:
    config = cancelled.config
    config.write_text(config.read_text(encoding="utf-8") + MAIL, encoding="utf-8")
    assert "--email" not in cancelled("runs", "2").err, "nobody has chosen yet"
    assert cancelled(*DISPATCH, "never", *given, "--simulate").code == 0
    live = cancelled("dispatch", "--live", "--simulation", "3")
    assert "--credit when-not-possible" in live.err
    assert ("--email" in live.err) == bool(given)


def test_given_again_parameters_must_be_those_of_the_simulation(evening: Desk) -> None:
    assert evening(*CANCEL, "--tariff", "Child,Adult", "--simulate").code == 0
    live = ("--live", "--simulation", "1")
    other = evening(*CANCEL, "--tariff", "Adult", "--retain", "1", *live, "--json")
    assert (other.code, other.problem) == (2, "usage")
    assert "--tariff, --retain are not as in simulation 1" in other.json["details"]["detail"]
    assert evening("dispatch", *live).code == 2
    assert evening(*CANCEL, "--tariff", "Adult", "--tariff", "Child", *live).code == 0


def test_what_changed_forbids_and_what_appeared_is_left(evening: Desk) -> None:
    assert evening(*CANCEL, "--simulate").code == 0
    late = booking("A9", [ticket(1, 900)], [card("K9", 900, "pay-9")])
    assert evening.import_native(late).code == 0
    assert evening("refund", "A1", "--all", "--reason", "goodwill", "--commit").code == 0
    refused = evening("cancel-performance", "--live", "--simulation", "1")
    assert refused.code == 1
    assert "A1: changed since" in refused.err
    assert "1 appeared since and are left for the next run: A9" in refused.err
    told = evening("cancel-performance", "--live", "--simulation", "1", "--json")
    assert (told.code, told.problem, told.json["run"]["id"]) == (1, "run-changed", 1)
    assert told.json["details"]["bookings"] == ["A1"]
    assert told.json["appeared"] == {"count": 1, "bookings": ["A9"]}
    assert evening("runs", "2").code == 3


def test_the_log_is_one_json_value_and_a_table_no_spreadsheet_computes(cancelled: Desk) -> None:
    log = cancelled("runs", "2", "--json").json
    assert log["run"] == {**log["run"], "id": 2, "kind": "cancellation", "state": "done"}
    assert [(one["booking_reference"], one["outcome"]) for one in log["items"]] == [
        *(("A1", "cancelled"), ("A2", "cancelled"), ("A3", "cancelled"), ("A4", "skipped"))
    ]
    assert sum(one["amount_minor"] for one in log["items"]) == figures(log)["cancel", ""][1] == 6100
    table = list(csv.DictReader(io.StringIO(cancelled("runs", "2", "--csv").out)))
    assert [row["customer"] for row in table][2] == "'=HYPERLINK(1)"
    assert sum(int(row["amount_minor"]) for row in table) == 6100
    assert sum(Decimal(row["amount"]) for row in table) == 61
    assert "booking_id" not in table[0]
    assert [row["booking"] for row in table] == [one["booking"] for one in log["items"]]
    for row, item in zip(table, log["items"], strict=True):
        parts = sum(one["amount_minor"] for one in item["parts"])
        assert parts == (item["amount_minor"] if item["outcome"] == "cancelled" else 0)
        for part in item["parts"]:
            assert "payment_id" not in part
            assert "payer_id" not in part
        assert "{" not in row["parts"] + row["states"]
    exported = [
        line for line in cancelled("audit", "export").out.splitlines() if "exported" in line
    ]
    assert len(exported) == 2


def test_the_list_of_runs(cancelled: Desk) -> None:
    answer = cancelled("runs")
    assert answer.out.splitlines() == [
        "  Run  What    Of what                Begun         State     Items",
        "    2  Cancel  Hamlet · 02 Dec 19:30  22 Nov 14:30  done          4",
        "    1  Cancel  Hamlet · 02 Dec 19:30  22 Nov 14:30  by run 2      4",
    ]
    assert [run["id"] for run in cancelled("runs", "--json").json["runs"]] == [2, 1]


def test_the_list_of_runs_as_a_table_for_spreadsheets(cancelled: Desk) -> None:
    table = list(csv.DictReader(io.StringIO(cancelled("runs", "--csv").out)))
    assert [(row["id"], row["mode"], row["state"], row["operator"]) for row in table] == [
        ("2", "live", "done", "B. Keller"),
        ("1", "simulation", "simulated", "B. Keller"),
    ]


def test_runs_of_a_house_that_had_none(evening: Desk) -> None:
    assert evening("runs", "--json").json == {"runs": []}
    assert "There was no run yet." in evening("runs").err


def test_a_cashier_looks_and_simulates_a_dispatch_but_runs_nothing(cancelled: Desk) -> None:
    cashier = ("--operator", "a. rochat")
    assert cancelled("runs", "2", *cashier).code == 0
    assert cancelled("performances", *cashier).code == 0
    assert cancelled(*DISPATCH, "never", "--simulate", *cashier).code == 0
    for command in (
        (*CANCEL, "--simulate"),
        ("dispatch", "--live", "--simulation", "3"),
        ("runs", "2", "--end"),
    ):
        answer = cancelled(*command, *cashier, "--json")
        assert (answer.code, answer.problem) == (1, "not-allowed"), command
        assert "cashier A. Rochat may not do this" in answer.json["message"]
    assert [run["mode"] for run in cancelled("runs", "--json").json["runs"]] == [
        *("simulation", "live", "simulation")
    ]

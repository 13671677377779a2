"""What a run must not be told: refused before anything is frozen, each with its exit code."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from backend_client.domain.card_numbers import holds_card
from tests.functional.cancelled_evening import CANCEL, REASON, package, sell_evening
from tests.functional.desk import Desk, booking, card, ticket

CARD = "4111111111111111"
NEVER = ("--credit", "never", "--simulate")
LIVE = ("--live", "--simulation")


@pytest.fixture
def evening(desk: Desk) -> Desk:
    sell_evening(desk, package())
    return desk


def frozen(desk: Desk) -> int:
    with closing(sqlite3.connect(desk.store)) as connection:
        (count,) = connection.execute("SELECT COUNT(*) FROM run").fetchone()
    return int(count)


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("cancel-performance", "P-9", "--reason", REASON), 3, "performance-unknown"),
        (("cancel-performance", "", "--reason", REASON), 3, "performance-unknown"),
        (("cancel-performance", "%", "--reason", REASON), 3, "performance-unknown"),
        (("cancel-performance", "#99", "--reason", REASON), 3, "performance-unknown"),
        (("cancel-performance", "0002:P-1", "--reason", REASON), 3, "performance-unknown"),
        (("cancel-performance", "P-1", "P-2", "--reason", REASON), 1, "performances-of-two-events"),
        ((*CANCEL, "--file", "NOBODY"), 1, "run-booking-unknown"),
        ((*CANCEL, "--tariff", "Adlut"), 1, "run-filter-unknown"),
        ((*CANCEL, "--except-contact", "C-99"), 1, "run-contact-unknown"),
        ((*CANCEL, "P-2"), 2, "usage"),
        (("cancel-performance", "P-1"), 2, "usage"),
        (("cancel-performance", "--reason", REASON), 2, "usage"),
        ((*CANCEL, "--tariff", ""), 2, "usage"),
        ((*CANCEL, "--tariff", "Adult,,Child"), 2, "usage"),
        ((*CANCEL, "--file", ","), 2, "usage"),
        ((*CANCEL, "--through", " "), 2, "usage"),
        ((*CANCEL, "--paid-by", "pebbles"), 2, "usage"),
        ((*CANCEL, "--paid-by", "card", "--not-paid-by", "cash"), 2, "usage"),
        ((*CANCEL, "--charges", "--no-charges"), 2, "usage"),
        ((*CANCEL, "--retain", "percent:101"), 2, "usage"),
        ((*CANCEL, "--retain", "percent:100.01"), 2, "usage"),
        ((*CANCEL, "--retain", "percent:-1"), 2, "usage"),
        ((*CANCEL, "--retain", "percent:1e1"), 2, "usage"),
        ((*CANCEL, "--retain", "percent:١٢"), 2, "usage"),
        ((*CANCEL, "--retain", "half:1"), 2, "usage"),
        ((*CANCEL, "--retain", "3.50"), 2, "amount-invalid"),
        ((*CANCEL, "--retain", "per-ticket:-1"), 2, "amount-invalid"),
        ((*CANCEL, "--retain", "100 EUR"), 1, "currency-mismatch"),
        ((*CANCEL, "--batch", "0"), 2, "usage"),
        ((*CANCEL, "--batch", "-1"), 2, "usage"),
        ((*CANCEL, "--batch", "1e3"), 2, "usage"),
        ((*CANCEL, "--batch", "99999999999"), 2, "usage"),
        ((*CANCEL, "--simulation", "1"), 2, "usage"),
        ((*CANCEL, "--file", "4111111111111111"), 1, "full-card-number"),
        ((*CANCEL, "--tariff", "4111 1111 1111 1111"), 1, "full-card-number"),
        ((*CANCEL, "--through", "5555-5555-5555-4444"), 1, "full-card-number"),
        (("cancel-performance", "4111", "1111", "1111", "1111"), 1, "full-card-number"),
    ],
)
def test_a_cancellation(evening: Desk, arguments: tuple[str, ...], code: int, problem: str) -> None:
    answer = evening(*arguments, "--simulate", "--json")
    assert (answer.code, answer.problem) == (code, problem)
    assert answer.json["money_moved"] == "no"
    assert "4111111111111111" not in answer.out
    assert frozen(evening) == 0


def test_four_hundred_bookings_by_name_and_no_more(evening: Desk) -> None:
    named = ",".join(f"F{number}" for number in range(401))
    answer = evening(*CANCEL, "--file", named, "--simulate", "--json")
    assert (answer.code, answer.problem) == (1, "run-too-many-named")
    assert answer.json["details"]["count"] == 401
    most = ",".join(f"F{number}" for number in range(400))
    assert evening(*CANCEL, "--file", most, "--simulate", "--json").problem == "run-booking-unknown"
    assert frozen(evening) == 0


FORTY = ",".join(str(number) for number in range(500_000, 500_040))


@pytest.mark.parametrize(
    ("option", "problem"),
    [("--file", "run-booking-unknown"), ("--except-contact", "run-contact-unknown")],
)
def test_many_numbers_are_no_card_number(evening: Desk, option: str, problem: str) -> None:
    assert holds_card(FORTY), "together they would be taken for one"
    for given in ((option, FORTY), (f"{option}={FORTY}",), (option, FORTY.replace(",", ", "))):
        answer = evening(*CANCEL, *given, "--simulate", "--json")
        assert (answer.code, answer.problem) == (1, problem)
    for given in (
        (option, f"B1,{CARD}"),
        (f"{option}=B1,{CARD}",),
        (option, f"{CARD[:8]} {CARD[8:]}"),
    ):
        answer = evening(*CANCEL, *given, "--simulate", "--json")
        assert (answer.code, answer.problem) == (1, "full-card-number")
        assert CARD not in answer.out


def test_many_bookings_by_number_are_taken(desk: Desk) -> None:
    numbers = FORTY.split(",")
    sold = (
        booking(number, [ticket(1, 100)], [card("K", 100, f"pay-{number}")]) for number in numbers
    )
    assert desk.import_native(*sold).code == 0
    assert desk(*CANCEL, "--file", FORTY, "--simulate").code == 0
    live = desk("cancel-performance", "--live", "--simulation", "1", "--json")
    assert (live.code, live.json["run"]["done"]) == (0, 40)
    assert desk("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("days", "code", "problem"),
    [
        (("--from", "2026-11-02", "--to", "2026-11-01"), 1, "run-dates"),
        (("--from", "today", "--to", "yesterday"), 1, "run-dates"),
        (("--from", "2026-11-01"), 2, "usage"),
        (("--to", "2026-11-01"), 2, "usage"),
        (("--from", "2026-02-30", "--to", "today"), 2, "usage"),
        (("--from", "next-week"), 2, "usage"),
        (("--from", ""), 2, "usage"),
        (("--from", "22.11.26", "--to", "today"), 2, "usage"),
        (("--from", "٢٠٢٦-١١-٠١", "--to", "today"), 2, "usage"),
        (("--from", "today", "--batch", "0"), 2, "usage"),
        (("--from", "today", "--sold-through", ""), 2, "usage"),
        (("--from", "today", "--through", "4111111111111111"), 1, "full-card-number"),
    ],
)
def test_a_dispatch(evening: Desk, days: tuple[str, ...], code: int, problem: str) -> None:
    answer = evening("dispatch", *days, *NEVER, "--json")
    assert (answer.code, answer.problem) == (code, problem)
    assert frozen(evening) == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("dispatch", "--from", "today", "--credit", "never"), 2),
        (("dispatch", "--from", "today", "--credit", "sometimes", "--simulate"), 2),
        (("dispatch", "--from", "today", "--simulate"), 2),
        (("dispatch", "--simulate", "--unattended"), 2),
        (("dispatch", "--live"), 2),
        (("dispatch", *LIVE, "nine"), 2),
        (("dispatch", *LIVE, "9"), 3),
        (("cancel-performance", *LIVE, "9"), 3),
        (("runs", "9"), 3),
        (("runs", "9", "--csv"), 3),
        (("runs", "9", "--stop"), 3),
        (("runs", "9", "--resume"), 3),
        (("runs", "9", "--end"), 3),
        (("runs", "R-1"), 2),
        (("runs", "--stop"), 2),
        (("runs", "--csv", "--end"), 2),
        (("runs", "9", "--csv", "--stop"), 2),
        (("runs", "9", "--stop", "--end"), 2),
        (("performances", "4111111111111111"), 1),
        (("performances", "nothing like it"), 3),
    ],
)
def test_everything_else(evening: Desk, arguments: tuple[str, ...], code: int) -> None:
    answer = evening(*arguments)
    assert answer.code == code
    assert answer.out == ""
    assert frozen(evening) == 0


def test_a_key_of_two_sites_asks_which(evening: Desk) -> None:
    other = {**package(), "site": "0002", "booking_id": "Z1", "transaction_id": "T-Z1"}
    assert evening.import_native(other).code == 0
    answer = evening(*CANCEL, "--simulate", "--json")
    assert (answer.code, answer.problem) == (2, "usage")
    assert "0001:P-1, 0002:P-1" in answer.json["message"]
    there = ("cancel-performance", "0002:P-1", "--reason", REASON, "--simulate", "--json")
    assert evening(*there).json["run"]["candidates"] == 1


def test_programs_are_refused_in_json(evening: Desk) -> None:
    assert evening("runs", "9", "--json").problem == "run-not-found"
    assert evening("runs", "9", "--csv", "--json").problem == "usage"
    assert evening("performances", "Tosca", "--json").problem == "performance-unknown"


def test_a_house_with_a_list_of_reasons_takes_no_other(evening: Desk) -> None:
    evening.config.write_text(evening.config.read_text() + "\n[policy]\nfree_reasons = false\n")
    answer = evening("cancel-performance", "P-1", "--reason", "because", "--simulate", "--json")
    assert (answer.code, answer.problem) == (2, "reason-unknown")
    assert frozen(evening) == 0


def test_a_simulation_is_no_live_run(evening: Desk) -> None:
    assert evening(*CANCEL, "--simulate").code == 0
    assert evening("runs", "1", "--resume", "--json").problem == "run-only-simulated"
    assert evening("runs", "1", "--end", "--json").problem == "run-only-simulated"
    assert evening("runs", "1", "--stop", "--json").problem == "run-not-running"


def test_what_is_done_is_neither_stopped_nor_ended(evening: Desk) -> None:
    assert evening(*CANCEL, "--simulate").code == 0
    live = evening("cancel-performance", *LIVE, "1")
    assert (live.code, live.err.count("Going live: ")) == (4, 1)
    assert "Going live" not in evening("cancel-performance", *LIVE, "1").err, "it was used"
    for act, problem in (("--stop", "run-not-running"), ("--end", "run-not-endable")):
        answer = evening("runs", "2", act)
        assert (answer.code, answer.out) == (1, "")
        assert "Run 2 is done" in answer.err
        assert evening("runs", "2", act, "--json").problem == problem


def test_an_expired_simulation_is_refused(evening: Desk) -> None:
    assert evening(*CANCEL, "--simulate").code == 0
    evening.clock.move(minutes=31)
    refused = evening("cancel-performance", *LIVE, "1")
    assert "Going live" not in refused.err
    answer = evening("cancel-performance", *LIVE, "1", "--json")
    assert (answer.code, answer.problem) == (1, "run-expired")


def test_a_store_that_is_not_there(desk: Desk) -> None:
    for command in (("runs",), ("performances",), (*CANCEL, "--simulate")):
        assert desk(*command).code == 3

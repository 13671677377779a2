"""Runs nobody looks at: below the ceilings of the house they go live, above them nothing moves."""

from __future__ import annotations

import pytest

from tests.functional.beside_provider import states
from tests.functional.cancelled_evening import (
    CANCEL,
    DISPATCH,
    figures,
    package,
    sell_evening,
    with_ceilings,
)
from tests.functional.desk import Desk, booking, card, ticket

NIGHTLY = (*DISPATCH, "never", "--unattended")


def test_at_the_ceilings_it_goes_live(cancelled: Desk) -> None:
    with_ceilings(cancelled, 2, 3100)
    answer = cancelled(*NIGHTLY, "--json")
    assert answer.code == 0
    assert answer.json["run"]["mode"] == "live"
    assert figures(answer.json)["card", "succeeded"] == (1, 1100)
    assert cancelled("doctor").code == 0


def test_in_words_the_simulation_comes_first(cancelled: Desk) -> None:
    with_ceilings(cancelled, 2, 3100)
    answer = cancelled(*NIGHTLY)
    assert answer.code == 0
    simulation, live = answer.out.index("simulation 3"), answer.out.index("run 4 of simulation 3")
    assert simulation < live
    assert "The next step:" in answer.err


@pytest.mark.parametrize(
    ("items", "minor", "said"),
    [
        (1, 3100, "The number of items is above what may go live unattended: 2, the ceiling is 1."),
        (2, 3099, "The amount is above what may go live unattended: 31.00 CHF, the ceiling is "),
        (0, 0, "The number of items is above"),
    ],
)
def test_above_a_ceiling_nothing_moves_and_the_simulation_stays(
    cancelled: Desk, items: int, minor: int, said: str
) -> None:
    with_ceilings(cancelled, items, minor)
    before = states(cancelled)
    answer = cancelled(*NIGHTLY)
    assert answer.code == 1
    assert said in answer.err
    assert "(run-over-ceiling)" in answer.err
    assert "No money has moved." in answer.err
    assert "dispatch --live --simulation 3" in answer.err
    assert "Dispatch · simulation 3" in answer.out
    assert states(cancelled) == before
    assert cancelled("dispatch", "--live", "--simulation", "3").code == 0, "by hand it may"
    assert cancelled("doctor").code == 0


def test_a_program_finds_the_simulation_beside_the_refusal(cancelled: Desk) -> None:
    answer = cancelled(*NIGHTLY, "--json")
    assert (answer.code, answer.problem) == (1, "run-over-ceiling")
    assert answer.json["details"]["run"] == answer.json["run"]["id"] == 3
    assert answer.json["money_moved"] == "no"


def test_another_currency_is_above_every_ceiling(desk: Desk) -> None:
    with_ceilings(desk, 1000, 10_000_000)
    yen = booking("Y1", [ticket(1, 1)], [card("K1", 1, "pay-1")], currency="JPY")
    assert desk.import_native(yen).code == 0
    answer = desk(*CANCEL, "--unattended", "--json")
    assert (answer.code, answer.problem) == (1, "run-over-ceiling")
    assert answer.json["details"]["have"] == "1 JPY"
    assert states(desk) == {}


def test_what_nobody_gets_money_for_is_below_them_in_any_currency(desk: Desk) -> None:
    with_ceilings(desk, 1, 0)
    free = booking("Y1", [ticket(1, 0)], [], currency="JPY")
    assert desk.import_native(free).code == 0
    assert desk(*CANCEL, "--unattended").code == 0


def test_cancelling_counts_what_it_requests(evening: Desk) -> None:
    with_ceilings(evening, 3, 6099)
    assert evening(*CANCEL, "--unattended", "--json").problem == "run-over-ceiling"
    assert states(evening) == {}
    (hamlet,) = evening("performances", "--json").json["performances"]
    assert not hamlet["blocked"], "it is still on sale"
    evening.config.write_text(evening.config.read_text().replace("6099", "6100"))
    assert evening(*CANCEL, "--unattended").code == 0
    assert evening("doctor").code == 0


def test_nothing_to_do_is_well_in_words(evening: Desk) -> None:
    answer = evening(*NIGHTLY)
    assert answer.code == 0
    assert "There is nothing to carry out." in answer.err
    assert evening(*NIGHTLY, "--json").json["run"]["taken"] == 0


def test_nothing_but_what_needs_a_person_is_4(desk: Desk) -> None:
    assert desk.import_native(package()).code == 0
    answer = desk(*CANCEL, "--unattended")
    assert answer.code == 4
    assert "goes back with other performances" in answer.out


def test_what_needs_a_person_beside_what_is_done_is_4(desk: Desk) -> None:
    sell_evening(desk, package())
    with_ceilings(desk, 10, 100_000)
    answer = desk(*CANCEL, "--unattended", "--json")
    assert answer.code == 4
    assert answer.json["run"]["outcomes"]["person"] == 1
    assert desk("doctor").code == 0


def test_a_provider_that_does_not_serve_us_pauses_the_run(desk: Desk) -> None:
    with_ceilings(desk, 10, 100_000)
    sold = booking("B1", [ticket(1, 1000)], [card("K1", 1000, "broke-1")])
    assert desk.import_native(sold).code == 0
    assert desk(*CANCEL, "--unattended").code == 0
    answer = desk(*NIGHTLY)
    assert answer.code == 4
    assert "paused" in answer.out
    assert "balance" in answer.out
    assert "runs 4 --resume" in answer.err
    again = desk("runs", "4", "--resume")
    assert (again.code, "paused" in again.out) == (4, True)
    ended = desk("runs", "4", "--end")
    assert (ended.code, "done" in ended.out) == (0, True)
    assert set(states(desk).values()) == {"replaced", "requested"}
    assert desk("doctor").code == 0

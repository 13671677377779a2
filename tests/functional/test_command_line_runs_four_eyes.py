"""Four eyes on a run at the command line: who simulated it waits for another supervisor."""

from __future__ import annotations

import pytest

from tests.functional.cancelled_evening import CANCEL, sell_evening
from tests.functional.desk import Answer, Desk

LIVE = ("cancel-performance", "--live", "--simulation", "1")


@pytest.fixture
def house(desk: Desk) -> Desk:
    """61.00 goes back; above 60.99 another supervisor is needed, and D. Roth is one."""
    sell_evening(desk)
    settings = desk.config.read_text(encoding="utf-8") + '"D. Roth" = "supervisor"\n'
    desk.config.write_text(f"{settings}\n[runs]\nfour_eyes_minor = 6099\n", encoding="utf-8")
    return desk


def approve(house: Desk, operator: str = "D. Roth", *more: str) -> Answer:
    return house("runs", "1", "--approve", "--operator", operator, *more)


def test_the_maker_is_told_who_comes_first(house: Desk) -> None:
    answer = house(*CANCEL, "--simulate")
    assert answer.code == 0
    assert "Waits for the approval of another supervisor than B. Keller" in answer.out
    assert answer.err.index("runs 1 --approve") < answer.err.index("--live --simulation 1")
    approving = next(line for line in answer.err.splitlines() if "--approve" in line)
    assert approving.endswith(" --operator NAME")
    assert "B. Keller" not in approving
    assert "to approve" in house("runs").out


@pytest.mark.parametrize("operator", ["B. Keller", "D. Roth"])
def test_without_it_nothing_goes_live(house: Desk, operator: str) -> None:
    house(*CANCEL, "--simulate")
    answer = house(*LIVE, "--operator", operator)
    assert answer.code == 1
    assert "moves 61.00 CHF; above 60.99 CHF another supervisor must approve" in answer.err
    assert "runs 1 --approve" in answer.err
    assert house(*LIVE, "--json").problem == "approval-required"
    assert [one["id"] for one in house("runs", "--json").json["runs"]] == [1]


def test_another_supervisor_looks_approves_and_the_maker_goes_live(house: Desk) -> None:
    house(*CANCEL, "--simulate")
    answer = approve(house)
    assert answer.code == 0
    assert "61.00" in answer.out
    assert "Approved by D. Roth" in answer.out
    assert "--approve" not in answer.err
    listed = house("runs", "1", "--json").json["run"]
    assert listed["approval"] == {
        "operator": "D. Roth",
        "desk": "3",
        "at": "2026-11-22T13:30:00Z",
    }
    assert "approved" in house("runs").out
    assert house(*LIVE).code == 0
    assert "D. Roth" in house("runs", "2", "--json").out
    assert "operator: D. Roth" in house("runs", "--csv").out
    assert house("doctor").code == 0


def test_in_json_it_is_one_value(house: Desk) -> None:
    house(*CANCEL, "--simulate")
    answer = approve(house, "D. Roth", "--json")
    assert (answer.code, answer.json["run"]["needs_approval"]) == (0, True)
    assert answer.json["run"]["approval"]["operator"] == "D. Roth"


@pytest.mark.parametrize(
    ("operator", "code"),
    [("B. Keller", "approval-own"), ("A. Rochat", "not-allowed"), ("C. Admin", "not-allowed")],
)
def test_nobody_else_approves(house: Desk, operator: str, code: str) -> None:
    house(*CANCEL, "--simulate")
    answer = approve(house, operator, "--json")
    assert (answer.code, answer.problem) == (1, code)
    assert house(*LIVE, "--json").problem == "approval-required"


def test_what_it_names_must_be_there(house: Desk) -> None:
    assert approve(house, "D. Roth", "--json").problem == "run-not-found"
    assert house("runs", "--approve").code == 2
    house(*CANCEL, "--simulate")
    assert house("runs", "1", "--approve", "--csv").code == 2
    house.clock.move(minutes=30)
    assert approve(house, "D. Roth", "--json").problem == "run-expired"


def test_off_one_supervisor_is_enough(desk: Desk) -> None:
    sell_evening(desk)
    assert "approv" not in desk(*CANCEL, "--simulate").out
    assert desk(*LIVE).code == 0

"""A refund above the limit at the command line: committed, listed, approved or refused, once."""

from __future__ import annotations

import pytest

from tests.functional.desk import Answer, Desk

REFUND = ("refund", "WPM8TS9", "--all", "--reason", "goodwill")
BY = ("--operator", "A. Rochat")


@pytest.fixture
def house(sample: Desk) -> Desk:
    """14.50 is one cent above the limit; D. Roth and B. Keller are supervisors."""
    settings = sample.config.read_text(encoding="utf-8") + '"D. Roth" = "supervisor"\n'
    limits = "limit_minor = 1449\nsecond_supervisor_minor = 1449"
    sample.config.write_text(f"{settings}\n[policy]\n{limits}\n", encoding="utf-8")
    return sample


def committed(house: Desk, *more: str, by: tuple[str, ...] = BY) -> Answer:
    return house(*REFUND, "--commit", *by, *more)


def approve(house: Desk, *more: str, by: str = "B. Keller") -> Answer:
    return house("approve", "R-10001", "--operator", by, *more)


def test_the_preview_says_what_it_waits_for(house: Desk) -> None:
    answer = house(*REFUND, "--preview", *BY)
    assert answer.code == 0
    assert "more than 14.49 CHF at once: it waits until a supervisor approves it" in answer.out
    plan = house(*REFUND, "--preview", *BY, "--json").json
    (notice,) = plan["notices"]
    assert (notice["code"], notice["amount_minor"]) == ("needs-approval", 1449)
    assert {leg["state"] for leg in plan["legs"]} == {"awaiting_approval"}
    assert plan["unacknowledged"] == []


def test_committed_it_awaits_approval_and_is_listed(house: Desk) -> None:
    answer = committed(house)
    assert answer.code == 0
    assert "awaits approval" in answer.err
    assert "approve R-10001" in answer.err
    assert "awaiting approval" in house("show", "WPM8TS9").out
    listed = house("open", "--json").json
    assert [leg["state"] for leg in listed["legs"]] == ["awaiting_approval"]
    assert house("doctor").code == 0


def test_the_preview_s_plan_is_committed_as_it_was_shown(house: Desk) -> None:
    plan = house(*REFUND, "--preview", *BY, "--json").json
    answer = committed(house, "--plan", plan["fingerprint"], "--json")
    assert (answer.code, answer.json["status"]) == (0, "awaiting_approval")
    again = committed(house, "--plan", plan["fingerprint"], "--json")
    assert (again.code, again.json["already_done"]) == (0, True)


def test_a_supervisor_approves_it_once(house: Desk) -> None:
    committed(house)
    answer = approve(house)
    assert answer.code == 0
    assert "approved; it is now: done" in answer.err
    again = approve(house, "--json")
    assert (again.code, again.json["already_done"], again.json["status"]) == (0, True, "done")
    late = approve(house, "--json", by="D. Roth")
    assert (late.code, late.problem) == (1, "already-decided")
    assert "refund approved" in house("show", "WPM8TS9").out
    assert house("doctor").code == 0


def test_approved_cash_is_due_until_somebody_hands_it_over(house: Desk) -> None:
    settings = house.config.read_text(encoding="utf-8")
    house.config.write_text(f"{settings}cash_for_card = true\n", encoding="utf-8")
    assert committed(house, "--to", "cash").code == 0
    answer = approve(house)
    assert answer.code == 0
    assert "approved; it is now: due" in answer.err
    assert "14.50 CHF in cash is due. Whoever hands it over says: hand-over R-10001.1" in answer.err
    assert house("doctor").code == 0
    handed = house("hand-over", "R-10001.1", *BY)
    assert handed.code == 0
    assert "Handed over: R-10001.1, 14.50 CHF" in handed.out
    assert house("show", "R-10001", "--json").json["status"] == "done"
    assert house("doctor").code == 0


@pytest.mark.parametrize(
    ("maker", "approver", "problem"),
    [
        ("A. Rochat", "A. Rochat", "not-allowed"),
        ("B. Keller", "B. Keller", "approval-own-refund"),
    ],
)
def test_nobody_approves_their_own(house: Desk, maker: str, approver: str, problem: str) -> None:
    assert committed(house, by=("--operator", maker)).code == 0
    answer = approve(house, "--json", by=approver)
    assert (answer.code, answer.problem) == (1, problem)
    assert approve(house, by="D. Roth").code == 0


def test_refused_its_lines_are_sold_again(house: Desk) -> None:
    committed(house)
    answer = approve(house, "--refuse", "--reason", "not a goodwill case")
    assert answer.code == 0
    assert "refused and taken back" in answer.err
    again = approve(house, "--refuse", "--reason", "not a goodwill case", "--json")
    assert (again.code, again.problem) == (1, "not-awaiting-approval")
    assert approve(house, "--json", by="D. Roth").problem == "already-decided"
    assert committed(house, "--json").json["refund"] == "R-10002"
    assert house("doctor").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (("R-10001", "--refuse"), 2, "usage"),
        (("R-10001", "--reason", "why"), 2, "usage"),
        (("R-10009",), 3, "refund-not-found"),
        (("nonsense",), 3, "refund-not-found"),
    ],
)
def test_what_cannot_be_approved(
    house: Desk, arguments: tuple[str, ...], code: int, problem: str
) -> None:
    answer = house("approve", *arguments, "--operator", "B. Keller", "--json")
    assert (answer.code, answer.problem) == (code, problem)


def test_without_limits_nothing_waits(sample: Desk) -> None:
    assert committed(sample, "--json").json["status"] == "done"
    answer = sample("approve", "R-10001", "--operator", "B. Keller", "--json")
    assert (answer.code, answer.problem) == (1, "not-awaiting-approval")

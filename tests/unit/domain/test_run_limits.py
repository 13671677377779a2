"""From where on a run needs another supervisor, and what may go live while nobody looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.caller import Entrance, Role
from backend_client.domain.problems import Refused
from backend_client.domain.run_limits import (
    RunLimits,
    Simulated,
    moved,
    needs_approval,
    refuse_approver,
    refuse_unapproved,
)
from backend_client.domain.run_totals import TotalName
from backend_client.domain.runs import PartRole, RunApproval, RunTotal
from tests.unit.builders import NOW, caller

BOSS = caller(Role.SUPERVISOR, operator="S. Weber")
APPROVAL = RunApproval("M. Keller", "4", NOW)


def to(role: PartRole | TotalName, minor: int, currency: str = "EUR", detail: str = "") -> RunTotal:
    return RunTotal(role, detail, currency, 1, minor)


def simulated(*totals: RunTotal, taken: int = 3, approval: RunApproval | None = None) -> Simulated:
    return Simulated(7, "S. Weber", taken, totals, approval)


def test_only_what_goes_to_somebody_is_counted() -> None:
    totals = (
        to(PartRole.CARD, 700),
        to(PartRole.CREDIT, 200),
        to(PartRole.STAYS, 9999),
        to(TotalName.PLAN, 900, detail="cards"),
        to(TotalName.KEPT_FEES, 50),
        to(PartRole.REQUESTED, 0, "CHF"),
        to(PartRole.WAITING_ACCOUNT, 5, "CHF"),
    )
    assert moved(totals) == {"CHF": 5, "EUR": 900}


@pytest.mark.parametrize(
    ("threshold", "totals", "needed"),
    [
        (None, (to(PartRole.CARD, 10**9),), False),
        (1000, (to(PartRole.CARD, 1000),), False),
        (1000, (to(PartRole.CARD, 1001),), True),
        (1000, (to(PartRole.CARD, 600), to(PartRole.CREDIT, 401)), True),
        (1000, (to(PartRole.STAYS, 5000),), False),
        (1000, (to(PartRole.CARD, 1, "CHF"),), True),
        (1000, (to(PartRole.CARD, 1), to(PartRole.CARD, 1, "CHF")), True),
        (1000, (to(PartRole.STAYS, 1, "CHF"),), False),
        (1, (), False),
        (0, (), True),
        (0, (to(PartRole.CARD, 1),), True),
    ],
)
def test_above_the_threshold_another_supervisor_is_needed(
    threshold: int | None, totals: tuple[RunTotal, ...], needed: bool
) -> None:
    limits = RunLimits("EUR", four_eyes_minor=threshold)
    assert needs_approval(totals, limits) is needed
    if needed:
        with pytest.raises(Refused, match="approval-required"):
            refuse_unapproved(simulated(*totals), BOSS, limits)
    else:
        refuse_unapproved(simulated(*totals), BOSS, limits)
    refuse_unapproved(simulated(*totals, approval=APPROVAL), BOSS, limits)


def test_the_refusal_says_how_much_and_who_may_not() -> None:
    limits = RunLimits("EUR", four_eyes_minor=1000)
    totals = (to(PartRole.CARD, 1234), to(PartRole.CARD, 1450, "JPY"))
    with pytest.raises(Refused) as refusal:
        refuse_unapproved(simulated(*totals), BOSS, limits)
    message = refusal.value.message
    assert "12.34 EUR, 1450 JPY" in message
    assert "10.00 EUR" in message
    assert "Nothing was done" in message
    assert "other than S. Weber" in refusal.value.action


@pytest.mark.parametrize(
    ("items", "minor", "totals", "above"),
    [
        (3, 1000, (to(PartRole.CARD, 1000),), False),
        (2, 1000, (to(PartRole.CARD, 1000),), True),
        (3, 999, (to(PartRole.CARD, 1000),), True),
        (3, 1000, (to(PartRole.CARD, 1, "CHF"),), True),
        (3, 0, (), False),
        (0, 0, (), True),
    ],
)
def test_the_ceilings_stand_in_for_the_approval_where_nobody_looks(
    items: int, minor: int, totals: tuple[RunTotal, ...], above: bool
) -> None:
    limits = RunLimits("EUR", items, minor, four_eyes_minor=0)
    timer = replace(BOSS, entrance=Entrance.UNATTENDED)
    for approval in (None, APPROVAL):
        if above:
            with pytest.raises(Refused, match="run-over-ceiling"):
                refuse_unapproved(simulated(*totals, approval=approval), timer, limits)
        else:
            refuse_unapproved(simulated(*totals, approval=approval), timer, limits)


@pytest.mark.parametrize("name", ["S. Weber", "s. weber", " S. WEBER "])
def test_nobody_approves_their_own_however_the_name_is_typed(name: str) -> None:
    with pytest.raises(Refused, match="approval-own"):
        refuse_approver("S. Weber", caller(Role.SUPERVISOR, operator=name), 7)


@pytest.mark.parametrize("entrance", Entrance)
def test_only_a_person_approves(entrance: Entrance) -> None:
    other = caller(Role.SUPERVISOR, operator="M. Keller")
    asking = replace(other, entrance=entrance)
    if entrance in (Entrance.WINDOW, Entrance.COMMAND_LINE):
        refuse_approver("S. Weber", asking, 7)
    else:
        with pytest.raises(Refused, match="approval-by-nobody"):
            refuse_approver("S. Weber", asking, 7)

"""What is withheld, breach fees, and values against prices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.amounts import (
    Retention,
    RetentionKind,
    percent_half_up,
    reconcile_values,
    withheld,
)
from backend_client.domain.planning import plan_refund
from backend_client.domain.policy import Policy, Reason
from backend_client.domain.problems import MoneyMoved, Retry
from tests.unit.builders import (
    booking,
    circumstances,
    concession,
    payment,
    request,
    sample_booking,
    ticket,
)
from tests.unit.refusing import refused

LATE = Policy("CHF", reasons=(Reason("late", "Too late", 500), Reason("ours", "Our mistake")))


def test_a_retained_amount_is_withheld_once() -> None:
    of = sample_booking()
    plan = plan_refund(of, request(1, 2, 3, retained=200), circumstances(of))
    assert (plan.value_minor, plan.retained_minor, plan.amount_minor) == (1450, 200, 1250)
    assert plan.legs[0].amount_minor == 1250


def test_more_than_the_value_cannot_be_retained() -> None:
    of = sample_booking()
    with refused("retained-too-much") as refusal:
        plan_refund(of, request(1, 2, 3, retained=1451), circumstances(of))
    assert refusal.value.details["value"] == "14.50 CHF"
    assert refusal.value.details["value_minor"] == 1450
    with refused("amount-invalid"):
        plan_refund(of, request(1, retained=-1), circumstances(of))
    all_kept = plan_refund(of, request(1, 2, 3, retained=1450), circumstances(of))
    assert (all_kept.amount_minor, all_kept.legs) == (0, ())


@pytest.mark.parametrize(
    ("reason", "retained", "breach", "amount"),
    [
        ("late", 0, 500, 500),
        ("Too late", 0, 500, 500),
        ("ours", 0, 0, 1000),
        ("late", 300, 500, 200),
        ("late", 700, 300, 0),
        ("because", 0, 0, 1000),
        ("", 0, 0, 1000),
    ],
)
def test_a_breach_fee_comes_with_its_reason_and_never_makes_a_negative(
    reason: str, retained: int, breach: int, amount: int
) -> None:
    of = booking([ticket(1, 1000)])
    asked = request(1, reason=reason, retained=retained)
    plan = plan_refund(of, asked, circumstances(of, policy=LATE))
    assert (plan.breach_fee_minor, plan.amount_minor) == (breach, amount)
    assert plan.value_minor == plan.amount_minor + plan.retained_minor + plan.breach_fee_minor
    assert plan.missing == (() if reason else ("reason",))


def test_a_reason_outside_the_list_is_refused_where_only_the_list_counts() -> None:
    of = sample_booking()
    policy = Policy(reasons=LATE.reasons, free_reasons=False)
    with refused("reason-unknown") as refusal:
        plan_refund(of, request(1, reason="because"), circumstances(of, policy=policy))
    assert refusal.value.details["reasons"] == ["Too late", "Our mistake"]


LINES = (ticket(1, 1000), ticket(2, 0), ticket(3, 333, quantity=2), concession(4, 250))


@pytest.mark.parametrize(
    ("kind", "amount", "expected"),
    [
        (RetentionKind.FIXED, 100, 100),
        (RetentionKind.FIXED, 5000, 1583),
        (RetentionKind.PER_TICKET, 100, 100 + 0 + 200),
        (RetentionKind.PER_TICKET, 2000, 1000 + 0 + 333),
        (RetentionKind.PERCENT, 1000, 100 + 0 + 33 + 25),
        (RetentionKind.PERCENT, 5000, 500 + 0 + 167 + 125),
        (RetentionKind.PERCENT, 10000, 1583),
        (RetentionKind.PERCENT, 0, 0),
    ],
)
def test_withholding_rules(kind: RetentionKind, amount: int, expected: int) -> None:
    assert withheld(Retention(kind, amount), LINES) == expected


@pytest.mark.parametrize(
    ("value", "hundredths", "expected"),
    [(5, 1000, 1), (4, 1000, 0), (15, 1000, 2), (25, 1000, 3), (1, 4999, 0), (1, 5000, 1)],
)
def test_percents_round_half_up(value: int, hundredths: int, expected: int) -> None:
    assert percent_half_up(value, hundredths) == expected


@pytest.mark.parametrize(
    ("kind", "amount"),
    [(RetentionKind.FIXED, -1), (RetentionKind.PERCENT, 10001), (RetentionKind.PERCENT, -1)],
)
def test_impossible_withholding_is_a_mistake(kind: RetentionKind, amount: int) -> None:
    with pytest.raises(ValueError, match="cannot withhold"):
        Retention(kind, amount)


@pytest.mark.parametrize(
    ("items", "other", "total", "expected"),
    [
        ([(350, 1)], 0, 350, (350,)),
        ([(350, 1)], 0, 999, (350,)),
        ([(0, 3)], 100, 100, (0,)),
        ([(100, 2), (200, 3)], 0, 300, (100, 200)),
        ([(100, 2), (200, 3)], 0, 800, (200, 600)),
        ([(100, 2), (200, 3)], 0, 500, (None, None)),
        ([(100, 2), (0, 3)], 0, 150, (None, 0)),
        ([], 100, 100, ()),
    ],
)
def test_prices_are_reconciled_all_one_way(
    items: list[tuple[int, int]], other: int, total: int, expected: tuple[int | None, ...]
) -> None:
    assert reconcile_values(items, other, total) == expected


@pytest.mark.parametrize("retained", [0, 400])
def test_a_breach_fee_is_never_taken_in_another_currency(retained: int) -> None:
    """5.00 francs are no 500 yen: nothing is kept, nothing goes back, and the words say why."""
    yen = booking([ticket(1, 1000)], [payment(1, 1000)], currency="JPY")
    asked = request(1, reason="late", retained=retained)
    with refused("fee-currency") as refusal:
        plan_refund(yen, asked, circumstances(yen, policy=LATE))
    problem = refusal.value.problem
    assert (problem.money_moved, problem.retry) == (MoneyMoved.NO, Retry.NEVER)
    assert refusal.value.message == (
        "The fee for “Too late” is 5.00 CHF, and this booking is in JPY."
    )
    assert "typed in JPY" in refusal.value.action
    without = plan_refund(yen, replace(asked, reason="ours"), circumstances(yen, policy=LATE))
    assert without.amount_minor == 1000 - retained


def test_where_nothing_goes_back_no_currency_matters_to_a_fee() -> None:
    yen = booking([ticket(1, 1000), ticket(2, 0)], [payment(1, 1000)], currency="JPY")
    asked = request(2, reason="late")
    assert plan_refund(yen, asked, circumstances(yen, policy=LATE)).breach_fee_minor == 0

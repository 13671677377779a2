"""Above which limit a refund waits, for whom, and who may let it go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend_client.domain.approval import (
    approval_fingerprint,
    approved_as,
    may_approve,
    needed,
    waiting,
)
from backend_client.domain.business_day import begin_of_day
from backend_client.domain.caller import Role
from backend_client.domain.plan import Notice, PlannedLeg
from backend_client.domain.policy import Policy
from backend_client.domain.refund import BORN_AS, LegState, Method, RefundStatus, may_become
from backend_client.domain.scopes import Scope, ScopeWord
from tests.unit.builders import caller, leg, refund, sample_booking
from tests.unit.refusing import refused

C, S, A, T = Role.CASHIER, Role.SUPERVISOR, Role.ADMIN, Role.CLIENT
HOUSE = Policy(limit_minor=1000, shift_limit_minor=5000, second_supervisor_minor=20_000)
WORDS = frozenset({ScopeWord.REFUNDS_MATCHED})


@pytest.mark.parametrize(
    ("role", "amount", "given", "code"),
    [
        (C, 1000, 0, ""),
        (C, 1001, 0, "needs-approval"),
        (C, 1000, 4000, ""),
        (C, 1000, 4001, "needs-approval-day"),
        (C, 1, 5000, "needs-approval-day"),
        (C, 1001, 5000, "needs-approval"),
        (C, 0, 9999, ""),
        (S, 20_000, 90_000, ""),
        (S, 20_001, 0, "needs-approval-second"),
        (T, 1000, 90_000, ""),
        (T, 1001, 0, "needs-approval"),
    ],
)
def test_at_the_limit_it_goes_and_one_above_it_waits(
    role: Role, amount: int, given: int, code: str
) -> None:
    found = needed(caller(role), amount, HOUSE, given, "EUR")
    assert (found.code if found else "") == code
    if found:
        limits = {"needs-approval": 1000, "needs-approval-day": 5000}
        assert found == Notice(code, amount_minor=limits.get(code, 20_000))


@pytest.mark.parametrize("role", [C, S, T])
def test_a_house_without_limits_waits_for_nobody(role: Role) -> None:
    assert needed(caller(role), 10**12, Policy(), 10**12, "CHF") is None


@pytest.mark.parametrize(
    ("role", "limits", "waits"),
    [
        (C, Policy(limit_minor=10**9), True),
        (C, Policy(shift_limit_minor=10**9), True),
        (C, Policy(second_supervisor_minor=1), False),
        (S, Policy(second_supervisor_minor=10**9), True),
        (S, Policy(limit_minor=1, shift_limit_minor=1), False),
        (T, Policy(limit_minor=10**9), True),
        (T, Policy(shift_limit_minor=1), False),
    ],
)
def test_what_is_in_another_currency_waits_whatever_the_figure_of_the_limit(
    role: Role, limits: Policy, waits: bool
) -> None:
    """500.00 CHF is no 500 JPY: a limit in the house's currency says nothing about another one."""
    found = needed(caller(role), 1, limits, 0, "JPY")
    assert found == (Notice("needs-approval-currency") if waits else None)
    assert needed(caller(role), 0, limits, 0, "JPY") is None
    if waits:
        assert needed(caller(role), 1, limits, 0, limits.currency) is None


def test_a_token_s_own_limit_is_in_the_house_s_currency_too() -> None:
    by = replace(caller(T), scope=Scope(WORDS, limit_minor=10**9))
    assert needed(by, 1, Policy(), 0, "JPY") == Notice("needs-approval-currency")


@pytest.mark.parametrize(("token", "most"), [(999, 999), (1001, 1000), (None, 1000)])
def test_a_token_has_its_own_limit_besides(token: int | None, most: int) -> None:
    by = replace(caller(T), scope=Scope(WORDS, limit_minor=token))
    assert needed(by, most, HOUSE, 0, "EUR") is None
    assert needed(by, most + 1, HOUSE, 0, "EUR") == Notice("needs-approval", amount_minor=most)


def test_what_waits_is_the_same_legs_with_nothing_done() -> None:
    legs = [PlannedLeg(method, 100, BORN_AS[method], label=method) for method in Method]
    held = waiting(legs)
    assert {one.state for one in held} == {LegState.AWAITING_APPROVAL}
    assert [replace(one, state=BORN_AS[one.method]) for one in held] == legs


@pytest.mark.parametrize("method", Method)
def test_approved_it_becomes_what_it_would_have_been_born_as_but_for_cash(method: Method) -> None:
    """Who approves it may sit anywhere: nobody has handed anything out yet."""
    held = leg(1, method, 100, state=LegState.AWAITING_APPROVAL)
    expected = LegState.DUE if method is Method.CASH else BORN_AS[method]
    assert approved_as(held) is expected
    assert may_become(LegState.AWAITING_APPROVAL, expected)


def test_it_is_approved_by_a_supervisor_who_did_not_make_it() -> None:
    held = leg(1, Method.MATCHED, 1450, state=LegState.AWAITING_APPROVAL)
    of = replace(refund(sample_booking(), [1, 2, 3], [held]), operator="A. Rochat")
    assert of.status is RefundStatus.AWAITING_APPROVAL
    may_approve(caller(S, operator="S. Weber"), of)
    for role in (C, A, T):
        with refused("not-allowed"):
            may_approve(caller(role, operator="S. Weber"), of)
    for own in ("A. Rochat", "a. rochat"):
        with refused("approval-own-refund"):
            may_approve(caller(S, operator=own), of)


def test_what_was_looked_at_is_in_the_fingerprint() -> None:
    held = leg(1, Method.MATCHED, 1450, state=LegState.AWAITING_APPROVAL)
    of = refund(sample_booking(), [1, 2, 3], [held])
    others = (
        replace(of, number="R-2"),
        replace(of, amount_minor=1),
        replace(of, currency="EUR"),
        replace(of, operator="somebody else"),
        replace(of, legs=(replace(held, amount_minor=1449),)),
        replace(of, legs=(replace(held, method=Method.CASH),)),
    )
    assert len({approval_fingerprint(one) for one in (of, *others)}) == 1 + len(others)
    done = replace(held, state=LegState.SUCCEEDED, reference="SEPA 1")
    assert approval_fingerprint(replace(of, legs=(done,))) == approval_fingerprint(of)


@pytest.mark.parametrize(
    ("now", "begin"),
    [
        ("2026-03-14T03:59:59", "2026-03-13T04:00:00"),
        ("2026-03-14T04:00:00", "2026-03-14T04:00:00"),
        ("2026-03-29T02:59:59", "2026-03-28T04:00:00"),
        ("2026-03-29T03:00:00", "2026-03-29T03:00:00"),
    ],
    ids=["before five", "at five", "the night the clocks change", "its morning"],
)
def test_a_business_day_begins_at_five_by_the_house_s_clocks(now: str, begin: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    expected = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    assert begin_of_day(at, "Europe/Zurich") == expected

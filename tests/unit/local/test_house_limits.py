"""Limits that admins set: one alone, two together, and what holds from then on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.house_limits import MAY_BE_NONE, HouseLimit, LimitName
from backend_client.domain.pins import Pin
from backend_client.domain.plan import RefundRequest
from backend_client.domain.policy import Policy
from backend_client.house_limits import IN_POLICY, said, with_limits
from backend_client.local.rows import fetch
from backend_client.settings import RunSettings, Settings
from tests.shop import PRICE, Shop, opened_shop, sale
from tests.unit.refusing import refused

PIN = Pin("481516")
SETTINGS = Settings(
    runs=RunSettings(unattended_items=7, unattended_minor=70, four_eyes_minor=900),
    policy=Policy(
        limit_minor=5000,
        shift_limit_minor=9000,
        second_supervisor_minor=8000,
        second_reviewer_minor=6000,
    ),
)
FOUR_EYES, LIMIT = LimitName.FOUR_EYES_MINOR, LimitName.LIMIT_MINOR


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened_shop(tmp_path, settings=SETTINGS) as made:
        made.sell([sale(1), sale(2)])
        yield made


def signed_in(shop: Shop, by: Caller | None, name: str, role: Role) -> Caller:
    knocking = Caller(name, Role.ADMIN, "3", "box-office", Entrance.COMMAND_LINE, "corr-1")
    shop.backend.add_operator(by or knocking, name, role, PIN)
    return shop.backend.sign_in(knocking, PIN)


@pytest.fixture
def admin(shop: Shop) -> Caller:
    return signed_in(shop, None, "C. Admin", Role.ADMIN)


@pytest.fixture
def other(shop: Shop, admin: Caller) -> Caller:
    return signed_in(shop, admin, "O. Zweite", Role.ADMIN)


def limit(shop: Shop, admin: Caller, name: LimitName = FOUR_EYES) -> HouseLimit:
    (found,) = (one for one in shop.backend.house_limits(admin) if one.name is name)
    return found


def told(shop: Shop, action: str) -> list[dict[str, object]]:
    with shop.store.read() as connection:
        rows = fetch(connection, "SELECT body FROM audit WHERE action = ? ORDER BY seq", action)
    return [json.loads(row.body) for row in rows]


# ------------------------------------------------------------ the settings give way


def test_every_limit_is_the_settings_until_it_is_set(shop: Shop, admin: Caller) -> None:
    found = {one.name: one.value for one in shop.backend.house_limits(admin)}
    values = (7, 70, 900, 5000, 9000, 8000, 6000)
    assert found == said(SETTINGS) == dict(zip(LimitName, values, strict=True))
    assert all(not one.set_by for one in shop.backend.house_limits(admin))


@pytest.mark.parametrize("name", LimitName)
def test_one_limit_changes_nothing_else(name: LimitName) -> None:
    changed = with_limits(SETTINGS, {name: 1})
    assert said(changed) == {**said(SETTINGS), name: 1}
    assert (changed.policy.version != SETTINGS.policy.version) is (name in IN_POLICY)
    assert with_limits(changed, said(SETTINGS)) == SETTINGS


def test_where_nobody_signs_in_the_settings_hold(shop: Shop) -> None:
    anybody = Caller("C. Admin", Role.ADMIN, "3", "box-office", Entrance.WINDOW, "corr-1")
    with refused("limits-in-settings"):
        shop.backend.set_limit(anybody, FOUR_EYES, 0)


# ------------------------------------------------------------ one admin, and two


def test_one_admin_alone_decides_and_the_log_says_so(shop: Shop, admin: Caller) -> None:
    found = shop.backend.set_limit(admin, FOUR_EYES, 0)
    assert (found.value, found.set_by, found.confirmed_by) == (0, "C. Admin", "")
    assert found.waiting is None
    assert told(shop, "limit_set") == [{"before": 900, "after": 0, "alone": True}]


def test_of_two_the_other_one_confirms(shop: Shop, admin: Caller, other: Caller) -> None:
    asked = shop.backend.set_limit(admin, FOUR_EYES, None)
    assert (asked.value, asked.set_by) == (900, "")
    assert asked.waiting is not None
    assert (asked.waiting.value, asked.waiting.set_by) == (None, "C. Admin")
    with refused("limit-own"):
        shop.backend.confirm_limit(admin, FOUR_EYES, None)
    with refused("limit-differs"):
        shop.backend.confirm_limit(other, FOUR_EYES, 0)
    with refused("limit-nothing-waits"):
        shop.backend.confirm_limit(other, LIMIT, None)
    assert limit(shop, admin) == asked
    found = shop.backend.confirm_limit(other, FOUR_EYES, None)
    assert (found.value, found.set_by, found.confirmed_by) == (None, "C. Admin", "O. Zweite")
    assert found.waiting is None
    assert told(shop, "limit_set")[-1]["alone"] is False
    assert told(shop, "limit_confirmed") == [
        {"before": 900, "after": None, "set_by": "C. Admin"},
    ]
    with refused("limit-nothing-waits"):
        shop.backend.confirm_limit(other, FOUR_EYES, None)


def test_what_is_asked_later_takes_the_place_of_what_waited(
    shop: Shop, admin: Caller, other: Caller
) -> None:
    shop.backend.set_limit(admin, FOUR_EYES, 1)
    shop.backend.set_limit(other, FOUR_EYES, 2)
    with refused("limit-own"):
        shop.backend.confirm_limit(other, FOUR_EYES, 2)
    assert shop.backend.confirm_limit(admin, FOUR_EYES, 2).value == 2
    shop.backend.set_limit(admin, FOUR_EYES, 3)
    assert limit(shop, admin).value == 2


def test_an_admin_who_may_sign_in_no_more_is_no_second_one(
    shop: Shop, admin: Caller, other: Caller
) -> None:
    shop.backend.set_disabled(admin, other.operator, True)
    assert shop.backend.set_limit(admin, FOUR_EYES, 1).value == 1


@pytest.mark.parametrize("role", [Role.CASHIER, Role.SUPERVISOR])
def test_nobody_else_looks_sets_or_confirms(shop: Shop, admin: Caller, role: Role) -> None:
    who = signed_in(shop, admin, "B. Keller", role)
    with refused("not-allowed"):
        shop.backend.house_limits(who)
    with refused("not-allowed"):
        shop.backend.set_limit(who, FOUR_EYES, 0)
    with refused("not-allowed"):
        shop.backend.confirm_limit(who, FOUR_EYES, 0)


@pytest.mark.parametrize("name", LimitName)
def test_a_limit_is_a_whole_number_or_none_where_that_means_something(
    shop: Shop, admin: Caller, name: LimitName
) -> None:
    for value in (-1, 2**53 + 1):
        with refused("limit-invalid"):
            shop.backend.set_limit(admin, name, value)
    if name in MAY_BE_NONE:
        assert shop.backend.set_limit(admin, name, None).value is None
    else:
        with refused("limit-invalid"):
            shop.backend.set_limit(admin, name, None)
    assert shop.backend.set_limit(admin, name, 0).value == 0


# ------------------------------------------------------------ in force


def test_a_limit_holds_from_the_next_question_and_an_older_plan_is_stale(
    shop: Shop, admin: Caller
) -> None:
    cashier = signed_in(shop, admin, "A. Rochat", Role.CASHIER)
    booking = shop.backend.booking(cashier, "B-1").booking
    request = RefundRequest(booking.id, (1,), "goodwill")
    plan = shop.backend.preview_refund(cashier, request)
    assert not plan.awaits_approval
    shop.backend.set_limit(admin, LIMIT, PRICE)
    with refused("plan-stale"):
        shop.backend.execute_refund(cashier, plan)
    shop.backend.set_limit(admin, LIMIT, 1)
    assert shop.backend.preview_refund(cashier, request).awaits_approval


def in_force(shop: Shop) -> int | None:
    policy = shop.backend.capabilities().policy
    assert policy is not None
    return policy.limit_minor


def test_every_window_on_the_store_knows(shop: Shop, admin: Caller, tmp_path: Path) -> None:
    with opened_shop(tmp_path, settings=SETTINGS) as window:
        assert in_force(window) == 5000
        shop.backend.set_limit(admin, LIMIT, 1)
        assert in_force(window) == in_force(shop) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE house_limit SET value = 9",
        "UPDATE house_limit SET confirmed_by = 'C. Admin', confirmed_at_us = 1",
        "DELETE FROM house_limit",
        "INSERT OR REPLACE INTO house_limit SELECT * FROM house_limit",
    ],
)
def test_the_database_keeps_what_was_set(shop: Shop, admin: Caller, statement: str) -> None:
    shop.backend.set_limit(admin, FOUR_EYES, 1)
    with pytest.raises(IntegrityError):
        shop.store.write(lambda connection: connection.exec_driver_sql(statement), label="test")


def test_a_client_with_every_word_does_not_look(shop: Shop, admin: Caller) -> None:
    program = replace(admin, role=Role.CLIENT, entrance=Entrance.API)
    with refused("not-allowed"):
        shop.backend.house_limits(program)

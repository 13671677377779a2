"""Signing in: with one operator known every call asks for it, and the store says who it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.local.operators import Operators
from tests.shop import Shop
from tests.unit.local.access.knocking import (
    PIN,
    WRONG,
    knocking,
)
from tests.unit.refusing import refused


def test_without_operators_nobody_signs_in(shop: Shop) -> None:
    assert not shop.backend.sign_in_needed()
    shop.backend.booking(knocking("anybody"), "B-1")


def test_with_one_every_call_asks_for_it(shop: Shop, admin: Caller) -> None:
    assert shop.backend.sign_in_needed()
    assert shop.backend.operator_names() == ("C. Admin",)
    shop.backend.booking(admin, "B-1")
    for stranger in (
        knocking("anybody"),
        knocking("c. admin"),
        replace(admin, role=Role.SUPERVISOR),
        replace(admin, operator="C. Admin 2"),
    ):
        with refused("sign-in-needed"):
            shop.backend.booking(stranger, "B-1")


@pytest.mark.parametrize("entrance", Entrance)
def test_a_name_that_did_not_sign_in_here_is_refused_by_every_entrance(
    shop: Shop, admin: Caller, entrance: Entrance
) -> None:
    shop.backend.add_operator(admin, "A. Rochat", Role.CASHIER, PIN)
    claimed = replace(knocking("A. Rochat", entrance), role=Role.CASHIER)
    with refused("sign-in-needed"):
        shop.backend.booking(claimed, "B-1")
    known = shop.backend.sign_in(knocking("A. Rochat", entrance), PIN)
    assert (known.role, known.entrance) == (Role.CASHIER, entrance)
    shop.backend.booking(known, "B-1")


def test_the_name_and_role_are_the_store_s_whatever_was_said(shop: Shop, cashier: Caller) -> None:
    assert (cashier.operator, cashier.role, cashier.desk) == ("A. Rochat", Role.CASHIER, "3")
    loud = shop.backend.sign_in(knocking("  A. ROCHAT "), PIN)
    assert loud.operator == "A. Rochat"


def test_who_is_disabled_or_changed_is_out_at_once(
    shop: Shop, admin: Caller, cashier: Caller
) -> None:
    shop.backend.booking(cashier, "B-1")
    shop.backend.set_disabled(admin, "a. rochat", True)
    with refused("sign-in-needed"):
        shop.backend.booking(cashier, "B-1")
    shop.backend.set_disabled(admin, "A. Rochat", False)
    shop.backend.booking(cashier, "B-1")
    shop.backend.set_role(admin, "A. Rochat", Role.SUPERVISOR)
    with refused("sign-in-needed"):
        shop.backend.booking(cashier, "B-1")
    again = shop.backend.sign_in(knocking("A. Rochat"), PIN)
    assert again.role is Role.SUPERVISOR


def test_in_a_store_that_is_only_read_one_signs_in_too(shop: Shop, cashier: Caller) -> None:
    from backend_client.local.store import Store

    assert shop.store.path is not None
    url = f"sqlite:///{shop.store.path}?mode=ro"
    reading = Store.open(url, create=False, clock=shop.clock)
    try:
        operators = Operators(reading, shop.clock)
        assert operators.sign_in(knocking("A. Rochat"), PIN).role is Role.CASHIER
        with refused("sign-in-refused"):
            operators.sign_in(knocking("A. Rochat"), WRONG)
    finally:
        reading.close()

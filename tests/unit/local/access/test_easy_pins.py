"""A PIN that is among the first to be tried can be set by nobody; one set before goes on."""

from __future__ import annotations

import pytest

from backend_client.domain.caller import Caller, Role
from backend_client.domain.pins import Pin
from backend_client.local import pin_hashes
from backend_client.local.doctor import examine
from tests.shop import Shop
from tests.sound import wrong
from tests.unit.local.access.knocking import ADMIN_PIN, OTHER, knocking
from tests.unit.refusing import refused

EASY = Pin("2468")


@pytest.mark.parametrize("typed", ["1111", "1234", "4321", "2468", "1212"])
def test_nobody_sets_an_easy_one(shop: Shop, admin: Caller, typed: str) -> None:
    easy = Pin(typed)
    with refused("pin-trivial") as refusal:
        shop.backend.add_operator(admin, "A. Rochat", Role.CASHIER, easy)
    assert "2468" in refusal.value.action
    with refused("pin-trivial"):
        shop.backend.change_pin(admin, ADMIN_PIN, easy)
    with refused("pin-trivial"):
        shop.backend.reset_pin(admin, "C. Admin", easy)
    assert [one.name for one in shop.backend.operators(admin)] == ["C. Admin"]
    shop.backend.sign_in(knocking("C. Admin"), ADMIN_PIN)


def test_one_that_was_set_before_opens_the_store_as_before(shop: Shop, admin: Caller) -> None:
    kept = pin_hashes.hashed(EASY)
    shop.store.write(
        lambda connection: connection.exec_driver_sql("UPDATE operator SET pin_hash = ?", (kept,)),
        label="an earlier version",
    )
    signed_in = shop.backend.sign_in(knocking("C. Admin"), EASY)
    shop.backend.booking(signed_in, "B-1")
    shop.backend.change_pin(signed_in, EASY, OTHER)
    shop.backend.sign_in(knocking("C. Admin"), OTHER)
    assert wrong(examine(shop.store)) == {}

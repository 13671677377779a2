"""Looking after operators: by admins, who are never all gone; PINs are kept hashed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from backend_client.domain.caller import Action, Caller, Role
from backend_client.domain.pins import Pin
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.local.doctor import examine
from backend_client.local.operators import Operators
from backend_client.local.sign_in_tries import TRIES
from tests.shop import Shop
from tests.sound import wrong
from tests.unit.local.access.knocking import (
    ADMIN_PIN,
    OTHER,
    PIN,
    SECRETS,
    WRONG,
    knocking,
    mistyped,
    refusal_of,
)
from tests.unit.refusing import refused


def test_the_first_is_an_admin_and_there_is_one_first(shop: Shop) -> None:
    for role in (Role.CASHIER, Role.SUPERVISOR):
        with refused("first-operator-admin"):
            shop.backend.add_operator(knocking("setup"), "B. Keller", role, PIN)
    shop.backend.add_operator(knocking("setup"), "C. Admin", Role.ADMIN, ADMIN_PIN)
    with refused("sign-in-needed"):
        shop.backend.add_operator(knocking("setup"), "E. Vil", Role.ADMIN, PIN)
    with refused("sign-in-needed"):
        Operators(shop.store, shop.clock).add(
            knocking("setup"), "E. Vil", Role.ADMIN, PIN, first=True
        )


def test_only_admins_look_after_others(shop: Shop, admin: Caller, cashier: Caller) -> None:
    scope = Scope(frozenset({ScopeWord.BOOKINGS_READ}))
    asked: tuple[Callable[[Caller], object], ...] = (
        shop.backend.operators,
        lambda c: shop.backend.add_operator(c, "E. New", Role.CASHIER, PIN),
        lambda c: shop.backend.set_role(c, "A. Rochat", Role.ADMIN),
        lambda c: shop.backend.set_disabled(c, "C. Admin", True),
        lambda c: shop.backend.reset_pin(c, "C. Admin", OTHER),
        shop.backend.api_clients,
        lambda c: shop.backend.add_api_client(c, "webshop", scope, None),
        lambda c: shop.backend.revoke_api_client(c, "webshop"),
    )
    shop.backend.add_operator(admin, "B. Keller", Role.SUPERVISOR, OTHER)
    boss = shop.backend.sign_in(knocking("B. Keller"), OTHER)
    for who in (cashier, boss):
        for ask in asked:
            with refused("not-allowed") as refusal:
                ask(who)
            assert refusal.value.action == "Ask an admin."
    log = "".join(shop.store.audit.export(shop.store))
    assert log.count('"action": "denied"') == 2 * len(asked)


def test_a_name_is_one_person_or_program_whatever_its_case(shop: Shop, admin: Caller) -> None:
    shop.backend.add_operator(admin, "A. Rochat", Role.CASHIER, PIN)
    shop.backend.add_api_client(admin, "webshop", Scope(frozenset()), None)
    for name in ("a. rochat", "A. ROCHAT ", "WebShop"):
        with refused("operator-known"):
            shop.backend.add_operator(admin, name, Role.CASHIER, PIN)
    with refused("operator-known"):
        shop.backend.add_api_client(admin, "a. ROCHAT", Scope(frozenset()), None)


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[2Jx", "n" * 81])
def test_a_name_is_plain_text(shop: Shop, admin: Caller, name: str) -> None:
    with refused("name-invalid"):
        shop.backend.add_operator(admin, name, Role.CASHIER, PIN)


def test_the_last_admin_stays(shop: Shop, admin: Caller) -> None:
    with refused("last-admin"):
        shop.backend.set_disabled(admin, "C. Admin", True)
    with refused("last-admin"):
        shop.backend.set_role(admin, "C. Admin", Role.SUPERVISOR)
    shop.backend.add_operator(admin, "F. Second", Role.ADMIN, PIN)
    shop.backend.set_disabled(admin, "F. Second", True)
    with refused("last-admin"):
        shop.backend.set_role(admin, "C. Admin", Role.CASHIER)
    shop.backend.set_disabled(admin, "F. Second", False)
    shop.backend.set_disabled(admin, "C. Admin", True)


def test_everybody_changes_their_own_pin_with_the_old_one(shop: Shop, cashier: Caller) -> None:
    with refused("pin-trivial"):
        shop.backend.change_pin(cashier, PIN, PIN)
    with refused("pin-trivial"):
        shop.backend.change_pin(cashier, PIN, Pin("1234"))
    with refused("sign-in-refused"):
        shop.backend.change_pin(cashier, WRONG, OTHER)
    shop.backend.change_pin(cashier, PIN, OTHER)
    shop.backend.sign_in(knocking("A. Rochat"), OTHER)
    for _ in range(TRIES):
        refusal_of(lambda: shop.backend.change_pin(cashier, WRONG, PIN))
    with refused("sign-in-locked"):
        shop.backend.change_pin(cashier, OTHER, PIN)


@pytest.mark.parametrize("role", [Role.CLIENT, Role.ADMIN])
def test_unknown_operators_are_named(shop: Shop, admin: Caller, role: Role) -> None:
    with refused("operator-unknown"):
        shop.backend.set_role(admin, "nobody", role)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM operator",
        "UPDATE operator SET name_key = 'other'",
        "UPDATE operator SET pin_hash = '5071'",
        "UPDATE operator SET role = 'client'",
    ],
)
def test_the_database_itself_keeps_them(shop: Shop, admin: Caller, statement: str) -> None:
    assert shop.store.path is not None
    with closing(sqlite3.connect(shop.store.path)) as connection, pytest.raises(sqlite3.Error):
        connection.execute(statement)


def test_a_pin_is_nowhere_and_who_did_what_is_on_record(
    shop: Shop, admin: Caller, cashier: Caller
) -> None:
    refusal_of(lambda: shop.backend.sign_in(knocking("9021"), WRONG))
    mistyped(shop)
    shop.backend.change_pin(cashier, PIN, OTHER)
    log = "\n".join(shop.store.audit.export(shop.store))
    for told in ("operator_added", "signed_in", "sign_in_refused", "pin_changed"):
        assert f'"action": "{told}"' in log
    assert shop.store.path is not None
    kept = log.encode() + b"".join(
        path.read_bytes() for path in shop.store.path.parent.glob("store.db*")
    )
    with closing(sqlite3.connect(shop.store.path)) as connection:
        dump = "\n".join(connection.iterdump())
        hashes = [row[0] for row in connection.execute("SELECT pin_hash FROM operator")]
    assert b"$argon2id$" in kept
    assert all(one.startswith("$argon2id$") for one in hashes)
    for secret in SECRETS:
        assert f'"{secret}"' not in log
        assert f"'{secret}'" not in dump
    assert wrong(examine(shop.store)) == {}


def test_who_may_do_something_is_known_to_whoever_looks_for_help(
    shop: Shop, admin: Caller, cashier: Caller
) -> None:
    for name in ("B. Keller", "D. Roth", "E. Frei"):
        shop.backend.add_operator(admin, name, Role.SUPERVISOR, OTHER)
    shop.backend.set_disabled(admin, "E. Frei", True)
    assert shop.backend.who_may(cashier, Action.APPROVE_RUN) == ("B. Keller", "D. Roth")
    assert shop.backend.who_may(cashier, Action.MANAGE_ACCESS) == ("C. Admin",)

"""Operators: PINs kept hashed, wrong ones counted, names locked, admins never all gone."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.domain.caller import Action, Caller, Entrance, Role
from backend_client.domain.pins import Pin
from backend_client.domain.problems import Refused
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.local import pin_hashes
from backend_client.local.doctor import examine
from backend_client.local.operators import Operators
from backend_client.local.rows import fetch
from backend_client.local.sign_in_tries import LOCKED_FIRST, LOCKED_MOST, TRIES, lock, name_hash
from tests.shop import Shop, opened_shop, sale
from tests.sound import wrong
from tests.unit.refusing import refused

ADMIN_PIN, PIN, OTHER, WRONG = Pin("481516"), Pin("5071"), Pin("2580"), Pin("9021")
SECRETS = ("481516", "5071", "2580", "9021")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened_shop(tmp_path) as made:
        made.sell([sale(1)])
        yield made


def knocking(name: str, entrance: Entrance = Entrance.COMMAND_LINE) -> Caller:
    """Somebody who says this name; the role said counts for nothing."""
    return Caller(name, Role.ADMIN, "3", "box-office", entrance, "corr-1")


@pytest.fixture
def admin(shop: Shop) -> Caller:
    shop.backend.add_operator(knocking("setup"), "C. Admin", Role.ADMIN, ADMIN_PIN)
    return shop.backend.sign_in(knocking("c. admin"), ADMIN_PIN)


@pytest.fixture
def cashier(shop: Shop, admin: Caller) -> Caller:
    shop.backend.add_operator(admin, "A. Rochat", Role.CASHIER, PIN)
    return shop.backend.sign_in(knocking("A. Rochat"), PIN)


# ------------------------------------------------------------ sign in


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


def refusal_of(ask: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        ask()
    return caught.value


def test_wrong_unknown_and_disabled_are_told_apart_by_nothing(
    shop: Shop, admin: Caller, cashier: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    really = pin_hashes.is_right

    def watched(pin: Pin, kept: str) -> bool:
        looked.append(kept)
        return really(pin, kept)

    monkeypatch.setattr(pin_hashes, "is_right", watched)
    shop.backend.add_operator(admin, "D. Gone", Role.CASHIER, OTHER)
    shop.backend.set_disabled(admin, "D. Gone", True)
    said = [
        refusal_of(lambda: shop.backend.sign_in(knocking(name), pin))  # noqa: B023
        for name, pin in (("A. Rochat", WRONG), ("nobody", PIN), ("D. Gone", OTHER), ("", PIN))
    ]
    assert {(one.code, one.message, str(one.details)) for one in said} == {
        ("sign-in-refused", said[0].message, "{}")
    }
    assert len(looked) == 4, "each took the time of one look"


def test_the_hash_of_nobody_takes_as_long_as_anybody_s() -> None:
    from argon2 import extract_parameters

    found = extract_parameters(pin_hashes.NOBODY_S)
    assert (found.time_cost, found.memory_cost, found.parallelism) == (3, 65536, 1)
    assert not pin_hashes.is_right(PIN, "$argon2id$nonsense")


def mistyped(shop: Shop, name: str = "A. Rochat") -> str:
    return refusal_of(lambda: shop.backend.sign_in(knocking(name), WRONG)).code


def test_five_wrong_pins_lock_the_name_and_each_further_one_twice_as_long(
    shop: Shop, admin: Caller, cashier: Caller
) -> None:
    codes = [mistyped(shop) for _ in range(TRIES)]
    assert codes == ["sign-in-refused"] * (TRIES - 1) + ["sign-in-locked"], "the last one says so"
    locked = refusal_of(lambda: shop.backend.sign_in(knocking("A. Rochat"), PIN))
    assert locked.code == "sign-in-locked", "the right one is not looked at either"
    assert locked.details["at"] == "2026-03-14T10:05+00:00"
    shop.clock.move(minutes=4, seconds=59)
    assert mistyped(shop) == "sign-in-locked"
    shop.clock.move(seconds=1)
    assert mistyped(shop) == "sign-in-locked", "looked at, and locked again"
    shop.clock.move(minutes=9, seconds=59)
    assert mistyped(shop) == "sign-in-locked"
    shop.clock.move(seconds=1)
    shop.backend.sign_in(knocking("A. Rochat"), PIN)
    found = {one.name: one for one in shop.backend.operators(admin)}["A. Rochat"]
    assert (found.failures, found.locked_until) == (0, None)
    assert mistyped(shop) == "sign-in-refused", "they are counted from the first again"


def answers(shop: Shop, name: str, steps: tuple[int, ...]) -> list[tuple[str, str, str]]:
    """What wrong PINs under a name are told, one after each of these waits in seconds."""
    told = []
    for seconds in steps:
        shop.clock.move(seconds=seconds)
        said = refusal_of(lambda: shop.backend.sign_in(knocking(name), WRONG))
        told.append((said.code, said.message, str(said.details)))
    return told


def test_a_name_nobody_has_is_counted_and_locked_as_one_somebody_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same answers after the same time, and as many looks at a hash; in a store of its own
    each, so that both begin at one moment."""
    looked: list[str] = []

    def never(_pin: Pin, kept: str) -> bool:
        looked.append(kept)
        return False

    monkeypatch.setattr(pin_hashes, "is_right", never)
    steps = (0, 0, 1, 0, 0, 0, 60, 240, 0, 599, 1, 1200, 0)
    told = {}
    for name in ("A. Rochat", "X. Nobody", "D. Gone", ""):
        folder = tmp_path / f"store of {name}"
        folder.mkdir()
        looked.clear()
        with opened_shop(folder) as shop:
            shop.backend.add_operator(knocking("setup"), "C. Admin", Role.ADMIN, ADMIN_PIN)
            operators = Operators(shop.store, shop.clock)
            operators.add(knocking("C. Admin"), "A. Rochat", Role.CASHIER, PIN)
            operators.add(knocking("C. Admin"), "D. Gone", Role.CASHIER, PIN)
            operators.set_disabled(knocking("C. Admin"), "D. Gone", True)
            told[name] = answers(shop, name, steps), len(looked)
    assert told["X. Nobody"] == told["A. Rochat"] == told["D. Gone"] == told[""]
    codes = [code for code, _, _ in told["X. Nobody"][0]]
    assert codes[:6] == ["sign-in-refused"] * 4 + ["sign-in-locked"] * 2
    assert told["X. Nobody"][1] == TRIES + 3, "what is locked is not looked at"


def test_a_name_nobody_has_is_locked_at_every_window_and_in_every_spelling(
    shop: Shop, admin: Caller
) -> None:
    for name in ("X. Nobody", "x. nobody", " X. NOBODY ", "X. Nobody", "X. Nobody"):
        mistyped(shop, name)
    assert shop.store.path is not None
    with opened_shop(shop.store.path.parent) as other:
        assert mistyped(other, "x. nobody") == "sign-in-locked"
        assert mistyped(other, "Y. Nobody") == "sign-in-refused"


def test_of_a_name_nobody_has_only_a_little_of_its_hash_is_kept(shop: Shop, admin: Caller) -> None:
    """It may have been a PIN; and however many are tried, the table has an end."""
    mistyped(shop, "5071")
    with shop.store.read() as connection:
        (row,) = fetch(connection, "SELECT * FROM sign_in_try")
    assert (row.failures, row.locked_until_us) == (1, None)
    assert 0 <= row.name_hash < 2**16
    assert row.name_hash != name_hash("5071", b"another key")
    with pytest.raises(IntegrityError, match="sign_in_try_hash"):
        shop.store.write(
            lambda connection: connection.exec_driver_sql(
                "INSERT INTO sign_in_try(name_hash, failures) VALUES (65536, 1)"
            ),
            label="test",
        )


def test_who_gets_a_name_that_was_tried_begins_without_wrong_pins(
    shop: Shop, admin: Caller
) -> None:
    for _ in range(TRIES):
        mistyped(shop, "A. Rochat")
    shop.backend.add_operator(admin, "A. Rochat", Role.CASHIER, PIN)
    assert shop.backend.sign_in(knocking("A. Rochat"), PIN).operator == "A. Rochat"


def test_the_lock_doubles_up_to_a_day() -> None:
    spans = [lock(failures) for failures in range(TRIES, 5000)]
    assert spans[:3] == [LOCKED_FIRST, LOCKED_FIRST * 2, LOCKED_FIRST * 4]
    assert spans[-1] == LOCKED_MOST == timedelta(days=1)
    assert spans == sorted(spans)


def test_somebody_else_is_not_locked_by_it(shop: Shop, admin: Caller, cashier: Caller) -> None:
    for _ in range(TRIES):
        mistyped(shop)
    shop.backend.sign_in(knocking("C. Admin"), ADMIN_PIN)


def test_tries_at_once_are_counted_before_they_are_looked_at(
    shop: Shop, cashier: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty threads that all begin before the first answer have five tries together."""
    together = threading.Barrier(20)
    looked: list[str] = []

    def wrong_ever(_pin: Pin, kept: str) -> bool:
        looked.append(kept)
        return False

    monkeypatch.setattr(pin_hashes, "is_right", wrong_ever)

    def attempt() -> None:
        together.wait()
        mistyped(shop)

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked) == TRIES


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


# ------------------------------------------------------------ looking after them


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


def test_a_new_pin_ends_the_lock_and_the_old_pin(
    shop: Shop, admin: Caller, cashier: Caller
) -> None:
    for _ in range(TRIES):
        mistyped(shop)
    found = shop.backend.reset_pin(admin, "A. Rochat", OTHER)
    assert (found.failures, found.locked_until) == (0, None)
    shop.backend.sign_in(knocking("A. Rochat"), OTHER)
    with refused("sign-in-refused"):
        shop.backend.sign_in(knocking("A. Rochat"), PIN)


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


# ------------------------------------------------------------ what is left behind


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

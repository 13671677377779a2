"""Wrong PINs: counted, names locked by them, and nothing told of which names there are."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.domain.caller import Caller, Role
from backend_client.domain.pins import Pin
from backend_client.local import pin_hashes
from backend_client.local.operators import Operators
from backend_client.local.rows import fetch
from backend_client.local.sign_in_tries import LOCKED_FIRST, LOCKED_MOST, TRIES, lock, name_hash
from tests.shop import Shop, opened_shop
from tests.unit.local.access.knocking import (
    ADMIN_PIN,
    OTHER,
    PIN,
    WRONG,
    knocking,
    mistyped,
    refusal_of,
)
from tests.unit.refusing import refused


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

"""kill -9 while a gift card is loaded: the number dies with the program, the money does not.

What surely was not sent is sent only with the same number given again; what may have been is
looked up, and a person decides where nothing is found. It is never loaded twice.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.legs import Leg
from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.refund import LegState, Method
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.providers.practice import PracticeProvider
from tests.clocks import SteppingClock
from tests.faults.crash_child import (
    BEFORE_CALL,
    BEFORE_COMMIT,
    BEFORE_INTENT,
    GIFT_CARD,
    INSIDE_COMMIT,
    INSIDE_INTENT,
    STEPS,
    Orders,
    load,
)
from tests.faults.test_kills import Child
from tests.faults.test_older_copy import copy_of, put_back
from tests.shop import PRICE, SUPERVISOR, Shop, open_shop, sale
from tests.unit.refusing import refused

pytestmark = pytest.mark.faults

NOT_COMMITTED = (BEFORE_COMMIT, INSIDE_COMMIT)
SURELY_NOT_SENT = (BEFORE_INTENT, INSIDE_INTENT)
LEG = "R-10001.1"
OTHER = "9870 5551 2345 6780"


def shop_at(folder: Path, minutes: int, *, settles: bool = True) -> Shop:
    clock = SteppingClock()
    clock.move(minutes=minutes)
    provider = PracticeProvider(str(folder / "provider.db"), unmatched=True)
    return open_shop(folder, clock=clock, provider=provider, settles=settles)


def leg_of(shop: Shop) -> Leg:
    (leg,) = shop.backend.refund(SUPERVISOR, "R-10001").refund.legs
    return leg


def give(shop: Shop, number: str = GIFT_CARD) -> LegState:
    outcome = shop.backend.give_number(SUPERVISOR, LEG, StoredValueNumber(number))
    return outcome.refund.legs[0].state


def recover(shop: Shop) -> None:
    """Starts, until everything has been looked up twice over the settle window."""
    for _ in range(3):
        shop.settler.recover()
        shop.clock.move(minutes=2)


def loaded(folder: Path) -> list[int]:
    """What the provider put on gift cards: its ledger is the oracle."""
    with closing(sqlite3.connect(folder / "provider.db")) as ledger:
        if not ledger.execute("SELECT 1 FROM sqlite_master WHERE name = 'refund'").fetchone():
            return []  # it was never asked anything
        rows = ledger.execute("SELECT amount_minor FROM refund WHERE state <> 'declined'")
        return [row[0] for row in rows]


def killed_at(folder: Path, step: str, *, honours_keys: bool = True) -> None:
    before = shop_at(folder, 0)
    before.sell([sale(1)])
    before.backend.close()
    orders = Orders(folder, 1, False, (1,), step, 1, honours_keys)
    assert Child(orders, load).ended(), "the step was never passed"


def is_green(shop: Shop) -> None:
    report = shop.backend.doctor(SUPERVISOR)
    assert [(one.code, one.findings) for one in report.checks if not one.ok] == []


def is_nowhere(folder: Path) -> None:
    """Not in the store, its log of writes and free pages, its key, or the provider's ledger."""
    plain = GIFT_CARD.replace(" ", "").encode()
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) >= 3
    assert [path.name for path in files if plain in path.read_bytes()] == []


@pytest.mark.parametrize("honours_keys", [True, False])
@pytest.mark.parametrize("step", STEPS)
def test_killed_anywhere_it_is_loaded_at_most_once(
    tmp_path: Path, step: str, honours_keys: bool
) -> None:
    killed_at(tmp_path, step, honours_keys=honours_keys)
    is_nowhere(tmp_path)
    shop = shop_at(tmp_path, 5)
    if step in NOT_COMMITTED:
        assert shop.backend.booking(SUPERVISOR, "B-1").refunds == ()
        shop.refund(1, parts=(Part(Method.UNMATCHED),), gift_card=GIFT_CARD)
    elif step in SURELY_NOT_SENT:
        recover(shop)
        assert leg_of(shop).needs_number
        assert loaded(tmp_path) == []
        with refused("number-differs"):
            give(shop, OTHER)
        assert give(shop) is LegState.SUCCEEDED
    elif step == BEFORE_CALL:
        recover(shop)
        assert leg_of(shop).state is LegState.REVIEW
        with refused("number-not-needed"):
            give(shop)
        assert loaded(tmp_path) == []
    else:
        recover(shop)
        with refused("number-not-needed"):
            give(shop)
    if step != BEFORE_CALL:
        assert leg_of(shop).state is LegState.SUCCEEDED
        assert loaded(tmp_path) == [2 * PRICE]
    is_green(shop)
    shop.backend.close()
    is_nowhere(tmp_path)


def not_found(shop: Shop) -> Leg:
    plan = shop.backend.preview_resolution(
        SUPERVISOR, Resolution(LEG, Finding.NOT_FOUND, evidence="not in the list")
    )
    shop.backend.execute_resolution(SUPERVISOR, plan)
    return leg_of(shop)


def test_after_a_person_found_nothing_the_number_is_needed_again(tmp_path: Path) -> None:
    killed_at(tmp_path, BEFORE_CALL)
    shop = shop_at(tmp_path, 5)
    recover(shop)
    key = leg_of(shop).provider_key
    assert not_found(shop).needs_number
    recover(shop)
    assert leg_of(shop).needs_number
    assert give(shop) is LegState.SUCCEEDED
    assert leg_of(shop).provider_key == key
    assert loaded(tmp_path) == [2 * PRICE]
    is_green(shop)
    shop.backend.close()


def test_a_number_given_when_the_provider_may_have_forgotten_the_key_is_refused(
    tmp_path: Path,
) -> None:
    killed_at(tmp_path, BEFORE_CALL)
    shop = shop_at(tmp_path, 5)
    recover(shop)
    assert not_found(shop).needs_number
    shop.clock.move(minutes=20 * 60)
    with refused("number-too-late"):
        give(shop)
    change = MethodChange(LEG, (Part(Method.UNMATCHED),), "goodwill")
    plan = shop.backend.preview_method_change(SUPERVISOR, change)
    shop.backend.execute_method_change(SUPERVISOR, plan, StoredValueNumber(GIFT_CARD))
    assert loaded(tmp_path) == [2 * PRICE]
    is_green(shop)
    shop.backend.close()


@pytest.mark.parametrize("loaded_since", [True, False])
def test_an_older_copy_that_forgot_a_load_does_not_load_again(
    tmp_path: Path, loaded_since: bool
) -> None:
    shop = shop_at(tmp_path, 0, settles=False)
    shop.sell([sale(1)])
    shop.refund(1, parts=(Part(Method.UNMATCHED),), gift_card=GIFT_CARD)
    shop.backend.close()
    copy = copy_of(tmp_path)
    shop = shop_at(tmp_path, 5)
    shop.sell([sale(2)])
    if loaded_since:
        assert give(shop) is LegState.SUCCEEDED
    shop.backend.close()
    put_back(tmp_path, copy)
    shop = shop_at(tmp_path, 10)
    shop.backend.go_on_restored(SUPERVISOR, "disk broke, the copy put back")
    recover(shop)
    with refused("number-not-needed"):
        give(shop)
    assert leg_of(shop).state is (LegState.SUCCEEDED if loaded_since else LegState.REVIEW)
    assert loaded(tmp_path) == ([2 * PRICE] if loaded_since else [])
    is_green(shop)
    shop.backend.close()

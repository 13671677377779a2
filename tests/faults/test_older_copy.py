"""A48: an older copy of the store is put back. Nothing is written or sent before a person says so,
and what was sent since the copy was taken is found at the provider, never paid again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.acceptance import Acceptance
from backend_client.domain.caller import Role
from backend_client.domain.pins import Pin
from backend_client.domain.plan import Part
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from backend_client.local import migrations
from tests.shop import SUPERVISOR, Shop, open_shop, provider_ledger, sale
from tests.unit.local.venue import findings, opened
from tests.unit.refusing import refused

pytestmark = pytest.mark.faults
NOTE = "disk broke at noon, Sunday's copy put back"


@contextmanager
def shop_in(folder: Path, *, settles: bool = True) -> Iterator[Shop]:
    shop = open_shop(folder, settles=settles)
    try:
        yield shop
    finally:
        shop.backend.close()


def copy_of(folder: Path) -> Path:
    """A sound copy of the store alone, as a backup takes it."""
    copy = folder / "sunday.db"
    with (
        closing(sqlite3.connect(folder / "store.db")) as store,
        closing(sqlite3.connect(copy)) as kept,
    ):
        store.backup(kept)
    return copy


def put_back(folder: Path, copy: Path) -> None:
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            (folder / f"store.db{suffix}").unlink()
    shutil.copy(copy, folder / "store.db")


@pytest.fixture
def behind(tmp_path: Path) -> Path:
    """The copy knows one refund that waits; since then that was sent, and another made and sent."""
    with shop_in(tmp_path, settles=False) as shop:
        shop.sell(sale(number, tickets=3) for number in (1, 2, 3))
        shop.refund(1, 1)
        shop.refund(3, 1, parts=(Part(Method.TRANSFER),))
    copy = copy_of(tmp_path)
    with shop_in(tmp_path) as shop:
        shop.backend.settle(SUPERVISOR)
        shop.refund(2, 1)
    assert len(provider_ledger(tmp_path)) == 2
    put_back(tmp_path, copy)
    return tmp_path


def test_a48_nothing_is_written_or_sent_before_a_person_says_so(behind: Path) -> None:
    with shop_in(behind) as shop:
        assert shop.backend.booking(SUPERVISOR, "B-1").refunds, "it can be looked at"
        for attempt in (
            lambda: shop.refund(2, 1),
            lambda: shop.backend.settle(SUPERVISOR),
            lambda: shop.backend.recover(SUPERVISOR),
        ):
            with refused("store-behind"):
                attempt()
        assert [one for one in findings(shop.store) if one.startswith("audit: ")]
        assert shop.backend.audit_verify(SUPERVISOR).broken_at is not None
    assert len(provider_ledger(behind)) == 2


def test_a48_what_was_sent_since_is_found_and_nothing_is_paid_twice(behind: Path) -> None:
    with shop_in(behind) as shop:
        restored = shop.backend.go_on_restored(SUPERVISOR, NOTE)
        assert (restored.looked_up, restored.due, restored.requested) == (1, 1, 0)
        assert restored.had > restored.have > 0
        assert shop.backend.refund(SUPERVISOR, "R-10001").refund.legs[0].state is LegState.UNKNOWN
        assert findings(shop.store) == []
        shop.backend.settle(SUPERVISOR)
        leg = shop.backend.refund(SUPERVISOR, "R-10001").refund.legs[0]
        assert leg.state is LegState.SUCCEEDED
        forgotten = shop.refund(2, 1).refund.legs[0]
        assert forgotten.state is LegState.DECLINED
        assert (forgotten.attempts[-1].outcome, forgotten.attempts[-1].code) == (
            "already_refunded",
            "found-elsewhere",
        )
        assert len(provider_ledger(behind)) == 2, "no money moved again"
        shop.backend.settle(SUPERVISOR)
        assert [one for one in findings(shop.store) if one.startswith("found: ")]
        void = shop.backend.preview_void(SUPERVISOR, "R-10003", "it was given back on Monday")
        shop.backend.execute_void(SUPERVISOR, void)
        found = shop.backend.reconcile(SUPERVISOR).provider_only
        shop.backend.accept_refund(
            SUPERVISOR, Acceptance("pay-2", found[0].provider_refund_id, "lost with the disk")
        )
        assert findings(shop.store) == []
        rest = shop.refund(2, 2).refund.legs[0]
        assert rest.state is LegState.SUCCEEDED, "what was accepted holds nothing back"
        fresh = shop.refund(1, 2).refund.legs[0]
        assert fresh.state is LegState.SUCCEEDED, "what nobody gave back goes back as ever"
    assert len(provider_ledger(behind)) == 4


def test_a48_what_was_not_sent_since_is_sent_after_it_was_looked_up(tmp_path: Path) -> None:
    with shop_in(tmp_path, settles=False) as shop:
        shop.sell([sale(1)])
        shop.refund(1, 1)
    copy = copy_of(tmp_path)
    with shop_in(tmp_path, settles=False) as shop:
        shop.sell([sale(2)])
    put_back(tmp_path, copy)
    with shop_in(tmp_path) as shop:
        shop.backend.go_on_restored(SUPERVISOR, NOTE)
        shop.backend.settle(SUPERVISOR)
        assert provider_ledger(tmp_path) == [], "one look-up is not enough"
        shop.clock.move(seconds=61)
        shop.backend.settle(SUPERVISOR)
        leg = shop.backend.refund(SUPERVISOR, "R-10001").refund.legs[0]
        assert leg.state is LegState.SUCCEEDED
        assert findings(shop.store) == []
    assert len(provider_ledger(tmp_path)) == 1


def test_a48_only_a_supervisor_goes_on_with_a_note_and_only_from_a_copy(behind: Path) -> None:
    with shop_in(behind) as shop:
        cashier = replace(SUPERVISOR, role=Role.CASHIER)
        with pytest.raises(Refused):
            shop.backend.go_on_restored(cashier, NOTE)
        with refused("evidence-required"):
            shop.backend.go_on_restored(SUPERVISOR, " ")
        shop.backend.go_on_restored(SUPERVISOR, NOTE)
        with refused("store-not-behind"):
            shop.backend.go_on_restored(SUPERVISOR, NOTE)
        assert any(NOTE in line for line in shop.backend.audit_export(SUPERVISOR))
    with shop_in(behind) as shop:
        shop.refund(1, 2)
        assert findings(shop.store) == []


def test_a_copy_of_an_older_version_is_gone_on_from_as_any_other(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrations, "LATEST", migrations.LATEST - 1)
        with opened(f"sqlite:///{tmp_path / 'store.db'}"):
            pass
    copy = copy_of(tmp_path)
    with shop_in(tmp_path) as shop:
        shop.sell([sale(1)])
        shop.refund(1, 1)
    put_back(tmp_path, copy)
    for _ in range(2):
        with shop_in(tmp_path) as shop, refused("store-behind"):
            shop.sell([sale(2)])
    with shop_in(tmp_path) as shop:
        assert shop.backend.go_on_restored(SUPERVISOR, NOTE).had > 0
        shop.sell([sale(2)])
        assert findings(shop.store) == []


def test_a_copy_that_lived_on_elsewhere_is_another_story(behind: Path) -> None:
    """As many records as were written here, but others."""
    (behind / "store.db.anchor").rename(behind / "kept.anchor")
    with shop_in(behind, settles=False) as shop:
        for number in range(10, 30):
            shop.sell([sale(number)])
            shop.refund(number, 1)
    shutil.copy(behind / "kept.anchor", behind / "store.db.anchor")
    with shop_in(behind) as shop, refused("store-behind"):
        shop.refund(2, 1)


def test_another_store_in_the_same_place_begins_anew(tmp_path: Path) -> None:
    with shop_in(tmp_path) as shop:
        shop.sell([sale(1)])
        shop.clock.move(days=1)
    for path in tmp_path.glob("store.db*"):
        if path.suffix != ".anchor":
            path.unlink()
    (tmp_path / "store.db.anchor").write_text("1 99 abc".ljust(127) + "\n")
    with shop_in(tmp_path) as shop:
        shop.sell([sale(1)])
        assert findings(shop.store) == []


@pytest.mark.parametrize("text", ["", "nonsense", "\x00" * 128, "a b c d", "1 x y"])
def test_an_anchor_that_makes_no_sense_is_written_anew(tmp_path: Path, text: str) -> None:
    with shop_in(tmp_path) as shop:
        shop.sell([sale(1)])
    anchor = tmp_path / "store.db.anchor"
    anchor.write_text(text)
    with shop_in(tmp_path) as shop:
        shop.sell([sale(2)])
        assert findings(shop.store) == []
    assert len(anchor.read_text().split()) == 3


def test_a_crash_between_a_commit_and_its_anchor_is_no_older_copy(tmp_path: Path) -> None:
    anchor = tmp_path / "store.db.anchor"
    with shop_in(tmp_path) as shop:
        shop.sell([sale(1), sale(2)])
        shop.refund(1, 1)
        before = anchor.read_text()
        shop.refund(1, 2)
    anchor.write_text(before)
    with shop_in(tmp_path) as shop:
        assert findings(shop.store) == []
        shop.refund(2, 1)
    assert anchor.read_text() != before


def test_an_anchor_half_written_by_another_program_is_read_again(tmp_path: Path) -> None:
    with shop_in(tmp_path) as shop:
        shop.sell([sale(1)])
        whole = shop.store.anchor.read()
        assert whole is not None
        torn = iter([replace(whole, seq=whole.seq + 1)])
        shop.store.anchor.read = lambda: next(torn, whole)  # type: ignore[method-assign]
        shop.refund(1, 1)
        assert list(torn) == []


def test_what_is_committed_stands_where_the_anchor_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "store.db.anchor").mkdir()
    with shop_in(tmp_path) as shop:
        shop.sell([sale(1)])
        assert shop.refund(1, 1).refund.legs[0].state is LegState.SUCCEEDED
        assert findings(shop.store) == []


def test_where_operators_sign_in_one_of_them_goes_on_from_a_copy(tmp_path: Path) -> None:
    """Signing in writes down that somebody did, which a copy does not take yet."""
    pins = {Role.ADMIN: Pin("481516"), Role.SUPERVISOR: Pin("5071")}
    with shop_in(tmp_path) as shop:
        shop.backend.add_operator(SUPERVISOR, "C. Admin", Role.ADMIN, pins[Role.ADMIN])
        admin = shop.backend.sign_in(replace(SUPERVISOR, operator="C. Admin"), pins[Role.ADMIN])
        for role, pin in pins.items():
            if role is not Role.ADMIN:
                shop.backend.add_operator(admin, SUPERVISOR.operator, role, pin)
    copy = copy_of(tmp_path)
    with shop_in(tmp_path) as shop:
        boss = shop.backend.sign_in(SUPERVISOR, pins[Role.SUPERVISOR])
    put_back(tmp_path, copy)
    with shop_in(tmp_path) as shop:
        with refused("sign-in-refused"):
            shop.backend.sign_in(SUPERVISOR, Pin("9021"))
        boss = shop.backend.sign_in(SUPERVISOR, pins[Role.SUPERVISOR])
        shop.backend.go_on_restored(boss, "the disk broke")
        assert shop.backend.sign_in(SUPERVISOR, pins[Role.SUPERVISOR]).role is Role.SUPERVISOR

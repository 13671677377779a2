"""Refused tokens are on record, with where they came from and never with the token itself; a flood
of them takes no more room than its minutes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.problems import Refused
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.local.turned_away import MOST_KINDS
from tests.clocks import START
from tests.shop import Shop, opened_shop, sale
from tests.unit.local.venue import findings
from tests.unit.refusing import refused

ADMIN = Caller("C. Admin", Role.ADMIN, "1", "box-office", Entrance.COMMAND_LINE, "corr-1")
SCOPE = Scope(frozenset({ScopeWord.BOOKINGS_READ}), sites=frozenset({"0002"}))
WRONG = "tw_0123456789ab_secret"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened_shop(tmp_path) as made:
        made.sell([sale(1)])
        yield made
        assert findings(made.store) == []


def knock(shop: Shop, token: str, code: str, address: str = "192.0.2.7") -> None:
    with refused(code):
        shop.backend.doors.caller_of(token, "corr-9", address)


def denied(shop: Shop) -> list[dict[str, Any]]:
    """What is on record, without what is the same in all of it."""
    rows = map(json.loads, shop.store.audit.export(shop.store))
    found = [row for row in rows if row["action"] == "denied"]
    assert {row["entrance"] for row in found} <= {"api"}
    return [{"operator": row["operator"], **json.loads(row["body"])} for row in found]


def told(shop: Shop) -> list[tuple[str, str, str, int]]:
    return [
        (one["operator"], one["code"], one.get("address", ""), one["times"]) for one in denied(shop)
    ]


def test_each_kind_of_refused_token_is_on_record_at_once(shop: Shop) -> None:
    doors = shop.backend.doors
    revoked = doors.add_api_client(ADMIN, "webshop", SCOPE, None).token
    doors.revoke_api_client(ADMIN, "webshop")
    expired = doors.add_api_client(ADMIN, "night", SCOPE, START).token
    for token, code in (
        ("", "token-missing"),
        (WRONG, "token-unknown"),
        (revoked, "token-revoked"),
        (expired, "token-expired"),
    ):
        knock(shop, token, code)
    here = "192.0.2.7"
    assert told(shop) == [
        ("", "token-missing", here, 1),
        ("", "token-unknown", here, 1),
        ("webshop", "token-revoked", here, 1),
        ("night", "token-expired", here, 1),
    ]
    log = "".join(shop.store.audit.export(shop.store))
    for token in (WRONG, revoked, expired):
        assert token.rsplit("_", 1)[-1] not in log


def test_a_flood_is_two_records_a_minute_and_nothing_of_it_is_lost(shop: Shop) -> None:
    for _ in range(500):
        knock(shop, WRONG, "token-unknown")
    assert [one[3] for one in told(shop)] == [1]
    shop.clock.move(minutes=1)
    knock(shop, WRONG, "token-unknown")
    assert [one[3] for one in told(shop)] == [1, 500]
    assert denied(shop)[1]["since"] == START.isoformat()
    for _ in range(7):
        knock(shop, WRONG, "token-unknown")
    shop.backend._doors.close()
    assert [one[3] for one in told(shop)] == [1, 500, 7]


def test_what_was_counted_is_told_with_the_next_call_of_anybody(shop: Shop) -> None:
    good = shop.backend.doors.add_api_client(ADMIN, "webshop", SCOPE, None).token
    for _ in range(3):
        knock(shop, WRONG, "token-unknown")
    shop.backend.doors.caller_of(good, "corr-9")
    assert [one[3] for one in told(shop)] == [1]
    shop.clock.move(minutes=1)
    shop.backend.doors.caller_of(good, "corr-9")
    assert [one[3] for one in told(shop)] == [1, 2]


def test_after_a_quiet_minute_the_next_one_is_told_at_once(shop: Shop) -> None:
    knock(shop, WRONG, "token-unknown")
    shop.clock.move(minutes=1)
    shop.backend.doors.caller_of(
        shop.backend.doors.add_api_client(ADMIN, "webshop", SCOPE, None).token, "corr-9"
    )
    knock(shop, WRONG, "token-unknown")
    assert [one[3] for one in told(shop)] == [1, 1]


def test_a_clock_put_back_holds_nothing_up(shop: Shop) -> None:
    knock(shop, WRONG, "token-unknown")
    shop.clock.move(hours=-2)
    knock(shop, WRONG, "token-unknown")
    assert [one[3] for one in told(shop)] == [1, 1]


def test_a_flood_from_everywhere_is_bounded_too(shop: Shop) -> None:
    for number in range(MOST_KINDS + 200):
        knock(shop, WRONG, "token-unknown", f"2001:db8::{number:x}")
    assert len(told(shop)) == MOST_KINDS + 1
    assert told(shop)[-1] == ("", "token-unknown", "", 1)
    shop.clock.move(minutes=1)
    knock(shop, WRONG, "token-unknown", "198.51.100.1")
    assert sum(one[3] for one in told(shop)) == MOST_KINDS + 201


def test_a_token_that_does_not_reach_is_on_record_by_its_name(shop: Shop) -> None:
    token = shop.backend.doors.add_api_client(ADMIN, "webshop", SCOPE, None).token
    client = shop.backend.doors.caller_of(token, "corr-9")
    for _ in range(40):
        with refused("not-in-scope"):
            shop.backend.booking(client, "B-1")
    with refused("not-allowed"):
        shop.backend.doctor(client)
    found = denied(shop)
    assert [(one["asked"], one["code"], one["times"]) for one in found] == [
        ("booking", "not-in-scope", 1),
        ("doctor", "not-allowed", 1),
    ]
    assert found[0]["operator"] == "webshop"
    assert "B-1" in found[0]["message"]


def test_people_are_on_record_each_time(shop: Shop) -> None:
    cashier = replace(ADMIN, operator="A. Rochat", role=Role.CASHIER)
    for _ in range(3):
        with refused("not-allowed"):
            shop.backend.operators(cashier)
    rows = map(json.loads, shop.store.audit.export(shop.store))
    assert sum(row["action"] == "denied" for row in rows) == 3


def test_a_store_that_cannot_be_written_to_still_refuses(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_job: Any, **_label: Any) -> None:
        raise Refused("store-full")

    with monkeypatch.context() as patch:
        patch.setattr(shop.store, "write", full)
        knock(shop, WRONG, "token-unknown")
        knock(shop, WRONG, "token-unknown")
    assert denied(shop) == []
    shop.clock.move(minutes=1)
    knock(shop, WRONG, "token-unknown")
    assert [one[3] for one in told(shop)] == [3]


def test_who_may_come_in_never_waits_for_who_may_not(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a refusal waits for a store that is busy, a good token is let in."""
    good = shop.backend.doors.add_api_client(ADMIN, "webshop", SCOPE, None).token
    shop.backend.doors.caller_of(good, "corr-8")
    write = shop.store.write
    let_in: list[str] = []

    def busy(*asked: Any, **label: Any) -> Any:
        with ThreadPoolExecutor() as other:
            found = other.submit(shop.backend.doors.caller_of, good, "corr-9").result()
        let_in.append(found.operator)
        return write(*asked, **label)

    with monkeypatch.context() as patch:
        patch.setattr(shop.store, "write", busy)
        knock(shop, WRONG, "token-unknown")
    assert let_in == ["webshop"]
    assert [one[3] for one in told(shop)] == [1]

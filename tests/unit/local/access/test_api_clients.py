"""Tokens of programs: shown once, kept hashed, refused when they should be."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backend_client.domain.caller import Action, Caller, Entrance, Role
from backend_client.domain.permissions import allowed
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.local.api_clients import USED_EVERY, ApiClients
from backend_client.local.doctor import examine
from backend_client.local.store import Store
from tests.clocks import START, SteppingClock
from tests.sound import wrong
from tests.unit.refusing import refused

ADMIN = Caller("C. Admin", Role.ADMIN, "1", "box-office", Entrance.COMMAND_LINE, "corr-1")
READER = Scope(frozenset({ScopeWord.BOOKINGS_READ}), sites=frozenset({"0001"}), limit_minor=500)


@pytest.fixture
def clock() -> SteppingClock:
    return SteppingClock()


@pytest.fixture
def store(tmp_path: Path, clock: SteppingClock) -> Iterator[Store]:
    made = Store.open(f"sqlite:///{tmp_path / 'store.db'}", create=True, clock=clock)
    yield made
    made.close()


@pytest.fixture
def clients(store: Store, clock: SteppingClock) -> ApiClients:
    return ApiClients(store, clock, channel="web")


def test_a_token_brings_in_its_client_with_its_scope(clients: ApiClients) -> None:
    made = clients.add(ADMIN, "webshop", READER, None)
    caller = clients.caller_of(made.token, "corr-9")
    assert caller == Caller("webshop", Role.CLIENT, "", "web", Entrance.API, "corr-9", scope=READER)
    assert allowed(caller, Action.LOOK_UP)
    assert not allowed(caller, Action.REFUND)


def test_a_token_is_long_and_random_and_only_its_hash_is_kept(
    clients: ApiClients, store: Store
) -> None:
    tokens = {clients.add(ADMIN, f"client {n}", READER, None).token for n in range(5)}
    assert len(tokens) == 5
    assert store.path is not None
    for token in tokens:
        mark, prefix, secret = token.split("_", 2)
        assert (mark, len(prefix), len(secret)) == ("tw", 12, 43)
        for file in store.path.parent.iterdir():
            held = file.read_bytes()
            assert secret.encode() not in held
    with closing(sqlite3.connect(store.path)) as connection:
        hashes = {row[0] for row in connection.execute("SELECT token_hash FROM api_client")}
    assert hashes == {hashlib.sha256(token.encode()).hexdigest() for token in tokens}


def test_a_token_is_not_in_what_is_said_of_its_making(clients: ApiClients, store: Store) -> None:
    made = clients.add(ADMIN, "webshop", READER, None)
    secret = made.token.split("_", 2)[2]
    assert secret not in repr(made)
    assert secret not in repr(clients.clients())
    assert secret not in "".join(store.audit.export(store))


@pytest.mark.parametrize("change", ["", "x", "tw_", "tw__", "é", "tw_000000000000_x", "Bearer"])
def test_what_is_no_token_of_ours_is_refused(clients: ApiClients, change: str) -> None:
    clients.add(ADMIN, "webshop", READER, None)
    with refused("token-unknown" if change else "token-missing"):
        clients.caller_of(change, "corr-9")


def test_a_token_that_differs_anywhere_is_unknown(clients: ApiClients) -> None:
    token = clients.add(ADMIN, "webshop", READER, None).token
    for near in (token[:-1], token + "A", token[:-1] + ("A" if token[-1] != "A" else "B")):
        with refused("token-unknown"):
            clients.caller_of(near, "corr-9")
    with refused("token-unknown"):
        clients.caller_of(token.upper(), "corr-9")


def test_a_revoked_token_stays_revoked_and_its_name_may_have_another(clients: ApiClients) -> None:
    first = clients.add(ADMIN, "webshop", READER, None).token
    with refused("client-known"):
        clients.add(ADMIN, "WebShop", READER, None)
    assert clients.revoke(ADMIN, "WEBSHOP").revoked_at == START
    with refused("client-unknown"):
        clients.revoke(ADMIN, "webshop")
    second = clients.add(ADMIN, "webshop", READER, None).token
    with refused("token-revoked"):
        clients.caller_of(first, "corr-9")
    assert clients.caller_of(second, "corr-9").operator == "webshop"
    assert [one.revoked_at is None for one in clients.clients()] == [False, True]


def test_a_token_ends_at_its_instant(clients: ApiClients, clock: SteppingClock) -> None:
    token = clients.add(ADMIN, "webshop", READER, START + timedelta(days=1)).token
    clock.move(hours=23, minutes=59)
    clients.caller_of(token, "corr-9")
    clock.move(minutes=1)
    with refused("token-expired"):
        clients.caller_of(token, "corr-9")


def test_the_last_use_is_kept_to_the_minute(clients: ApiClients, clock: SteppingClock) -> None:
    token = clients.add(ADMIN, "webshop", READER, None).token
    assert clients.clients()[0].last_used_at is None
    clients.caller_of(token, "corr-1")
    clock.move(seconds=59)
    clients.caller_of(token, "corr-2")
    assert clients.clients()[0].last_used_at == START
    clock.move(seconds=1)
    clients.caller_of(token, "corr-3")
    assert clients.clients()[0].last_used_at == START + USED_EVERY


def test_runs_are_not_for_a_token_that_reaches_only_some(clients: ApiClients) -> None:
    runs = frozenset({ScopeWord.RUNS_SIMULATE})
    clients.add(ADMIN, "night", Scope(runs), None)
    with refused("scope-contradicts"):
        clients.add(ADMIN, "web", replace(READER, words=runs), None)


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "x" * 81, "\x1b[2J"])
def test_a_name_is_plain_text(clients: ApiClients, name: str) -> None:
    with refused("name-invalid"):
        clients.add(ADMIN, name, READER, None)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM api_client",
        "UPDATE api_client SET scope = '{}'",
        "UPDATE api_client SET token_hash = lower(hex(randomblob(32)))",
        "UPDATE api_client SET revoked_at_us = NULL",
        "UPDATE api_client SET token_hash = 'plain'",
    ],
)
def test_the_database_itself_keeps_clients_as_they_were_made(
    clients: ApiClients, store: Store, statement: str
) -> None:
    clients.add(ADMIN, "webshop", READER, None)
    clients.revoke(ADMIN, "webshop")
    assert store.path is not None
    with closing(sqlite3.connect(store.path)) as connection, pytest.raises(sqlite3.Error):
        connection.execute(statement)


def test_who_made_and_revoked_a_client_is_on_record_and_the_store_is_sound(
    clients: ApiClients, store: Store
) -> None:
    clients.add(ADMIN, "webshop", READER, None)
    clients.revoke(ADMIN, "webshop")
    log = "".join(store.audit.export(store))
    assert '"action": "client_added"' in log
    assert '"action": "client_revoked"' in log
    assert wrong(examine(store)) == {}

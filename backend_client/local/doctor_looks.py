"""What the doctor cannot ask in one statement: the file, its guards, the chain, card numbers."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Table, Text, create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import StaticPool

from backend_client.domain.card_numbers import holds_card
from backend_client.domain.problems import Refused
from backend_client.domain.settlement import payload_digest, payment_reference
from backend_client.local import migrations
from backend_client.local.anchor import Mark
from backend_client.local.connect import open_memory
from backend_client.local.rows import fetch
from backend_client.local.schema import metadata
from backend_client.local.store import Store
from backend_client.local.triggers import TO_PAYMENT

Look = Callable[[Connection, Store], Iterator[str]]


@dataclass(frozen=True, slots=True)
class LookCheck:
    """`look` yields findings one by one; it writes nothing."""

    code: str
    title: str
    look: Look


def _integrity(connection: Connection, _store: Store) -> Iterator[str]:
    for row in fetch(connection, "PRAGMA quick_check(20)"):
        if row[0] != "ok":
            yield str(row[0])


def _foreign_keys(connection: Connection, _store: Store) -> Iterator[str]:
    for row in fetch(connection, "PRAGMA foreign_key_check"):
        yield f"{row[0]} row {row[1]}: no {row[2]}"


def _pragmas(connection: Connection, store: Store) -> Iterator[str]:
    wanted: dict[str, object] = {
        "journal_mode": "memory" if store.path is None else "wal",
        "synchronous": 2,
        "foreign_keys": 1,
    }
    if store.read_only:
        del wanted["journal_mode"]  # nothing is committed, and SQLite names none
    for name, value in wanted.items():
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        if found != value:
            yield f"{name} is {found}, not {value}"


def _version(connection: Connection, _store: Store) -> Iterator[str]:
    found = migrations.version_of(connection)
    if found != migrations.LATEST:
        yield f"version {found}, this program knows {migrations.LATEST}"


def _guards(connection: Connection, _store: Store) -> Iterator[str]:
    """Compare with a store made anew: tables and indexes by name, triggers by their text."""
    here, wanted = _made_of(connection), _made_anew()
    for kind, name in sorted(wanted):
        if (kind, name) not in here:
            yield f"{kind} {name} is missing"
        elif kind == "trigger" and _plain(here[kind, name]) != _plain(wanted[kind, name]):
            yield f"trigger {name} was changed"


def _made_of(connection: Connection) -> dict[tuple[str, str], str]:
    """By kind and name, the statements that made everything in a store."""
    asked = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    return {(row.type, row.name): row.sql or "" for row in fetch(connection, asked)}


@cache
def _made_anew() -> dict[tuple[str, str], str]:
    """What a store of this version is made of; the same as long as the program runs."""
    with closing(open_memory()) as raw:
        engine = create_engine(
            "sqlite://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True
        )
        with engine.connect() as fresh:
            migrations.upgrade(fresh)
            return _made_of(fresh)


def _plain(statement: str) -> str:
    return " ".join(statement.split())


def _payloads(connection: Connection, _store: Store) -> Iterator[str]:
    """Legs that may still be sent: what would be sent is what they were born with."""
    rows = fetch(
        connection,
        "SELECT leg.*, refund.number, refund.currency, payment.provider_reference, "
        "payment.bank_reference, payment.reversal_data FROM leg "
        "JOIN refund ON refund.id = leg.refund_id JOIN payment ON payment.id = leg.payment_id "
        f"WHERE leg.method IN {TO_PAYMENT} AND leg.payload_digest <> '' "
        "AND leg.state IN ('awaiting_approval', 'pending', 'sending', 'unknown')",
    )
    for row in rows:
        digest = payload_digest(
            provider=row.provider,
            provider_key=row.provider_key or "",
            our_reference=row.our_reference or "",
            payment_reference=payment_reference(row),
            amount_minor=row.amount_minor,
            currency=row.currency,
        )
        if digest != row.payload_digest:
            yield f"{row.number}.{row.ordinal} {row.state}"


def broken_chain(store: Store, beside: Mark | None) -> Iterator[str]:
    try:
        report = store.audit.verify(store, beside=beside)
    except Refused as refusal:
        yield refusal.message
        return
    if report.broken_at is not None:
        yield f"record {report.broken_at} {report.why}"


def _key_mode(_connection: Connection, store: Store) -> Iterator[str]:
    """Only the owner may read the audit key: whoever can read it can forge the chain."""
    path = store.audit_key.path
    if path is not None and path.exists():
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            yield f"{path.name} has mode {mode:04o}"


_TOKENS = frozenset(
    {
        "booking.source_digest",
        "refund.commit_key",
        "refund.fingerprint",
        "leg.provider_key",
        "connect_intent.commit_key",
        "connect_intent.fingerprint",
        "connect_intent.holder",
        "leg.our_reference",
        "leg.payload_digest",
        "leg.provider_refund_id",
        "leg.owner",
        "outbox.message_id",
        "posting.account",
    }
)
"""Columns nobody types into: our own random words, ids a provider made, and accounts, whose names
are made of ours and of a desk's, which is looked at where it is kept."""
_DERIVED = frozenset({"search_doc", "audit"})
"""Made of what the other tables say; audit bodies are masked before they are hashed, so that what
the chain proves unchanged holds none."""
_13_DIGITS = "*" + "[0-9]*" * 13
_NO_CARD = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{32}")
"""UUIDs and hashes have long digits no card has."""
_RECORDS = frozenset({"run.parameters", "run_item.body", "connect_intent.before"})
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
"""In a record of ours words stand in quotes. Ids and amounts do not, and in a row they pass the
check sum together now and then."""


def _card_numbers(connection: Connection, _store: Store) -> Iterator[str]:
    """The columns that hold people's words, looked through for full card numbers.

    SQLite sorts out what has too few digits, so that few texts are really looked at. Where is
    told, never what.
    """
    for table in metadata.sorted_tables:
        if table.name in _DERIVED:
            continue
        columns = [
            column.name
            for column in table.columns
            if isinstance(column.type, Text) and f"{table.name}.{column.name}" not in _TOKENS
        ]
        if columns:
            yield from _cards_in(connection, table, columns)


def _cards_in(connection: Connection, table: Table, columns: list[str]) -> Iterator[str]:
    key = next(iter(table.primary_key.columns))
    suspicious = " OR ".join(
        f"(length({name}) >= 13 AND {name} GLOB '{_13_DIGITS}')" for name in columns
    )
    rows = connection.exec_driver_sql(
        f"SELECT {key.name}, {', '.join(columns)} FROM {table.name} WHERE {suspicious}"
    )
    for row in rows:
        where = row[0] if isinstance(row[0], int) else "a row"
        for name, value in zip(columns, row[1:], strict=True):
            text = _NO_CARD.sub("", value or "")
            if f"{table.name}.{name}" in _RECORDS:
                text = "".join(_QUOTED.findall(text))
            if holds_card(text):
                yield f"{table.name} {where}: {name}"


LOOKS: tuple[LookCheck, ...] = (
    LookCheck("integrity", "The file is whole", _integrity),
    LookCheck("version", "The store is of this version", _version),
    LookCheck("foreign-keys", "Nothing points to what is not there", _foreign_keys),
    LookCheck("pragmas", "Commits are durable and references are enforced", _pragmas),
    LookCheck("L3", "The database's own guards are all in place", _guards),
    LookCheck("L16b", "What would be sent is what was planned", _payloads),
    LookCheck("key-mode", "Only the owner can read the audit key", _key_mode),
    LookCheck("cards", "No full card number is kept", _card_numbers),
)

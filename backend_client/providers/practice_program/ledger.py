"""The practice provider's own books: one SQLite file that a test may read as the truth.

Tables `payment`, `refund`, `replay` and `request` are for reading from outside while it runs.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS payment(
  reference TEXT PRIMARY KEY,
  captured_minor INTEGER,
  currency TEXT NOT NULL,
  listings INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS refund(
  id INTEGER PRIMARY KEY,
  payment_reference TEXT NOT NULL,
  our_reference TEXT NOT NULL,
  provider_key TEXT NOT NULL,
  amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
  currency TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN
    ('final', 'accepted', 'uncertain', 'declined', 'failed_late')),
  becomes TEXT NOT NULL DEFAULT '',
  code TEXT NOT NULL DEFAULT '',
  made_by TEXT NOT NULL DEFAULT 'api'
) STRICT;
CREATE INDEX IF NOT EXISTS refund_by_payment ON refund(payment_reference);
CREATE INDEX IF NOT EXISTS refund_by_reference ON refund(our_reference);
CREATE TABLE IF NOT EXISTS replay(
  provider_key TEXT PRIMARY KEY,
  payload TEXT NOT NULL,
  status INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS request(
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  identity TEXT NOT NULL,
  fault TEXT NOT NULL DEFAULT '',
  status INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS request_by_identity ON request(kind, identity);
CREATE TABLE IF NOT EXISTS balance(id INTEGER PRIMARY KEY CHECK (id = 1), left_minor INTEGER) STRICT
"""
_MOVED = "('final', 'accepted', 'uncertain')"
"""States in which money has left, or will."""


@dataclass(frozen=True, slots=True)
class Payment:
    """`captured_minor` is None for a payment the provider met by its refund."""

    reference: str
    captured_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Refund:
    id: int
    payment_reference: str
    our_reference: str
    provider_key: str
    amount_minor: int
    currency: str
    state: str
    becomes: str
    code: str
    made_by: str


@dataclass(frozen=True, slots=True)
class Replay:
    payload: str
    status: int
    body: bytes


class Ledger:
    """Used inside `transaction()`, by one thread at a time."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        if path != ":memory:":
            with suppress(OSError):
                Path(path).touch(mode=0o600)
        self._books = sqlite3.connect(
            path, timeout=5.0, isolation_level=None, check_same_thread=False
        )
        self._books.row_factory = sqlite3.Row
        self._books.execute("PRAGMA journal_mode=WAL")
        self._books.execute("PRAGMA synchronous=FULL")
        self._books.executescript(_SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._books.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            self._books.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._books.execute("COMMIT")
            except BaseException:
                self._books.execute("ROLLBACK")
                raise

    def note_request(self, kind: str, identity: str) -> tuple[int, int]:
        """Remember a request: its number among all, from 0, and among those for the same thing."""
        row = self._one(
            "SELECT COUNT(*) FROM request WHERE kind = ? AND identity = ?", kind, identity
        )
        cursor = self._books.execute(
            "INSERT INTO request(kind, identity) VALUES (?, ?)", (kind, identity)
        )
        return int(cursor.lastrowid or 0) - 1, int(row[0])

    def note_answer(self, ordinal: int, fault: str, status: int) -> None:
        self._books.execute(
            "UPDATE request SET fault = ?, status = ? WHERE id = ?", (fault, status, ordinal + 1)
        )

    def payment(self, reference: str) -> Payment | None:
        row = self._one("SELECT * FROM payment WHERE reference = ?", reference)
        return row and Payment(row["reference"], row["captured_minor"], row["currency"])

    def add_payment(self, payment: Payment) -> None:
        self._books.execute(
            "INSERT INTO payment(reference, captured_minor, currency) VALUES (?, ?, ?) "
            "ON CONFLICT(reference) DO UPDATE SET captured_minor = excluded.captured_minor, "
            "currency = excluded.currency",
            (payment.reference, payment.captured_minor, payment.currency),
        )

    def given_back(self, payment_reference: str) -> int:
        row = self._one(
            "SELECT COALESCE(SUM(amount_minor), 0) FROM refund "
            f"WHERE payment_reference = ? AND state IN {_MOVED}",
            payment_reference,
        )
        return int(row[0])

    def add_refund(self, refund: Refund) -> Refund:
        """Keep a refund; its id is given here."""
        row = self._one(
            "INSERT INTO refund(payment_reference, our_reference, provider_key, amount_minor, "
            "currency, state, becomes, code, made_by) VALUES (?,?,?,?,?,?,?,?,?) RETURNING *",
            refund.payment_reference,
            refund.our_reference,
            refund.provider_key,
            refund.amount_minor,
            refund.currency,
            refund.state,
            refund.becomes,
            refund.code,
            refund.made_by,
        )
        return _refund(row)

    def refunds_of(self, payment_reference: str) -> list[Refund]:
        rows = self._books.execute(
            "SELECT * FROM refund WHERE payment_reference = ? ORDER BY id", (payment_reference,)
        )
        return [_refund(row) for row in rows]

    def move_on(self, payment_reference: str) -> None:
        """Time passes for the refunds of a payment: each becomes what it was to become."""
        self._books.execute(
            "UPDATE refund SET state = becomes, becomes = '', "
            "code = CASE becomes WHEN 'failed_late' THEN '94' ELSE code END "
            "WHERE payment_reference = ? AND becomes <> ''",
            (payment_reference,),
        )

    def fail_late(self, our_reference: str) -> int:
        """The acquirer sends the money back; how many refunds that was."""
        return self._books.execute(
            "UPDATE refund SET state = 'failed_late', code = '94' "
            "WHERE our_reference = ? AND state = 'final'",
            (our_reference,),
        ).rowcount

    def replay(self, provider_key: str) -> Replay | None:
        row = self._one("SELECT * FROM replay WHERE provider_key = ?", provider_key)
        return row and Replay(row["payload"], row["status"], row["body"])

    def keep_replay(self, provider_key: str, replay: Replay) -> None:
        self._books.execute(
            "INSERT INTO replay(provider_key, payload, status, body) VALUES (?,?,?,?) "
            "ON CONFLICT(provider_key) DO NOTHING",
            (provider_key, replay.payload, replay.status, replay.body),
        )

    def balance(self) -> int | None:
        """What the merchant has left; None when nobody counts."""
        row = self._one("SELECT left_minor FROM balance")
        return None if row is None or row["left_minor"] is None else int(row["left_minor"])

    def set_balance(self, left_minor: int | None) -> None:
        self._books.execute(
            "INSERT INTO balance(id, left_minor) VALUES (1, ?) "
            "ON CONFLICT(id) DO UPDATE SET left_minor = excluded.left_minor",
            (left_minor,),
        )

    def _one(self, statement: str, *values: Any) -> Any:
        return self._books.execute(statement, values).fetchone()


def _refund(row: sqlite3.Row) -> Refund:
    return Refund(**dict(row))

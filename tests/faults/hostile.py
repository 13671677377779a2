"""A provider that does everything a provider can do to us, with a ledger that tells the truth."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from backend_client.ports import Clock
from backend_client.providers.port import (
    Answer,
    AnswerClass,
    Found,
    FoundState,
    LookUp,
    RefundOrder,
)
from backend_client.providers.practice import PracticeProvider

_LEDGER = """
CREATE TABLE IF NOT EXISTS refund(
  id INTEGER PRIMARY KEY,
  provider_key TEXT NOT NULL,
  our_reference TEXT NOT NULL,
  payment_reference TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  moves_at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS refund_by_key ON refund(provider_key);
CREATE INDEX IF NOT EXISTS refund_by_reference ON refund(our_reference);
CREATE TABLE IF NOT EXISTS call(id INTEGER PRIMARY KEY, replayed INTEGER NOT NULL) STRICT
"""
LATE = timedelta(seconds=40)
"""How long after our time-out a slow request may still move money: less than the settle window."""
_THOUSANDTHS = (
    ("lost", 20),
    ("broken-before", 10),
    ("broken-after", 10),
    ("busy", 10),
    ("late", 10),
    ("conflict", 5),
    ("odd", 5),
)
"""What happens to so many of a thousand calls; the rest go well."""


@dataclass(frozen=True, slots=True)
class Manners:
    """`honours_keys` off, every call moves money; `sees` off, a look-up never finds anything."""

    honours_keys: bool = True
    sees: bool = True
    faults: bool = True
    latency_s: float = 0.01


class HostileProvider:
    """Which call goes wrong how is decided by the seed, the reference and the time it is: the same
    run twice meets the same faults."""

    name = PracticeProvider.name
    environment = PracticeProvider.environment
    capabilities = PracticeProvider.capabilities

    def __init__(self, path: Path, clock: Clock, seed: int, manners: Manners) -> None:
        self._clock = clock
        self._seed = seed
        self._manners = manners
        self._lock = threading.Lock()
        self._ledger = sqlite3.connect(
            path, timeout=10, isolation_level=None, check_same_thread=False
        )
        self._ledger.execute("PRAGMA journal_mode=WAL")
        self._ledger.execute("PRAGMA synchronous=OFF")
        self._ledger.executescript(_LEDGER)

    def close(self) -> None:
        with self._lock:
            self._ledger.close()

    def refund(self, order: RefundOrder) -> Answer:
        time.sleep(self._manners.latency_s)
        fault = self._fault(order)
        if fault == "busy":
            return Answer(AnswerClass.NOT_EXECUTED, code="429", retry_after_s=1)
        if fault == "broken-before":
            return Answer(AnswerClass.UNKNOWN, code="500")
        late = LATE if fault == "late" else timedelta()
        answer = self._move(order, late)
        if fault in ("lost", "broken-after", "late"):
            return Answer(AnswerClass.UNKNOWN, code=fault)
        if fault == "conflict":
            return Answer(AnswerClass.UNKNOWN, code="409")
        if fault == "odd":
            return Answer(AnswerClass.FINAL, answer.provider_refund_id, "", 1, "XXX")
        return answer

    def find(self, order: RefundOrder) -> LookUp:
        time.sleep(self._manners.latency_s)
        if not self._manners.sees:
            return LookUp(answered=True)
        return self._listed("our_reference = ?", order.our_reference)

    def refunds_of(self, order: RefundOrder) -> LookUp:
        return self._listed("payment_reference = ?", order.payment_reference)

    def _listed(self, where: str, value: str) -> LookUp:
        with self._transaction():
            rows = self._ledger.execute(
                "SELECT id, our_reference, amount_minor, currency FROM refund "
                f"WHERE {where} AND moves_at_us <= ? ORDER BY id",
                (value, self._now_us()),
            ).fetchall()
        found = (Found(FoundState.FINAL, f"h-{row[0]}", *row[1:]) for row in rows)
        return LookUp(answered=True, found=tuple(found))

    def _move(self, order: RefundOrder, late: timedelta) -> Answer:
        with self._transaction():
            known = None
            if self._manners.honours_keys:
                known = self._ledger.execute(
                    "SELECT id FROM refund WHERE provider_key = ?", (order.provider_key,)
                ).fetchone()
            self._ledger.execute("INSERT INTO call(replayed) VALUES (?)", (int(known is not None),))
            if known is None:
                due = self._now_us() + int(late.total_seconds() * 1_000_000)
                known = self._ledger.execute(
                    "INSERT INTO refund(provider_key, our_reference, payment_reference, "
                    "amount_minor, currency, moves_at_us) VALUES (?,?,?,?,?,?) RETURNING id",
                    (
                        order.provider_key,
                        order.our_reference,
                        order.payment_reference,
                        order.amount_minor,
                        order.currency,
                        due,
                    ),
                ).fetchone()
        return Answer(
            AnswerClass.FINAL,
            f"h-{known[0]}",
            order.our_reference,
            order.amount_minor,
            order.currency,
        )

    def _fault(self, order: RefundOrder) -> str:
        if not self._manners.faults:
            return ""
        text = f"{self._seed}:{order.our_reference}:{order.provider_key}:{self._now_us()}"
        place = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 1000
        for name, share in _THOUSANDTHS:
            if place < share:
                return name
            place -= share
        return ""

    def _now_us(self) -> int:
        return int(self._clock.now().timestamp() * 1_000_000)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._ledger.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._ledger.execute("COMMIT")
            except BaseException:
                if self._ledger.in_transaction:
                    self._ledger.execute("ROLLBACK")
                raise

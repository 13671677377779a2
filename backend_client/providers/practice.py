"""A provider to practise with: it behaves like a real one and moves no real money."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from backend_client.providers.port import (
    Answer,
    AnswerClass,
    LookUp,
    ProviderCapabilities,
    RefundOrder,
    as_found,
)

_LEDGER = """
CREATE TABLE IF NOT EXISTS refund(
  id INTEGER PRIMARY KEY,
  provider_key TEXT NOT NULL UNIQUE,
  our_reference TEXT NOT NULL,
  payment_id INTEGER NOT NULL,
  payment_reference TEXT NOT NULL,
  amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
  currency TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('final', 'accepted', 'declined')),
  code TEXT NOT NULL DEFAULT '',
  text TEXT NOT NULL DEFAULT ''
) STRICT
"""
_GONE = """
CREATE TABLE IF NOT EXISTS gone(
  our_reference TEXT PRIMARY KEY,
  times INTEGER NOT NULL
) STRICT
"""
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS refund_by_reference ON refund(our_reference)",
    "CREATE INDEX IF NOT EXISTS refund_by_payment ON refund(payment_id)",
)
CAPABILITIES = ProviderCapabilities(
    partial=True,
    look_up=True,
    max_age_days=None,
    max_refunds_per_payment=None,
    arrival_days_from=3,
    arrival_days_to=5,
    unmatched=True,
)
"""What it is able to do; gift cards are loaded by their number only where a house says so."""
_NO_PAYMENT = 0
GONE_TIMES = 3
"""So often a request for a payment of `gone-` vanishes: until settling leaves it to a person."""
_BEHAVIOURS = ("dead", "slow", "lost", "gone", "outage", "broke")
_DEAD = ("43", "card closed by issuer")
_TAKEN_BACK = ("94", "sent back by the acquirer")


class _Unreachable(Exception):
    """The ledger could not be opened or is held by another: surely nothing was done."""


class PracticeProvider:
    """Serves every payment it is asked about, also imported ones it has never seen.

    An idempotency key is honoured for ever; per payment no more goes back than was captured, and
    expired cards work. What happens besides is decided by how the payment's reference begins:

    - `dead-`    declined: card closed by issuer (43)
    - `slow-`    accepted; final when it is looked up
    - `lost-`    the money moves, but the answer is lost; a look-up finds it
    - `gone-`    the first three requests vanish: no answer, nothing moves, a look-up finds nothing
    - `outage-`  not executed: no connection
    - `broke-`   refused because of us: the merchant's balance is too low
    - `late-`    succeeds, and is taken back when it is looked up
    - `office-`  given back in full by hand before anybody asked here: nothing is left
    - all others succeed at once

    A gift card's number that begins with one of these words (`dead1234`) does the same. Of a
    number nothing is kept here either.
    """

    name = "practice"
    environment = "practice"
    capabilities = replace(CAPABILITIES, unmatched=False)

    def __init__(self, path: str = ":memory:", *, unmatched: bool = False) -> None:
        """`path` is the provider's own ledger, kept apart from the store as a real one's is."""
        if unmatched:
            self.capabilities = CAPABILITIES
        self._path = path
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None
        self._closed = False

    def close(self) -> None:
        """Let go of the ledger; whoever asks afterwards finds nobody there."""
        with self._lock:
            self._closed = True
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def refund(self, order: RefundOrder) -> Answer:
        behaviour = _behaviour(order)
        try:
            with self._transaction() as ledger:
                answer = _decide(ledger, order, behaviour)
        except _Unreachable as trouble:
            return Answer(AnswerClass.NOT_EXECUTED, code="connect", text=str(trouble))
        except sqlite3.Error as trouble:
            return Answer(AnswerClass.UNKNOWN, code="ledger", text=str(trouble))
        if behaviour == "lost" and answer.kind is AnswerClass.FINAL:
            return Answer(AnswerClass.UNKNOWN, code="timeout", text="the answer was lost")
        return answer

    def find(self, order: RefundOrder) -> LookUp:
        try:
            with self._transaction() as ledger:
                ledger.execute(
                    "UPDATE refund SET state = 'final' "
                    "WHERE our_reference = ? AND state = 'accepted'",
                    (order.our_reference,),
                )
                ledger.execute(
                    "UPDATE refund SET state = 'declined', code = ?, text = ? "
                    "WHERE our_reference = ? AND state = 'final' "
                    "AND payment_reference LIKE 'late-%'",
                    (*_TAKEN_BACK, order.our_reference),
                )
                rows = ledger.execute(
                    "SELECT * FROM refund WHERE our_reference = ? ORDER BY id",
                    (order.our_reference,),
                ).fetchall()
        except (_Unreachable, sqlite3.Error) as trouble:
            return LookUp(answered=False, text=str(trouble))
        return LookUp(answered=True, found=tuple(as_found(_answer(row)) for row in rows))

    def refunds_of(self, order: RefundOrder) -> LookUp:
        try:
            with self._transaction() as ledger:
                rows = ledger.execute(
                    "SELECT * FROM refund WHERE payment_id = ? AND payment_reference = ? "
                    "ORDER BY id",
                    (order.payment_id, order.payment_reference),
                ).fetchall()
        except (_Unreachable, sqlite3.Error) as trouble:
            return LookUp(answered=False, text=str(trouble))
        return LookUp(answered=True, found=tuple(as_found(_answer(row)) for row in rows))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One at a time in this process and, through the file's lock, in all of them."""
        with self._lock:
            try:
                ledger = self._open()
                ledger.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as trouble:
                raise _Unreachable(str(trouble)) from trouble
            try:
                yield ledger
                ledger.execute("COMMIT")
            except BaseException:
                if ledger.in_transaction:
                    ledger.execute("ROLLBACK")
                raise

    def _open(self) -> sqlite3.Connection:
        """The ledger, opened when it is first needed: starting up must not wait for it."""
        if self._closed:
            raise _Unreachable("closed")
        if self._opened is None:
            if self._path != ":memory:":
                with suppress(OSError):
                    Path(self._path).touch(mode=0o600)
            ledger = sqlite3.connect(
                self._path, timeout=5.0, isolation_level=None, check_same_thread=False
            )
            ledger.row_factory = sqlite3.Row
            try:
                ledger.execute("PRAGMA journal_mode=WAL")
                ledger.execute("PRAGMA synchronous=FULL")
                for statement in (_LEDGER, _GONE, *_INDEXES):
                    ledger.execute(statement)
            except sqlite3.Error:
                ledger.close()
                raise
            self._opened = ledger
        return self._opened


def _behaviour(order: RefundOrder) -> str:
    """The word the payment's reference or the gift card's number begins with, if it is one."""
    if order.gift_card is None:
        word, hyphen, _ = order.payment_reference.partition("-")
        return word if hyphen else ""
    number = order.gift_card.spend().lower()
    return next((word for word in _BEHAVIOURS if number.startswith(word)), "")


def _decide(ledger: sqlite3.Connection, order: RefundOrder, behaviour: str) -> Answer:
    """Answer a used key as before; else behave as told."""
    known = ledger.execute(
        "SELECT * FROM refund WHERE provider_key = ?", (order.provider_key,)
    ).fetchone()
    if known is not None:
        return _answer(known)
    if behaviour == "gone" and _vanishes(ledger, order):
        return Answer(AnswerClass.UNKNOWN, code="timeout", text="no answer came")
    if behaviour == "outage":
        return Answer(AnswerClass.NOT_EXECUTED, code="connect", text="no connection")
    if behaviour == "broke":
        return Answer(AnswerClass.ABOUT_US, code="balance", text="merchant balance too low")
    if behaviour == "dead":
        return _keep(ledger, order, "declined", *_DEAD)
    is_load = order.payment_id is None
    if behaviour == "office" and not is_load and not _given_back(ledger, order):
        by_hand = f"back office {order.payment_id} {order.payment_reference}"
        whole = replace(order, our_reference="", provider_key=by_hand)
        _keep(ledger, replace(whole, amount_minor=order.captured_minor), "final")
    if not is_load and _given_back(ledger, order) + order.amount_minor > order.captured_minor:
        return Answer(AnswerClass.ALREADY_REFUNDED, code="exceeds", text="more than was captured")
    return _keep(ledger, order, "accepted" if behaviour == "slow" else "final")


def _vanishes(ledger: sqlite3.Connection, order: RefundOrder) -> bool:
    """Is this one of the first requests for this refund? It counts as one."""
    row = ledger.execute(
        "INSERT INTO gone(our_reference, times) VALUES (?, 1) "
        "ON CONFLICT(our_reference) DO UPDATE SET times = times + 1 RETURNING times",
        (order.our_reference,),
    ).fetchone()
    return int(row["times"]) <= GONE_TIMES


def _given_back(ledger: sqlite3.Connection, order: RefundOrder) -> int:
    row = ledger.execute(
        "SELECT COALESCE(SUM(amount_minor), 0) AS total FROM refund "
        "WHERE payment_id = ? AND payment_reference = ? AND state <> 'declined'",
        (order.payment_id, order.payment_reference),
    ).fetchone()
    return int(row["total"])


def _keep(
    ledger: sqlite3.Connection, order: RefundOrder, state: str, code: str = "", text: str = ""
) -> Answer:
    row = ledger.execute(
        "INSERT INTO refund(provider_key, our_reference, payment_id, payment_reference, "
        "amount_minor, currency, state, code, text) VALUES (?,?,?,?,?,?,?,?,?) RETURNING *",
        (
            order.provider_key,
            order.our_reference,
            _NO_PAYMENT if order.payment_id is None else order.payment_id,
            order.payment_reference,
            order.amount_minor,
            order.currency,
            state,
            code,
            text,
        ),
    ).fetchone()
    return _answer(row)


def _refund_id(row: Any) -> str:
    return f"practice-{row['id']:06d}"


def _answer(row: Any) -> Answer:
    return Answer(
        AnswerClass(row["state"]),
        provider_refund_id=_refund_id(row),
        our_reference=row["our_reference"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        code=row["code"],
        text=row["text"],
    )

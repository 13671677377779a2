"""The counter of the practice provider: one request in, one answer or a cut line out."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from backend_client.providers.practice_program.bank import Ask, Bank, Decision, Said, by_prefix
from backend_client.providers.practice_program.dialect import (
    MYSTERY,
    Dialect,
    Incoming,
    Outgoing,
    as_json,
)
from backend_client.providers.practice_program.faults import Fault, FaultPlan, parse_faults
from backend_client.providers.practice_program.ledger import Ledger, Payment, Refund, Replay

CONTROL = "/practice/"
_NOTHING_MOVES: Mapping[Fault, int] = {
    Fault.STORM: 429,
    Fault.TOO_MANY: 429,
    Fault.ERROR_BEFORE: 500,
    Fault.CONFLICT: 409,
    Fault.LIST_ERROR: 500,
}
_HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Manners:
    """How the program behaves: does it honour keys, can refunds be looked up, how slow is it."""

    honours_keys: bool = True
    look_up: bool = True
    strict: bool = False
    currency: str = "EUR"
    slow_s: float = 40.0
    latency_ms: tuple[int, int] = (0, 0)


class Cut(Exception):
    """The line is to be cut without an answer."""


class Counter:
    """Answers requests in a dialect, with the faults of a plan; `wait` is how it takes its time
    and says by True that it is to stop."""

    def __init__(
        self,
        dialect: Dialect,
        ledger: Ledger,
        plan: FaultPlan,
        manners: Manners,
        wait: Callable[[float], bool],
    ) -> None:
        self._dialect = dialect
        self._ledger = ledger
        self._plan = plan
        self._manners = manners
        self._wait = wait
        self._bank = Bank(ledger, strict=manners.strict, currency=manners.currency)
        self._lock = threading.Lock()
        self._at_work: set[str] = set()

    def answer(self, request: Incoming) -> Outgoing:
        """The answer to a request; raises Cut where the line is to be cut instead."""
        if request.path.startswith(CONTROL):
            return self._control(request)
        low, high = self._manners.latency_ms
        if high:
            self._wait(self._plan.between(low, high, request.target, request.body) / 1000)
        stranger = self._dialect.refuse_stranger(request)
        if stranger is not None:
            return stranger
        asked = self._dialect.refund_asked(request)
        if isinstance(asked, Ask):
            return self._refund(request, asked)
        if asked is not None:
            return asked
        listed = self._dialect.list_asked(request)
        if listed is not None:
            return self._list(request, listed)
        return self._dialect.greets(request) or self._dialect.error(404)

    # -- refunds

    def _refund(self, request: Incoming, ask: Ask) -> Outgoing:
        key = ask.provider_key if self._manners.honours_keys else ""
        with self._alone(key) as alone:
            if not alone:
                return self._dialect.error(409)
            with self._ledger.transaction():
                ordinal, nth = self._ledger.note_request("refund", ask.our_reference)
                fault = self._fault(ask, ordinal, nth)
                answer = None if fault is Fault.SLOW else self._do(request, ask, ordinal, fault)
            if answer is None:
                if self._wait(self._manners.slow_s):
                    raise Cut
                with self._ledger.transaction():
                    answer = self._do(request, ask, ordinal, fault)
        if fault in (Fault.CUT_BEFORE, Fault.LOST):
            raise Cut
        if fault is Fault.LATE_ANSWER:
            self._wait(self._manners.slow_s)
        return answer

    @contextmanager
    def _alone(self, key: str) -> Iterator[bool]:
        """Is nobody else at work with this key?"""
        with self._lock:
            alone = key not in self._at_work
            if key and alone:
                self._at_work.add(key)
        try:
            yield alone
        finally:
            if key and alone:
                with self._lock:
                    self._at_work.discard(key)

    def _fault(self, ask: Ask, ordinal: int, nth: int) -> Fault | None:
        return (
            self._plan.of_request(ordinal)
            or by_prefix(ask.payment_reference, nth)
            or self._plan.of_refund(ask.our_reference, nth)
        )

    def _do(self, request: Incoming, ask: Ask, ordinal: int, fault: Fault | None) -> Outgoing:
        """Inside the ledger's transaction: replay, or decide, book and remember."""
        answer = self._replayed(request, ask)
        if fault is Fault.CUT_BEFORE:
            answer = Outgoing(0, b"")
        elif fault is not None and fault in _NOTHING_MOVES:
            answer = self._trouble(fault)
        elif answer is None:
            said = self._bank.refund(ask, self._plan, fault)
            answer = self._dialect.said(ask, said)
            if fault is Fault.ERROR_AFTER and said.decision is Decision.DONE:
                answer = self._dialect.error(500)
            self._remember(request, ask, said, answer)
            answer = self._spoiled(ask, said, answer, fault)
        self._ledger.note_answer(ordinal, fault.value if fault else "", answer.status)
        return answer

    def _trouble(self, fault: Fault) -> Outgoing:
        status = _NOTHING_MOVES[fault]
        answer = self._dialect.error(status)
        return replace(answer, headers={"Retry-After": "1"}) if status == 429 else answer

    def _replayed(self, request: Incoming, ask: Ask) -> Outgoing | None:
        if not (self._manners.honours_keys and ask.provider_key):
            return None
        known = self._ledger.replay(ask.provider_key)
        if known is None:
            return None
        if known.payload != _payload(request):
            otherwise = self._dialect.key_used_otherwise()
            if otherwise is not None:
                return otherwise
        return Outgoing(known.status, known.body)

    def _remember(self, request: Incoming, ask: Ask, said: Said, answer: Outgoing) -> None:
        """What was carried out or finally refused comes back for its key; the rest may be asked
        again."""
        if ask.provider_key and said.decision is not Decision.EMPTY_BALANCE:
            replay = Replay(_payload(request), answer.status, answer.body)
            self._ledger.keep_replay(ask.provider_key, replay)

    def _spoiled(self, ask: Ask, said: Said, answer: Outgoing, fault: Fault | None) -> Outgoing:
        """The answer as the fault makes it; the books are right."""
        if said.decision is not Decision.DONE or said.refund is None:
            return answer
        if fault is Fault.HTML:
            return Outgoing(200, _HTML, "text/html")
        if fault is Fault.BAD_JSON:
            return replace(answer, body=answer.body[:-2])
        if fault is Fault.EMPTY:
            return replace(answer, body=b"")
        wrong = _wrong(said.refund, fault)
        return answer if wrong is None else self._dialect.said(ask, replace(said, refund=wrong))

    # -- look-ups

    def _list(self, request: Incoming, payment_reference: str) -> Outgoing:
        if not self._manners.look_up:
            return self._dialect.error(404)
        with self._ledger.transaction():
            ordinal, nth = self._ledger.note_request("list", payment_reference)
            fault = self._plan.of_request(ordinal) or self._plan.of_list(payment_reference, nth)
            if fault is Fault.CUT_BEFORE:
                answer = Outgoing(0, b"")
            elif fault is not None:
                answer = self._trouble(fault)
            else:
                self._ledger.move_on(payment_reference)
                refunds = self._ledger.refunds_of(payment_reference)
                answer = self._dialect.listed(request, refunds)
            self._ledger.note_answer(ordinal, fault.value if fault else "", answer.status)
        if fault is Fault.CUT_BEFORE:
            raise Cut
        return answer

    # -- what a trainer or a test does from outside

    def _control(self, request: Incoming) -> Outgoing:
        """Changes the world: payments, the back office, late failures, the balance, the faults."""
        if request.headers.get("content-type") != "application/json":
            return as_json(415, {"problem": "send JSON"})
        try:
            given = json.loads(request.body)
            done = self._controlled(request.path.removeprefix(CONTROL), given)
        except (ValueError, KeyError, TypeError, sqlite3.IntegrityError) as mistake:
            return as_json(400, {"problem": str(mistake)})
        return as_json(404, {"problem": "no such control"}) if done is None else as_json(200, done)

    def _controlled(self, what: str, given: Any) -> dict[str, object] | None:
        with self._ledger.transaction():
            if what == "payments":
                for one in given:
                    payment = Payment(
                        str(one["reference"]), int(one["captured_minor"]), str(one["currency"])
                    )
                    self._ledger.add_payment(payment)
                return {"payments": len(given)}
            if what == "back-office":
                refund = self._bank.back_office(str(given["payment"]), int(given["amount_minor"]))
                return {"refund": refund.id}
            if what == "late-failure":
                return {"refunds": self._ledger.fail_late(str(given["our_reference"]))}
            if what == "balance":
                left = given["left_minor"]
                self._ledger.set_balance(None if left is None else int(left))
                return {"left_minor": left}
        if what == "faults":
            self._plan = parse_faults(str(given["faults"]), self._plan.seed)
            return {"faults": {fault.value: share for fault, share in self._plan.shares.items()}}
        return None


def _payload(request: Incoming) -> str:
    return hashlib.sha256(request.target.encode() + b"\n" + request.body).hexdigest()


def _wrong(refund: Refund, fault: Fault | None) -> Refund | None:
    """The refund as a lying answer tells of it."""
    if fault is Fault.WRONG_AMOUNT:
        return replace(refund, amount_minor=refund.amount_minor + 100)
    if fault is Fault.WRONG_CURRENCY:
        return replace(refund, currency="USD" if refund.currency != "USD" else "EUR")
    if fault is Fault.WRONG_REFERENCE:
        return replace(refund, our_reference="somebody-else")
    if fault is Fault.UNKNOWN_WORD:
        return replace(refund, state=MYSTERY)
    return None

"""What the practice provider does with a refund, before any dialect puts it into words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from backend_client.providers.practice import GONE_TIMES
from backend_client.providers.practice_program.faults import Fault, FaultPlan
from backend_client.providers.practice_program.ledger import Ledger, Payment, Refund

PREFIXES = {
    "dead-": Fault.DEAD,
    "slow-": Fault.ACCEPTED,
    "lost-": Fault.LOST,
    "gone-": Fault.CUT_BEFORE,
    "outage-": Fault.TOO_MANY,
    "broke-": Fault.EMPTY_BALANCE,
    "late-": Fault.LATE_FAILURE,
    "office-": Fault.BACK_OFFICE,
}
"""Payments that always go the same way, by how their reference begins, as in the window's own
practice provider."""


class Decision(StrEnum):
    DONE = "done"
    DECLINED = "declined"
    NO_PAYMENT = "no payment"
    OTHER_CURRENCY = "other currency"
    ALREADY_REFUNDED = "already refunded"
    EXCEEDS = "exceeds"
    EMPTY_BALANCE = "empty balance"


@dataclass(frozen=True, slots=True)
class Ask:
    """A refund somebody wants; no amount is what is left, no currency that of the payment."""

    payment_reference: str
    our_reference: str
    provider_key: str
    amount_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Said:
    """What was decided; `refund` is there when something was booked."""

    decision: Decision
    refund: Refund | None = None
    left_minor: int = 0


_BOOKED = {
    Fault.ACCEPTED: ("accepted", "final"),
    Fault.UNCERTAIN: ("uncertain", "final"),
    Fault.LATE_FAILURE: ("final", "failed_late"),
}


class Bank:
    """Moves money in the ledger. `strict` refuses payments it was not told of; else it opens
    them when it first hears of them, without knowing what was captured, in `currency` where the
    request names none."""

    def __init__(self, ledger: Ledger, *, strict: bool, currency: str) -> None:
        self._ledger = ledger
        self._strict = strict
        self._currency = currency

    def refund(self, ask: Ask, plan: FaultPlan, fault: Fault | None) -> Said:
        """Decide and book, inside the ledger's transaction."""
        payment = self._payment(ask, plan)
        if payment is None:
            return Said(Decision.NO_PAYMENT)
        if ask.currency and ask.currency != payment.currency:
            return Said(Decision.OTHER_CURRENCY)
        left = self._left(payment)
        amount = ask.amount_minor if ask.amount_minor is not None else (left or 0)
        if left is not None and amount > left:
            decision = Decision.EXCEEDS if left else Decision.ALREADY_REFUNDED
            return Said(decision, left_minor=left)
        if self._is(Fault.DEAD, payment, plan):
            return Said(Decision.DECLINED, self._book(ask, payment, amount, "declined", code="43"))
        balance = self._ledger.balance()
        if fault is Fault.EMPTY_BALANCE or (balance is not None and amount > balance):
            return Said(Decision.EMPTY_BALANCE)
        if balance is not None:
            self._ledger.set_balance(balance - amount)
        state, becomes = _BOOKED.get(fault, ("final", "")) if fault else ("final", "")
        return Said(Decision.DONE, self._book(ask, payment, amount, state, becomes=becomes))

    def back_office(self, payment_reference: str, amount_minor: int) -> Refund:
        """Somebody gives a payment back by hand, with no reference of ours."""
        payment = self._ledger.payment(payment_reference)
        currency = payment.currency if payment else self._currency
        ask = Ask(payment_reference, "", "", amount_minor, currency)
        known = payment or Payment(payment_reference, None, currency)
        self._ledger.add_payment(known)
        return self._book(ask, known, amount_minor, "final", made_by="back office")

    def _payment(self, ask: Ask, plan: FaultPlan) -> Payment | None:
        known = self._ledger.payment(ask.payment_reference)
        if known is None:
            if self._strict:
                return None
            known = Payment(ask.payment_reference, None, ask.currency or self._currency)
            self._ledger.add_payment(known)
        touched = self._ledger.refunds_of(known.reference)
        if not touched and self._is(Fault.BACK_OFFICE, known, plan):
            if known.captured_minor is None:
                known = replace(known, captured_minor=ask.amount_minor or 1)
                self._ledger.add_payment(known)
            self.back_office(known.reference, known.captured_minor or 1)
        return known

    def _left(self, payment: Payment) -> int | None:
        if payment.captured_minor is None:
            return None
        return payment.captured_minor - self._ledger.given_back(payment.reference)

    @staticmethod
    def _is(fault: Fault, payment: Payment, plan: FaultPlan) -> bool:
        """Is this the payment's lot, by its reference or by chance?"""
        return fault in (by_prefix(payment.reference), plan.of_payment(payment.reference))

    def _book(
        self,
        ask: Ask,
        payment: Payment,
        amount_minor: int,
        state: str,
        *,
        becomes: str = "",
        code: str = "",
        made_by: str = "api",
    ) -> Refund:
        return self._ledger.add_refund(
            Refund(
                0,
                payment.reference,
                ask.our_reference,
                ask.provider_key,
                amount_minor,
                payment.currency,
                state,
                becomes,
                code,
                made_by,
            )
        )


def by_prefix(payment_reference: str, nth: int = 0) -> Fault | None:
    """The fault a payment's reference asks for, at the nth request for one refund, from 0."""
    fault = next(
        (fault for prefix, fault in PREFIXES.items() if payment_reference.startswith(prefix)), None
    )
    return None if fault is Fault.CUT_BEFORE and nth >= GONE_TIMES else fault

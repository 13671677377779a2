"""The port to payment service providers: what they are told, and what their answers mean.

An adapter never raises for trouble with its provider: trouble is an answer with a class. The
classes, and nothing else, decide what happens to a refund; `judge` is the one place where an
answer becomes the next state of a leg.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from backend_client.domain.reach import RefundLimits
from backend_client.domain.refund import LegState
from backend_client.domain.settlement import Outcome
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.domain.texts import clean_text


class AnswerClass(StrEnum):
    """What an answer says about the money; anything an adapter does not know is UNKNOWN."""

    FINAL = "final"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ALREADY_REFUNDED = "already_refunded"
    """“Already refunded” or “exceeds”: perhaps our own lost refund, so it is looked up first."""
    ABOUT_US = "about_us"
    """Credentials, balance, limits, a feature switched off: nothing moved, and nothing will."""
    NOT_EXECUTED = "not_executed"
    """Surely not executed (no connection, too many requests): may be sent again later."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """One refund of one payment. Both references are at most 40 ASCII characters.

    `provider_key` is the idempotency key; `our_reference` is what the provider keeps and is looked
    up by. `captured_minor` is what the payment brought in, `payment_id` our own id of it: both are
    for a provider that keeps payments it has never seen, and are not sent to others.

    With a `gift_card` it is a new negative payment onto that number and there is no payment; only
    a provider whose capabilities say `unmatched` is ever given one. It spends the number in the
    call it makes and keeps it nowhere.
    """

    provider_key: str
    our_reference: str
    payment_reference: str
    amount_minor: int
    currency: str
    captured_minor: int
    payment_id: int | None
    gift_card: StoredValueNumber | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer to a refund order; what it echoes is compared with what was asked.

    `code` and `text` are the provider's words, kept as evidence; they never hold a card number.
    """

    kind: AnswerClass
    provider_refund_id: str = ""
    our_reference: str = ""
    amount_minor: int = 0
    currency: str = ""
    code: str = ""
    text: str = ""
    retry_after_s: float = 0.0
    """How long the provider asks to be left alone, where it says so."""


class FoundState(StrEnum):
    FINAL = "final"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNCERTAIN = "uncertain"
    """The provider itself does not know, or uses a word the adapter does not."""


@dataclass(frozen=True, slots=True)
class Found:
    """A refund as the provider lists it now."""

    state: FoundState
    provider_refund_id: str
    our_reference: str
    amount_minor: int
    currency: str
    code: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class LookUp:
    """What a look-up by our reference brought; not `answered` means we still know nothing, which
    is not the same as nothing found."""

    answered: bool
    found: tuple[Found, ...] = ()
    text: str = ""

    def naming(self, our_reference: str) -> LookUp:
        """Of all refunds listed, those that carry our reference."""
        ours = (one for one in self.found if one.our_reference == our_reference)
        return replace(self, found=tuple(ours))


@dataclass(frozen=True, slots=True)
class ProviderCapabilities:
    """What a provider can do, as data.

    Arrival is the working days until the customer sees the money: a cashier is asked every time.
    An age limit of None means payments never become too old. `unmatched` says that it loads a gift
    card by its number: stored value only, never a payment card.
    """

    partial: bool
    look_up: bool
    max_age_days: int | None
    max_refunds_per_payment: int | None
    arrival_days_from: int
    arrival_days_to: int
    unmatched: bool = False

    @property
    def limits(self) -> RefundLimits:
        return RefundLimits(self.max_age_days, self.max_refunds_per_payment)


class Provider(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def environment(self) -> str:
        """practice, test or live."""
        ...

    @property
    def capabilities(self) -> ProviderCapabilities: ...

    def refund(self, order: RefundOrder) -> Answer:
        """Give money back, at most once per `order.provider_key`."""
        ...

    def find(self, order: RefundOrder) -> LookUp:
        """All refunds the provider lists under `order.our_reference`, every page of them.

        The whole order is given because providers list refunds under the payment.
        """
        ...

    def refunds_of(self, order: RefundOrder) -> LookUp:
        """All refunds the provider lists of this order's payment, whoever made them."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a leg, and the words kept as evidence for it."""

    state: LegState
    outcome: Outcome
    code: str = ""
    text: str = ""
    provider_refund_id: str = ""


_STATE_AFTER = {
    AnswerClass.FINAL: LegState.SUCCEEDED,
    AnswerClass.ACCEPTED: LegState.ACCEPTED,
    AnswerClass.DECLINED: LegState.DECLINED,
    AnswerClass.ALREADY_REFUNDED: LegState.UNKNOWN,
    AnswerClass.ABOUT_US: LegState.PENDING,
    AnswerClass.NOT_EXECUTED: LegState.PENDING,
    AnswerClass.UNKNOWN: LegState.UNKNOWN,
}


def judge(order: RefundOrder, answer: Answer) -> Verdict:
    """The next state of a leg that was sent.

    An answer that claims success but speaks of another amount, currency or reference, or names no
    refund, is no success: it is unknown, until a look-up or a person says otherwise.
    """
    state = _STATE_AFTER[answer.kind]
    if state in (LegState.SUCCEEDED, LegState.ACCEPTED):
        wrong = _differences(order, answer)
        if wrong:
            return Verdict(
                LegState.UNKNOWN, Outcome.MISMATCH, f"other-{wrong[0]}", _all(wrong, answer.text)
            )
    return Verdict(
        state, Outcome(answer.kind.value), answer.code, answer.text, answer.provider_refund_id
    )


_FOUND_AS = {
    AnswerClass.FINAL: FoundState.FINAL,
    AnswerClass.ACCEPTED: FoundState.ACCEPTED,
    AnswerClass.DECLINED: FoundState.DECLINED,
}


def as_found(answer: Answer) -> Found:
    """A refund in a list: it says what an answer to its request would say now."""
    return Found(
        _FOUND_AS.get(answer.kind, FoundState.UNCERTAIN),
        provider_refund_id=answer.provider_refund_id,
        our_reference=answer.our_reference,
        amount_minor=answer.amount_minor,
        currency=answer.currency,
        code=answer.code,
        text=answer.text,
    )


_STATE_FOUND = {
    FoundState.FINAL: LegState.SUCCEEDED,
    FoundState.ACCEPTED: LegState.ACCEPTED,
    FoundState.DECLINED: LegState.DECLINED,
}


def judge_found(order: RefundOrder, look_up: LookUp) -> Verdict | None:
    """What a look-up says about a leg; None when it says nothing new (not found, not certain).

    Two refunds under one reference, or one of another amount, is for a person to look at.
    """
    ours = look_up.naming(order.our_reference).found
    if len(ours) > 1:
        ids = ", ".join(one.provider_refund_id for one in ours)
        return Verdict(LegState.REVIEW, Outcome.MISMATCH, "found-twice", ids)
    if not ours or ours[0].state not in _STATE_FOUND:
        return None
    found = ours[0]
    wrong = _differences(order, found)
    if wrong and found.state is not FoundState.DECLINED:
        return Verdict(
            LegState.REVIEW, Outcome.MISMATCH, f"other-{wrong[0]}", _all(wrong, found.text)
        )
    state = _STATE_FOUND[found.state]
    return Verdict(state, Outcome.FOUND, found.code, found.text, found.provider_refund_id)


def _differences(order: RefundOrder, said: Answer | Found) -> list[str]:
    checks = {
        "amount": said.amount_minor == order.amount_minor,
        "currency": said.currency == order.currency,
        "reference": said.our_reference == order.our_reference,
        "refund-id": bool(clean_text(said.provider_refund_id, 1)),
    }
    return [name for name, same in checks.items() if not same]


def _all(wrong: list[str], text: str) -> str:
    return f"differs in {', '.join(wrong)}. {text}".strip()

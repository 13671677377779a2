"""Sends claimed legs to their providers, one call each, and says what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from backend_client.domain.refund import LegState
from backend_client.domain.settlement import LegResult, LegToSend, Outcome
from backend_client.ports import Clock
from backend_client.providers.port import (
    Answer,
    AnswerClass,
    LookUp,
    Provider,
    RefundOrder,
    Verdict,
    judge,
)
from backend_client.settling.limits import Limits
from backend_client.settling.ports import Directory


def order_of(leg: LegToSend) -> RefundOrder:
    return RefundOrder(
        provider_key=leg.provider_key,
        our_reference=leg.our_reference,
        payment_reference=leg.payment_reference,
        amount_minor=leg.amount_minor,
        currency=leg.currency,
        captured_minor=leg.captured_minor,
        payment_id=leg.payment_id,
    )


def result_of(leg: LegToSend, verdict: Verdict) -> LegResult:
    return LegResult(
        leg_id=leg.leg_id,
        before=leg.state,
        attempts=leg.attempts,
        state=verdict.state,
        outcome=verdict.outcome,
        code=verdict.code,
        text=verdict.text,
        provider_refund_id=verdict.provider_refund_id,
    )


def ask(provider: Provider, order: RefundOrder) -> LookUp:
    """A look-up that cannot fail: an adapter's own mistake is no answer."""
    try:
        return provider.find(order)
    except Exception as mistake:
        return LookUp(answered=False, text=type(mistake).__name__)


class Sender:
    """One batch of calls; remembers which providers are to be left alone for the rest of it."""

    def __init__(self, directory: Directory, clock: Clock, limits: Limits) -> None:
        self._directory = directory
        self._clock = clock
        self._limits = limits
        self._paused: set[str] = set()
        self._outages = Counter[str]()

    def send(self, claimed: Sequence[LegToSend], *, resend: bool) -> Iterator[LegResult]:
        """Call for each leg in turn; every result is yielded as soon as it is known."""
        for leg in claimed:
            yield result_of(leg, self._send(leg, resend=resend))

    def _send(self, leg: LegToSend, *, resend: bool) -> Verdict:
        unsent = LegState.UNKNOWN if resend else LegState.PENDING
        if leg.digest_now != leg.payload_digest:
            # What was never sent surely moved nothing; what was sent before may have.
            state = LegState.UNKNOWN if resend else LegState.DECLINED
            text = "the payment is not what it was when this was planned"
            return Verdict(state, Outcome.PAYLOAD_CHANGED, "payload-changed", text)
        provider = self._directory.get(leg.provider)
        if provider is None:
            return Verdict(unsent, Outcome.NOT_SENT, "no-provider", leg.provider)
        if leg.provider in self._paused:
            return Verdict(unsent, Outcome.NOT_SENT, "paused")
        if self._clock.now() - leg.changed_at > self._limits.claim_fresh:
            return Verdict(unsent, Outcome.NOT_SENT, "claim-old")
        order = order_of(leg)
        answer = self._call(provider, order)
        verdict = judge(order, answer)
        self._learn(leg.provider, answer.kind)
        if resend and verdict.state is LegState.PENDING:
            # This call moved nothing, but an earlier one with the same key may have.
            return Verdict(LegState.UNKNOWN, verdict.outcome, verdict.code, verdict.text)
        return verdict

    def _call(self, provider: Provider, order: RefundOrder) -> Answer:
        try:
            return provider.refund(order)
        except Exception as mistake:
            # An adapter's own mistake: the call may have gone out. Its text may hold anything.
            return Answer(AnswerClass.UNKNOWN, code="adapter", text=type(mistake).__name__)

    def _learn(self, provider: str, kind: AnswerClass) -> None:
        self._outages[provider] += 1
        if kind is not AnswerClass.NOT_EXECUTED:
            self._outages[provider] = 0
        if kind is AnswerClass.ABOUT_US or self._outages[provider] >= self._limits.outages:
            self._paused.add(provider)

"""Sends one claimed leg to its provider and says what became of it."""

from __future__ import annotations

from datetime import timedelta

from backend_client.domain.reach import out_of_reach
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
from backend_client.settling.caution import held_back
from backend_client.settling.crew import Pace
from backend_client.settling.health import Health
from backend_client.settling.limits import Limits
from backend_client.settling.ports import Directory
from backend_client.settling.stopwatch import Stopwatch

LONGEST_DOUBLING = 16


def order_of(leg: LegToSend) -> RefundOrder:
    return RefundOrder(
        provider_key=leg.provider_key,
        our_reference=leg.our_reference,
        payment_reference="" if leg.gift_card else leg.payment_reference,
        amount_minor=leg.amount_minor,
        currency=leg.currency,
        captured_minor=leg.captured_minor,
        payment_id=leg.payment_id,
        gift_card=leg.gift_card,
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
    """One call a leg. Safe to use from many threads."""

    def __init__(
        self,
        directory: Directory,
        clock: Clock,
        limits: Limits,
        health: Health,
        stopwatch: Stopwatch | None = None,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._limits = limits
        self._health = health
        self._stopwatch = stopwatch or Stopwatch(clock, None)

    def send(self, leg: LegToSend, *, resend: bool) -> tuple[Verdict, Pace, timedelta]:
        """What became of it, how the provider bears it, how long it should be left alone."""
        unsent = LegState.UNKNOWN if resend else LegState.PENDING
        none = timedelta()
        if not leg.can_be_sent:
            return Verdict(unsent, Outcome.NOT_SENT, "number-gone"), Pace.SAME, none
        if leg.digest_now != leg.payload_digest:
            # What was never sent surely moved nothing; what was sent before may have.
            state = LegState.UNKNOWN if resend else LegState.DECLINED
            text = "the payment is not what it was when this was planned"
            verdict = Verdict(state, Outcome.PAYLOAD_CHANGED, "payload-changed", text)
            return verdict, Pace.SAME, none
        provider = self._directory.get(leg.provider)
        if provider is None:
            return (
                Verdict(unsent, Outcome.NOT_SENT, "no-provider", leg.provider),
                Pace.SAME,
                none,
            )
        if impossible := self._impossible(leg, provider):
            verdict = Verdict(LegState.DECLINED, Outcome.CARD_IMPOSSIBLE, impossible)
            return verdict, Pace.SAME, none
        if leg.gift_card is not None and not provider.capabilities.unmatched:
            return Verdict(unsent, Outcome.NOT_SENT, "unmatched-off"), Pace.SAME, none
        if not self._health.takes_refunds(leg.provider):
            return Verdict(unsent, Outcome.NOT_SENT, "paused"), Pace.SAME, none
        if self._claim_is_old(leg):
            return Verdict(unsent, Outcome.NOT_SENT, "claim-old"), Pace.SAME, none
        order = order_of(leg)
        held = None if resend else held_back(provider, order, leg)
        if held is not None:
            wait = self._limits.about_us_backoff if held.state is LegState.PENDING else none
            return held, Pace.LESS, wait
        answer = self._call(provider, order)
        verdict = judge(order, answer)
        self._health.learn(leg.provider, answer)
        if verdict.outcome is Outcome.MISMATCH:
            self._health.distrust(leg.provider, verdict)
        if resend and verdict.state is LegState.PENDING:
            # This call moved nothing, but an earlier one with the same key may have.
            verdict = Verdict(LegState.UNKNOWN, verdict.outcome, verdict.code, verdict.text)
        return verdict, _pace(answer), self._backoff(leg, answer)

    def _impossible(self, leg: LegToSend, provider: Provider) -> str:
        """Why the provider would refuse it; what may have been carried out before is not judged."""
        if leg.payment_id is None or leg.unclear:
            return ""
        limits = provider.capabilities.limits
        return out_of_reach(limits, leg.paid_at, leg.earlier, self._clock.now())

    def _claim_is_old(self, leg: LegToSend) -> bool:
        """Somebody may have taken it over; a clock that was set back must not hide that."""
        began = self._stopwatch.age_of_claim(leg)
        return max(self._clock.now() - leg.changed_at, began) > self._limits.claim_fresh

    def _call(self, provider: Provider, order: RefundOrder) -> Answer:
        try:
            return provider.refund(order)
        except Exception as mistake:
            # An adapter's own mistake: the call may have gone out. Its text may hold anything.
            return Answer(AnswerClass.UNKNOWN, code="adapter", text=type(mistake).__name__)

    def _backoff(self, leg: LegToSend, answer: Answer) -> timedelta:
        """What the provider asked for, else twice as long each time."""
        if answer.kind is AnswerClass.ABOUT_US:
            return self._limits.about_us_backoff
        if answer.kind is not AnswerClass.NOT_EXECUTED:
            return timedelta()
        doublings = min(leg.refused, LONGEST_DOUBLING)
        own = min(self._limits.first_backoff * (1 << doublings), self._limits.longest_backoff)
        asked = timedelta(seconds=max(0.0, answer.retry_after_s))
        return max(own, min(asked, self._limits.key_age))


def _pace(answer: Answer) -> Pace:
    if answer.kind in (AnswerClass.NOT_EXECUTED, AnswerClass.ABOUT_US):
        return Pace.LESS
    return Pace.SAME if answer.kind is AnswerClass.UNKNOWN else Pace.MORE

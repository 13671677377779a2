"""Looks again at what succeeded: money can come back, and others can give it back too."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend_client.domain.refund import CLOSED, LegState
from backend_client.domain.settlement import (
    Checked,
    Discrepancy,
    LegResult,
    LegToSend,
    Mismatch,
    Outcome,
)
from backend_client.ports import Clock
from backend_client.providers.port import Found, FoundState, LookUp
from backend_client.settling.caution import list_refunds
from backend_client.settling.crew import Pace
from backend_client.settling.health import Health
from backend_client.settling.limits import Limits
from backend_client.settling.ports import Directory
from backend_client.settling.sender import order_of


class Checker:
    """One list of a payment's refunds tells both: ours that failed late, and those not ours."""

    def __init__(self, directory: Directory, clock: Clock, limits: Limits, health: Health) -> None:
        self._directory = directory
        self._clock = clock
        self._limits = limits
        self._health = health

    def check(self, leg: LegToSend, known: frozenset[str]) -> tuple[Checked, Pace]:
        """`known` are the references of our legs that may have this payment's money."""
        provider = self._directory.get(leg.provider)
        now = self._clock.now()
        later = now + self._limits.longest_look
        if provider is None or not provider.capabilities.look_up:
            return Checked(leg, answered=False, again_at=self._next(leg)), Pace.SAME
        if self._health.is_paused(leg.provider):
            return Checked(leg, answered=False, again_at=later), Pace.SAME
        listed = list_refunds(provider, order_of(leg))
        self._health.learn_look(leg.provider, answered=listed.answered, text=listed.text)
        if not listed.answered:
            return Checked(leg, answered=False, again_at=later), Pace.LESS
        return self.judged(leg, listed, known), Pace.MORE

    def judged(self, leg: LegToSend, answer: LookUp, known: frozenset[str]) -> Checked:
        """What an answered list says about a leg and about its payment."""
        listed = answer.found
        if leg.state not in CLOSED:
            known |= {leg.our_reference}
        ours = [one for one in listed if one.our_reference == leg.our_reference]
        wrong = [
            self._stranger(leg, one)
            for one in listed
            if one.our_reference not in known and one.state is not FoundState.DECLINED
        ]
        living = [one for one in ours if one.state is not FoundState.DECLINED]
        wrong += [self._stranger(leg, one) for one in living[1:]]
        result = None
        lags = not ours and self._may_lag(leg)
        if leg.state is LegState.SUCCEEDED:
            if ours and not living:
                result = _failed(leg, ours[-1])
            elif not ours and not lags:
                wrong.append(_wrong(Mismatch.OURS_ONLY, leg, None, "the provider does not list it"))
            elif living and (differs := _differences(leg, living[0])):
                wrong.append(_wrong(Mismatch.DIFFERING, leg, living[0], differs))
        elif leg.state is LegState.DECLINED and living:
            wrong.append(_wrong(Mismatch.DIFFERING, leg, living[0], "the provider made it"))
        again_at = None
        if wrong:
            again_at = self._clock.now() + self._limits.longest_look
        elif lags:
            again_at = self._clock.now() + self._limits.settle_window
        elif result is None:
            again_at = self._next(leg)
        return Checked(leg, True, again_at, result, tuple(wrong))

    def _may_lag(self, leg: LegToSend) -> bool:
        """Lists lag behind answers, for no longer than requests do."""
        settled_at = leg.settled_at
        return settled_at is not None and (
            self._clock.now() - settled_at < self._limits.settle_window
        )

    def _next(self, leg: LegToSend) -> datetime | None:
        """A day later, for so many days; what never moved money is compared once and for all."""
        if leg.state is not LegState.SUCCEEDED:
            return None
        began = leg.settled_at or leg.changed_at
        later = self._clock.now() + self._limits.check_every
        return later if later <= began + self._limits.check_for + timedelta(hours=1) else None

    def _stranger(self, leg: LegToSend, one: Found) -> Discrepancy:
        return _wrong(Mismatch.PROVIDER_ONLY, leg, one, one.text)


def _failed(leg: LegToSend, one: Found) -> LegResult:
    return LegResult(
        leg.leg_id,
        leg.state,
        leg.attempts,
        LegState.FAILED_LATE,
        Outcome.FOUND,
        one.code,
        one.text,
        one.provider_refund_id,
    )


def _wrong(kind: Mismatch, leg: LegToSend, one: Found | None, text: str) -> Discrepancy:
    assert leg.payment_id is not None, "only what has a payment is listed under it"
    return Discrepancy(
        kind=kind,
        provider=leg.provider,
        payment_id=leg.payment_id,
        leg_id=None if kind is Mismatch.PROVIDER_ONLY else leg.leg_id,
        provider_refund_id=one.provider_refund_id if one else "",
        our_reference=one.our_reference if one else leg.our_reference,
        amount_minor=one.amount_minor if one else leg.amount_minor,
        currency=one.currency if one else leg.currency,
        text=text,
    )


def _differences(leg: LegToSend, one: Found) -> str:
    differs = [
        name
        for name, same in (
            ("amount", one.amount_minor == leg.amount_minor),
            ("currency", one.currency == leg.currency),
        )
        if not same
    ]
    return f"differs in {', '.join(differs)}" if differs else ""

"""A person decides what reading the booking could not tell; it is read once more first, because
money may have come late."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend_client.answers import RefundOutcome
from backend_client.domain.caller import Action, Caller
from backend_client.domain.circumstances import Circumstances
from backend_client.domain.connect_intent import (
    Intent,
    IntentLeg,
    IntentState,
    concluded,
    leg_number,
    refund_of,
)
from backend_client.domain.connect_outcome import Became, Signal, Verdict
from backend_client.domain.findings import Resolution
from backend_client.domain.permissions import may
from backend_client.domain.problems import Refused
from backend_client.domain.resolution import ResolutionPlan, Shown, plan_resolution
from backend_client.domain.staleness import stale
from backend_client.remote.context import Context
from backend_client.remote.refunding import Refunding, verdict_on

_CLEAR = {Became.SUCCEEDED: Shown.WHOLE, Became.NOT_DONE: Shown.NOTHING}


@dataclass(frozen=True, slots=True)
class _Now:
    """One reading for a decision: the verdict by it, and its number (0 where there was none)."""

    verdict: Verdict
    version: int
    is_gone: bool


class Resolving:
    """Previews and commits what supervisors found out."""

    def __init__(self, context: Context, refunding: Refunding) -> None:
        self._context = context
        self._refunding = refunding

    def preview(self, caller: Caller, resolution: Resolution) -> ResolutionPlan:
        """What would be written down, by what the booking shows now; nothing is written."""
        intent, leg = self._find(caller, resolution)
        return self._plan(caller, intent, leg, resolution, self._read(caller, intent))

    def execute(self, caller: Caller, plan: ResolutionPlan) -> RefundOutcome:
        """Do exactly `plan`. Where the booking makes it clear, that is written down for the whole
        refund; else the person's word, beside what the booking shows."""
        intent, leg = self._find(caller, plan.resolution)
        now = self._read(caller, intent)
        fresh = self._plan(caller, intent, leg, plan.resolution, now)
        if fresh.fingerprint != plan.fingerprint:
            raise stale(f"payment {plan.resolution.leg_number}")
        for name in fresh.missing:
            if name == "reference":
                raise Refused("reference-required", method=leg.method.value)
            raise Refused(f"{name}-required")
        after = self._write_seen(caller, intent, now, fresh.resolution)
        if fresh.shown is None or not fresh.shown.is_clear:
            at = self._context.clock.now()
            after = self._context.journal.resolve(
                caller, intent, leg.ordinal, fresh.resolution, at, step=fresh.step
            )
        return self._refunding.outcome(caller, after)

    def _read(self, caller: Caller, intent: Intent) -> _Now | None:
        """None where no person has anything to decide."""
        if intent.state is not IntentState.REVIEW:
            return None
        after, is_gone = self._refunding.read_again(caller, intent)
        verdict = verdict_on(intent, after, _signal(intent))
        return _Now(verdict, after.snapshot.version if after else 0, is_gone)

    def _write_seen(
        self, caller: Caller, intent: Intent, now: _Now | None, said: Resolution
    ) -> Intent:
        """What the booking shows by now, which may be more than when a person was first asked."""
        if now is None or now.verdict.became is Became.UNREAD:
            return intent
        at, words = self._context.clock.now(), said.evidence or "read again"
        conclusion = concluded(
            intent, now.verdict, _signal(intent), at, "read-again", words, is_gone=now.is_gone
        )
        return self._context.journal.conclude(caller, intent, conclusion, at)

    def _find(self, caller: Caller, resolution: Resolution) -> tuple[Intent, IntentLeg]:
        may(caller, Action.RESOLVE)
        number, _, place = resolution.leg_number.strip().upper().rpartition(".")
        try:
            intent = self._context.journal.by_number(number)
        except Refused:
            raise Refused("leg-not-found", text=resolution.leg_number) from None
        leg = next((one for one in intent.wish.legs if str(one.ordinal) == place), None)
        if leg is None:
            raise Refused("leg-not-found", text=resolution.leg_number)
        return intent, leg

    def _plan(
        self,
        caller: Caller,
        intent: Intent,
        leg: IntentLeg,
        resolution: Resolution,
        now: _Now | None,
    ) -> ResolutionPlan:
        known = self._refunding.known(intent)
        booking = replace(known, version=known.version + (now.version if now else 0))
        house = self._context.house
        circumstances = Circumstances(
            policy=house.policy,
            now=self._context.clock.now(),
            caller=caller,
            provider_of={},
            provider_environment=house.environment,
        )
        refund = refund_of(intent, booking.id)
        return plan_resolution(
            booking,
            refund,
            refund.legs[leg.ordinal - 1],
            replace(resolution, leg_number=leg_number(intent, leg)),
            None,
            circumstances,
            is_served=True,
            shown=_shown(now.verdict, leg) if now else None,
        )


def _signal(intent: Intent) -> Signal:
    return intent.signal or Signal.UNSURE


def _shown(verdict: Verdict, leg: IntentLeg) -> Shown:
    if verdict.became in _CLEAR:
        return _CLEAR[verdict.became]
    if verdict.became is Became.UNREAD:
        return Shown.WAS_PAID if leg.paid else Shown.UNREAD
    return Shown.PAID if verdict.paid[leg.ordinal - 1] else Shown.NOT_PAID

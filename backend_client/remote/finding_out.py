"""Finds out what became of calls nobody knows about: the booking is read again, then a person
decides. Nothing is ever sent from here."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from backend_client.answers import RefundOutcome
from backend_client.domain.caller import Caller
from backend_client.domain.circumstances import Circumstances
from backend_client.domain.connect_intent import (
    Intent,
    IntentState,
    leg_number,
    leg_state,
    refund_of,
)
from backend_client.domain.connect_outcome import Signal
from backend_client.domain.driving import DriveReport
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from backend_client.domain.resolution import Resolution, ResolutionPlan, plan_resolution
from backend_client.domain.staleness import stale
from backend_client.processes import has_ended
from backend_client.remote.answers import Said
from backend_client.remote.context import Context
from backend_client.remote.refunding import Refunding

_READ_AGAIN = Said(Signal.UNSURE, "read-again", "read again", reached=False)
_CUT_OFF = Said(Signal.UNSURE, "interrupted", "broken off while sending", reached=False)
_NEVER_SENT = Said(Signal.NOT_SENT, "never-sent", "broken off before sending", reached=False)
_MARGIN = timedelta(seconds=60)
"""Beyond the longest a call can take: whoever made it has given up, or is gone."""


class FindingOut:
    """Goes through what is not finished, and takes a person's word for what reading cannot tell."""

    def __init__(self, context: Context, refunding: Refunding) -> None:
        self._context = context
        self._refunding = refunding
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def go(self, caller: Caller, *, patient: bool = False) -> DriveReport:
        """Look once at everything that is open; `patient` leaves alone what is not due yet."""
        self._stopping.clear()
        looked, states = 0, Counter[LegState]()
        now = self._context.clock.now()
        for intent in self._context.journal.unfinished():
            if self._stopping.is_set():
                return DriveReport(looked, dict(states), stopped=True)
            if patient and intent.state is IntentState.UNKNOWN and not intent.is_due(now):
                continue
            after = self._look(caller, intent)
            if after is None:
                continue
            looked += 1
            if after.state is not intent.state:
                states.update(leg_state(after, leg) for leg in after.wish.legs)
        return DriveReport(looked, dict(states))

    def _look(self, caller: Caller, intent: Intent) -> Intent | None:
        """One look at one call; None where there is nothing to find out now."""
        if intent.state is IntentState.UNKNOWN:
            # A clear no whose booking could not be read then is still one now.
            answered = replace(_READ_AGAIN, signal=intent.signal or Signal.UNSURE)
            return self._refunding.find_out(caller, intent, answered)[0]
        if intent.state is IntentState.REVIEW or intent.waits or not self._was_left(intent):
            return None
        said = _NEVER_SENT if intent.state is IntentState.PLANNED else _CUT_OFF
        return self._refunding.find_out(caller, intent, said)[0]

    def _was_left(self, intent: Intent) -> bool:
        """Is whoever was making this call surely not making it any more?"""
        if self._refunding.is_in_flight(intent):
            return False
        if intent.holder == self._context.holder or has_ended(intent.holder):
            return True
        settings = self._context.settings
        longest = timedelta(seconds=2 * settings.read_s + settings.connect_s) + _MARGIN
        return self._context.clock.now() > intent.changed_at + longest

    # ------------------------------------------------------------ a person decides

    def preview(self, caller: Caller, resolution: Resolution) -> ResolutionPlan:
        return self._plan(caller, resolution)[0]

    def execute(self, caller: Caller, plan: ResolutionPlan) -> RefundOutcome:
        """Do exactly `plan`; the same plan a second time answers with what the first one did."""
        fresh, intent, ordinal = self._plan(caller, plan.resolution)
        if fresh.fingerprint != plan.fingerprint:
            raise stale(f"payment {plan.resolution.leg_number}")
        for name in fresh.missing:
            if name == "reference":
                method = intent.wish.legs[ordinal - 1].method
                raise Refused("reference-required", method=method.value)
            raise Refused(f"{name}-required")
        now = self._context.clock.now()
        after = self._context.journal.resolve(
            caller, intent, ordinal, fresh.resolution, now, step=fresh.step
        )
        return self._refunding.outcome(caller, after)

    def _plan(self, caller: Caller, resolution: Resolution) -> tuple[ResolutionPlan, Intent, int]:
        number, _, place = resolution.leg_number.strip().upper().rpartition(".")
        try:
            intent = self._context.journal.by_number(number)
        except Refused:
            raise Refused("leg-not-found", text=resolution.leg_number) from None
        booking = self._refunding.known(intent)
        refund = refund_of(intent, booking.id)
        leg = next((one for one in refund.legs if str(one.ordinal) == place), None)
        if leg is None:
            raise Refused("leg-not-found", text=resolution.leg_number)
        house = self._context.house
        circumstances = Circumstances(
            policy=house.policy,
            now=self._context.clock.now(),
            caller=caller,
            provider_of={},
            provider_environment=house.environment,
        )
        named = Resolution(
            leg_number(intent, intent.wish.legs[leg.ordinal - 1]),
            resolution.finding,
            resolution.reference,
            resolution.evidence,
        )
        plan = plan_resolution(booking, refund, leg, named, None, circumstances, is_served=True)
        return plan, intent, leg.ordinal

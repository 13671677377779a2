"""Finds out what became of a leg whose outcome is not known or not final."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend_client.domain.refund import LegState, Method, may_become
from backend_client.domain.settlement import LegResult, LegToSend, Look, Outcome
from backend_client.ports import Clock
from backend_client.providers.port import FoundState, LookUp, Verdict, judge_found
from backend_client.settling.crew import Pace
from backend_client.settling.health import Health
from backend_client.settling.limits import Limits
from backend_client.settling.ports import Directory
from backend_client.settling.sender import ask, order_of, result_of
from backend_client.settling.stopwatch import Stopwatch

LONGEST_DOUBLING = 16


@dataclass(frozen=True, slots=True)
class Found:
    """What is known now: a result, or a leg that may be sent again under its own key, or only
    that there was another look."""

    result: LegResult | None = None
    resend: bool = False
    look: Look | None = None


class Resolver:
    """Looks up by our reference, never by amount; waits, resends or asks a person by the rules."""

    def __init__(
        self,
        directory: Directory,
        clock: Clock,
        limits: Limits,
        health: Health,
        stopwatch: Stopwatch,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._limits = limits
        self._health = health
        self._stopwatch = stopwatch

    def look(self, leg: LegToSend) -> tuple[Found, Pace]:
        provider = self._directory.get(leg.provider)
        if provider is None:
            return Found(), Pace.SAME
        order = order_of(leg)
        able = provider.capabilities.look_up
        look_up = LookUp(answered=False, text="this provider has no look-up")
        if able:
            if self._health.is_paused(leg.provider):
                return Found(), Pace.SAME
            look_up = ask(provider, order)
            self._health.learn_look(leg.provider, answered=look_up.answered, text=look_up.text)
        verdict = judge_found(order, look_up)
        if verdict is None or verdict.state is leg.state:
            verdict = None
            if leg.state is LegState.UNKNOWN:
                verdict = self._not_found(leg, look_up, able=able)
        pace = Pace.MORE if look_up.answered else Pace.LESS
        if verdict is None:
            return Found(look=self._noted(leg, look_up)), pace
        if verdict.state is LegState.SENDING:
            return Found(resend=True), pace
        if not may_become(leg.state, verdict.state):
            return Found(look=self._noted(leg, look_up)), pace
        return Found(result=result_of(leg, verdict)), pace

    def _not_found(self, leg: LegToSend, look_up: LookUp, *, able: bool) -> Verdict | None:
        """An unknown leg the provider does not list, or would not speak about; SENDING means once
        more with the same key, None wait."""
        if self._stopwatch.age_of_key(leg) >= self._limits.key_age:
            return _to_a_person("key-too-old", look_up)
        if not able:
            return _to_a_person("no-look-up", look_up)
        if not self._is_over(leg, look_up):
            return None
        if leg.last_outcome == Outcome.ALREADY_REFUNDED:
            return Verdict(
                LegState.DECLINED, Outcome.ALREADY_REFUNDED, leg.last_code, leg.last_text
            )
        if leg.method is Method.UNMATCHED:
            return _to_a_person("number-gone", look_up)
        if leg.digest_now != leg.payload_digest:
            return _to_a_person("payload-changed", look_up)
        if leg.unclear >= self._limits.rounds:
            return _to_a_person("still-unclear", look_up)
        return Verdict(LegState.SENDING, Outcome.NOT_FOUND)

    def _is_over(self, leg: LegToSend, look_up: LookUp) -> bool:
        """The settle window: two look-ups that found nothing, that far apart by both clocks."""
        if not _found_nothing(look_up) or self._first_look(leg) is None:
            return False
        assert leg.looked_at is not None
        return self._stopwatch.waited(leg, leg.looked_at) >= self._limits.settle_window

    def _first_look(self, leg: LegToSend) -> datetime | None:
        """When a look-up first found nothing; one in the future was dated by a wrong clock."""
        looked = leg.looked_at
        return looked if looked is not None and looked <= self._clock.now() else None

    def _noted(self, leg: LegToSend, look_up: LookUp) -> Look | None:
        """What the next look-up is measured against, and when it is due."""
        first = self._first_look(leg)
        if first is None:
            if not _found_nothing(look_up):
                return None
            first = self._clock.now()
            self._stopwatch.begin(leg)
        looks = leg.looks + 1
        doublings = min(looks - 1, LONGEST_DOUBLING)
        wait = min(self._limits.first_look * (1 << doublings), self._limits.longest_look)
        if leg.state is LegState.UNKNOWN:
            wait = min(wait, max(self._limits.settle_window, timedelta()))
        return Look(leg.leg_id, leg.attempts, first, looks, self._clock.now() + wait)


def _found_nothing(look_up: LookUp) -> bool:
    """Surely nothing there: an answer, and nothing in it the provider itself is not sure of."""
    return look_up.answered and not any(one.state is FoundState.UNCERTAIN for one in look_up.found)


def _to_a_person(code: str, look_up: LookUp) -> Verdict:
    return Verdict(LegState.REVIEW, Outcome.NOT_FOUND, code, look_up.text)

"""Finds out what became of legs whose outcome is not known or not final."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend_client.domain.refund import LegState, may_become
from backend_client.domain.settlement import LegResult, LegToSend, Outcome
from backend_client.ports import Clock
from backend_client.providers.port import FoundState, LookUp, Verdict, judge_found
from backend_client.settling.limits import Limits
from backend_client.settling.ports import Directory
from backend_client.settling.sender import ask, order_of, result_of


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known now, and the legs that may be sent again under their own key."""

    results: tuple[LegResult, ...]
    resend: tuple[LegToSend, ...]


class Resolver:
    """Looks up by our reference, never by amount; waits, resends or asks a person by the rules."""

    def __init__(self, directory: Directory, clock: Clock, limits: Limits) -> None:
        self._directory = directory
        self._clock = clock
        self._limits = limits

    def look(self, legs: Sequence[LegToSend]) -> Findings:
        results: list[LegResult] = []
        resend: list[LegToSend] = []
        for leg in legs:
            verdict = self._resolve(leg)
            if verdict is None:
                continue
            if verdict.state is LegState.SENDING:
                resend.append(leg)
            elif may_become(leg.state, verdict.state):
                results.append(result_of(leg, verdict))
        return Findings(tuple(results), tuple(resend))

    def _resolve(self, leg: LegToSend) -> Verdict | None:
        """The next state; SENDING means once more with the same key, None wait."""
        provider = self._directory.get(leg.provider)
        if provider is None:
            return None
        order = order_of(leg)
        look_up = LookUp(answered=False, text="this provider has no look-up")
        if provider.capabilities.look_up:
            look_up = ask(provider, order)
        verdict = judge_found(order, look_up)
        if verdict is not None and verdict.state is not leg.state:
            return verdict
        if leg.state is not LegState.UNKNOWN:
            return None
        return self._not_found(leg, look_up, able=provider.capabilities.look_up)

    def _not_found(self, leg: LegToSend, look_up: LookUp, *, able: bool) -> Verdict | None:
        """An unknown leg the provider does not list, or would not speak about."""
        if self._age_of_key(leg) >= self._limits.key_age:
            return _to_a_person("key-too-old", look_up)
        if not able:
            return _to_a_person("no-look-up", look_up)
        if not look_up.answered or any(one.state is FoundState.UNCERTAIN for one in look_up.found):
            return None
        if self._clock.now() - leg.changed_at < self._limits.settle_window:
            return None
        if leg.last_outcome == Outcome.ALREADY_REFUNDED:
            return Verdict(
                LegState.DECLINED, Outcome.ALREADY_REFUNDED, leg.last_code, leg.last_text
            )
        if leg.digest_now != leg.payload_digest:
            return _to_a_person("payload-changed", look_up)
        if leg.unclear >= self._limits.rounds:
            return _to_a_person("still-unclear", look_up)
        return Verdict(LegState.SENDING, Outcome.NOT_FOUND)

    def _age_of_key(self, leg: LegToSend) -> timedelta:
        return self._clock.now() - (leg.first_sent_at or leg.changed_at)


def _to_a_person(code: str, look_up: LookUp) -> Verdict:
    return Verdict(LegState.REVIEW, Outcome.NOT_FOUND, code, look_up.text)

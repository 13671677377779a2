"""A store of legs in memory that keeps the promises of the port, and a provider that obeys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from backend_client.domain.refund import LegState, may_become
from backend_client.domain.settlement import UNCLEAR, LegResult, LegToSend, payload_digest
from backend_client.providers.port import Answer, LookUp, ProviderCapabilities, RefundOrder
from tests.clocks import START

OPEN = {LegState.PENDING, LegState.SENDING, LegState.UNKNOWN, LegState.ACCEPTED}


def leg(
    leg_id: int = 1,
    *,
    state: LegState = LegState.PENDING,
    payment: str = "pay-1",
    amount_minor: int = 1450,
    captured_minor: int = 5000,
    attempts: int = 0,
    owner: str = "",
    changed_at: datetime = START,
    first_sent_at: datetime | None = None,
    provider: str = "practice",
    unclear: int = 0,
) -> LegToSend:
    key, reference = f"key-{leg_id}", f"ref-{leg_id}"
    return LegToSend(
        leg_id=leg_id,
        payment_id=leg_id,
        provider=provider,
        provider_key=key,
        our_reference=reference,
        payment_reference=payment,
        captured_minor=captured_minor,
        amount_minor=amount_minor,
        currency="EUR",
        payload_digest=payload_digest(
            provider=provider,
            provider_key=key,
            our_reference=reference,
            payment_reference=payment,
            amount_minor=amount_minor,
            currency="EUR",
        ),
        state=state,
        attempts=attempts,
        changed_at=changed_at,
        first_sent_at=first_sent_at,
        owner=owner,
        unclear=unclear,
    )


class MemoryLegs:
    """The LegStore port; every illegal transition is an assertion error, as the database's is."""

    def __init__(self, *legs: LegToSend) -> None:
        self.legs = {one.leg_id: one for one in legs}
        self.refund_ids: dict[int, str] = {}
        self.history: list[LegResult] = []

    def state(self, leg_id: int = 1) -> LegState:
        return self.legs[leg_id].state

    def claim(self, leg_ids: Sequence[int], owner: str, at: datetime) -> list[LegToSend]:
        wanted = [self.legs[one] for one in leg_ids if self.state(one) is LegState.PENDING]
        return [self._claim(one, owner, at) for one in wanted]

    def claim_again(self, legs: Sequence[LegToSend], owner: str, at: datetime) -> list[LegToSend]:
        wanted = [
            self.legs[one.leg_id]
            for one in legs
            if self.state(one.leg_id) is LegState.UNKNOWN
            and self.legs[one.leg_id].attempts == one.attempts
        ]
        return [self._claim(one, owner, at) for one in wanted]

    def record(self, results: Sequence[LegResult], at: datetime) -> frozenset[int]:
        applied = set()
        for result in results:
            now = self.legs[result.leg_id]
            if (now.state, now.attempts) != (result.before, result.attempts):
                continue
            assert may_become(now.state, result.state), f"{now.state} to {result.state}"
            self.legs[result.leg_id] = replace(
                now,
                state=result.state,
                changed_at=at,
                unclear=now.unclear + (result.outcome in UNCLEAR),
                last_outcome=result.outcome,
                last_code=result.code,
                last_text=result.text,
            )
            self.refund_ids[result.leg_id] = result.provider_refund_id
            self.history.append(result)
            applied.add(result.leg_id)
        return frozenset(applied)

    def unfinished(self, after: int, limit: int) -> list[LegToSend]:
        found = [one for one in self.legs.values() if one.state in OPEN and one.leg_id > after]
        return sorted(found, key=lambda one: one.leg_id)[:limit]

    def _claim(self, one: LegToSend, owner: str, at: datetime) -> LegToSend:
        assert may_become(one.state, LegState.SENDING)
        self.legs[one.leg_id] = claimed = replace(
            one,
            state=LegState.SENDING,
            owner=owner,
            attempts=one.attempts + 1,
            changed_at=at,
            first_sent_at=one.first_sent_at or at,
        )
        return claimed


@dataclass
class ScriptedProvider:
    """Answers as told and remembers what it was asked."""

    answer: Callable[[RefundOrder], Answer]
    look_up: Callable[[RefundOrder], LookUp] = lambda _order: LookUp(answered=True)
    name: str = "practice"
    environment: str = "practice"
    can_look_up: bool = True
    orders: list[RefundOrder] = field(default_factory=list)
    look_ups: list[RefundOrder] = field(default_factory=list)

    @property
    def capabilities(self) -> ProviderCapabilities:
        return ProviderCapabilities(
            partial=True,
            look_up=self.can_look_up,
            max_age_days=None,
            max_refunds_per_payment=None,
            arrival_days_from=3,
            arrival_days_to=5,
        )

    def refund(self, order: RefundOrder) -> Answer:
        self.orders.append(order)
        return self.answer(order)

    def find(self, order: RefundOrder) -> LookUp:
        self.look_ups.append(order)
        return self.look_up(order)

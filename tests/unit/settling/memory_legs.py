"""A store of legs in memory that keeps the promises of the port, and a provider that obeys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from backend_client.domain.refund import LegState, may_become
from backend_client.domain.settlement import (
    UNCLEAR,
    Checked,
    Kept,
    LeaseRow,
    LegResult,
    LegToSend,
    Look,
    payload_digest,
)
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
        self.due: dict[int, datetime | None] = {}
        self.checks: list[Checked] = []
        self.held_by: LeaseRow | None = None

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
                refused=now.refused + 1 if result.again_at else 0,
            )
            self.due[result.leg_id] = result.again_at
            self.refund_ids[result.leg_id] = result.provider_refund_id
            self.history.append(result)
            applied.add(result.leg_id)
        return frozenset(applied)

    def unfinished(
        self, after: int, limit: int, due: datetime | None = None, fresh: datetime | None = None
    ) -> list[LegToSend]:
        found = [
            one
            for one in self.legs.values()
            if one.state in OPEN and one.leg_id > after and self._is_due(one, due, fresh)
        ]
        return sorted(found, key=lambda one: one.leg_id)[:limit]

    def note(self, looks: Sequence[Look]) -> None:
        for look in looks:
            now = self.legs[look.leg_id]
            if now.attempts == look.attempts:
                self.legs[look.leg_id] = replace(now, looked_at=look.looked_at, looks=look.looks)
                self.due[look.leg_id] = look.again_at

    def to_check(self, after: int, limit: int, at: datetime) -> list[LegToSend]:
        found = []
        for one in self.legs.values():
            due = self.due.get(one.leg_id)
            if one.state is LegState.SUCCEEDED and one.leg_id > after and due and due <= at:
                found.append(one)
        return sorted(found, key=lambda one: one.leg_id)[:limit]

    def since(self, after: int, limit: int, at: datetime | None) -> list[LegToSend]:
        sent = [one for one in self.legs.values() if one.attempts and one.leg_id > after]
        return sorted(sent, key=lambda one: one.leg_id)[:limit]

    def checked(self, checks: Sequence[Checked], at: datetime) -> Kept:
        self.checks += checks
        for check in checks:
            self.due[check.leg.leg_id] = check.again_at
        failed = self.record([one.result for one in checks if one.result], at)
        return Kept(failed, sum(len(one.discrepancies) for one in checks))

    def references(self, payment_ids: Sequence[int]) -> dict[int, frozenset[str]]:
        return {
            wanted: frozenset(
                one.our_reference for one in self.legs.values() if one.payment_id == wanted
            )
            for wanted in payment_ids
        }

    def lease(self) -> LeaseRow | None:
        return self.held_by

    def take_lease(self, row: LeaseRow, instead_of: LeaseRow | None) -> bool:
        if self.held_by != instead_of:
            return False
        self.held_by = row
        return True

    def drop_lease(self, holder: str) -> None:
        if self.held_by is not None and self.held_by.holder == holder:
            self.held_by = None

    def _is_due(self, one: LegToSend, due: datetime | None, fresh: datetime | None) -> bool:
        if due is None or one.state is LegState.SENDING:
            return True
        until = self.due.get(one.leg_id)
        if until is not None and until > due:
            return False
        return one.state is not LegState.PENDING or fresh is None or one.changed_at <= fresh

    def _claim(self, one: LegToSend, owner: str, at: datetime) -> LegToSend:
        assert may_become(one.state, LegState.SENDING)
        self.legs[one.leg_id] = claimed = replace(
            one,
            state=LegState.SENDING,
            owner=owner,
            attempts=one.attempts + 1,
            changed_at=at,
            first_sent_at=one.first_sent_at or at,
            looked_at=None,
            looks=0,
        )
        return claimed


@dataclass
class ScriptedProvider:
    """Answers as told and remembers what it was asked."""

    answer: Callable[[RefundOrder], Answer]
    look_up: Callable[[RefundOrder], LookUp] = lambda _order: LookUp(answered=True)
    name: str = "practice"
    environment: str = "practice"
    listing: Callable[[RefundOrder], LookUp] = lambda _order: LookUp(answered=True)
    can_look_up: bool = True
    max_age_days: int | None = None
    max_refunds: int | None = None
    unmatched: bool = False
    orders: list[RefundOrder] = field(default_factory=list)
    look_ups: list[RefundOrder] = field(default_factory=list)

    @property
    def capabilities(self) -> ProviderCapabilities:
        return ProviderCapabilities(
            partial=True,
            look_up=self.can_look_up,
            max_age_days=self.max_age_days,
            max_refunds_per_payment=self.max_refunds,
            arrival_days_from=3,
            arrival_days_to=5,
            unmatched=self.unmatched,
        )

    def refund(self, order: RefundOrder) -> Answer:
        self.orders.append(order)
        return self.answer(order)

    def find(self, order: RefundOrder) -> LookUp:
        self.look_ups.append(order)
        return self.look_up(order)

    def refunds_of(self, order: RefundOrder) -> LookUp:
        return self.listing(order)

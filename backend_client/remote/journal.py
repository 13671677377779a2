"""Where refund calls are written down before they are made; kept by the store, injected here."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from backend_client.domain.approval import DayLimit
from backend_client.domain.booking import BookingKey
from backend_client.domain.caller import Caller
from backend_client.domain.connect_intent import Conclusion, Intent, IntentState, Wish
from backend_client.domain.findings import Resolution
from backend_client.domain.resolution import Step


class Journal(Protocol):
    """Every writing is durable when it returns; what it refuses was not written."""

    @property
    def read_only(self) -> bool: ...

    def by_commit_key(self, key: str) -> Intent | None:
        """The call committed under this key, unless it was not done."""
        ...

    def by_number(self, number: str) -> Intent:
        """Raises Refused: `refund-not-found`."""
        ...

    def of_booking(self, key: BookingKey) -> tuple[Intent, ...]: ...

    def unfinished(self) -> tuple[Intent, ...]: ...

    def recent(self, limit: int) -> tuple[BookingKey, ...]: ...

    def given_by(self, operator: str, since: datetime, currency: str) -> int:
        """What this person's calls since then made, but for those not done."""
        ...

    def begin(
        self,
        caller: Caller,
        wish: Wish,
        holder: str,
        now: datetime,
        born: IntentState = IntentState.PLANNED,
        day: DayLimit | None = None,
    ) -> Intent:
        """Raises Refused: `refund-in-progress`, `refund-waits`, `being-refunded`, and `plan-stale`
        where with it the caller is above `day`."""
        ...

    def sending(self, intent: Intent, now: datetime) -> Intent:
        """Raises Refused: `connect-not-sent` when it was closed meanwhile."""
        ...

    def approve(
        self, caller: Caller, intent: Intent, fingerprint: str, holder: str, now: datetime
    ) -> Intent:
        """From waiting to `sending`; raises Refused: `already-decided`."""
        ...

    def withdraw(
        self, caller: Caller, intent: Intent, fingerprint: str, reason: str, now: datetime
    ) -> Intent:
        """From waiting to not done; raises Refused: `already-decided`."""
        ...

    def conclude(
        self, caller: Caller, intent: Intent, conclusion: Conclusion, now: datetime
    ) -> Intent:
        """What is known already, where somebody else was first."""
        ...

    def resolve(
        self,
        caller: Caller,
        intent: Intent,
        ordinal: int,
        found: Resolution,
        now: datetime,
        *,
        step: Step = Step.DECIDES,
    ) -> Intent:
        """Raises Refused: `plan-stale` when it changed meanwhile."""
        ...

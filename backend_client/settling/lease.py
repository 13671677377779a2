"""Who drives the settling of a store: one program at a time, for as long as it lives."""

from __future__ import annotations

import threading
from datetime import datetime

from backend_client.domain.settlement import LeaseRow
from backend_client.ports import Clock
from backend_client.settling.limits import Limits
from backend_client.settling.owner import Owner
from backend_client.settling.ports import LegStore


class Lease:
    """Taken in one write transaction against what was read, so that of two takers one wins.

    It spares providers double look-ups and people double work; that nothing is sent twice rests
    on the claims alone, so that taking over from one who only slept is safe.
    """

    def __init__(self, legs: LegStore, owner: Owner, clock: Clock, limits: Limits) -> None:
        self._legs = legs
        self._owner = owner
        self._clock = clock
        self._limits = limits
        self._mine = threading.Lock()
        self._kept_at: datetime | None = None

    def take(self) -> LeaseRow | None:
        """Take it; None when it is ours, else who has it."""
        if not self._mine.acquire(blocking=False):
            return LeaseRow(self._owner.token, self._owner.name, self._clock.now())
        try:
            held_by = self._put()
        except BaseException:
            self._mine.release()
            raise
        if held_by is not None:
            self._mine.release()
        return held_by

    def keep(self) -> LeaseRow | None:
        """Renew it when a third of its time is over; who has it instead, if it is lost."""
        now = self._clock.now()
        kept = self._kept_at
        if kept is not None and kept <= now < kept + self._limits.lease / 3:
            return None
        return self._put()

    def rest(self) -> None:
        """Between two drives: still ours, until it runs out."""
        self._mine.release()

    def drop(self) -> None:
        try:
            self.let_go()
        finally:
            self._mine.release()

    def let_go(self) -> None:
        """Leave it to others at once, where we had it."""
        if self._kept_at is not None:
            self._kept_at = None
            self._legs.drop_lease(self._owner.token)

    def _put(self) -> LeaseRow | None:
        now = self._clock.now()
        row = LeaseRow(self._owner.token, self._owner.name, now + self._limits.lease)
        found = self._legs.lease()
        if found is not None and not self._is_free(found, now):
            return found
        if self._legs.take_lease(row, found):
            self._kept_at = now
            return None
        return self._legs.lease() or row

    def _is_free(self, row: LeaseRow, now: datetime) -> bool:
        """Ours, run out, left by a program that ended, or dated by a clock that was set back."""
        return (
            row.holder == self._owner.token
            or row.until <= now
            or row.until > now + self._limits.lease
            or self._owner.is_over(row.holder)
        )

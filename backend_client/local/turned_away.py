"""Refusals of programs, written down so that a flood of them fills no disk.

The first of a kind is on record at once. Those that follow are counted, and the count is on record
once a minute is over: with the next call of anybody, or at the close.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from backend_client.domain.problems import Refused
from backend_client.local.audit import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import Connection

    from backend_client.domain.caller import Caller
    from backend_client.local.store import Store
    from backend_client.ports import Clock

EVERY = timedelta(minutes=1)
MOST_KINDS = 50
"""So many kinds at once have records of their own; what all others do is counted as one."""
_OTHERS = ("", "", "", "")


@dataclass(slots=True)
class _Kind:
    """Refusals of one program, of one code; `untold` of them since `told_at` are not on record
    yet. The last one stands for all of them."""

    caller: Caller
    said: Mapping[str, str]
    untold: int = 0
    told_at: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """A clock that was put back holds nothing up."""
        return self.told_at is None or abs(now - self.told_at) >= EVERY

    def record(self) -> Record:
        since = {"since": self.told_at.isoformat()} if self.told_at else {}
        return Record("denied", self.said["asked"], {**self.said, "times": self.untold, **since})


class TurnedAway:
    """Who sends a refused token, by address; and who sends a token that does not reach, by name."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._kinds: dict[tuple[str, str, str, str], _Kind] = {}

    def note(self, caller: Caller, asked: str, refusal: Refused, address: str = "") -> None:
        if self._store.read_only:
            return
        with self._lock:
            self._kind(caller, asked, refusal, address).untold += 1
            self._tell()

    def look(self) -> None:
        """Write down what was counted, if its minute is over; never waits for who does that."""
        if self._kinds and self._lock.acquire(blocking=False):
            try:
                self._tell()
            finally:
                self._lock.release()

    def close(self) -> None:
        """Write down what was counted."""
        with self._lock:
            self._tell(at_once=True)
            self._kinds.clear()

    def _kind(self, caller: Caller, asked: str, refusal: Refused, address: str) -> _Kind:
        key = (caller.operator, address, asked, refusal.code)
        if key not in self._kinds and len(self._kinds) >= MOST_KINDS:
            key, caller, asked, address = _OTHERS, replace(caller, operator=""), "many calls", ""
        said = {"asked": asked, "code": refusal.code, "message": refusal.message}
        kind = self._kinds.setdefault(key, _Kind(caller, said))
        kind.caller, kind.said = caller, said | ({"address": address} if address else {})
        return kind

    def _tell(self, *, at_once: bool = False) -> None:
        """What cannot be written now is counted on: a refusal stays a refusal."""
        now = self._clock.now()
        due = {key: kind for key, kind in self._kinds.items() if at_once or kind.is_due(now)}
        for key in [key for key, kind in due.items() if not kind.untold]:
            del self._kinds[key], due[key]
        kinds = list(due.values())
        with suppress(Refused):
            if kinds:
                self._store.write(
                    lambda connection: self._write(connection, kinds, now), label="denied"
                )
            for kind in kinds:
                kind.untold = 0
        for kind in kinds:
            kind.told_at = now

    def _write(self, connection: Connection, kinds: list[_Kind], now: datetime) -> None:
        for kind in kinds:
            self._store.audit.append(connection, kind.caller, now, kind.record())

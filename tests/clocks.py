"""Time and identity for tests: they move when told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 14, 10, 0, tzinfo=UTC)


class SteppingClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, **span: float) -> None:
        self._now += timedelta(**span)


class CountingTokens:
    """Tokens in order: key-0001, key-0002, …"""

    def __init__(self, prefix: str = "key") -> None:
        self._prefix = prefix
        self._count = 0

    def token(self) -> str:
        self._count += 1
        return f"{self._prefix}-{self._count:04d}"

"""What the rooms behind the screens are given instead of reaching for it: time and identity."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, timezone-aware, in UTC."""
        ...


class TokenSource(Protocol):
    def token(self) -> str:
        """A new value nobody else has: ASCII, at most 40 characters (a provider's limit)."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomTokens:
    def token(self) -> str:
        return os.urandom(16).hex()

"""Wrong PINs in a row: counted, and their name locked, whether anybody has it or not, so that
nobody learns from it who works here."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backend_client.domain.names import name_key
from backend_client.local.rows import fetch
from backend_client.local.times import maybe_from_us, to_us

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

TRIES = 5
"""Wrong PINs in a row that lock a name."""
LOCKED_FIRST = timedelta(minutes=5)
LOCKED_MOST = timedelta(days=1)
_FOUND = "SELECT failures, locked_until_us FROM sign_in_try WHERE name_hash = ?"
_COUNT = """
INSERT INTO sign_in_try(name_hash, failures, locked_until_us) VALUES (?, ?, ?)
ON CONFLICT(name_hash) DO UPDATE
SET failures = excluded.failures, locked_until_us = excluded.locked_until_us"""


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong PINs under one name since the last right one."""

    failures: int = 0
    locked_until: datetime | None = None

    def locked_at(self, now: datetime) -> datetime | None:
        """Until when nobody signs in by this name; None when somebody may."""
        until = self.locked_until
        return until if until is not None and now < until else None

    def one_more(self, now: datetime) -> Tries:
        failures = self.failures + 1
        return Tries(failures, now + lock(failures) if failures >= TRIES else None)

    @property
    def until_us(self) -> int | None:
        return None if self.locked_until is None else to_us(self.locked_until)


def lock(failures: int) -> timedelta:
    """Twice as long with every further wrong PIN."""
    doublings = min(failures - TRIES, 20)
    return min(LOCKED_FIRST * (1 << doublings), LOCKED_MOST)


def name_hash(name: str, key: bytes) -> int:
    """What is kept of a name nobody has: two of them in 65,536 share a count."""
    told = name_key(name).encode("utf-8", "replace")
    return int.from_bytes(hmac.new(key, b"sign in:" + told, hashlib.sha256).digest()[:2])


def of_nobody(connection: Connection, hashed: int) -> Tries:
    rows = fetch(connection, _FOUND, hashed)
    return Tries(rows[0].failures, maybe_from_us(rows[0].locked_until_us)) if rows else Tries()


def keep_of_nobody(connection: Connection, hashed: int, tries: Tries) -> None:
    connection.exec_driver_sql(_COUNT, (hashed, tries.failures, tries.until_us))

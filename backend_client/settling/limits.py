"""The times and counts settling goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """`settle_window` is how long a request may still be at work after nobody waits for it;
    `key_age` how long a key is surely remembered (providers promise 24 h); `call` bounds one
    sending from claim to record; `rounds` the unclear sendings before a person is asked; `outages`
    the failures in a row after which a provider is left alone for now."""

    settle_window: timedelta = timedelta(seconds=60)
    key_age: timedelta = timedelta(hours=20)
    call: timedelta = timedelta(seconds=120)
    claim_fresh: timedelta = timedelta(seconds=30)
    rounds: int = 3
    outages: int = 3
    batch: int = 20
    page: int = 200

"""The times and counts settling goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backend_client.domain.settlement import KEY_AGE


@dataclass(frozen=True, slots=True)
class Limits:
    """`settle_window` is how long a request may still be at work after nobody waits for it;
    `key_age` how long a key is surely remembered (providers promise 24 h); `call` bounds one
    sending from claim to record; `rounds` the unclear sendings before a person is asked; `outages`
    the failures in a row after which a provider is left alone for now. At most `connections` calls
    to one provider are on the wire at once; results are gathered for `gather_s` into one commit.

    A leg that was surely not executed waits `first_backoff`, then twice as long each time, at most
    `longest_backoff`; an unclear or accepted one is looked at after `first_look`, then ever more
    rarely. What succeeded is checked again each `check_every` for `check_for`. Who drives keeps the
    `lease` by renewing it; `passes` bounds the times one run returns to what was not executed
    without getting on; `stop_s` is how long a stop waits for calls on the wire, and `fresh` how
    long a committed leg is left to the window that committed it.
    """

    settle_window: timedelta = timedelta(seconds=60)
    key_age: timedelta = KEY_AGE
    call: timedelta = timedelta(seconds=120)
    claim_fresh: timedelta = timedelta(seconds=30)
    rounds: int = 3
    outages: int = 3
    page: int = 200
    connections: int = 16
    gather_s: float = 0.05
    stop_s: float = 4.0
    passes: int = 20
    first_backoff: timedelta = timedelta(seconds=2)
    longest_backoff: timedelta = timedelta(minutes=5)
    about_us_backoff: timedelta = timedelta(minutes=1)
    first_look: timedelta = timedelta(seconds=15)
    longest_look: timedelta = timedelta(hours=1)
    check_every: timedelta = timedelta(days=1)
    check_for: timedelta = timedelta(days=40)
    lease: timedelta = timedelta(seconds=30)
    fresh: timedelta = timedelta(seconds=5)

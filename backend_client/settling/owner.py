"""Who is sending a leg: a name that tells afterwards whether its bearer still lives."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from backend_client.processes import has_ended, own_name, own_token


class Owner(Protocol):
    @property
    def token(self) -> str: ...

    @property
    def name(self) -> str:
        """Who that is, for people."""
        ...

    def hold(self, leg_ids: Iterable[int]) -> None: ...

    def let_go(self, leg_ids: Iterable[int]) -> None: ...

    def is_gone(self, token: str, leg_id: int) -> bool: ...

    def is_over(self, token: str) -> bool: ...


class ProcessOwner:
    """This process, as host:pid:start:nonce.

    The start tells a process from a later one with the same pid, the nonce two settlers of one
    process. What cannot be seen (another host) counts as alive; the age of its sending decides.
    """

    def __init__(self) -> None:
        self.token = own_token()
        self._held: set[int] = set()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Host and process, as a person would look for it."""
        return own_name()

    def hold(self, leg_ids: Iterable[int]) -> None:
        """From now on these legs are being sent by this owner."""
        with self._lock:
            self._held.update(leg_ids)

    def let_go(self, leg_ids: Iterable[int]) -> None:
        with self._lock:
            self._held.difference_update(leg_ids)

    @contextmanager
    def holding(self, leg_ids: Iterable[int]) -> Iterator[None]:
        """While this lasts, these legs are being sent by this owner."""
        ids = frozenset(leg_ids)
        self.hold(ids)
        try:
            yield
        finally:
            self.let_go(ids)

    def is_over(self, token: str) -> bool:
        """Has the program of this name surely ended?"""
        if token == self.token:
            return False
        return has_ended(token)

    def is_gone(self, token: str, leg_id: int) -> bool:
        """Is whoever claimed this leg surely not sending it any more?"""
        if token == self.token:
            with self._lock:
                return leg_id not in self._held
        return has_ended(token)

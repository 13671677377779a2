"""Who is sending a leg: a name that tells afterwards whether its bearer still lives."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol


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
        self._host = socket.gethostname().replace(":", "-")
        pid = os.getpid()
        self.token = f"{self._host}:{pid}:{_start_of(pid)}:{secrets.token_hex(4)}"
        self._held: set[int] = set()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Host and process, as a person would look for it."""
        return f"{self._host}, process {os.getpid()}"

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
        return self._has_ended(token)

    def is_gone(self, token: str, leg_id: int) -> bool:
        """Is whoever claimed this leg surely not sending it any more?"""
        if token == self.token:
            with self._lock:
                return leg_id not in self._held
        return self._has_ended(token)

    def _has_ended(self, token: str) -> bool:
        host, pid, start = (*token.split(":"), "", "")[:3]
        if host != self._host or not pid.isdigit():
            return False
        return not _is_alive(int(pid)) or (start != "" and start != _start_of(int(pid)))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state_of(pid) != "Z"


def _stat_of(pid: int) -> list[str]:
    """What the system says of a process after its name; empty where there is no /proc."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _state_of(pid: int) -> str:
    fields = _stat_of(pid)
    return fields[0] if fields else ""


def _start_of(pid: int) -> str:
    """When a process began, in the system's ticks; empty where it does not say."""
    fields = _stat_of(pid)
    return fields[19] if len(fields) > 19 else ""

"""Names for running programs that tell afterwards whether their bearer still lives."""

from __future__ import annotations

import os
import re
import secrets
import socket
from pathlib import Path

_PID = re.compile(r"[1-9][0-9]{0,8}")


def own_token() -> str:
    """A new name for this process, as host:pid:start:nonce.

    The start tells a process from a later one with the same pid, the nonce two bearers within one
    process.
    """
    pid = os.getpid()
    return f"{_host()}:{pid}:{_start_of(pid)}:{secrets.token_hex(4)}"


def own_name() -> str:
    """Host and process, as a person would look for it."""
    return f"{_host()}, process {os.getpid()}"


def has_ended(token: str) -> bool:
    """Has the process of this name surely ended? What cannot be seen (on another host, or because
    the system hides the processes of others) has not."""
    host, pid, start = (*token.split(":"), "", "")[:3]
    if host != _host() or not _PID.fullmatch(pid):
        return False
    if not _is_alive(int(pid)):
        return True
    begun = _start_of(int(pid))
    return "" not in (start, begun) and start != begun


def _host() -> str:
    return socket.gethostname().replace(":", "-")


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

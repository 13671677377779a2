"""Which format a file is in, told from its first letters alone."""

from __future__ import annotations

import re
import stat
import sys
from pathlib import Path

_LOOKED_AT = 64 * 1024
_CONNECT = re.compile(rb'"(?:ResultCode|Booking|BookingId|VistaTransactionId)"\s*:')


def recognise(path: str) -> str:
    """`connect` or `native`; whatever is neither is left to be refused by the native reader.

    Nothing is consumed, so standard input can still be read; a named pipe cannot be looked into
    without that and counts as native.
    """
    return "connect" if _CONNECT.search(_beginning(path)) else "native"


def _beginning(path: str) -> bytes:
    if path == "-":
        stream = sys.stdin.buffer
        return stream.peek(_LOOKED_AT) if hasattr(stream, "peek") else b""
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return b""
        with open(path, "rb") as file:
            return file.read(_LOOKED_AT)
    except OSError:
        return b""

"""The key of the audit chain, in a file beside the store: whoever has only the store cannot forge.

The file is `<store>.audit-key`, mode 0600, hexadecimal text.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path

from sqlalchemy.engine import Connection

from backend_client.domain.problems import Refused
from backend_client.local.creation import put_in_place

_BYTES = 32


class AuditKey:
    """Reads the key once and notices when its file goes or changes."""

    def __init__(self, store: Path | None) -> None:
        self.path = None if store is None else Path(f"{store}.audit-key")
        self._key = secrets.token_bytes(_BYTES) if self.path is None else b""
        self._seen: tuple[int, int, int] | None = None

    def require(self, connection: Connection) -> bytes:
        """The key to write with; made anew where there is none to find."""
        found = self.find(connection)
        if found is None:
            assert self.path is not None
            write_key(self.path)
            found = self.find(connection)
            assert found is not None
        return found

    def find(self, connection: Connection) -> bytes | None:
        """The key to read with; None only while the store has no audit record it would have to
        fit."""
        if self.path is None:
            return self._key
        seen = self._look(self.path)
        if seen is None:
            used = connection.exec_driver_sql("SELECT EXISTS (SELECT 1 FROM audit)").scalar_one()
            if used:
                raise Refused("audit-key-missing", path=str(self.path))
            return None
        if seen != self._seen:
            self._key = self._read(self.path)
            self._seen = seen
        return self._key

    def _look(self, path: Path) -> tuple[int, int, int] | None:
        try:
            found = os.stat(path)
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self, path: Path) -> bytes:
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise Refused("audit-key-missing", path=str(path)) from error
        if len(key) != _BYTES:
            raise Refused("audit-key-missing", path=str(path))
        return key


def write_key(path: Path) -> None:
    """Put a new key in place, whole or not at all; one that is there already stays."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        put_in_place(name, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)

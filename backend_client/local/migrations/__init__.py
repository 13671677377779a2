"""Steps from an empty file to the store of this version, numbered by `PRAGMA user_version`.

The steps themselves are imported only when a store is behind.
"""

from __future__ import annotations

from importlib import import_module

from sqlalchemy.engine import Connection

from backend_client.domain.problems import Refused

LATEST = 16


def version_of(connection: Connection) -> int:
    found: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    return found


def is_behind(connection: Connection) -> bool:
    """Whether steps are missing; a store from the future is refused, never opened half-known."""
    found = version_of(connection)
    if found > LATEST:
        raise Refused("store-newer", found=found, known=LATEST)
    return found < LATEST


def upgrade(connection: Connection) -> None:
    """Run the missing steps; the caller's transaction makes all of them one change."""
    for number in range(version_of(connection) + 1, LATEST + 1):
        import_module(f"{__name__}.m{number:04d}").upgrade(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {number}")

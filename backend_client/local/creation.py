"""Making a new store: built under another name, put in place in one step."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from backend_client.local import migrations
from backend_client.local.connect import open_file

APPLICATION_ID = 0x54574E44
"""Marks the file as ours ("TWND"), so that another program's database is never written to."""


def create_file(path: Path, now_us: int) -> None:
    """Put a whole new store at `path` with mode 0600; one that appeared meanwhile stays.

    Killed at any moment it leaves at most a hidden file beside it, never half a store.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    os.close(handle)
    try:
        _fill(Path(name), now_us)
        put_in_place(name, path)
    finally:
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name + suffix)


def _fill(path: Path, now_us: int) -> None:
    raw = open_file(path, 0.0)
    engine = create_engine(
        "sqlite://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True
    )
    try:
        raw.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        raw.execute("BEGIN IMMEDIATE")
        with engine.connect() as connection, connection.begin():
            migrations.upgrade(connection)
            connection.exec_driver_sql(
                "INSERT INTO meta(key, value) VALUES ('created_at_us', ?)", (str(now_us),)
            )
    finally:
        engine.dispose()
        raw.close()


def put_in_place(name: str, path: Path) -> None:
    """Give a finished file its name, unless a file has that name already.

    A link never replaces anything; file systems without links get the small gap of a rename.
    """
    try:
        os.link(name, path)
    except FileExistsError:
        return
    except OSError:
        if not path.exists():
            os.rename(name, path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

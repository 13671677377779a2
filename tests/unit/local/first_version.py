"""A store of version 1 with the data of today: filled by today's code, put into an old one."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from backend_client.local import migrations
from backend_client.local.schema import tables_since
from tests.unit.local.venue import opened, url_of


def store_of_version_1(folders: pytest.TempPathFactory, fill: Callable[[Path], None]) -> Path:
    """The folder of an old store that holds what `fill` puts into one of today."""
    today, old = folders.mktemp("today"), folders.mktemp("version-1")
    fill(today)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrations, "LATEST", 1)
        with opened(url_of(old / "store.db")):
            pass
    shutil.copy2(today / "store.db.audit-key", old / "store.db.audit-key")
    _copy_rows(today / "store.db", old / "store.db")
    return old


def _copy_rows(today: Path, old: Path) -> None:
    """Every row of the tables the old store has, past its guards; there were no runs then."""
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        connection.execute("ATTACH ? AS today", (str(today),))
        connection.execute("BEGIN IMMEDIATE")
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        for table in tables_since(1):
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            connection.execute(f"DELETE FROM main.{table.name}")
            connection.execute(
                f"INSERT INTO main.{table.name}({columns}) SELECT {columns} FROM today.{table.name}"
            )
        connection.execute("UPDATE refund SET origin = 'window' WHERE origin = 'cancellation_run'")
        for _, sql in guards:
            connection.execute(sql)
        connection.execute("INSERT INTO search(search) VALUES ('rebuild')")
        connection.execute("COMMIT")


def version_and_tables(path: Path) -> tuple[int, set[str]]:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = {str(name) for (name,) in rows}
        return int(connection.execute("PRAGMA user_version").fetchone()[0]), names

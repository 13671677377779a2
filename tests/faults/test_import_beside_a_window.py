"""A window in another process gets its turn while an import writes chunk after chunk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from backend_client.local.search import bookings_total
from backend_client.local.store import Store
from backend_client.ports import SystemClock

BOOKINGS = 3_000
IMPORT = """
import sys
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.importing.practice_venue import practice_bookings
from backend_client.local.intake import store_bookings
from backend_client.local.store import Store
from backend_client.ports import SystemClock

clock = SystemClock()
store = Store.open(sys.argv[1], create=False, clock=clock)
caller = Caller("Import", Role.ADMIN, "", "", Entrance.COMMAND_LINE, "run")
venue = list(practice_bookings(int(sys.argv[2]), 1, clock.now()))
print("begun", flush=True)
store_bookings(store, venue, caller=caller, clock=clock)
store.close()
"""


def _note(connection: Connection) -> int:
    """What a window's write is like: one small change; and how far the import has come."""
    connection.exec_driver_sql(
        "INSERT INTO meta(key, value) VALUES ('window', '1') "
        "ON CONFLICT(key) DO UPDATE SET value = value + 1"
    )
    return bookings_total(connection)


@pytest.mark.faults
def test_no_write_of_a_window_is_starved_by_an_import(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with_window = Store.open(url, create=True, clock=SystemClock())
    importer = subprocess.Popen(
        [sys.executable, "-c", IMPORT, url, str(BOOKINGS)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert importer.stdout is not None
        assert importer.stdout.readline() == "begun\n"
        seen: set[int] = set()
        while importer.poll() is None:
            seen.add(with_window.write(_note, label="window"))
        assert importer.returncode == 0
    finally:
        importer.kill()
        importer.communicate()
        with_window.close()
    amid = [count for count in seen if 0 < count < BOOKINGS]
    assert len(amid) >= 3, "the window never got its turn between two chunks"

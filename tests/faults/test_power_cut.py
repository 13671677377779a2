"""A51: the power is cut after any acknowledged commit. Of the disk only what was synced by then is
left, and every refund that was acknowledged is in it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.synced import OPTIONS, Disk, replay
from tests.shop import opened_shop, sale
from tests.unit.local.venue import findings, opened, url_of

STRACE = shutil.which("strace") or ""


def _can_trace() -> bool:
    """Is there an strace, and is it allowed to look on?"""
    tried = [STRACE, "-o", "/dev/null", sys.executable, "-c", ""]
    return bool(STRACE) and subprocess.run(tried, check=False, capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not _can_trace(), reason="needs strace to see what is synced"),
]
COMMITS = 40
CHILD = """
import os, sys
from pathlib import Path
from backend_client.local import connect
from tests.shop import opened_shop

if sys.argv[3] == "careless":
    connect._FULL = 1
    connect._SETTINGS = tuple(one.replace("FULL", "NORMAL") for one in connect._SETTINGS)
with opened_shop(Path(sys.argv[1]), settles=False) as shop:
    for number in range(1, int(sys.argv[2]) + 1):
        done = shop.refund(number, 1, commit_key=f"key-{number}")
        os.write(1, f"key-{number} ".encode())
"""


def lost_in_cuts(folder: Path, manner: str) -> tuple[int, int]:
    """After how many commits the power was cut, and how many acknowledged refunds were lost."""
    store = folder / "store"
    store.mkdir()
    with opened_shop(store) as shop:
        shop.sell(sale(number) for number in range(1, COMMITS + 1))
    disk = Disk({str(store / "store.db"): bytearray((store / "store.db").read_bytes())})
    trace = folder / "trace"
    command = [STRACE, *OPTIONS, "-o", str(trace), sys.executable, "-c", CHILD]
    subprocess.run([*command, str(store), str(COMMITS), manner], check=True, stdout=subprocess.PIPE)
    cuts = lost = 0
    acknowledged: set[str] = set()
    for told in replay(trace, disk):
        acknowledged.update(told.decode().split())
        cuts += 1
        lost += len(acknowledged - kept_after_cut(disk, folder / f"cut-{cuts}"))
    return cuts, lost


def kept_after_cut(disk: Disk, folder: Path) -> set[str]:
    folder.mkdir()
    disk.put_into(folder)
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        return {key for (key,) in connection.execute("SELECT commit_key FROM refund")}


def test_a51_no_acknowledged_commit_is_lost(tmp_path: Path) -> None:
    assert lost_in_cuts(tmp_path, "careful") == (COMMITS, 0)
    last = tmp_path / f"cut-{COMMITS}"
    shutil.copy(tmp_path / "store" / "store.db.audit-key", last / "store.db.audit-key")
    with opened(url_of(last / "store.db"), create=False) as store:
        assert findings(store) == []


def test_the_same_cuts_find_a_store_that_does_not_sync_its_commits(tmp_path: Path) -> None:
    cuts, lost = lost_in_cuts(tmp_path, "careless")
    assert cuts == COMMITS
    assert lost > 0, "a harness that finds nothing here is blind"

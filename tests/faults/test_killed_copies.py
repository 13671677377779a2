"""A program killed while it shows a store from a private copy: the next start removes the copy."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from backend_client.local.left_open import PREFIX
from backend_client.local.store import Store
from backend_client.processes import own_token
from tests.clocks import SteppingClock
from tests.functional.desk import NOW

pytestmark = pytest.mark.faults

COPYING = """
import sys
from pathlib import Path
from backend_client.local.left_open import LeftOpen
opened = LeftOpen(Path(sys.argv[1]))
print(opened.copy().parent, flush=True)
sys.stdin.read()
opened.close()
"""


def copied_by_another(store: Path) -> tuple[subprocess.Popen[str], Path]:
    """A program that reads a copy of this store, and where that is."""
    program = subprocess.Popen(
        [sys.executable, "-c", COPYING, str(store)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    return program, Path(program.stdout.readline().strip())


def test_the_next_start_removes_what_a_killed_one_left_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    left = tmp_path / "left.db"
    for suffix in ("", "-wal"):
        Path(f"{left}{suffix}").write_bytes(b"full of names")
    killed, orphan = copied_by_another(left)
    alive, kept = copied_by_another(left)
    own = place / f"{PREFIX}{own_token().replace(':', '.')}.x"
    elsewhere = place / f"{PREFIX}another.example.org.1.2.ab12.x"
    stranger, file = place / f"{PREFIX}notes", place / "notes"
    for folder in (own, elsewhere, stranger, file):
        folder.mkdir()
    with killed, alive:
        killed.kill()
        killed.wait()
        assert (orphan / "left.db").exists()
        Store.open(
            f"sqlite:///{tmp_path / 'store.db'}", create=True, clock=SteppingClock(NOW)
        ).close()
        assert sorted(place.iterdir()) == sorted([kept, own, elsewhere, stranger, file])
        assert (kept / "left.db").exists()
        assert alive.stdin is not None
        alive.stdin.close()
    assert not kept.exists()

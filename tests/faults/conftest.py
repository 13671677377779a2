"""Where programs are killed, disks fill up and the power is cut, files lie on a disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder of its own where the machine keeps such files, and waits for its disk."""
    with tempfile.TemporaryDirectory(prefix="ticket-window-") as folder:
        yield Path(folder)

"""A practice venue on disk for the benchmarks to work on."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.terminal import COMMAND


def practice_store(folder: Path, *, bookings: int) -> str:
    """Build the practice venue with the real command; the URL of its store."""
    subprocess.run(
        [
            *COMMAND,
            "demo",
            "--bookings",
            str(bookings),
            "--seed",
            "1",
            "--dir",
            str(folder),
            "--no-tui",
        ],
        check=True,
        capture_output=True,
    )
    return f"sqlite:///{folder / 'store.db'}"

"""What every test stands on: property tests try the same examples each time, files lie in memory.

A store waits for its disk with every commit, and most of a run would be that. What a test proves
is the same in memory; only `tests/faults` keeps to a disk.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from backend_client.local import pin_hashes

settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

MEMORY = Path("/dev/shm")
ROOM = 1024**3
"""Bytes free in it, several times what all tests at once take."""
WHERE = "PYTEST_DEBUG_TEMPROOT"
"""Where pytest makes its folders: a name that is set already stays, /tmp for a disk as well."""


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK | os.X_OK) and shutil.disk_usage(folder).free >= ROOM


if _has_room(MEMORY):
    os.environ.setdefault(WHERE, str(MEMORY))


@pytest.fixture(autouse=True, scope="session")
def quick_pins() -> Iterator[None]:
    """The cheapest Argon2 there is: a test is not about how slow it is on purpose."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pin_hashes, "TIME_COST", 1)
        patched.setattr(pin_hashes, "MEMORY_KIB", 8)
        pin_hashes.hasher.cache_clear()
        yield
    pin_hashes.hasher.cache_clear()

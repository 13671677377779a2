"""Every test of the face ends with the doctor finding nothing wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.unit.server.served import Served, sample, serving


@pytest_asyncio.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A face over a store that holds the document's booking."""
    async with serving(tmp_path) as made:
        made.sell(sample())
        yield made

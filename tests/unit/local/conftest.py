"""Stores and backends for tests of the local room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.local.store import Store
from tests.unit.local.venue import MEMORY, Desk, findings, opened, url_of


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A new store, in memory and on a file."""
    url = MEMORY if request.param == "memory" else url_of(tmp_path / "store.db")
    with opened(url) as made:
        yield made


@pytest.fixture
def desk(store: Store) -> Iterator[Desk]:
    """A backend over the store; whatever a test does there, the doctor finds nothing wrong."""
    made = Desk(store)
    yield made
    if not made.harmed:
        assert findings(store) == []

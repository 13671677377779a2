"""An import of any size holds no more bookings at once than two commits take."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.importing import spool
from backend_client.importing.practice_venue import practice_bookings
from backend_client.importing.reader import read
from backend_client.local import intake
from backend_client.local.intake_rows import Prepared, prepared
from backend_client.local.store import Store
from backend_client.reports import ImportSource
from tests.clocks import SteppingClock
from tests.native_lines import write_native
from tests.unit import builders
from tests.unit.local.arriving import ADMIN

MANY, LOOK_EVERY = 3_000, 100
SHORTEST = 500
"""Bytes of a line, at least."""
BATCH = 20 * SHORTEST
BETWEEN_READER_AND_STORE = 2 * BATCH // SHORTEST
"""The last of a batch is handed out while the next is read."""


@pytest.fixture(autouse=True)
def _only_what_is_made_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Everything older is not looked at: it holds no bookings, and is a hundred times as much."""
    monkeypatch.setattr(spool, "_BATCH", BATCH)
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def alive() -> int:
    return sum(type(one) is Prepared for one in gc.get_objects())


def test_only_what_is_written_and_what_is_gathered_is_in_memory(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "many.ndjson"
    write_native(path, practice_bookings(MANY, 3, builders.NOW))
    gc.collect()
    before = alive()
    most = []

    source = ImportSource(str(path), "native", "0001", "CHF", "Europe/Zurich")

    def watched() -> Iterator[Prepared]:
        for number, booking in enumerate(read(source, prepared)):
            if number % LOOK_EVERY == 0:
                most.append(alive() - before)
            yield booking

    report = intake.import_file(
        store, source, watched(), caller=ADMIN, clock=SteppingClock(), pause=lambda _: None
    )
    assert report.added == MANY
    assert len(most) == MANY // LOOK_EVERY
    assert 0 < max(most) <= 2 * intake.MOST_BOOKINGS + BETWEEN_READER_AND_STORE


def test_a_reader_alone_holds_what_it_reads_at_once(tmp_path: Path) -> None:
    path = tmp_path / "many.ndjson"
    write_native(path, practice_bookings(MANY // 2, 3, builders.NOW))
    gc.collect()
    before = alive()
    source = ImportSource(str(path), "native", "0001", "CHF", "Europe/Zurich")
    for number, _booking in enumerate(read(source, prepared)):
        if number % LOOK_EVERY == 0:
            assert 0 < alive() - before <= BETWEEN_READER_AND_STORE

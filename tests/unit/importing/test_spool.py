"""What was kept comes back from the spool as it went in, and takes no memory on the way."""

from __future__ import annotations

import tempfile

import pytest

from backend_client.importing import spool as spool_module
from backend_client.importing.practice_venue import practice_bookings
from backend_client.importing.spool import Spool
from backend_client.local.intake_rows import Prepared, prepared
from tests.unit import builders


def spooled(bookings: list[Prepared]) -> list[Prepared]:
    with Spool[Prepared].unnamed() as spool:
        for one in bookings:
            spool.add(one, 1_000)
        spool.finish()
        return list(spool)


def test_every_value_comes_back_whatever_a_booking_says() -> None:
    venue = [prepared(one) for one in practice_bookings(700, 5, builders.NOW)]
    assert any(one.claims for one in venue)
    assert any(len(one.people) > 1 for one in venue)
    assert any(not one.people for one in venue)
    assert spooled(venue) == venue


def test_it_is_written_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "_BATCH", 10_000)
    with tempfile.TemporaryFile(buffering=0) as file:
        spool: Spool[int] = Spool(file)
        sizes = []
        for one in range(40):
            spool.add(one, 1_000)
            sizes.append(file.tell())
        assert sizes[8] == 0
        assert 0 < sizes[9] == sizes[18] < sizes[19] < sizes[39]

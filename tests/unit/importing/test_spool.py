"""Bookings come back from the spool as they went in, and take no memory on the way."""

from __future__ import annotations

import tempfile
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from backend_client.domain.incoming import IncomingBooking
from backend_client.importing import spool as spool_module
from backend_client.importing.practice_venue import practice_bookings
from backend_client.importing.spool import Spool
from tests.unit import builders


def spooled(bookings: list[IncomingBooking]) -> list[IncomingBooking]:
    with Spool.unnamed() as spool:
        for one in bookings:
            spool.add(one, 1_000)
        spool.finish()
        return list(spool)


def test_every_value_comes_back_whatever_a_booking_says() -> None:
    venue = list(practice_bookings(700, 5, builders.NOW))
    assert any(one.claims for one in venue)
    assert any(one.payers for one in venue)
    assert any(one.contact is None for one in venue)
    assert spooled(venue) == venue


def test_what_comes_back_is_frozen_and_of_its_own_class() -> None:
    (one,) = spooled(list(practice_bookings(1, 5, builders.NOW)))
    assert type(one) is IncomingBooking
    parts: tuple[Any, ...] = (one, *one.contacts, *one.lines, *one.payments, *one.performances)
    for part in parts:
        with pytest.raises(FrozenInstanceError):
            setattr(part, fields(part)[0].name, "other")


def test_it_is_written_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "_BATCH", 10_000)
    with tempfile.TemporaryFile(buffering=0) as file:
        spool = Spool(file)
        sizes = []
        for one in practice_bookings(40, 5, builders.NOW):
            spool.add(one, 1_000)
            sizes.append(file.tell())
        assert sizes[8] == 0
        assert 0 < sizes[9] == sizes[18] < sizes[19] < sizes[39]

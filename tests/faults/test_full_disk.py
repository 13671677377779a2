"""A full disk in the middle of the work: the refund is refused, nothing of it stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.processes import windows
from tests.unit import builders
from tests.unit.local.venue import findings, opened, put, url_of

pytestmark = pytest.mark.faults


def test_a_refund_on_a_full_disk_is_refused_and_works_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    url = url_of(path)
    with opened(url) as store:
        for number in range(30):
            put(store, builders.sample_booking(), named=f"B-{number}")
    with windows(url, "anna") as (window,):
        window.ask("plan B-0 1,2,3 credit")
        assert json.loads(window.ask("go"))["code"] == ""
        written = path.with_name("store.db-wal").stat().st_size
        assert window.ask(f"room {written + 20_000}") == "limited"
        codes = []
        for number in range(1, 30):
            window.ask(f"plan B-{number} 1,2,3 credit")
            codes.append(json.loads(window.ask("go"))["code"])
            if codes[-1]:
                break
        assert codes[-1] == "store-full"
        assert window.ask("room 0") == "free"
        assert json.loads(window.ask("go"))["code"] == ""
    with opened(url, create=False) as store:
        assert findings(store) == []
        with store.read() as connection:
            kept = connection.exec_driver_sql("SELECT COUNT(*) FROM refund").scalar_one()
    assert kept == 1 + len(codes), "those before the disk was full, and the last one after it"

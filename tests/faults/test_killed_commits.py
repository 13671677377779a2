"""A window killed at every statement of a commit: the refund is there whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_client.local.rows import fetch
from tests.faults.processes import windows
from tests.unit import builders
from tests.unit.local.venue import findings, opened, put, url_of

MOST_STATEMENTS = 80

pytestmark = pytest.mark.faults


def test_a_commit_is_whole_or_nothing_wherever_it_is_killed(tmp_path: Path) -> None:
    url = url_of(tmp_path / "store.db")
    with opened(url) as store:
        for number in range(MOST_STATEMENTS):
            put(store, builders.sample_booking(), named=f"B-{number}")
    fates = []
    with windows(url, "anna") as (window,):
        for number in range(MOST_STATEMENTS):
            assert window.ask(f"plan B-{number} 1,2,3 credit") == "planned"
            fates.append(window.ask(f"die {number + 1}"))
            if fates[-1] == "done":
                break
    assert fates[-1] == "done", "no commit has so many statements"
    assert len(fates) > 20, "the deaths were inside the commit"
    with opened(url, create=False) as store:
        assert findings(store) == []
        with store.read() as connection:
            kept = fetch(
                connection,
                "SELECT b.booking_id, r.amount_minor, COUNT(*) AS legs FROM refund r "
                "JOIN booking b ON b.id = r.booking_id JOIN leg g ON g.refund_id = r.id "
                "GROUP BY r.id",
            )
            cancelled = fetch(
                connection, "SELECT DISTINCT booking_id FROM line WHERE state = 'cancelled'"
            )
    assert [tuple(row) for row in kept] == [(f"B-{len(fates) - 1}", 1450, 1)]
    assert len(cancelled) == 1


def test_what_was_acknowledged_is_kept_however_the_window_ends(tmp_path: Path) -> None:
    """Killed again and again in the middle of its work, wherever it happens to be."""
    url = url_of(tmp_path / "store.db")
    with opened(url) as store:
        for number in range(200):
            put(store, builders.sample_booking(), named=f"B-{number}")
    acknowledged: list[str] = []
    for kill in range(8):
        with windows(url, "anna") as (window,):
            window.tell(f"stream {kill * 25} {kill * 25 + 25}")
            acknowledged += [window.answer() for _ in range(kill + 1)]
            window.kill()
    with opened(url, create=False) as store:
        assert findings(store) == []
        with store.read() as connection:
            kept = {row.number for row in fetch(connection, "SELECT number FROM refund")}
    assert set(acknowledged) <= kept
    assert len(acknowledged) == 36

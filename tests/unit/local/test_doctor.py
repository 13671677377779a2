"""Every check of the doctor finds what it is for, and a healthy store is green."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from backend_client.domain.card_numbers import holds_card
from backend_client.local.audit import AuditLog
from backend_client.local.doctor import MOST_FINDINGS, examine
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from backend_client.reports import DoctorReport
from tests.sound import wrong
from tests.unit.local.breaks import BREAKS, Break
from tests.unit.local.breaks_of_connect import BREAKS_OF_CONNECT
from tests.unit.local.breaks_of_runs import BREAKS_OF_RUNS
from tests.unit.local.doctors_ward import break_in, fill
from tests.unit.local.venue import counts_and_hashes, opened

EVERY_BREAK = (*BREAKS, *BREAKS_OF_RUNS, *BREAKS_OF_CONNECT)


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("healthy")
    fill(folder)
    return folder


@pytest.fixture
def store(healthy: Path, tmp_path: Path) -> Iterator[Store]:
    """An open copy of the healthy store: a broken one might not open."""
    for name in ("store.db", "store.db.audit-key"):
        shutil.copy2(healthy / name, tmp_path / name)
    with opened(f"sqlite:///{tmp_path / 'store.db'}", create=False) as made:
        yield made


def red(report: DoctorReport) -> set[str]:
    return set(wrong(report))


def file_of(store: Store) -> Path:
    assert store.path is not None
    return store.path


def test_a_healthy_store_is_green(store: Store) -> None:
    report = examine(store)
    assert wrong(report) == {}
    assert report.ok
    assert report.facts["booking_rows"] == "15"
    assert report.facts["open_legs"] == "7"


def test_a_store_in_memory_is_green() -> None:
    with opened() as made:
        assert red(examine(made)) == set()


@pytest.mark.parametrize("case", EVERY_BREAK, ids=lambda case: case.name)
def test_each_break_is_found_by_its_check_alone(store: Store, case: Break) -> None:
    break_in(file_of(store), case.statements)
    assert red(examine(store)) == case.codes


def test_a_trigger_that_lost_its_teeth_is_found(store: Store) -> None:
    _raw(store, "DROP TRIGGER posting_no_update")
    assert red(examine(store)) == {"L3"}
    _raw(store, "CREATE TRIGGER posting_no_update BEFORE UPDATE ON posting BEGIN SELECT 1; END")
    report = examine(store)
    assert wrong(report) == {"L3": ("trigger posting_no_update was changed",)}


def test_a_key_others_can_read_is_found(store: Store) -> None:
    file_of(store).with_name("store.db.audit-key").chmod(0o640)
    assert red(examine(store)) == {"key-mode"}


def test_a_missing_key_is_found(store: Store) -> None:
    file_of(store).with_name("store.db.audit-key").unlink()
    assert red(examine(store)) == {"audit"}


def test_a_connection_that_may_lose_commits_is_found(store: Store) -> None:
    connections = [store._reader.raw_connection() for _ in range(2)]
    for connection in connections:
        connection.cursor().execute("PRAGMA synchronous=OFF")
    for connection in connections:
        connection.close()
    report = examine(store)
    assert red(report) == {"pragmas"}


def test_a_provider_that_is_not_configured_is_found(store: Store) -> None:
    """Only where something waits for it: what succeeded there is no concern of anybody's."""
    report = examine(store, lambda name: name != "practice")
    assert red(report) == {"served"}
    found = next(check for check in report.checks if check.code == "served")
    with store.read() as connection:
        waiting = "method = 'matched' AND state IN ('pending', 'accepted', 'unknown')"
        (row,) = fetch(connection, f"SELECT COUNT(*) AS n FROM leg WHERE {waiting}")
    assert len(found.findings) == row.n > 0


def test_every_check_is_proven_able_to_fail(store: Store) -> None:
    elsewhere = {"key-mode", "pragmas", "served"}
    proven = elsewhere.union(*(case.codes for case in EVERY_BREAK))
    codes = [check.code for check in examine(store).checks]
    assert len(codes) == len(set(codes))
    assert proven == set(codes)


def test_a_check_that_cannot_be_made_has_failed(store: Store) -> None:
    _raw(store, "DROP TABLE search_doc")
    report = examine(store)
    assert {"search", "L3"} <= red(report)
    found = next(check for check in report.checks if check.code == "search")
    assert found.findings == ("cannot be checked: OperationalError",)


def test_findings_are_at_most_twenty(store: Store) -> None:
    many = (
        f"INSERT INTO book_entry(id, at_us, kind) VALUES ({number}, 1, 'granted')"
        for number in range(900, 950)
    )
    break_in(file_of(store), many)
    found = next(check for check in examine(store).checks if check.code == "L1")
    assert len(found.findings) == MOST_FINDINGS


def test_no_card_number_is_shown_only_where_it_is(store: Store) -> None:
    break_in(file_of(store), ("UPDATE contact SET name = '4111111111111111'",))
    found = next(check for check in examine(store).checks if check.code == "cards")
    assert found.findings
    assert all("4111" not in finding for finding in found.findings)


def test_ids_and_amounts_of_an_item_are_no_card_number(store: Store) -> None:
    body = '{"parts":[["card",6600,12953,6257,"psp-practice","AMEX •••• 2336"]]}'
    assert holds_card(body), "a row of them passes the check sum together"
    break_in(file_of(store), (f"UPDATE run_item SET body = '{body}'",))
    assert "cards" not in red(examine(store))
    typed = body.replace("psp-practice", "4111 1111 1111 1111")
    break_in(file_of(store), (f"UPDATE run_item SET body = '{typed}'",))
    assert "cards" in red(examine(store))


def test_the_doctor_changes_nothing(store: Store) -> None:
    before = counts_and_hashes(store)
    examine(store)
    assert counts_and_hashes(store) == before


def test_the_doctor_sees_a_store_nobody_may_write(store: Store, tmp_path: Path) -> None:
    path = file_of(store)
    path.chmod(0o400)
    assert red(examine(store)) == set()
    path.chmod(0o600)


def _raw(store: Store, statement: str) -> None:
    with closing(sqlite3.connect(file_of(store), isolation_level=None)) as connection:
        connection.execute(statement)


def test_a_doctor_whose_second_look_sees_another_moment_looks_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody wrote between the two: all checks are made on the first connection."""
    plain = store.audit.head
    heads: list[tuple[int, str]] = []

    def head(connection: Connection) -> tuple[int, str]:
        heads.append(plain(connection))
        return (len(heads), "another moment")

    monkeypatch.setattr(AuditLog, "head", lambda _self, connection: head(connection))
    report = examine(store)
    assert len(heads) == 2
    codes = [check.code for check in report.checks]
    assert (red(report), len(codes)) == (set(), len(set(codes)))
    assert codes[-1] == "audit"

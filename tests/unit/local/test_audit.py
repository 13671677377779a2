"""The audit log: what is tampered with is seen, and where; card numbers never get in."""

from __future__ import annotations

import hmac
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from backend_client.local import verify_audit
from backend_client.local.audit import Record, canonical, holds, masked, records
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from backend_client.local.verify_audit import verify
from tests.unit import builders
from tests.unit.local.venue import opened, url_of
from tests.unit.refusing import refused

CANARY = "4111 1111 1111 1111"


def write(store: Store, count: int = 5) -> None:
    def job(connection: Connection) -> None:
        records = [
            Record("test", f"object {number}", {"näme": "張 偉", "n": number, "list": [1, "x"]})
            for number in range(count)
        ]
        store.audit.append(connection, builders.caller(), builders.NOW, *records)

    store.write(job, label="test")


def tamper(store: Store, *statements: str) -> None:
    """Change the log behind its guards, as somebody with the file could."""

    def job(connection: Connection) -> None:
        for row in fetch(connection, "SELECT name FROM sqlite_schema WHERE tbl_name = 'audit'"):
            if row.name.startswith("audit_"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {row.name}")
        for statement in statements:
            connection.exec_driver_sql(statement)

    store.write(job, label="tamper")


def head_of(store: Store) -> tuple[int, str]:
    with store.read() as connection:
        return store.audit.head(connection)


def test_an_untouched_log_holds(store: Store) -> None:
    empty = store.audit.verify(store)
    assert (empty.records, empty.head, empty.broken_at) == (0, "", None)
    write(store)
    write(store)
    report = store.audit.verify(store, anchor=head_of(store))
    assert (report.records, report.broken_at) == (10, None)
    assert report.head == head_of(store)[1]


SWAP = (
    "UPDATE audit SET seq = -1 WHERE seq = 3",
    "UPDATE audit SET seq = 3 WHERE seq = 4",
    "UPDATE audit SET seq = 4 WHERE seq = -1",
)


@pytest.mark.parametrize(
    ("statements", "broken_at"),
    [
        (["UPDATE audit SET body = '{}' WHERE seq = 3"], 3),
        (["UPDATE audit SET at_us = at_us + 1 WHERE seq = 1"], 1),
        (["UPDATE audit SET operator = 'nobody' WHERE seq = 5"], 5),
        (["UPDATE audit SET hash = 'x' WHERE seq = 2"], 2),
        (["UPDATE audit SET prev = 'x' WHERE seq = 2"], 2),
        (["UPDATE audit SET prev = prev || '|' WHERE seq = 2"], 2),
        (["DELETE FROM audit WHERE seq = 3"], 3),
        (["DELETE FROM audit WHERE seq = 1"], 1),
        (["DELETE FROM audit WHERE seq = 3", "UPDATE audit SET seq = 3 WHERE seq = 4"], 3),
        (SWAP, 3),
        (["UPDATE audit SET seq = 0 WHERE seq = 1"], 1),
    ],
    ids=lambda value: None,
)
def test_the_first_record_that_does_not_hold_is_named(
    statements: list[str], broken_at: int
) -> None:
    with opened() as store:
        write(store)
        tamper(store, *statements)
        report = store.audit.verify(store)
        assert report.broken_at == broken_at
        assert report.why


def test_a_tail_cut_off_is_seen_by_its_anchor_alone(store: Store) -> None:
    write(store)
    anchor = head_of(store)
    tamper(store, "DELETE FROM audit WHERE seq > 3")
    assert store.audit.verify(store).broken_at is None
    assert store.audit.verify(store, anchor=anchor).broken_at == 4


def test_hashes_made_anew_without_the_key_are_seen(store: Store) -> None:
    write(store)
    with store.read() as connection:
        row = fetch(connection, "SELECT * FROM audit WHERE seq = 5")[0]
    values = tuple(getattr(row, name) for name in verify_audit.FIELDS)
    forged = verify_audit.hashed_under(b"a guess")(
        verify_audit.message_of(row.prev, (*values[:-1], "{}"))
    )
    tamper(store, f"UPDATE audit SET body = '{{}}', hash = '{forged}' WHERE seq = 5")
    assert store.audit.verify(store).broken_at == 5


def test_another_key_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with opened(url_of(path)) as store:
        write(store)
    key = Path(f"{path}.audit-key")
    key.write_text("00" * 32)
    with opened(url_of(path)) as store:
        assert store.audit.verify(store).broken_at == 1


@pytest.mark.parametrize("harm", [Path.unlink, lambda key: key.write_text("no key")])
def test_without_its_key_nothing_is_written(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    path = tmp_path / "store.db"
    with opened(url_of(path)) as store:
        write(store)
        harm(Path(f"{path}.audit-key"))
        with refused("audit-key-missing"):
            store.write(lambda connection: None, label="anything")
        with refused("audit-key-missing"):
            store.audit.verify(store)
        with store.read() as connection:
            assert len(fetch(connection, "SELECT * FROM audit")) == 5, "reading still works"


def test_a_store_nobody_wrote_to_gets_a_new_key(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with opened(url_of(path)):
        Path(f"{path}.audit-key").unlink()
    with opened(url_of(path)) as store:
        write(store)
        assert store.audit.verify(store).broken_at is None


def test_a_record_goes_with_its_transaction(store: Store) -> None:
    def job(connection: Connection) -> None:
        store.audit.append(connection, builders.caller(), builders.NOW, Record("lost", "x"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write(job, label="test")
    write(store, 1)
    assert [json.loads(line)["action"] for line in store.audit.export(store)] == ["test"]


SEPARATORS = st.text(st.sampled_from(" \t\n\x1c\x1f\u2003.-_/–—·,"), max_size=3)


@given(st.lists(SEPARATORS, min_size=12, max_size=20), st.text(max_size=5), st.booleans())
def test_what_is_spelled_at_once_had_nothing_to_mask(
    gaps: list[str], around: str, foreign: bool
) -> None:
    """However a number is broken up, and in whatever digits: a body is spelled without being
    looked through only where masking would change nothing."""
    digits = "٤" + "1" * 19 if foreign else "4" + "1" * 19
    number = "".join(digit + gap for digit, gap in zip(digits, gaps, strict=False))
    body = {"text": around + number + around, "list": [1450, [number, 4111111111111111]]}
    spelled = json.dumps(masked(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical(body) == spelled


@pytest.mark.parametrize("text", ["%B4111111111111111^DAVIS/B", ";4111111111111111=3012", CANARY])
def test_swipes_and_numbers_are_never_spelled(text: str) -> None:
    assert "1111111" not in canonical({"text": text, text: 1})


def test_card_numbers_are_masked_before_they_are_hashed(store: Store) -> None:
    def job(connection: Connection) -> None:
        body = {"text": CANARY, CANARY: 1, "deep": [{"x": f"%B{CANARY}^DAVIS"}]}
        record = Record("test", CANARY, body)
        store.audit.append(connection, builders.caller(operator=CANARY), builders.NOW, record)

    store.write(job, label="test")
    exported = "".join(store.audit.export(store))
    assert "1111 1111 1111" not in exported
    assert store.audit.verify(store).broken_at is None


def test_an_export_spans_pages_and_is_checked_with_nothing_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    export = tmp_path / "export.jsonl"
    with opened(url_of(path)) as store:
        for _ in range(3):
            write(store, 700)
        anchor = head_of(store)
        export.write_text("\n".join(store.audit.export(store)) + "\n", encoding="utf-8")

    def check(*more: str) -> tuple[int, str]:
        answer = subprocess.run(
            [sys.executable, "-m", verify_audit.__name__, str(export), f"{path}.audit-key", *more],
            capture_output=True,
            text=True,
        )
        return answer.returncode, answer.stdout

    assert check() == (0, f"ok: 2100 records, head 2100:{anchor[1]}\n")
    assert check("--anchor", f"2100:{anchor[1]}")[0] == 0
    assert check("--anchor", f"2101:{anchor[1]}")[0] == 1
    lines = export.read_text(encoding="utf-8").splitlines()
    del lines[1500]
    export.write_text("\n".join(lines), encoding="utf-8")
    assert check() == (1, "BROKEN at record 1501: record 1501 is missing\n")
    export.write_text("{broken", encoding="utf-8")
    assert check()[0] == 2


def test_the_verifier_stands_alone(tmp_path: Path) -> None:
    """It works copied somewhere else, and loads nothing but the standard library."""
    source = verify_audit.__file__
    assert source is not None
    copy = tmp_path / "verify.py"
    copy.write_text(Path(source).read_text(encoding="utf-8"), encoding="utf-8")
    script = f"import sys; sys.path = {sys.path[1:]!r}; import runpy; runpy.run_path({str(copy)!r})"
    script += "; print(sorted(set(sys.modules) & {'sqlalchemy', 'backend_client', 'pydantic'}))"
    answer = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_the_quick_way_and_the_slow_way_agree_about_every_letter(store: Store) -> None:
    """What the database writes differently from the verifier goes to the verifier."""
    awkward = ["plain", 'quote " back \\ slash /', "tab\tline\nfeed\x7f\x1f", "é 東京 😀", "\u2028"]
    caller = builders.caller()
    told = [Record("test", text, {"text": text}) for text in awkward]
    store.write(
        lambda connection: store.audit.append(connection, caller, builders.NOW, *told),
        label="test",
    )
    assert store.audit.verify(store).broken_at is None
    with store.read() as connection:
        key = store.audit_key.require(connection)
        quick = holds(key, connection, None)
        slow = verify(key, records(connection))
    assert quick in (None, slow)


def test_the_quick_way_says_it_of_an_untouched_log(store: Store) -> None:
    write(store)
    with store.read() as connection:
        key = store.audit_key.require(connection)
        assert holds(key, connection, None) == verify(key, records(connection))


@pytest.mark.parametrize("length", [0, 32, 64, 65, 200])
def test_the_hash_is_hmac_of_the_record_as_json(length: int) -> None:
    """What an auditor may work out with any other program."""
    key = bytes(range(length))
    values = (7, None, True, 1.5, 'a"\n\u2028é\\', "")
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    expected = hmac.digest(key, f"abc|{text}".encode(), "sha256").hex()
    message = verify_audit.message_of("abc", values)
    assert verify_audit.hashed_under(key)(message) == expected

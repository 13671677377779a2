"""The log of a run as files: what is in them, what a spreadsheet makes of it, who may read it."""

from __future__ import annotations

import csv
import errno
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend_client.domain.problems import Refused
from tui.text.run_export import csv_lines, json_pieces, neutral, save
from tui.text.wording import Wording

RUN: dict[str, object] = {"id": 42, "kind": "dispatch", "totals": [{"name": "card", "count": 2}]}
CARD = {
    "role": "card",
    "amount_minor": 123456,
    "label": "VISA •••• 1111",
    "payment": "OPH-7",
    "payer": "C-1",
    "provider": "worldline",
}
REST = {"role": "stays", "amount_minor": 50, "label": "", "payment": "", "payer": "C-1"}
SENT = {
    "leg_number": "R-10431.2",
    "role": "card",
    "label": "VISA •••• 1111",
    "amount_minor": 123456,
    "state": "succeeded",
    "note": "ref 4711",
}
ITEMS: list[dict[str, object]] = [
    {
        "ordinal": 1,
        "customer": "Müller, “Jörg”",
        "amount_minor": 123506,
        "currency": "CHF",
        "plan": "cards_and_stays",
        "reason": "no-card",
        "parts": [CARD, REST],
        "outcome": "partly",
        "states": [SENT],
        "note": None,
    },
    {
        "ordinal": 2,
        "customer": "=1+1",
        "amount_minor": 70,
        "currency": "CHF",
        "plan": "stays",
        "reason": "",
        "parts": [{**REST, "label": "=SUM(A1)", "amount_minor": 70}],
        "outcome": None,
        "states": [],
        "note": "a\nb",
    },
]
WORDS = Wording()


def records() -> Iterator[dict[str, object]]:
    yield RUN
    yield from ITEMS


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_compute_begins_with_an_apostrophe(start: str) -> None:
    cell = f"{start}cmd|' /C calc'!A0"
    assert neutral(cell) == f"'{cell}"
    (_head, line) = "".join(csv_lines([{"customer": cell}], WORDS)).split("\r\n", 1)
    assert line.startswith(("'", "\"'"))


@pytest.mark.parametrize("cell", ["", "Bette", "1=1", " =1", "a-b", "'=1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


def test_a_table_has_a_line_an_item_and_every_cell_comes_back() -> None:
    rows = list(csv.DictReader("".join(csv_lines(ITEMS, WORDS)).splitlines(keepends=True)))
    assert [row["ordinal"] for row in rows] == ["1", "2"]
    assert rows[0]["customer"] == "Müller, “Jörg”"
    assert rows[0]["note"] == rows[1]["reason"] == rows[1]["outcome"] == ""
    assert rows[1]["customer"] == "'=1+1"


def test_a_table_says_in_words_where_the_money_goes_and_what_became_of_it() -> None:
    first, second = csv.DictReader("".join(csv_lines(ITEMS, WORDS)).splitlines(keepends=True))
    assert first["parts"] == "VISA •••• 1111 (OPH-7): 1,234.56 CHF; stays: 0.50 CHF"
    assert first["states"] == "R-10431.2 VISA •••• 1111: 1,234.56 CHF, refunded, ref 4711"
    assert (first["plan"], first["outcome"]) == ("partly to cards", "partly")
    assert first["reason"] == "no card"
    assert (first["amount_minor"], first["amount"]) == ("123506", "1235.06")
    assert second["parts"] == "'=SUM(A1): 0.70 CHF", "and no formula among them"


def test_a_table_of_runs_holds_words_too() -> None:
    run = {
        "id": 42,
        "parameters": {"first": "2026-11-22", "sold_through": [], "through": {"desk": ""}},
        "totals": [
            {
                "name": "card",
                "detail": "succeeded",
                "currency": "CHF",
                "count": 2,
                "amount_minor": 570,
            },
            {
                "name": "card",
                "detail": "pending",
                "currency": "CHF",
                "count": 0,
                "amount_minor": 0,
            },
        ],
        "outcomes": {"refunded": 2},
        "note": "",
    }
    (row,) = csv.DictReader("".join(csv_lines([run], WORDS)).splitlines(keepends=True))
    assert row == {
        "id": "42",
        "parameters": "first: 2026-11-22",
        "totals": "card succeeded: 2, 5.70 CHF",
        "outcomes": "refunded: 2",
        "note": "",
    }


def test_json_is_one_value_with_the_run_first() -> None:
    text = "".join(json_pieces(RUN, ITEMS))
    assert json.loads(text) == {"run": RUN, "items": ITEMS}
    assert json.loads("".join(json_pieces(RUN, []))) == {"run": RUN, "items": []}


def test_both_files_are_written_in_one_reading_for_their_owner_alone(tmp_path: Path) -> None:
    read: list[dict[str, object]] = []

    def once() -> Iterator[dict[str, object]]:
        for record in records():
            read.append(record)
            yield record

    table, whole = save(once(), tmp_path, "run-42", "runs 42 --csv", WORDS)
    assert (table.name, whole.name) == ("run-42.csv", "run-42.json")
    assert len(read) == 3
    for path in (table, whole):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with table.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    assert [row["customer"] for row in rows] == ["Müller, “Jörg”", "'=1+1"]
    assert json.loads(whole.read_text(encoding="utf-8")) == {"run": RUN, "items": ITEMS}


@pytest.mark.parametrize("there", ["run-42.csv", "run-42.json"])
def test_what_stands_there_already_stays_as_it_is(tmp_path: Path, there: str) -> None:
    """Somebody may have worked on it."""
    (tmp_path / there).write_text("worked on")
    names = []
    for _ in range(2):
        table, whole = save(records(), tmp_path, "run-42", "runs 42 --csv", WORDS)
        names.append((table.name, whole.name))
    assert names == [("run-42-2.csv", "run-42-2.json"), ("run-42-3.csv", "run-42-3.json")]
    assert (tmp_path / there).read_text() == "worked on"
    assert len(list(tmp_path.iterdir())) == 5


def test_a_full_disk_is_told_and_leaves_no_half_a_file(tmp_path: Path) -> None:
    def full() -> Iterator[dict[str, object]]:
        yield RUN
        yield ITEMS[0]
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "run-42.csv").write_text("worked on")
    with pytest.raises(Refused) as refused:
        save(full(), tmp_path, "run-42", "runs 42 --csv", WORDS)
    assert refused.value.code == "file-not-written"
    assert "No space left" in refused.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["run-42.csv"]


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        save(records(), tmp_path / "nowhere", "run-42", "runs 42 --csv", WORDS)
    assert refused.value.code == "file-not-written"
    assert "runs 42 --csv" in refused.value.action
    assert str(refused.value.details["path"]).endswith("run-42.csv")

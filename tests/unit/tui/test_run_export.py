"""The log of a run as files: what is in them, what a spreadsheet makes of it, who may read it."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend_client.domain.problems import Refused
from tui.text.run_export import csv_lines, json_pieces, neutral, save

RUN: dict[str, object] = {"id": 42, "kind": "dispatch", "totals": [{"name": "card", "count": 2}]}
ITEMS: list[dict[str, object]] = [
    {"ordinal": 1, "customer": "Müller, “Jörg”", "amount_minor": -5, "parts": [], "note": None},
    {"ordinal": 2, "customer": "=1+1", "amount_minor": 70, "parts": [["card", 70]], "note": "a\nb"},
]


def records() -> Iterator[dict[str, object]]:
    yield RUN
    yield from ITEMS


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_compute_begins_with_an_apostrophe(start: str) -> None:
    cell = f"{start}cmd|' /C calc'!A0"
    assert neutral(cell) == f"'{cell}"
    (_head, line) = "".join(csv_lines([{"customer": cell}])).split("\r\n", 1)
    assert line.startswith(("'", "\"'"))


@pytest.mark.parametrize("cell", ["", "Bette", "1=1", " =1", "a-b", "'=1"])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert neutral(cell) == cell


def test_a_table_has_a_line_an_item_and_every_cell_comes_back() -> None:
    rows = list(csv.DictReader("".join(csv_lines(ITEMS)).splitlines(keepends=True)))
    assert [row["ordinal"] for row in rows] == ["1", "2"]
    assert rows[0]["customer"] == "Müller, “Jörg”"
    assert rows[0]["amount_minor"] == "-5"
    assert rows[0]["parts"] == rows[0]["note"] == ""
    assert json.loads(rows[1]["parts"]) == [["card", 70]]
    assert rows[1]["customer"] == "'=1+1"


def test_json_is_one_value_with_the_run_first() -> None:
    text = "".join(json_pieces(RUN, ITEMS))
    assert json.loads(text) == {"run": RUN, "items": ITEMS}
    assert json.loads("".join(json_pieces(RUN, []))) == {"run": RUN, "items": []}


def test_both_files_are_written_in_one_reading_for_their_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "run-42.csv").write_text("longer than what follows" * 100)
    (tmp_path / "run-42.csv").chmod(0o644)
    read: list[dict[str, object]] = []

    def once() -> Iterator[dict[str, object]]:
        for record in records():
            read.append(record)
            yield record

    table, whole = save(once(), tmp_path, "run-42")
    assert (table.name, whole.name) == ("run-42.csv", "run-42.json")
    assert len(read) == 3
    for path in (table, whole):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with table.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    assert [row["customer"] for row in rows] == ["Müller, “Jörg”", "'=1+1"]
    assert json.loads(whole.read_text(encoding="utf-8")) == {"run": RUN, "items": ITEMS}


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        save(records(), tmp_path / "nowhere", "run-42")
    assert refused.value.code == "file-not-written"
    assert str(refused.value.details["path"]).endswith("run-42.csv")

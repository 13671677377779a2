"""A run's log as files: CSV with one row an item, JSON with the run and its totals first.

A cell of the CSV that a spreadsheet would take for a formula begins with an apostrophe: names and
notes come from data.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import TextIO

from backend_client.domain.problems import Refused
from tui.text.run_table import Record, row_of
from tui.text.wording import Wording

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
FOR_OWNER = 0o600


def neutral(cell: str) -> str:
    """The text of a cell that no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(STARTS_FORMULA) else cell


def csv_lines(records: Iterable[Record], wording: Wording) -> Iterator[str]:
    """The head, then a line a record."""
    for _record, lines in _with_lines(records, wording):
        yield lines


def json_pieces(run: Record, items: Iterable[Record]) -> Iterator[str]:
    """One JSON value, `{"run": …, "items": […]}`, piece by piece: a log may be long."""
    yield f'{{"run": {_json(run)},\n"items": ['
    between = "\n"
    for item in items:
        yield f"{between}{_json(item)}"
        between = ",\n"
    yield "\n]}\n"


def save(
    records: Iterator[Record], folder: Path, name: str, printed: str, wording: Wording
) -> tuple[Path, Path]:
    """Write `name.csv` and `name.json` beside each other in one reading, for their owner alone.

    The log holds what customers got: nobody else on this machine reads it. What stands there
    already may have been worked on, so the next free number goes behind the name. Raises Refused
    `file-not-written`, and leaves no half a file; `printed` is the command that prints the same.
    """
    with ExitStack() as undone:
        try:
            table, whole = _free(folder, name, undone)
            with _opened(table) as rows, _opened(whole) as value:
                run = next(records)
                value.writelines(json_pieces(run, _copied(records, rows, wording)))
        except OSError as error:
            path = str(error.filename or folder)
            why = error.strerror
            raise Refused("file-not-written", path=path, why=why, command=printed) from None
        undone.pop_all()
    return table, whole


def _free(folder: Path, name: str, undone: ExitStack) -> tuple[Path, Path]:
    """Two files of one name that nobody had, empty and for their owner alone; `undone` removes
    them."""
    for number in count(1):
        base = name if number == 1 else f"{name}-{number}"
        table, whole = folder / f"{base}.csv", folder / f"{base}.json"
        with ExitStack() as made, suppress(FileExistsError):
            for path in (table, whole):
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FOR_OWNER))
                made.callback(path.unlink, missing_ok=True)
            undone.push(made.pop_all())
            return table, whole
    raise AssertionError("numbers do not end")


def _copied(items: Iterable[Record], rows: TextIO, wording: Wording) -> Iterator[Record]:
    """Each item written to the table as it passes by on its way to the other file."""
    for item, lines in _with_lines(items, wording):
        rows.write(lines)
        yield item


def _with_lines(records: Iterable[Record], wording: Wording) -> Iterator[tuple[Record, str]]:
    """Each record with its line of the table, the first one below the head."""
    is_first = True
    for record in records:
        row = row_of(record, wording)
        head = _line(row) if is_first else ""
        is_first = False
        yield record, head + _line(map(_cell, row.values()))


def _opened(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", newline="")


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return neutral(value)
    return "" if value is None else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

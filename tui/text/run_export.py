"""A run's log as files: CSV with one row an item, JSON with the run and its totals first.

A cell of the CSV that a spreadsheet would take for a formula begins with an apostrophe: names and
notes come from data.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from backend_client.domain.problems import Refused

STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
FOR_OWNER = 0o600

Record = Mapping[str, object]


def neutral(cell: str) -> str:
    """The text of a cell that no spreadsheet computes."""
    return f"'{cell}" if cell.startswith(STARTS_FORMULA) else cell


def csv_lines(items: Iterable[Record]) -> Iterator[str]:
    """The head, then a line an item; what has parts is one cell of JSON."""
    for _item, lines in _with_lines(items):
        yield lines


def json_pieces(run: Record, items: Iterable[Record]) -> Iterator[str]:
    """One JSON value, `{"run": …, "items": […]}`, piece by piece: a log may be long."""
    yield f'{{"run": {_json(run)},\n"items": ['
    between = "\n"
    for item in items:
        yield f"{between}{_json(item)}"
        between = ",\n"
    yield "\n]}\n"


def save(records: Iterator[Record], folder: Path, name: str) -> tuple[Path, Path]:
    """Write `name.csv` and `name.json` beside each other in one reading, for their owner alone.

    The log holds what customers got: nobody else on this machine reads it. Raises Refused
    `file-not-written`.
    """
    table, whole = folder / f"{name}.csv", folder / f"{name}.json"
    try:
        with _opened(table) as rows, _opened(whole) as value:
            run = next(records)
            value.writelines(json_pieces(run, _copied(records, rows)))
    except OSError as error:
        path = str(error.filename or folder)
        raise Refused("file-not-written", path=path, why=error.strerror) from None
    return table, whole


def _copied(items: Iterable[Record], rows: TextIO) -> Iterator[Record]:
    """Each item written to the table as it passes by on its way to the other file."""
    for item, lines in _with_lines(items):
        rows.write(lines)
        yield item


def _with_lines(items: Iterable[Record]) -> Iterator[tuple[Record, str]]:
    """Each item with its line of the table, the first one below the head."""
    columns: Sequence[str] = ()
    for item in items:
        head = ""
        if not columns:
            columns = tuple(item)
            head = _line(columns)
        yield item, head + _line([_cell(item.get(column)) for column in columns])


def _opened(path: Path) -> TextIO:
    """Made, or emptied, for its owner alone, whatever it was open to before."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FOR_OWNER)
    os.fchmod(handle, FOR_OWNER)
    return os.fdopen(handle, "w", encoding="utf-8", newline="")


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, Mapping | list | tuple):
        return neutral(_json(value)) if value else ""
    return "" if value is None else value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

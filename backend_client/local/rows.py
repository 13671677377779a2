"""Statements on hot paths: compiled once, run with plain tuples.

The Core's work on every single parameter is more than half of what a mass write costs otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, Row

_DIALECT = sqlite.dialect()


@lru_cache(maxsize=256)
def _insert_statement(table: Table, columns: tuple[str, ...]) -> str:
    compiled = table.insert().compile(dialect=_DIALECT, column_keys=list(columns))
    order = getattr(compiled, "positiontup", None)
    assert order == list(columns), f"{table.name}: parameters would go in as {order}"
    return str(compiled)


def insert_rows(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Insert tuples, given in the order of `columns` (the table's own order, gaps allowed)."""
    if rows:
        connection.exec_driver_sql(_insert_statement(table, columns), list(rows))


def fetch(connection: Connection, statement: str, *parameters: Any) -> Sequence[Row[Any]]:
    """All rows of a driver statement; rows are read by attribute."""
    return connection.exec_driver_sql(statement, parameters).all()


def id_list(ids: Iterable[int]) -> str:
    """Any number of ids as one parameter, for `IN (SELECT value FROM json_each(?))`."""
    return json.dumps(list(ids))

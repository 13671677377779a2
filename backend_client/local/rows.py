"""Statements on hot paths: compiled once, run with plain tuples.

The Core's work on every single parameter is more than half of what a mass write costs otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, Row

from backend_client.local.connect import driver

Named = TypeVar("Named", bound=NamedTuple)
_DIALECT = sqlite.dialect()


_PARAMETERS = 900
"""Of one statement: so many are no weight on memory, and each costs little more than itself."""
MOST_PARAMETERS = 22_000
"""Of one statement at most; every SQLite here takes 32,766."""


@lru_cache(maxsize=256)
def _insert_statement(table: Table, columns: tuple[str, ...]) -> str:
    compiled = table.insert().compile(dialect=_DIALECT, column_keys=list(columns))
    order = getattr(compiled, "positiontup", None)
    assert order == list(columns), f"{table.name}: parameters would go in as {order}"
    return str(compiled)


@lru_cache(maxsize=256)
def _insert_of_many(table: Table, columns: tuple[str, ...], count: int) -> str:
    one = f"({', '.join('?' * len(columns))})"
    statement = _insert_statement(table, columns)
    assert statement.endswith(f" VALUES {one}"), statement
    return statement + f", {one}" * (count - 1)


def insert_rows(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[Any, ...]],
    *,
    parameters: int = _PARAMETERS,
) -> None:
    """Insert tuples, given in the order of `columns` (the table's own order, gaps allowed).

    Many go into one statement: inside a savepoint SQLite keeps every page a statement changes once
    more, for each statement that changes it. `parameters` is how many one statement has at most.
    """
    many = max(parameters // len(columns), 1)
    whole = len(rows) - len(rows) % many
    if whole:
        groups = [
            tuple(chain.from_iterable(rows[start : start + many]))
            for start in range(0, whole, many)
        ]
        connection.exec_driver_sql(_insert_of_many(table, columns, many), groups)
    if whole < len(rows) and parameters > _PARAMETERS:
        insert_rows(connection, table, columns, rows[whole:])
    elif whole < len(rows):
        connection.exec_driver_sql(_insert_statement(table, columns), list(rows[whole:]))


def fetch(connection: Connection, statement: str, *parameters: Any) -> Sequence[Row[Any]]:
    """All rows of a driver statement; rows are read by attribute."""
    return connection.exec_driver_sql(statement, parameters).all()


def fetch_whole(
    connection: Connection, kind: type[Named], statement: str, *parameters: Any
) -> list[Named]:
    """All rows of a statement as `kind`, whose fields are its columns by name; in its order.

    SQLite makes one text of them in a single step without Python's lock: other threads go on
    meanwhile, whom asking for row after row would hold up thousands of times.
    """
    columns = ", ".join(kind._fields)
    whole = f"SELECT json_group_array(json_array({columns})) FROM ({statement})"
    [(text,)] = driver(connection).execute(whole, parameters)
    return [*map(kind._make, json.loads(text))]


def id_list(ids: Iterable[int]) -> str:
    """Any number of ids as one parameter, for `IN (SELECT value FROM json_each(?))`."""
    return json.dumps(list(ids))

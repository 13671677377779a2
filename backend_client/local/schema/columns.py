"""How columns and tables are written here."""

from __future__ import annotations

from functools import cache

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

metadata = MetaData()


def int_(name: str, *, null: bool = False, default: int | None = None) -> Column[int]:
    server_default = None if default is None else text(str(default))
    return Column(name, Integer, nullable=null, server_default=server_default)


def text_(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, server_default=None if null else text("''"))


def id_() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=False)


def ref(name: str, target: str, *, null: bool = False) -> Column[int]:
    return Column(name, Integer, ForeignKey(target), nullable=null)


def one_of(column: str, *values: str) -> str:
    """A condition for columns of rows that come in masses: for `IN (…)` SQLite builds the list
    anew with every row, which is a third of what inserting one costs."""
    return " OR ".join(f"{column} = '{value}'" for value in values)


def table(
    name: str,
    *parts: Column[int] | Column[str] | CheckConstraint | UniqueConstraint | Index,
    without_rowid: bool = False,
    since: int = 1,
) -> Table:
    """A table; `since` is the version of the store that brought it."""
    return Table(
        name,
        metadata,
        *parts,
        info={"since": since},
        sqlite_strict=True,
        sqlite_with_rowid=not without_rowid,
    )


def tables_since(version: int) -> list[Table]:
    """The tables a version of the store brought, in an order they can be made in."""
    return [table for table in metadata.sorted_tables if table.info["since"] == version]


@cache
def making_tables_since(version: int) -> tuple[str, ...]:
    """The statements that make those tables and their indexes.

    They never change, and writing them costs more than SQLite's work on them.
    """
    dialect = sqlite.dialect()
    made: list[str] = []
    for table in tables_since(version):
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            made.append(str(CreateIndex(index).compile(dialect=dialect)))
    return tuple(made)

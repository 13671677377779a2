"""Rows go in as they were given, however many statements that takes."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event
from sqlalchemy.exc import IntegrityError

from backend_client.local.rows import fetch_whole, insert_rows
from backend_client.local.schema import run_total

COLUMNS = ("run_id", "name", "detail", "currency", "count", "amount_minor")
MANY = 900 // len(COLUMNS)
_KEPT = f"SELECT {', '.join(COLUMNS)} FROM run_total ORDER BY run_id"


def _row(number: int) -> tuple[int, str, str, str, int, int]:
    return (number, f"name {number}", "it's", "EUR", number % 3, -number)


@pytest.mark.parametrize("count", [0, 1, MANY - 1, MANY, MANY + 1, 3 * MANY, 3 * MANY + 7])
def test_every_row_goes_in_once_as_it_is(count: int) -> None:
    rows = [_row(number) for number in range(count)]
    with create_engine("sqlite://").begin() as connection:
        run_total.create(connection)
        insert_rows(connection, run_total, COLUMNS, rows)
        assert [tuple(row) for row in connection.exec_driver_sql(_KEPT)] == rows


@pytest.mark.parametrize("count", [0, 7, 2 * MANY + 7, 4 * MANY, 9 * MANY + 7])
def test_a_mass_goes_in_by_longer_statements_and_its_rest_by_shorter_ones(count: int) -> None:
    rows = [_row(number) for number in range(count)]
    sent: list[int] = []
    engine = create_engine("sqlite://")

    @event.listens_for(engine, "before_cursor_execute")
    def note(_c: object, _u: object, statement: str, *_others: object) -> None:
        if statement.startswith("INSERT"):
            sent.append(statement.count("(?"))

    with engine.begin() as connection:
        run_total.create(connection)
        insert_rows(connection, run_total, COLUMNS, rows, parameters=4 * 900)
        assert [tuple(row) for row in connection.exec_driver_sql(_KEPT)] == rows
    whole, rest = divmod(count, 4 * MANY)
    longer = [4 * MANY] if whole else []
    shorter = [MANY] if rest >= MANY else []
    assert sent == longer + shorter + ([1] if rest % MANY else [])


@pytest.mark.parametrize("twice", [5, MANY + 5, 2 * MANY + 1])
def test_a_row_the_table_refuses_is_refused_among_many(twice: int) -> None:
    rows = [_row(number) for number in range(2 * MANY + 3)]
    rows[twice] = rows[3]
    with create_engine("sqlite://").begin() as connection:
        run_total.create(connection)
        with pytest.raises(IntegrityError):
            insert_rows(connection, run_total, COLUMNS, rows)


class Told(NamedTuple):
    """A row of every sort of value there is in a store."""

    id: int
    text: str
    amount_minor: int | None


WHOLE_NUMBERS = st.integers(-(2**63), 2**63 - 1)
TOLD = st.builds(
    Told,
    WHOLE_NUMBERS,
    st.text(st.characters(codec="utf-8")),
    st.none() | WHOLE_NUMBERS,
)


@given(st.lists(TOLD, max_size=20, unique_by=lambda row: row.id), st.integers(0, 20))
def test_rows_that_come_as_a_whole_are_what_single_ones_are(rows: list[Told], most: int) -> None:
    asked = "SELECT id, text AS text, amount_minor FROM told ORDER BY id DESC LIMIT ?"
    with create_engine("sqlite://").begin() as connection:
        connection.exec_driver_sql("CREATE TABLE told(id INT, text TEXT, amount_minor INT) STRICT")
        for row in rows:
            connection.exec_driver_sql("INSERT INTO told VALUES (?, ?, ?)", tuple(row))
        found = fetch_whole(connection, Told, asked, most)
        single = [tuple(row) for row in connection.exec_driver_sql(asked, (most,))]
    assert found == single == sorted(rows, reverse=True)[:most]
    assert all(type(row) is Told for row in found)

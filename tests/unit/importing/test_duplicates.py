"""Bookings that stand twice in a file are found however many there are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend_client.importing.duplicates import Duplicates


def digest(number: int) -> str:
    return f"{number:032x}"


def contradiction(rows: list[tuple[int, int]], in_memory: int) -> tuple[int, int] | None:
    with Duplicates(records_in_memory=in_memory) as seen:
        for line, (booking, says) in enumerate(rows, 1):
            seen.add(("0001", f"B{booking}", "1"), digest(says), line)
        return seen.contradiction()


def test_the_same_line_twice_is_no_contradiction() -> None:
    assert contradiction([(1, 7), (2, 7), (1, 7)], 10) is None


def test_the_first_differing_line_is_named_with_the_line_it_contradicts() -> None:
    assert contradiction([(1, 7), (2, 7), (2, 8), (1, 9)], 10) == (3, 2)


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 2)), max_size=60), st.integers(1, 7))
def test_runs_on_disk_say_the_same_as_memory(rows: list[tuple[int, int]], in_memory: int) -> None:
    first: dict[int, tuple[int, int]] = {}
    expected = None
    for line, (booking, says) in enumerate(rows, 1):
        known = first.setdefault(booking, (says, line))
        if known[0] != says and expected is None:
            expected = (line, known[1])
    assert contradiction(rows, in_memory) == expected


def test_parts_of_a_key_do_not_run_together() -> None:
    with Duplicates() as seen:
        seen.add(("1", "23", "4"), digest(1), 1)
        seen.add(("12", "3", "4"), digest(2), 2)
        assert seen.contradiction() is None

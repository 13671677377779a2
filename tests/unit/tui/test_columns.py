"""Columns: a last one that is folded, and says all it has to say."""

from __future__ import annotations

import json

import pytest

from tui.text.columns import cells, folded, table
from tui.text.wording import CATALOGUES

HEAD = ("name", "for")
ROWS = [
    ("webshop", "bookings:read, refunds:matched, refunds:external; at most 50.00 CHF a refund"),
    ("夜", "runs:simulate"),
]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_nothing_of_the_last_column_is_lost(width: int) -> None:
    lines = folded(ROWS, width, head=HEAD)
    assert max(map(cells, lines)) <= width
    column = lines[0].index("for")
    assert lines[1].startswith("  webshop")
    begun = next(place for place, line in enumerate(lines) if line.startswith("  夜"))
    assert " ".join(line[column:] for line in lines[1:begun]) == ROWS[0][1]
    assert all(not line[:column].strip() for line in lines[2:begun])


def test_where_there_is_room_it_is_a_table() -> None:
    assert folded(ROWS, 200, head=HEAD) == table(ROWS, head=HEAD)


@pytest.mark.parametrize("head", [HEAD, ()])
def test_where_there_is_none_it_goes_on_below_its_row(head: tuple[str, ...]) -> None:
    lines = folded(ROWS, 34, head=head)
    assert max(map(cells, lines)) <= 34
    rows = lines[1:] if head else lines
    begun = rows.index("  夜")
    assert rows[0] == "  webshop"
    assert " ".join(line.strip() for line in rows[1:begun]) == ROWS[0][1]
    assert rows[begun + 1 :] == ["      runs:simulate"]


def test_why_nothing_goes_back_is_never_cut_in_a_list_of_bookings() -> None:
    """The last column of the lookup has 17 cells in 80, two of them for the mark."""
    words = json.loads((CATALOGUES / "en.json").read_text(encoding="utf-8"))
    why = words["command"]["lookup"]["why"]
    assert {code: said for code, said in why.items() if len(said) > 15} == {}

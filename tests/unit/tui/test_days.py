"""Days as the house writes them, and back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text.days import PRESETS, preset_of, preset_range, read_day, written, written_range
from tui.text.wording import Wording

WORDING = Wording()
TODAY = date(2026, 11, 22)


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)))
def test_a_written_day_is_read_again(day: date) -> None:
    assert read_day(written(day, WORDING), TODAY, WORDING) == day
    assert read_day(day.isoformat(), TODAY, WORDING) == day


@given(st.dates(TODAY - timedelta(days=364), TODAY))
def test_a_day_without_a_year_is_the_latest_one(day: date) -> None:
    text = written(day, WORDING).rpartition(" ")[0]
    assert read_day(text, TODAY, WORDING) == day


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2026, 1, 9), date(2025, 12, 24)])
def test_a_day_in_figures_is_read(day: date) -> None:
    assert read_day(f"{day.day}.{day.month:02d}.{day.year}", TODAY, WORDING) == day
    assert read_day(f"{day.day:02d}.{day.month}.", TODAY, WORDING) == day


@pytest.mark.parametrize(
    "text",
    [
        *("", "22", "Nov", "31 Feb 2026", "2026-02-30", "22 Nov 26", "22.11.26", "٢٢ Nov 2026"),
        *("0 Nov 2026", "22 Nov 0000", "tomorrow", "2026-11-22T10:00"),
        *("22.11", "31.2.2026", "1.13.", "0.1.2026", "1.0.", "٢٢.11.2026"),
    ],
)
def test_anything_else_is_no_day(text: str) -> None:
    assert read_day(text, TODAY, WORDING) is None


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (date(2026, 11, 1), date(2026, 11, 22), "1–22 Nov"),
        (date(2026, 11, 22), date(2026, 11, 22), "22 Nov"),
        (date(2026, 10, 28), date(2026, 11, 3), "28 Oct – 3 Nov"),
        (date(2025, 12, 28), date(2026, 1, 3), "28 Dec 2025 – 03 Jan 2026"),
    ],
)
def test_ranges(first: date, last: date, text: str) -> None:
    assert written_range(first, last, WORDING) == text


@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        ("today", TODAY, TODAY, TODAY),
        ("last_week", TODAY, date(2026, 11, 9), date(2026, 11, 15)),
        ("last_week", date(2026, 11, 23), date(2026, 11, 16), date(2026, 11, 22)),
        ("last_month", TODAY, date(2026, 10, 1), date(2026, 10, 31)),
        ("last_month", date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)),
        ("last_month", date(2026, 1, 1), date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_presets(name: str, today: date, first: date, last: date) -> None:
    assert preset_range(name, today) == (first, last)
    assert preset_of(first, last, today) == name


def test_other_days_are_no_preset() -> None:
    assert preset_of(date(2026, 11, 9), date(2026, 11, 14), TODAY) == ""
    assert preset_of(None, TODAY, TODAY) == ""
    assert set(PRESETS) == {"today", "last_week", "last_month"}

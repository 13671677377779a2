"""Days of the house's calendar: written, read as they are written here or as ISO, and ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from tui.text.wording import Wording

PRESETS = ("today", "last_week", "last_month")


def written(day: date, wording: Wording) -> str:
    """`09 Nov 2026`"""
    return f"{day.day:02d} {_months(wording)[day.month - 1]} {day.year}"


def written_range(first: date, last: date, wording: Wording) -> str:
    """`1–22 Nov`, `28 Oct – 3 Nov`; the year only where the two differ in it."""
    months = _months(wording)
    if first == last:
        return f"{first.day} {months[first.month - 1]}"
    if first.year != last.year:
        return f"{written(first, wording)} – {written(last, wording)}"
    if first.month == last.month:
        return f"{first.day}–{last.day} {months[last.month - 1]}"
    return f"{first.day} {months[first.month - 1]} – {last.day} {months[last.month - 1]}"


def read_day(text: str, today: date, wording: Wording) -> date | None:
    """`22 Nov 2026`, `22.11.2026`, without the year the latest there was, or `2026-11-22`; None for
    anything else."""
    text = text.strip()
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        year, month, day = map(int, text.split("-"))
        return _day(year, month, day)
    found = re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})?", text)
    month = int(found[2]) if found else 0
    if found is None:
        found = re.fullmatch(r"([0-9]{1,2})\s+(\w+)\.?(?:\s+([0-9]{4}))?", text)
        if found is None:
            return None
        names = [name.casefold() for name in _months(wording)]
        typed = found[2].casefold()
        month = next((at for at, name in enumerate(names, 1) if typed == name), 0)
    if not month:
        return None
    if found[3]:
        return _day(int(found[3]), month, int(found[1]))
    this_year = _day(today.year, month, int(found[1]))
    if this_year is not None and this_year <= today:
        return this_year
    return _day(today.year - 1, month, int(found[1]))


def preset_range(name: str, today: date) -> tuple[date, date]:
    """First and last day of a preset: weeks begin on Monday, months on the first."""
    if name == "today":
        return today, today
    if name == "yesterday":
        before = today - timedelta(days=1)
        return before, before
    if name == "last_week":
        monday = today - timedelta(days=today.weekday() + 7)
        return monday, monday + timedelta(days=6)
    assert name == "last_month"
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def preset_of(first: date | None, last: date | None, today: date) -> str:
    """The preset that means exactly these days; empty when none does."""
    return next(_matching(first, last, today), "")


def _matching(first: date | None, last: date | None, today: date) -> Iterator[str]:
    return (name for name in PRESETS if (first, last) == preset_range(name, today))


def _months(wording: Wording) -> list[str]:
    return wording.template("date.months").split()


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None

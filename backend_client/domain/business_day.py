"""The business day of a house: it ends in the small hours, not at midnight."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

BEGINS = time(5)


def begin_of_day(now: datetime, zone: str) -> datetime:
    """When the business day of this instant began, at 05:00 of the house's clocks."""
    there = now.astimezone(ZoneInfo(zone))
    date = there.date() if there.time() >= BEGINS else there.date() - timedelta(days=1)
    return datetime.combine(date, BEGINS, ZoneInfo(zone)).astimezone(now.tzinfo)

"""Instants as people at the window read them: in the house's zone, months in words."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tui.text.wording import Wording


class Dates:
    """Writes instants in the zone of the house; months come from the catalogue, not the locale."""

    def __init__(self, zone: str, wording: Wording) -> None:
        self._zone = ZoneInfo(zone)
        self._months = wording.template("date.months").split()
        self._wording = wording

    def local(self, at: datetime) -> datetime:
        """At the ends of the calendar, where systems put "no date", a zone may have no day."""
        try:
            return at.astimezone(self._zone)
        except OverflowError:
            return at

    def time(self, at: datetime) -> str:
        """`20:00`"""
        return f"{self.local(at):%H:%M}"

    def day(self, at: datetime) -> str:
        """`22 Nov`"""
        local = self.local(at)
        return f"{local.day:02d} {self._months[local.month - 1]}"

    def short(self, at: datetime) -> str:
        """`22 Nov 20:00`: where the year is plain from what stands around it."""
        return f"{self.day(at)} {self.time(at)}"

    def near(self, at: datetime, now: datetime) -> str:
        """`20:00` on the day it is now, `22 Nov 20:00` on any other."""
        same = self.local(at).date() == self.local(now).date()
        return self.time(at) if same else self.short(at)

    def full(self, at: datetime) -> str:
        """`22 Nov 2025 20:00`"""
        return f"{self.day(at)} {self.local(at).year} {self.time(at)}"


def machine(at: datetime) -> str:
    """ISO 8601 in UTC to the second, as scripts read it: `2025-11-22T19:00:00Z`."""
    utc = at.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='seconds')}Z"

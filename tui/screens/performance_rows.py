"""Performances as rows: key, event and when, how much is sold, and whether it is closed for sale.

One event has many performances, two of them may begin at once: the key tells them apart.
"""

from __future__ import annotations

from textual.content import Content

from backend_client.domain.runs import PerformanceRow
from tui.text.columns import pad
from tui.text.dates import Dates
from tui.text.inert import inert
from tui.text.wording import Wording
from tui.widgets.parts import Part

BOX, KEY, WHEN, BOOKINGS, TICKETS, BLOCKED = 4, 8, 17, 9, 8, 9


class PerformanceRows:
    """The same columns where performances are chosen and where they are named again."""

    def __init__(self, wording: Wording, dates: Dates) -> None:
        self._wording = wording
        self._dates = dates

    def heading(self, width: int, *, boxes: bool = True) -> Content:
        say = self._wording.text
        counts = "".join(
            pad(say(f"screen.performances.head.{name}"), room, right=True)
            for name, room in (("bookings", BOOKINGS), ("tickets", TICKETS))
        )
        box = " " * BOX if boxes else ""
        room = self._room(width) + (0 if boxes else BOX)
        key = pad(say("screen.performances.head.key"), KEY)
        name = f"{box}{key} {pad(say('screen.performances.head.event'), room)}"
        when = pad(say("screen.performances.head.when"), WHEN)
        return Content.assemble((f"   {name} {when}{counts}", "$muted"))

    @staticmethod
    def _room(width: int) -> int:
        return max(width - 3 - BOX - KEY - 1 - 1 - WHEN - BOOKINGS - TICKETS - BLOCKED, 12)

    def draw(
        self, row: PerformanceRow, width: int, *, marked: bool, chosen: bool | None = None
    ) -> Content:
        """`chosen` None draws no box: there is nothing to choose."""
        box = "" if chosen is None else "[x] " if chosen else "[ ] "
        room = self._room(width) + (BOX if chosen is None else 0)
        when = self._dates.full(row.starts_at) if row.starts_at else "–"
        blocked = self._wording.text("screen.performances.blocked") if row.blocked else ""
        strong = "bold" if marked or chosen else ""
        parts: list[Part] = [
            (" › " if marked else "   ", "bold $accent"),
            (box, "bold $accent" if chosen else "$muted"),
            (pad(inert(row.key), KEY), "" if strong else "$muted"),
            " ",
            (pad(inert(row.event), room), strong),
            " ",
            (pad(when, WHEN), "$muted"),
            pad(f"{row.bookings:,}", BOOKINGS, right=True),
            pad(f"{row.tickets:,}", TICKETS, right=True),
            (f"  {blocked}", "$warn"),
        ]
        return Content.assemble(*parts)

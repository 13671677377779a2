"""Bookings as rows of a list: the columns of the lookup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from backend_client.domain.refund import RefundStatus
from backend_client.domain.texts import clean_text
from tui.screens.states import STATUS_LOOKS
from tui.text.columns import cells, fit, pad
from tui.text.dates import Dates
from tui.text.money import figure_beside
from tui.text.wording import Wording
from tui.widgets.parts import Part

if TYPE_CHECKING:
    from backend_client.answers import Hit

REFERENCE, PAID, STATE, LEFT = 8, 10, 8, 10
FIXED = 3 + REFERENCE + 1 + 1 + PAID + 1 + STATE + LEFT + 1
LONGEST_NAME = 80


class HitRows:
    """Draws hits in columns that share the width: who, what, paid, what can go back."""

    def __init__(self, wording: Wording, dates: Dates, currency: str) -> None:
        self._wording = wording
        self._dates = dates
        self._currency = currency

    @staticmethod
    def _widths(width: int) -> tuple[int, int]:
        """Cells for the customer and for the performance."""
        room = max(width - FIXED, 24)
        customer = room * 44 // 100
        return customer, room - customer

    def heading(self, width: int) -> Content:
        who, what = self._widths(width)
        words = self._wording
        left = words.text("screen.lookup.head.left", currency=self._currency)
        return Content.assemble(
            (
                f"   {pad(words.text('screen.lookup.head.booking'), REFERENCE)}"
                f" {pad(words.text('screen.lookup.head.customer'), who)}"
                f" {pad(words.text('screen.lookup.head.performance'), what)}"
                f"{pad(words.text('screen.lookup.head.paid'), PAID, right=True)}"
                f" {pad(left, STATE + LEFT, right=True)}",
                "$muted",
            )
        )

    def draw(self, hit: Hit, width: int, marked: bool, *, kept: int = 0) -> Content:
        who, what = self._widths(width)
        nobody = "–" if hit.is_unread else self._wording.text("command.show.anonymous")
        customer = clean_text(hit.customer, LONGEST_NAME) or nobody
        paid = "–" if hit.is_unread else self._amount(hit.paid_minor, hit.currency, PAID)
        parts: list[Part] = [
            (" › " if marked else "   ", "bold $accent"),
            (pad(clean_text(hit.reference, 40), REFERENCE), "bold" if marked else ""),
            " ",
            *self._customer(customer, who, kept),
            " ",
            *self._performance(hit, what),
            pad(paid, PAID, right=True),
            " ",
            *self._left(hit),
        ]
        return Content.assemble(*parts)

    def _customer(self, customer: str, width: int, kept: int) -> list[Part]:
        if not kept:
            return [pad(customer, width)]
        note = self._wording.text("screen.lookup.kept", count=kept)
        room = width - cells(note) - 1
        return [pad(customer, room), " ", (note, "$warn")]

    def _performance(self, hit: Hit, width: int) -> list[Part]:
        """The performance, behind the seat that was looked for."""
        seat = fit(clean_text(hit.seat, LONGEST_NAME), max(width // 2, 1))
        if not seat:
            return [(pad(self._event(hit, width), width), "$muted")]
        room = width - cells(seat) - 3
        return [seat, (f" · {pad(self._event(hit, room), room)}", "$muted")]

    def _event(self, hit: Hit, width: int) -> str:
        event = clean_text(hit.performance, LONGEST_NAME)
        if hit.starts_at is None:
            return fit(event, width)
        at = self._dates.short(hit.starts_at)
        if cells(event) + 3 + cells(at) > width:
            at = self._dates.day(hit.starts_at)
        return f"{fit(event, width - cells(at) - 3)} · {at}"

    def _left(self, hit: Hit) -> list[Part]:
        if hit.reason == "already-refunded":
            status = hit.given_back or RefundStatus.DONE
            symbol, style = STATUS_LOOKS[status]
            done = status is RefundStatus.DONE
            key = "command.lookup.why.already-refunded" if done else f"refund_status.{status.value}"
            state = f"{symbol} {self._wording.text(key)}"
            return [(pad(state, STATE + LEFT, right=True), style)]
        if hit.reason:
            key = f"command.lookup.why.{hit.reason}"
            why = self._wording.text(key) if self._wording.has(key) else hit.reason
            return [(pad(f"✗ {why}", STATE + LEFT, right=True), "$muted")]
        partly = f"◐ {self._wording.text('screen.lookup.partly')}" if hit.partly_refunded else ""
        room = LEFT if partly else STATE + LEFT
        left = self._amount(hit.left_minor, hit.currency, room)
        return [(pad(partly, STATE + LEFT - room), "$moving"), pad(left, room, right=True)]

    def _amount(self, minor: int, currency: str, room: int) -> str:
        return figure_beside(minor, currency, self._currency, room)

"""An amount typed like on a till: right-aligned, whole, and deaf to scanners."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.text.columns import fit
from tui.widgets.bursts import BurstWatch
from tui.widgets.typed_ahead import hand_on

LONGEST_AMOUNT = 15
PASTED = re.compile(r"(?=.{1,9}$)[0-9]+(?:[.,][0-9]*)?")
"""What may come in one piece: as much as an amount is long, and shorter than a ticket's number."""


class AmountField(Widget, can_focus=True):
    """Text that should be an amount; what it means is parsed by the screen.

    The first digit after arriving replaces what stood there, as on a till. A burst of keys that is
    no short amount, or ends with Enter, is a scanner: the field goes back to what it was.
    """

    text: reactive[str] = reactive("")
    mistake: reactive[bool] = reactive(False)

    @dataclass
    class Edited(Message):
        field: AmountField
        text: str

        @property
        def control(self) -> AmountField:
            return self.field

    @dataclass
    class BurstRefused(Message):
        field: AmountField

    def __init__(
        self,
        text: str = "",
        *,
        key_time: Callable[[events.Key], float],
        widget_id: str | None = None,
    ) -> None:
        super().__init__(id=widget_id)
        self.set_reactive(AmountField.text, text)
        self._key_time = key_time
        self._bursts = BurstWatch()
        self._fresh = True
        self._before = text
        self._burst = ""

    def on_focus(self) -> None:
        self._fresh = True

    def on_blur(self) -> None:
        self.refresh()

    def put(self, text: str) -> None:
        """Set the amount without an `Edited`: the screen itself changed it."""
        self.text = self._before = text
        self._fresh = True

    def on_key(self, event: events.Key) -> None:
        if hand_on(self, event):
            return
        if event.key == "enter":
            event.stop()
            if self._bursts.key(self._key_time(event)):
                self._refuse_burst()
            return
        if event.key == "backspace":
            event.stop()
            self._change(self.text[:-1])
        elif event.key == "delete":
            event.stop()
            self._change("")
        elif event.key == "space":
            if self._in_burst(event):  # Alone it is the screen's: the rest goes here.
                event.stop()
                self._refuse_burst()
        elif event.is_printable and event.character is not None:
            event.stop()
            self._type(event.character, self._in_burst(event))

    def _in_burst(self, event: events.Key) -> bool:
        burst = self._bursts.key(self._key_time(event))
        if self._bursts.first:
            self._before, self._burst = self.text, ""
        return burst

    def _type(self, character: str, burst: bool) -> None:
        self._burst += character
        if burst and not PASTED.fullmatch(self._burst):
            self._refuse_burst()
            return
        base = "" if self._fresh else self.text
        if len(base) < LONGEST_AMOUNT:
            self._change(base + character)

    def _refuse_burst(self) -> None:
        if self.text != self._before:
            self._change(self._before)
            self._fresh = True
        self.post_message(self.BurstRefused(self))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        pasted = event.text.strip()
        if PASTED.fullmatch(pasted):
            self._change(pasted)
        elif pasted:
            self.post_message(self.BurstRefused(self))

    def _change(self, text: str) -> None:
        self._fresh = False
        if text != self.text:
            self.text = text
            self.post_message(self.Edited(self, text))

    def render(self) -> Content:
        """The figure ends one cell before the edge, where the cursor stands while typing."""
        room = self.size.width - 1
        shown = fit(self.text, room)
        style = f"{self._style} reverse" if self.has_focus and self._fresh else self._style
        return Content.assemble(
            " " * max(room - len(shown), 0),
            (shown, style),
            ("▏" if self.has_focus else " ", "$accent"),
        )

    @property
    def _style(self) -> str:
        return "$bad" if self.mistake else "$text"

"""One of a few: left and right go through them, the whole of it stands on one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.text.columns import fit


class Picker(Widget, can_focus=True):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right", "step(1)", show=False),
    ]
    index: reactive[int] = reactive(0)

    hint = "← →"

    @dataclass
    class Picked(Message):
        index: int

    def __init__(self, labels: Sequence[str] = (), *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self._labels = tuple(labels)

    def offer(self, labels: Sequence[str], index: int) -> None:
        """Other choices, one of them picked, without a `Picked`."""
        self._labels = tuple(labels)
        self.index = min(index, len(labels) - 1)
        self.refresh()

    def action_step(self, step: int) -> None:
        if self._labels:
            self.index = (self.index + step) % len(self._labels)
            self.post_message(self.Picked(self.index))

    def render(self) -> Content:
        if not self._labels:
            return Content("")
        mark = " › " if self.has_focus else "   "
        label = fit(self._labels[self.index], self.size.width - 14)
        place = f"{self.index + 1}/{len(self._labels)}"
        arrow, style = ("bold $accent", "bold") if self.has_focus else ("$muted", "")
        return Content.assemble(
            (mark, "bold $accent"),
            ("‹ ", arrow),
            (label, style),
            (" ›", arrow),
            (f"  {place}", "$muted"),
            (f"  {self.hint}" if self.has_focus else "", "$muted"),
        )

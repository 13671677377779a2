"""A warning that must be read: space ticks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.text.columns import fit


class Tick(Widget, can_focus=True):
    """`[ ] text`; Enter does nothing to it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "tick", show=False)]
    ticked: reactive[bool] = reactive(False)

    @dataclass
    class Changed(Message):
        code: str
        ticked: bool

    def __init__(self, code: str, text: str, *, ticked: bool) -> None:
        super().__init__()
        self.code = code
        self._text = text
        self.set_reactive(Tick.ticked, ticked)

    def action_tick(self) -> None:
        self.ticked = not self.ticked
        self.post_message(self.Changed(self.code, self.ticked))

    def render(self) -> Content:
        mark = " › " if self.has_focus else "   "
        box = "[x]" if self.ticked else "[ ]"
        text = fit(self._text, self.size.width - 9)
        return Content.assemble((mark, "bold $accent"), (f"{box} ⚠ ", "$warn"), (text, "$warn"))

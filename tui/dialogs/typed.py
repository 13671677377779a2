"""Something typed into a dialog, and given with the key that commits."""

from __future__ import annotations

from typing import ClassVar, Generic

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from tui import keys
from tui.dialogs.dialog import Dialog, Result
from tui.widgets.text_fields import PlainField


class TypedDialog(Dialog[Result], Generic[Result]):
    """Enter is dead; what is wrong stands below the field until something else is typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(keys.KEYS["commit"].keys), "give", show=False, id="commit"),
    ]
    SWIPED = "screen.scan.swipe"
    """What is said of a card that was swiped here."""

    def action_give(self) -> None:
        raise NotImplementedError

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value:
            self.say_wrong("")

    @on(PlainField.Swiped)
    def _swiped(self) -> None:
        self.say_wrong(self.window.wording.text(self.SWIPED))

    def say_wrong(self, text: str, style: str = "$bad") -> None:
        self.query_one("#wrong", Static).update(Content.assemble((text, style)))

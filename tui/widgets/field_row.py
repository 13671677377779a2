"""A row with a label at the left and something to fill in at the right edge."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.widgets.amount_field import AmountField
from tui.widgets.choice import Choice
from tui.widgets.parts import Part, spread
from tui.widgets.text_fields import PlainField


class RowLabel(Widget):
    """The words of a row; `note` stands before the field: a limit, or the field's mistake."""

    words: reactive[tuple[Part, ...]] = reactive(())
    note: reactive[tuple[Part, ...]] = reactive(())

    def render(self) -> Content:
        return spread(self.size.width, self.words, [*self.note, " "] if self.note else ())


class FieldRow(Horizontal):
    """One line: label, note, field. The field with the focus marks its row."""

    def __init__(
        self, field: AmountField | PlainField | Choice, *, widget_id: str | None = None
    ) -> None:
        super().__init__(id=widget_id)
        self.label = RowLabel()
        self.field = field

    def compose(self) -> ComposeResult:
        yield self.label
        yield self.field

    def say(self, words: Sequence[Part], note: Sequence[Part] = ()) -> None:
        mark: Part = (" › " if self.field.has_focus else "   ", "bold $accent")
        self.label.words = (mark, *words)
        self.label.note = tuple(note)

    def on_descendant_focus(self) -> None:
        self._mark(" › ")

    def on_descendant_blur(self) -> None:
        self._mark("   ")

    def _mark(self, mark: str) -> None:
        self.label.words = ((mark, "bold $accent"), *self.label.words[1:])

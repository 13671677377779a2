"""A row of a form: label, field, and beside the field what is wrong with it or what it means."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from tui.widgets.field_row import FieldRow, RowLabel
from tui.widgets.parts import Part


class RowNote(RowLabel):
    """The words behind a field."""


class FormRow(FieldRow):
    """The fields of a form begin in one column, whatever stands beside them."""

    def compose(self) -> ComposeResult:
        yield self.label
        yield self.field
        yield RowNote()

    def say(self, words: Sequence[Part], note: Sequence[Part] = ()) -> None:
        super().say(words)
        self.query_one(RowNote).words = tuple(note)

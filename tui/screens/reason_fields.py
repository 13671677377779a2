"""Why, as two rows of a form."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.screens.reason_rows import ReasonRows
from tui.widgets.choice import Choice
from tui.widgets.form_row import FormRow


class ReasonFields(ReasonRows):
    """A reason of the house or own words, in the columns of the other fields."""

    def compose(self) -> ComposeResult:
        yield FormRow(Choice(("",), widget_id="reason"), widget_id="why-row")
        yield FormRow(self._field, widget_id="own-row")

    def on_mount(self) -> None:
        self.query_one("#why-row", FormRow).say([self._wording.text("screen.run_form.field.why")])

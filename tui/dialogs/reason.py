"""Why something is taken back: typed, and given with the key that commits."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from backend_client.domain.texts import REASON_LIMIT
from tui import keys
from tui.dialogs.typed import TypedDialog
from tui.widgets.frame_lines import StatusLine
from tui.widgets.parts import Part
from tui.widgets.text_fields import PlainField


class ReasonDialog(TypedDialog["str | None"]):
    """Gives the reason, or None when it is left; Enter is dead, and so is F9 without a reason."""

    AUTO_FOCUS = "PlainField"

    def __init__(self, title: str, about: list[Part], give: str) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._give = give

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(Content.assemble((self._title, "bold")), id="title")
            yield Static(self.body(), id="body")
            yield Static(self.window.wording.text("dialog.reason.label"), id="label")
            yield PlainField(
                key_time=self.window.key_time, max_length=REASON_LIMIT, widget_id="reason"
            )
            yield Static("", id="wrong")
            yield Static(self.footer(), id="keys")
        yield StatusLine()

    def body(self) -> Content:
        return Content.assemble(*self._about, "\n")

    def footer(self) -> Content:
        commit = keys.shown_key("commit", self.window.usable_keymap)
        return self.keys((commit, self._give), ("Esc", self.window.wording.text("dialog.close")))

    @property
    def field(self) -> PlainField:
        return self.query_one(PlainField)

    def action_give(self) -> None:
        reason = self.field.value.strip()
        if reason:
            self.dismiss(reason)
        else:
            self.say_wrong(self.window.wording.text("dialog.reason.needed"))

    def action_close(self) -> None:
        self.dismiss(None)

"""A problem about money: what happened, whether money moved, what to do, what to quote."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from backend_client.domain.problem import MoneyMoved
from backend_client.domain.problems import Refused
from tui.dialogs.dialog import Dialog
from tui.keys import shown_key
from tui.text.problems import refusal_text
from tui.widgets.parts import Part

MOVED_STYLES = {
    MoneyMoved.NO: ("✓", "$good"),
    MoneyMoved.YES: ("!", "$warn"),
    MoneyMoved.UNKNOWN: ("?", "$warn"),
}


class ProblemDialog(Dialog[None]):
    """Shown until it is closed by hand; its code and request can be copied for whoever helps."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+k", "copy", show=False, id="copy")]

    def __init__(self, problem: Refused, correlation_id: str) -> None:
        super().__init__()
        self.problem = problem
        self.correlation_id = correlation_id
        self._copied = False

    def title_text(self) -> str:
        return self.window.wording.text("dialog.problem.title")

    def body(self) -> Content:
        wording = self.window.wording
        text = refusal_text(wording, self.problem)
        symbol, style = MOVED_STYLES[self.problem.problem.money_moved]
        parts: list[Part] = [
            f"{text.message}\n\n",
            (f"{symbol} {text.money_moved}\n", style),
            (f"› {text.action}\n\n", "bold"),
            (f"{wording.text('dialog.problem.code')}  ", "$muted"),
            f"{text.code}\n",
            (f"{wording.text('dialog.problem.request')}  ", "$muted"),
            self.correlation_id,
        ]
        return Content.assemble(*parts)

    def footer(self) -> Content:
        wording = self.window.wording
        copy = "dialog.copied" if self._copied else "dialog.problem.copy"
        return self.keys(
            ("Esc", wording.text("dialog.close")),
            (shown_key("copy", self.window.usable_keymap), wording.text(copy)),
        )

    def action_copy(self) -> None:
        from textual.widgets import Static

        text = refusal_text(self.window.wording, self.problem)
        self.app.copy_to_clipboard(f"{text.code} {self.correlation_id} {text.message}")
        self._copied = True
        self.query_one("#keys", Static).update(self.footer())

"""Leaving while a refund is being committed: it is kept first, and that is said."""

from __future__ import annotations

from textual.content import Content

from tui.dialogs.dialog import Dialog


class LeaveDialog(Dialog[None]):
    """Ctrl+C once more leaves (the window hears it everywhere), Escape stays."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def title_text(self) -> str:
        return self.window.wording.text("dialog.leave.title")

    def body(self) -> Content:
        return Content(self.window.wording.text("dialog.leave.text", what=self._what))

    def footer(self) -> Content:
        wording = self.window.wording
        return self.keys(
            ("Esc", wording.text("dialog.leave.stay")), ("^C", wording.text("dialog.leave.leave"))
        )

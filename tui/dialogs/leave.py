"""Leaving while something is under way: what becomes of it is said first."""

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


class LeaveRunDialog(Dialog[None]):
    """Ctrl+C once more stops the run in order and then leaves, Escape stays."""

    def title_text(self) -> str:
        return self.window.wording.text("dialog.leave_run.title")

    def body(self) -> Content:
        return Content(self.window.wording.text("dialog.leave_run.text"))

    def footer(self) -> Content:
        wording = self.window.wording
        return self.keys(
            ("Esc", wording.text("dialog.leave.stay")),
            ("^C", wording.text("dialog.leave_run.leave")),
        )

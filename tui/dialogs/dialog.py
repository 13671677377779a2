"""A dialog above the screen: deaf to Enter, closed by Escape, the status line stays readable."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui import keys
from tui.widgets.frame_lines import Level, Status, StatusLine

if TYPE_CHECKING:
    from tui.app import TicketWindowApp

Result = TypeVar("Result")


class Dialog(ModalScreen[Result], Generic[Result]):
    """Subclasses say what it reads; there is no button, so nothing can be pressed by accident."""

    CSS_PATH = "dialog.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys.waiting(),
        Binding("escape", "close", show=False),
    ]
    AUTO_FOCUS = ""

    @property
    def window(self) -> TicketWindowApp:
        return cast("TicketWindowApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(Content.assemble((self.title_text(), "bold")), id="title")
            yield Static(self.body(), id="body")
            yield Static(self.footer(), id="keys")
        yield StatusLine()

    def on_mount(self) -> None:
        """What the screen below said stays readable, above the shade."""
        self.query_one(StatusLine).status = self.window.frame.said

    def title_text(self) -> str:
        raise NotImplementedError

    def body(self) -> Content:
        raise NotImplementedError

    def footer(self) -> Content:
        return self.keys(("Esc", self.window.wording.text("dialog.close")))

    @staticmethod
    def keys(*pairs: tuple[str, str]) -> Content:
        parts = [((key, "bold $accent"), f" {label}   ") for key, label in pairs]
        return Content.assemble(*(piece for pair in parts for piece in pair))

    def take_scan(self, code: str) -> bool:
        """Is a scan for this dialog? Otherwise it waits until the dialog is closed."""
        return False

    def is_deaf(self, event: events.Key) -> bool:
        """Is a key nobody's, because it was pressed before this dialog could be read?"""
        return False

    def action_waits(self, action: str) -> None:
        """A key of the screen below: it was heard, and what it waits for is said."""
        wording = self.window.wording
        text = wording.text("dialog.waits", action=wording.text(f"key.{action}.label"))
        self.query_one(StatusLine).status = Status(text, Level.REFUSED)

    def action_close(self) -> None:
        self.dismiss()

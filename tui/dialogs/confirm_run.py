"""Before a run goes live, or is given up: what it is about, and keys that are no accident."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui import keys
from tui.dialogs.dialog import Dialog
from tui.widgets.amount_field import AmountField
from tui.widgets.field_row import FieldRow
from tui.widgets.frame_lines import StatusLine
from tui.widgets.parts import Part, spread

DEAF_S = 0.3
"""What was typed for the screen below does not answer a question nobody has read yet."""
SEPARATORS = str.maketrans("", "", ",' ’\u202f")


class ConfirmRunDialog(Dialog[bool]):
    """The count shown is typed, then F9; Enter is dead, and F9 too while the number differs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(keys.KEYS["commit"].keys), "give", show=False, id="commit"),
    ]
    AUTO_FOCUS = "AmountField"

    def __init__(self, title: str, about: list[Part], count: int) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._count = count
        self._opened_s = 0.0

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static(Content.assemble((self._title, "bold")), id="title")
            yield Static(self.body(), id="body")
            yield FieldRow(AmountField(key_time=self.window.key_time, widget_id="count-field"))
            yield Static("", id="wrong")
            yield Static(self.footer(), id="keys")
        yield StatusLine()

    def on_mount(self) -> None:
        super().on_mount()
        self._opened_s = self.window.key_now()
        words = self.window.wording.text("dialog.confirm_run.type", count=f"{self._count:,}")
        self.query_one(FieldRow).say([(words, "bold")])
        self._say("")

    def body(self) -> Content:
        return Content.assemble(*self._about, "\n")

    def footer(self) -> Content:
        wording = self.window.wording
        commit = keys.shown_key("commit", self.window.usable_keymap)
        return self.keys(
            (commit, wording.text("dialog.confirm_run.go")), ("Esc", wording.text("dialog.close"))
        )

    def is_deaf(self, event: events.Key) -> bool:
        if event.key in ("escape", *keys.keys_of("quit", self.window.usable_keymap)):
            return False
        return self.window.key_time(event) < self._opened_s + DEAF_S

    @property
    def matches(self) -> bool:
        typed = self.query_one(AmountField).text.translate(SEPARATORS)
        return typed.isascii() and typed.isdigit() and int(typed) == self._count

    @on(AmountField.Edited)
    def _typed(self) -> None:
        self._say("" if not self.matches else "ready")

    @on(AmountField.BurstRefused)
    def _burst(self) -> None:
        self._say("burst")

    def action_give(self) -> None:
        if self.matches:
            self.dismiss(True)
        else:
            self._say("differs")

    def action_close(self) -> None:
        self.dismiss(False)

    def _say(self, what: str) -> None:
        """Beside the field: whether the number is the one that is asked for."""
        style = "$good" if what == "ready" else "$bad"
        text = ""
        if what:
            count = f"{self._count:,}"
            text = self.window.wording.text(f"dialog.confirm_run.{what}", count=count)
        self.query_one("#wrong", Static).update(spread(66, [(text, style)]))


class EndRunDialog(Dialog[bool]):
    """Gives up what is left of a run for good, with the key that commits; Enter does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(keys.KEYS["commit"].keys), "end", show=False, id="commit"),
    ]

    def __init__(self, run_id: int, left: int) -> None:
        super().__init__()
        self._run_id = run_id
        self._left = left

    def title_text(self) -> str:
        return self.window.wording.text("dialog.end_run.title", run=self._run_id)

    def body(self) -> Content:
        return Content(self.window.wording.count("dialog.end_run.text", self._left))

    def footer(self) -> Content:
        wording = self.window.wording
        commit = keys.shown_key("commit", self.window.usable_keymap)
        return self.keys(
            (commit, wording.text("dialog.end_run.end")), ("Esc", wording.text("dialog.close"))
        )

    def action_end(self) -> None:
        self.dismiss(True)

    def action_close(self) -> None:
        self.dismiss(False)


def when_confirmed(then: Callable[[], None]) -> Callable[[bool | None], None]:
    """What a dialog calls when it closes: `then` only if it was not left."""

    def closed(confirmed: bool | None) -> None:
        if confirmed:
            then()

    return closed

"""F1: what the screen is for and its keys."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui import keys
from tui.screens.frame import FrameScreen
from tui.text.columns import pad, wrap
from tui.widgets.parts import rule

EVERYWHERE = ("help", "lookup", "runs", "open_refunds", "back", "lock", "palette", "quit")
"""What every screen answers; all else is shown only where it does something."""
KEY_CELLS = 8
LABEL_CELLS = 24


class HelpScreen(FrameScreen):
    """Made from the same table of keys as everything else, so it cannot be out of date."""

    NAME = "help"
    FOOTER: ClassVar[tuple[str, ...]] = ("help", "back")
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, about: str) -> None:
        super().__init__()
        self._about = about

    def compose_main(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("", id="about")

    def where(self) -> tuple[str, tuple[str, ...]]:
        title = self.window.wording.text(f"help.{self._about}.title")
        return self.words("title"), (title,)

    def on_mount(self) -> None:
        super().on_mount()
        self._show()
        self.say(self.words("hint"))

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        self.query_one("#about", Static).update(self._text())

    def do_help(self) -> None:
        self.do_back()

    def key_label(self, action: str) -> str:
        return super().key_label("back") if action == "help" else super().key_label(action)

    def _text(self) -> Content:
        wording = self.window.wording
        width = self.app.size.width - 1
        lines = [Content("")]
        for paragraph in wording.text(f"help.{self._about}.text").splitlines():
            lines += [Content.assemble("   ", paragraph)]
        for title, actions in (("keys", self._own()), ("everywhere", EVERYWHERE)):
            if actions:
                lines += [Content(""), rule(width, self.words(title))]
            for action in actions:
                lines += self._key(action, width)
        return Content("\n").join(lines)

    @property
    def _screen(self) -> FrameScreen | None:
        """The screen this help is about, which stands below it."""
        stack = reversed(self.window.screen_stack)
        frames = (one for one in stack if isinstance(one, FrameScreen))
        return next((one for one in frames if self._about == one.NAME), None)

    def _own(self) -> list[str]:
        """What that screen can do and not every other."""
        screen = self._screen
        if screen is None:
            return []
        able = (one for one in keys.KEYS if one in screen.FOOTER or hasattr(screen, f"do_{one}"))
        return [one for one in able if one not in EVERYWHERE]

    def _key(self, action: str, width: int) -> list[Content]:
        """A key, its name and its help, the help wrapped in its own column."""
        wording = self.window.wording
        text = wording.text(f"key.{action}.help")
        if keys.KEYS[action].dangerous:
            text = f"{text} ({wording.text('help.moves_money')})"
        key = pad(keys.shown_key(action, self.window.usable_keymap), KEY_CELLS)
        label = pad((self._screen or self).key_label(action), LABEL_CELLS)
        indent = 3 + KEY_CELLS + LABEL_CELLS
        first, *others = wrap(text, width - indent - 2)
        return [
            Content.assemble("   ", (key, "bold $accent"), label, (first, "$muted")),
            *(Content.assemble((" " * indent + other, "$muted")) for other in others),
        ]

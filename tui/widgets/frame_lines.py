"""The lines that frame every screen: header, status, keys; each draws itself from plain values."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.text.columns import cells, wrap
from tui.widgets.parts import Part, spread


class Where(NamedTuple):
    """What the header says: `where` first and bright, `who` after it, the environment always."""

    where: str = ""
    who: tuple[str, ...] = ()
    environment: str = ""
    environment_word: str = ""
    clock: str = ""


CLOCK = len(" · 00:00 ")


def header_room(width: int, environment_word: str) -> int:
    """Cells left of the environment and the clock, without the blanks around them."""
    return width - 2 - cells(environment_word) - CLOCK


ENVIRONMENT_STYLES = {"practice": "bold $moving", "test": "bold $warn", "live": "bold $text"}


class HeaderLine(Widget):
    """Where we are, who sits here, which environment, what time it is."""

    where: reactive[Where] = reactive(Where())

    def render(self) -> Content:
        now = self.where
        left: list[Part] = [" ", (now.where, "bold")]
        left += [(f" · {text}", "$muted") for text in now.who if text]
        style = ENVIRONMENT_STYLES.get(now.environment, "bold $warn")
        right: list[Part] = [(now.environment_word, style), (f" · {now.clock} ", "$muted")]
        return spread(self.size.width, left, right)


class Level(Enum):
    """How much a status matters: the symbol and the style it is shown with."""

    HINT = ("", "$muted")
    INFO = ("›", "$text")
    DONE = ("✓", "$good")
    WARNING = ("⚠", "$warn")
    REFUSED = ("✗", "$bad")

    @property
    def symbol(self) -> str:
        return self.value[0]

    @property
    def style(self) -> str:
        return self.value[1]


class Status(NamedTuple):
    text: str = ""
    level: Level = Level.HINT


class StatusLine(Widget):
    """What was just said to the operator; it stays until something else is said.

    Two rows are always kept for it, so that a long sentence moves nothing.
    """

    ROWS = 2
    status: reactive[Status] = reactive(Status())

    def render(self) -> Content:
        now = self.status
        lead = f" {now.level.symbol} " if now.level.symbol else " "
        room = max(self.size.width - cells(lead) - 1, 1)
        lines = wrap(now.text, room)
        if len(lines) > self.ROWS:
            lines = [*lines[: self.ROWS - 1], " ".join(lines[self.ROWS - 1 :])]
        blank = " " * cells(lead)
        rows = [
            spread(
                self.size.width - 1, [(blank if index else lead, now.level.style), (line, style)]
            )
            for index, line in enumerate(lines)
            for style in [now.level.style]
        ]
        return Content("\n").join(rows)


class KeyEntry(NamedTuple):
    """One key of the footer; a disabled one stays in its place, quieter."""

    key: str
    label: str
    enabled: bool = True


class KeyBar(Widget):
    """The keys that matter on this screen, at most seven."""

    MOST = 7
    entries: reactive[tuple[KeyEntry, ...]] = reactive(())

    def render(self) -> Content:
        parts: list[Part] = [" "]
        for entry in self.entries[: self.MOST]:
            key_style = "bold $accent" if entry.enabled else "$muted"
            parts += [
                (entry.key, key_style),
                (f" {entry.label}", "$text" if entry.enabled else "$muted"),
            ]
            parts.append("  ")
        return spread(self.size.width, parts)


class TooSmall(Widget):
    """Stands in for the whole screen while the terminal is too small for it."""

    DEFAULT_CSS = """
    TooSmall {
        display: none;
        width: 100%;
        height: 1fr;
        content-align: center middle;
        text-align: center;
        background: $background;
        color: $text;
    }
    """
    message: reactive[str] = reactive("")

    def __init__(self, message: str) -> None:
        super().__init__()
        self.set_reactive(TooSmall.message, message)

    def render(self) -> Content:
        return Content("\n").join([Content(line) for line in self.message.splitlines()])

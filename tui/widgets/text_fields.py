"""Fields for text: Enter is dead in them, a swiped card leaves nothing behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from backend_client.domain.card_numbers import holds_card
from backend_client.domain.texts import clean_text
from tui.widgets.typed_ahead import hand_on

SWIPE_START = re.compile(r"%[Bb]\d|;\d{6}")
SWIPE_QUIET_S = 0.5
"""What comes so soon after a swipe began is still the swipe."""


class PlainField(Input, inherit_bindings=False, inherit_css=False):
    """One line of text. The head of a swipe empties the field, and the rest of it is not heard.

    Of the editing keys only those are kept that mean nothing else in the window. Its looks are its
    own altogether: Textual's for every kind of input are read and laid over each other at start.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = Input.COMPONENT_CLASSES
    DEFAULT_CSS = """
    PlainField {
        background: $field;
        color: $text;
        width: 100%;
        height: 1;
        padding: 0 1;
        overflow: auto;
        scrollbar-size-horizontal: 0;
        pointer: text;
        text-style: $input-text-style;
    }
    PlainField > .input--cursor {
        background: $input-cursor-background;
        color: $input-cursor-foreground;
        text-style: $input-cursor-text-style;
    }
    PlainField > .input--selection {
        background: $input-selection-background;
        color: $input-selection-foreground;
        text-style: $input-selection-text-style;
    }
    PlainField > .input--placeholder { color: $muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor_left", show=False),
        Binding("right", "cursor_right", show=False),
        Binding("shift+left", "cursor_left(True)", show=False),
        Binding("shift+right", "cursor_right(True)", show=False),
        Binding("ctrl+left", "cursor_left_word", show=False),
        Binding("ctrl+right", "cursor_right_word", show=False),
        Binding("home", "home", show=False),
        Binding("end", "end", show=False),
        Binding("backspace", "delete_left", show=False),
        Binding("delete", "delete_right", show=False),
        Binding("ctrl+v", "paste", show=False),
    ]

    @dataclass(eq=False, repr=False)
    class Swiped(Message):
        field: PlainField

    @dataclass(eq=False, repr=False)
    class TooLong(Message):
        """What was pasted does not fit, and nothing of it was taken."""

        field: PlainField

    def __init__(
        self,
        *,
        key_time: Callable[[events.Key], float],
        max_length: int,
        placeholder: str = "",
        widget_id: str | None = None,
        prefilled: bool = False,
    ) -> None:
        """What is typed first into a `prefilled` field takes the place of what stood there."""
        super().__init__(
            placeholder=placeholder,
            max_length=max_length,
            id=widget_id,
            select_on_focus=prefilled,
        )
        self.cursor_blink = False
        self._key_time = key_time
        self._swipe_heard_s: float | None = None

    async def _on_key(self, event: events.Key) -> None:
        if self._drops(event):
            event.stop()
            event.prevent_default()
            return
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self.entered(event)
            return
        if hand_on(self, event):
            return
        await super()._on_key(event)
        if SWIPE_START.search(self.value):
            self.value = ""
            self._swipe_heard_s = self._key_time(event)
            self.post_message(self.Swiped(self))

    def forget_card(self) -> None:
        """A full card number was refused: it must not stay in sight either."""
        if holds_card(self.value):
            with self.prevent(Input.Changed):
                self.value = ""

    def entered(self, event: events.Key) -> None:
        """Enter does nothing here: it is what scanners end with."""

    def _drops(self, event: events.Key) -> bool:
        if self._swipe_heard_s is None:
            return False
        now_s = self._key_time(event)
        if now_s - self._swipe_heard_s > SWIPE_QUIET_S:
            self._swipe_heard_s = None
            return False
        self._swipe_heard_s = now_s
        if event.key == "enter":
            self._swipe_heard_s = None
        return True

    def _on_paste(self, event: events.Paste) -> None:
        """Pasted text is typed at once; of several lines only the first one counts.

        What is longer than the field is not taken at all: a part of it would mean something else.
        """
        event.stop()
        event.prevent_default()
        line = next(iter(event.text.splitlines()), "")
        text = clean_text(line, len(line))
        kept = len(self.value) - len(self.selected_text)
        if SWIPE_START.search(line):
            self.post_message(self.Swiped(self))
        elif kept + len(text) > (self.max_length or 0):
            self.post_message(self.TooLong(self))
        else:
            self.replace(text, *sorted(self.selection))


class LookupBox(PlainField):
    """The one box everything is looked up in.

    Enter is read here and not as a binding: a binding runs after the keys behind it, and two fast
    scans would merge. The arrow keys move in the list below while the box keeps the focus.
    """

    MOVES: ClassVar[dict[str, int]] = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10}

    @dataclass(eq=False, repr=False)
    class Entered(Message):
        text: str

    @dataclass(eq=False, repr=False)
    class Stepped(Message):
        key: str

    async def _on_key(self, event: events.Key) -> None:
        if event.key in self.MOVES:
            event.stop()
            event.prevent_default()
            self.post_message(self.Stepped(event.key))
            return
        await super()._on_key(event)

    def entered(self, event: events.Key) -> None:
        text = self.value
        self.value = ""
        self.post_message(self.Entered(text))

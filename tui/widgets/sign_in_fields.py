"""The two fields of signing in: a name to choose or type, and a PIN nobody sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.message import Message

from tui.widgets.bursts import BurstWatch
from tui.widgets.text_fields import PlainField

LONGEST_NAME, LONGEST_PIN = 80, 12


class NameField(PlainField):
    """Typed, or chosen below with the arrow keys; Enter goes on to the PIN."""

    MOVES: ClassVar[dict[str, int]] = {"up": -1, "down": 1}

    @dataclass(eq=False, repr=False)
    class Stepped(Message):
        by: int

    @dataclass(eq=False, repr=False)
    class Entered(Message):
        """The name is said."""

    def __init__(self, key_time: Callable[[events.Key], float]) -> None:
        super().__init__(
            key_time=key_time, max_length=LONGEST_NAME, widget_id="name", prefilled=True
        )

    async def _on_key(self, event: events.Key) -> None:
        if event.key in self.MOVES:
            event.stop()
            event.prevent_default()
            self.post_message(self.Stepped(self.MOVES[event.key]))
            return
        await super()._on_key(event)

    def entered(self, event: events.Key) -> None:
        self.post_message(self.Entered())


class PinField(PlainField):
    """Masked; a letter in the empty field is the first one of another name.

    A swipe and a scanner's burst leave nothing in it, and the Enter they end with says nothing; the
    Enter of a person gives what was typed and leaves nothing either.
    """

    @dataclass(eq=False, repr=False)
    class Entered(Message):
        typed: str

    @dataclass(eq=False, repr=False)
    class Scanned(Message):
        """Too fast for a person."""

    def __init__(self, key_time: Callable[[events.Key], float]) -> None:
        super().__init__(key_time=key_time, max_length=LONGEST_PIN, widget_id="pin")
        self.password = True
        self._bursts = BurstWatch()
        self._burst = False

    async def _on_key(self, event: events.Key) -> None:
        burst = self._bursts.key(self._key_time(event))
        self._burst = burst or (self._burst and not self._bursts.first)
        if self._burst:
            event.stop()
            event.prevent_default()
            self.value = ""
            self.post_message(self.Scanned())
            return
        says_name = (event.character or "").isalpha() and not self.value
        if says_name and self.screen.focused is self:
            self.screen.focus_previous()
        await super()._on_key(event)

    def entered(self, event: events.Key) -> None:
        typed, self.value = self.value, ""
        self.post_message(self.Entered(typed))


class ApproverPinField(PinField):
    """Whose PIN it is, is chosen above: with the arrow keys, or by a letter in the empty field."""

    @dataclass(eq=False, repr=False)
    class Stepped(Message):
        by: int

    @dataclass(eq=False, repr=False)
    class Begun(Message):
        """The first letter of a name."""

        letter: str

    async def _on_key(self, event: events.Key) -> None:
        letter = event.character or ""
        if letter.isalpha() and not self.value:
            event.stop()
            event.prevent_default()
            self.post_message(self.Begun(letter))
            return
        if event.key in NameField.MOVES:
            event.stop()
            event.prevent_default()
            self.post_message(self.Stepped(NameField.MOVES[event.key]))
            return
        await super()._on_key(event)

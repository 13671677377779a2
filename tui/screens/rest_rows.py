"""What is kept back of a refund, and what is still left to place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from backend_client.domain.money import format_amount, parse_amount
from backend_client.domain.problems import Refused
from tui.screens.placing import Placement
from tui.text.money import amount, in_column
from tui.text.problems import refusal_text
from tui.text.wording import Wording
from tui.widgets.amount_field import AmountField
from tui.widgets.field_row import FieldRow
from tui.widgets.parts import Part, spread


class RestRows(Vertical):
    """The retained amount can be typed; `mistake` is why what was typed is none."""

    @dataclass
    class Retained(Message):
        """Another amount is kept back, or what was typed is a mistake (None)."""

        amount_minor: int | None

    def __init__(
        self,
        wording: Wording,
        currency: str,
        retained_minor: int,
        key_time: Callable[[events.Key], float],
    ) -> None:
        super().__init__()
        self._wording = wording
        self._currency = currency
        text = format_amount(retained_minor, currency)
        self._field = AmountField(text, key_time=key_time, widget_id="retained")
        self.mistake: Refused | None = None

    def compose(self) -> ComposeResult:
        yield FieldRow(self._field)
        yield Static("", id="left")

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"screen.method.{key}", **values)

    @on(AmountField.Edited)
    def _typed(self, message: AmountField.Edited) -> None:
        message.stop()
        retained: int | None = None
        try:
            retained = parse_amount(message.text, self._currency) if message.text.strip() else 0
            self.mistake = None
        except Refused as mistake:
            self.mistake = mistake
        self._field.mistake = self.mistake is not None
        self.post_message(self.Retained(retained))

    def keep_nothing(self) -> None:
        """Nothing can be kept back here, so nobody is asked."""
        self.query_one(FieldRow).display = False

    def show(self, placement: Placement | None) -> None:
        """The rest as it is now: zero and ticked, or how much is missing."""
        note: list[Part] = []
        if self.mistake is not None:
            note = [(refusal_text(self._wording, self.mistake).message, "$bad")]
        self.query_one(FieldRow).say([self._say("retained")], note)
        if placement is None:
            return
        left = placement.left_minor
        wrong = (
            self.mistake or placement.mistakes or any(map(placement.over_limit, placement.places))
        )
        sign: Part = ("⚠", "$warn") if left or wrong else ("✓", "$good")
        figure = in_column(left, self._currency)
        words: list[Part] = ["   ", (self._say("left"), "$muted")]
        if placement.waiting_minor:
            owed = amount(placement.waiting_minor, self._currency)
            words.append((f" · {self._say('waiting', amount=owed)}", "$muted"))
        content = spread(self.size.width, words, [sign, (figure, "$warn" if left else "")])
        self.query_one("#left", Static).update(content)

"""Why money goes back: a reason of the house, or own words where the house allows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from backend_client.domain.policy import Reason
from backend_client.domain.texts import REASON_LIMIT
from tui.text.inert import inert
from tui.text.money import money
from tui.text.wording import Wording
from tui.widgets.field_row import FieldRow
from tui.widgets.picker import Picker
from tui.widgets.text_fields import PlainField


class ReasonRows(Vertical):
    """One line to pick from; picking "another reason" opens a line to type in."""

    @dataclass
    class Changed(Message):
        """`picked` says another reason was picked: its fee may change the amount."""

        picked: bool

    def __init__(
        self,
        wording: Wording,
        reasons: Sequence[Reason],
        currency: str,
        reason: str,
        key_time: Callable[[events.Key], float],
        *,
        own_words: bool,
    ) -> None:
        """`reason` is the code or the own words to start with; empty means the first reason. Fees
        are in `currency`, whatever the booking's is."""
        super().__init__()
        self._wording = wording
        self._reasons = reasons
        self._own_words = own_words
        self._currency = currency
        codes = [one.code for one in reasons]
        is_own = bool(reason) and reason not in codes
        self._start = len(codes) if is_own else codes.index(reason) if reason else 0
        self._field = PlainField(key_time=key_time, max_length=REASON_LIMIT, widget_id="own-reason")
        if is_own:
            self._field.value = reason

    def compose(self) -> ComposeResult:
        yield Picker(widget_id="reason")
        yield FieldRow(self._field, widget_id="own-row")

    def on_mount(self) -> None:
        labels = [self._label(reason) for reason in self._reasons]
        if self._own_words or not labels:
            labels.append(self._say("own_reason"))
        self.query_one(Picker).offer(labels, self._start)
        self._show_field()

    def _say(self, key: str, **values: object) -> str:
        return self._wording.text(f"screen.method.{key}", **values)

    def _label(self, reason: Reason) -> str:
        key = f"reason.{reason.code}"
        label = self._wording.text(key) if self._wording.has(key) else inert(reason.label)
        if not reason.breach_fee_minor:
            return label
        fee = money(reason.breach_fee_minor, self._currency)
        return f"{label} · {self._say('keeps', amount=fee)}"

    @property
    def is_own(self) -> bool:
        return self.query_one(Picker).index >= len(self._reasons)

    @property
    def reason(self) -> str:
        """What is written into the refund: the code of a reason of the house, or own words."""
        if self.is_own:
            return self._field.value.strip()
        return self._reasons[self.query_one(Picker).index].code

    @property
    def lacking(self) -> Widget:
        """Where a missing reason is given: in own words where they were chosen."""
        return self._field if self.is_own else self.query_one(Picker)

    def _show_field(self) -> None:
        row = self.query_one("#own-row", FieldRow)
        row.display = self.is_own
        row.say([self._say("own_reason_label")])

    @on(Picker.Picked)
    def _picked(self, message: Picker.Picked) -> None:
        message.stop()
        self._show_field()
        self.post_message(self.Changed(picked=True))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(picked=False))

"""A screen with fields to type in, which says what a scanner or a card reader may not fill in."""

from __future__ import annotations

from textual import on

from tui.screens.frame import FrameScreen
from tui.widgets.amount_field import AmountField
from tui.widgets.frame_lines import Level
from tui.widgets.text_fields import PlainField


class TypedFieldsScreen(FrameScreen):
    """The fields themselves drop a burst or a swipe; here the cashier is told that they did."""

    @on(AmountField.BurstRefused)
    def _burst(self) -> None:
        self.say(self.window.wording.text("screen.scan.burst"), Level.WARNING)

    @on(PlainField.Swiped)
    def _swiped(self) -> None:
        self.say(self.window.wording.text("screen.scan.swipe"), Level.WARNING)

"""The heads above a list."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widget import Widget


class ColumnHeads(Widget):
    """The heads of the columns; drawn where the width is known, so they are in the first frame."""

    def __init__(self, draw: Callable[[], Content]) -> None:
        super().__init__(id="heading")
        self._draw = draw

    def render(self) -> Content:
        return self._draw()

"""One of a few in a row with a label: left and right go through them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tui.text.columns import fit
from tui.widgets.picker import Picker


class Choice(Picker):
    """A picker as wide as a field; the mark stands at its row, not in it."""

    def __init__(
        self, labels: Sequence[str], index: int = 0, *, widget_id: str | None = None
    ) -> None:
        super().__init__(labels, widget_id=widget_id)
        self.set_reactive(Picker.index, index)

    def render(self) -> Content:
        label = fit(self._labels[self.index], max(self.size.width - 4, 1))
        arrow, style = ("bold $accent", "bold") if self.has_focus else ("$muted", "")
        return Content.assemble(("‹ ", arrow), (label, style), (" ›", arrow))

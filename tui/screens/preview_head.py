"""The line above a preview: what it is, and that nothing of it is done yet."""

from __future__ import annotations

from textual.content import Content

from tui.text.wording import Wording
from tui.widgets.parts import rule


def preview_head(wording: Wording, width: int, still: str = "") -> Content:
    """`still` names the sentence that nothing was done; empty once it may not be true any more.

    It stands beside the title because the last sentences of a long preview are out of sight.
    """
    right = wording.text(f"screen.sheet.{still}") if still else ""
    return rule(width, wording.text("screen.sheet.will"), right)

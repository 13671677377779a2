"""An app in a theme of its own: put on before anything is drawn, changed without a restart."""

from __future__ import annotations

import os

from textual.app import App

import themes
from tui.themes import chosen, textual_theme


class DressedApp(App[None], inherit_bindings=False):
    """Reads the file of the theme it wears; the others not before they are wanted."""

    _is_dressed = False

    def __init__(self) -> None:
        # Where NO_COLOR forbids colours, Textual makes greys of all but the terminal's own; told
        # that these are the only ones, it draws none.
        super().__init__(ansi_color=True if os.environ.get("NO_COLOR") else None)

    def get_css_variables(self) -> dict[str, str]:
        """Worked out once: Textual asks first for a theme of its own, which nobody will see."""
        return super().get_css_variables() if self._is_dressed else {}

    def dress(self, wanted: str) -> None:
        """The theme to start with: nothing is drawn yet, so nothing has to be drawn again."""
        theme = chosen(wanted, {"NO_COLOR": "1"} if self.no_color else {})
        self._offer(theme)
        self.set_reactive(App.theme, theme)
        self._is_dressed = True
        self.stylesheet.set_variables(self.get_css_variables())

    def wear(self, theme: str) -> None:
        """Put another theme on."""
        self._offer(theme)
        self.theme = theme

    def _offer(self, theme: str) -> None:
        self.register_theme(textual_theme(themes.load(theme), colourless=self.no_color))

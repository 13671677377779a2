"""The command palette: every action of the screen by its name, with its key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

import themes
from tui import keys
from tui.screens.frame import FrameScreen
from tui.text.columns import pad

if TYPE_CHECKING:
    from tui.app import TicketWindowApp

Command = tuple[str, Callable[[], None]]
NAME_CELLS = 40


class Actions(Provider):
    """Actions of the screen below, then the themes; one that is off says why when chosen."""

    def _commands(self) -> list[Command]:
        window = cast("TicketWindowApp", self.app)
        frame, wording = window.frame, window.wording
        commands: list[Command] = []
        for action in keys.KEYS:
            if action in ("palette", "open"):
                continue
            label = wording.text(f"key.{action}.label")
            key = keys.shown_key(action, window.usable_keymap)
            commands.append((f"{pad(label, NAME_CELLS)}{key}", self._do(window, frame, action)))
        for name in themes.names():
            text = wording.text("palette.theme", theme=wording.text(f"palette.themes.{name}"))
            commands.append((text, partial(window.wear, name)))
        return commands

    @staticmethod
    def _do(window: TicketWindowApp, frame: FrameScreen, action: str) -> Callable[[], None]:
        return window.do_leave if action == "quit" else partial(frame.action_act, action)

    async def discover(self) -> Hits:
        for name, run in self._commands():
            yield DiscoveryHit(name, run)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        matcher = self.matcher(query)
        for name, run in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run)


class ActionPalette(CommandPalette):
    """Textual's palette over our actions, in our looks."""

    CSS_PATH = "palette.tcss"


def action_palette(placeholder: str) -> CommandPalette:
    return ActionPalette(providers=[Actions], placeholder=placeholder)

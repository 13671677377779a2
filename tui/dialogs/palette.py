"""The command palette: every action of the screen by its name, with its key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

import themes
from tui import keys
from tui.screens.frame import FOR_RUNS, FrameScreen
from tui.text.columns import pad

if TYPE_CHECKING:
    from tui.app import TicketWindowApp

NAME_CELLS = 40
BEHIND = 0.1
"""What is found of an action that is not possible now counts for so much."""
FROM_ANYWHERE = frozenset({"cancel_performance", "dispatch"})
"""Chosen by name these begin where they stand, not only where their letters do."""


class Command(NamedTuple):
    """One row; `why_not` says why it cannot be done now, and so does choosing it."""

    name: str
    run: Callable[[], None]
    why_not: str = ""

    @property
    def help(self) -> str | None:
        return f"✗ {self.why_not}" if self.why_not else None

    def drawn(self, name: Content) -> Content:
        return name.stylize("$muted") if self.why_not else name


class Actions(Provider):
    """What can be done on the screen below, then the themes, then what cannot and why."""

    def _commands(self) -> list[Command]:
        window = cast("TicketWindowApp", self.app)
        frame, wording = window.frame, window.wording
        commands: list[Command] = []
        impossible: list[Command] = []
        for action in keys.KEYS:
            if action in ("palette", "open"):
                continue
            key = keys.shown_key(action, window.usable_keymap)
            name = f"{pad(frame.key_label(action), NAME_CELLS)}{key}"
            command = Command(name, self._do(window, frame, action), self._why_not(frame, action))
            (impossible if command.why_not else commands).append(command)
        for name in themes.names():
            text = wording.text("palette.theme", theme=wording.text(f"palette.themes.{name}"))
            commands.append(Command(text, partial(window.wear, name)))
        return commands + impossible

    @staticmethod
    def _why_not(frame: FrameScreen, action: str) -> str:
        if action == "approve" and frame.why_not(action):
            return frame.why_not("open_refunds")
        if action not in FROM_ANYWHERE:
            return frame.why_not(action)
        return frame.why_not("runs") or frame.not_theirs(FOR_RUNS[action])

    @classmethod
    def _do(cls, window: TicketWindowApp, frame: FrameScreen, action: str) -> Callable[[], None]:
        if action == "quit":
            return window.way_out.take
        if action in FROM_ANYWHERE:
            why_not = cls._why_not(frame, action)
            return partial(frame.refuse, why_not) if why_not else partial(_begin, window, action)
        if action == "approve" and frame.why_not(action):
            return partial(_show_waiting, window, frame)
        return partial(frame.action_act, action)

    async def discover(self) -> Hits:
        for command in self._commands():
            shown = command.drawn(Content(command.name))
            yield DiscoveryHit(shown, command.run, text=command.name, help=command.help)

    async def search(self, query: str) -> AsyncIterator[Hit]:
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.name) * (BEHIND if command.why_not else 1)
            if score > 0:
                shown = command.drawn(matcher.highlight(command.name))
                yield Hit(score, shown, command.run, text=command.name, help=command.help)


def _begin(window: TicketWindowApp, action: str) -> None:
    from tui.screens.to_runs import begin_cancellation, begin_dispatch

    (begin_dispatch if action == "dispatch" else begin_cancellation)(window)


def _show_waiting(window: TicketWindowApp, frame: FrameScreen) -> None:
    """Chosen by name where nothing waits, it leads to the list of what does."""
    from tui.screens.open_legs import WAITING

    why_not = frame.why_not("open_refunds")
    if why_not:
        frame.refuse(why_not)
    else:
        window.show_open_refunds(only=WAITING)


class ActionPalette(CommandPalette):
    """Textual's palette over our actions, in our looks."""

    CSS_PATH = "palette.tcss"


def action_palette(placeholder: str) -> CommandPalette:
    return ActionPalette(providers=[Actions], placeholder=placeholder)

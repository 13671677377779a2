"""The way out of the window: asked for twice, and nothing that is under way is lost by it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tui.hangup import leave_on_hangup
from tui.widgets.frame_lines import Level

if TYPE_CHECKING:
    from tui.app import TicketWindowApp


class WayOut:
    """Remembers that leaving was asked for; any other key takes that back."""

    def __init__(self, window: TicketWindowApp) -> None:
        self._window = window
        self._asked = False

    def open_on_hangup(self) -> None:
        """A closed terminal ends the window in order: a write under way is finished first."""
        window = self._window
        if threading.current_thread() is not threading.main_thread() or window.is_headless:
            return
        loop = window._loop
        assert loop is not None
        leave_on_hangup(lambda: loop.call_soon_threadsafe(window.exit))

    def forget(self) -> None:
        self._asked = False

    def ask(self) -> None:
        """The first press warns, the second one leaves; what is being written is kept first, and
        a live run is stopped in order: only a third press does not wait for that."""
        window, runs = self._window, self._window.live_runs
        if self._asked and runs.under_way and not runs.stopping:
            runs.stop_all()
            window.say(window.wording.text("screen.frame.stopping_runs"), Level.WARNING)
            return
        if self._asked:
            window.exit()
            return
        self._asked = True
        if window.writing:
            from tui.dialogs.leave import LeaveDialog

            window.push_screen(LeaveDialog(window.writing))
        elif runs.under_way:
            from tui.dialogs.leave import LeaveRunDialog

            window.push_screen(LeaveRunDialog())
        else:
            window.say(window.wording.text("screen.frame.leave_again"), Level.WARNING)

    def take(self) -> None:
        """Leave from the palette, where the choice was made by name."""
        if self._window.writing or self._window.live_runs.under_way:
            self.ask()
        else:
            self._window.exit()

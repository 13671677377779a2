"""What a scan does to the window: it opens its booking, or waits until nothing is in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from backend_client.domain.texts import clean_text
from tui.scanner import Heard, ScanCollector, Verdict
from tui.widgets.frame_lines import Level

if TYPE_CHECKING:
    from tui.app import TicketWindowApp


class Scans:
    """Hears every key of the window before a screen does, and keeps one scan while it waits."""

    def __init__(self, window: TicketWindowApp, prefix: str) -> None:
        self._window = window
        self._collector = ScanCollector(prefix)
        self._waiting = ""

    def swallow(self, event: events.Key) -> bool:
        """Hear one key; True if it belongs to a scan and is nobody else's."""
        at_s = self._window.key_time(event)
        verdict = self._collector.hear(event.key, event.character, at_s, typing=self._is_typing())
        self._heard(verdict)
        return verdict.swallowed

    def _is_typing(self) -> bool:
        """Is a text field listening? It takes `%` and `;` as letters, and drops swipes itself."""
        from textual.widgets import Input

        return isinstance(self._window.focused, Input)

    def _heard(self, verdict: Verdict) -> None:
        if verdict.heard is Heard.SCAN:
            self.take(clean_text(verdict.code, len(verdict.code)))
        elif verdict.heard in (Heard.TOO_LONG, Heard.BROKEN_OFF, Heard.SWIPE):
            self._warn(f"screen.scan.{verdict.heard.name.lower()}")

    def _warn(self, key: str, **values: object) -> None:
        self._window.say(self._window.wording.text(key, **values), Level.WARNING)

    def take(self, code: str) -> None:
        """Open what was scanned, or keep it until the dialog is closed and the write is over."""
        from tui.dialogs.dialog import Dialog

        window = self._window
        if window.lock.locked:
            self._warn("screen.scan.locked")
            return
        if isinstance(window.screen, Dialog) and window.screen.take_scan(code):
            return
        if self._in_the_way():
            self._waiting = code
            until = "writing" if window.writing else "dialog"
            self._warn(f"screen.scan.waits.{until}", code=code)
            return
        window.go_home()
        window.home.open_scan(code)

    def _in_the_way(self) -> bool:
        return self._window.dialog_open or bool(self._window.writing)

    def release(self) -> None:
        """A write has ended: what was scanned meanwhile has its turn."""
        code, self._waiting = self._waiting, ""
        if code:
            self.take(code)

    def forget(self) -> None:
        """What waited was for somebody else."""
        self._waiting = ""

    def screen_is_back(self) -> None:
        """What covered the screen is gone; the screen draws itself before a scan leaves it."""
        if self._waiting and not self._in_the_way():
            self._window.call_later(self.release)

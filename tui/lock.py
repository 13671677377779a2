"""The lock of the window: who sits here signs in, an idle window locks, the same person comes back
to the same screen. What runs goes on behind it, and shows what came of it afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.message import Message
from textual.message_pump import MessagePump

from tui.widgets.frame_lines import Level

if TYPE_CHECKING:
    from backend_client.domain.caller import Caller
    from tui.app import TicketWindowApp
    from tui.screens.sign_in import SignInScreen


class Lock:
    """Nothing is on while the store knows no operators."""

    def __init__(self, window: TicketWindowApp) -> None:
        self._window = window
        self._screen: SignInScreen | None = None
        self._signed_in = False
        self._heard_s = 0.0
        self._held: list[tuple[MessagePump, Message]] = []

    @property
    def locked(self) -> bool:
        return self._screen is not None

    @property
    def can_lock(self) -> bool:
        """Has somebody signed in here?"""
        return self._signed_in

    @property
    def begun(self) -> bool:
        """Is there anything on the screens that another person would not find again?"""
        window = self._window
        return len(window.screen_stack) > 2 or bool(window.drafts or window.half_filled)

    # ------------------------------------------------------------ locking

    def demand(self) -> None:
        """Have somebody sign in; whatever is shown stays behind it."""
        if self.locked:
            return
        from tui.screens.sign_in import SignInScreen

        self._screen = SignInScreen(comes_back=self._signed_in)
        self._window.push_screen(self._screen)

    def heard(self) -> None:
        """A key or the mouse: somebody is there."""
        self._heard_s = self._window.key_now()

    def tick(self) -> None:
        """Lock an idle window; keep the clock of a locked one."""
        if self._screen is not None:
            self._screen.refresh_frame()
        elif self._signed_in:
            idle_s = self._window.key_now() - self._heard_s
            if idle_s >= self._window.settings.lock_after_minutes * 60:
                self.demand()

    def holds(self, target: MessagePump, message: Message) -> bool:
        """Keep what would change a screen that is locked until it is opened. Of the same kind to
        the same screen the last one counts, as it does while nothing is locked."""
        if not self.locked:
            return False
        kind = (type(message), getattr(message, "group", None))
        if kind[1] is not None:
            self._held = [
                (to, one)
                for to, one in self._held
                if to is not target or (type(one), getattr(one, "group", None)) != kind
            ]
        self._held.append((target, message))
        return True

    def say(self, text: str, level: Level) -> bool:
        """Say something where it is seen while the window is locked."""
        if self._screen is None:
            return False
        self._screen.say(text, level)
        return True

    # ------------------------------------------------------------ opening

    def admit(self, known: Caller) -> None:
        """Somebody signed in: the first one, the one who was here, or another one."""
        window, screen = self._window, self._screen
        assert screen is not None
        first = not self._signed_in
        if first or known.operator == window.caller.operator:
            self._open(known)
            if first:
                window.begin()
        elif window.writing:
            words = window.wording.text("screen.frame.writing", what=window.writing)
            screen.say(words, Level.REFUSED)
        elif self.begun:
            screen.ask_to_drop(known)
        else:
            self.hand_over(known)

    def _open(self, known: Caller) -> None:
        """The same screen as before, with what came meanwhile."""
        window, screen = self._window, self._screen
        self._sit_down(known)
        held, self._held = self._held, []
        while window.screen is not screen:  # a question about leaving may stand above it
            window.pop_screen()
        window.pop_screen()
        for target, message in held:
            target.post_message(message)

    def hand_over(self, known: Caller) -> None:
        """Another person begins afresh; only the end of a run is still told."""
        from tui.screens.messages import RunOver

        window = self._window
        self._sit_down(known)
        held, self._held = self._held, []
        window.drafts.clear()
        window.half_filled.clear()
        window.draft_hits.clear()
        window.scans.forget()
        window.go_home(fresh=True)
        for target, message in held:
            if isinstance(message, RunOver):
                target.post_message(message)

    def _sit_down(self, known: Caller) -> None:
        window = self._window
        window.sits_here(replace(window.caller, operator=known.operator, role=known.role))
        self._signed_in, self._screen = True, None
        self.heard()

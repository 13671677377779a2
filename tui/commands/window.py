"""Without a command: the window."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_client.domain.caller import Entrance
from backend_client.domain.problems import Refused
from tui import interpreter, places, wiring
from tui.commands.session import Session

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from tui.app import TicketWindowApp
    from tui.driving import Driving, Timer


def open_window(session: Session, beside: Callable[[], None] = lambda: None) -> int:
    """Draw the first screen; the store is opened behind it, and `beside` is called once it is.
    What can be refused without drawing is refused before: a missing terminal or store."""
    if not can_draw():
        raise Refused("terminal-needed")
    if session.settings.connect is None:  # with Connect the store is only a journal, made at need
        places.require_store(session.store_url)
    from tui.app import TicketWindowApp

    def open_backend() -> Backend:
        return wiring.open_backend(
            session.store_url,
            session.settings,
            create=False,
            clock=session.clock,
            tokens=session.tokens,
        )

    def after_start() -> None:
        interpreter.keep_what_is_loaded()
        beside()

    app = TicketWindowApp(
        open_backend,
        session.caller(Entrance.WINDOW),
        session.settings,
        session.wording,
        session.clock,
        after_start=after_start,
        drive=drive_beside,
    )
    app.run()
    return app.return_code or 0


def can_draw() -> bool:
    """Is there a terminal with a screen? A dumb one, as editors have, writes lines alone."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def drive_beside(app: TicketWindowApp, backend: Backend, timer: Timer | None = None) -> Driving:
    """Who drives while this window is open; what each round did becomes a message to it."""
    from tui.driving import Driving
    from tui.screens.messages import Mailed, Settled

    return Driving(
        backend,
        app.caller,
        settled=lambda result: app.post_message(Settled(result)),
        mailed=lambda result: app.post_message(Mailed(result)),
        timer=timer,
    )

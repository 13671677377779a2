"""Four eyes on a simulation, as the screen of a run asks for them: who may say yes, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_client.domain.caller import Action
from backend_client.domain.runs import Run
from tui.keys import shown_key
from tui.screens.second_person import Yes, is_theirs
from tui.screens.second_person import ask as ask_another
from tui.text.inert import inert

if TYPE_CHECKING:
    from tui.app import TicketWindowApp
    from tui.screens.run import RunScreen
    from tui.widgets.parts import Part


def waits(run: Run) -> bool:
    """Is another supervisor's yes all that it needs from others?"""
    return run.needs_approval and run.approval is None


def waits_for(screen: RunScreen, run: Run) -> str:
    """Whose yes it waits for, and where they say it."""
    window = screen.window
    where = "here" if window.lock.can_lock else "elsewhere"
    key = f"not.unapproved.{'yours' if approves_here(window, run) else where}"
    press = shown_key("approve", window.usable_keymap)
    return screen.words(key, operator=inert(run.operator), press=press)


def why_not(screen: RunScreen, run: Run) -> str:
    """Why nobody can approve it here now, where it may still go live; empty when somebody can."""
    if run.approval is not None:
        return screen.words_of_runs.approval(run, screen.window.clock.now())
    if not run.needs_approval:
        return screen.words("not.approve.unneeded")
    if not approves_here(screen.window, run) and not screen.window.lock.can_lock:
        return screen.words("not.approve.elsewhere", operator=inert(run.operator))
    return ""


def approves_here(window: TicketWindowApp, run: Run) -> bool:
    """May whoever sits here approve it, without anybody else in front of the window?"""
    return is_theirs(window, Action.APPROVE_RUN, run.operator)


def ask(screen: RunScreen, run: Run, about: list[Part], taken: Callable[[Run], None]) -> None:
    """Have it approved by who sits here, or by another supervisor who types a PIN."""
    ask_another(
        screen,
        Yes(
            Action.APPROVE_RUN,
            run.operator,
            title=screen.window.wording.text("dialog.approver.run", run=run.id),
            about=about,
            what=screen.words("approving", run=run.id),
            nobody=screen.words("not.approve.nobody", operator=inert(run.operator)),
            give=screen.window.wording.text("dialog.approver.give"),
            say=lambda backend, other: backend.approve_run(other, run.id, run.fingerprint),
            taken=taken,
        ),
    )

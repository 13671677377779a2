"""Another person's yes, as every screen asks for it: by who sits here, or by somebody beside them
who types a PIN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from backend_client.domain.caller import Action, Caller
from backend_client.domain.names import is_same_person
from backend_client.domain.permissions import allowed
from backend_client.domain.problems import Refused

if TYPE_CHECKING:
    from backend_client.backend import Backend
    from tui.app import TicketWindowApp
    from tui.screens.frame import FrameScreen
    from tui.widgets.parts import Part

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Yes(Generic[T]):
    """What is asked of whom: `maker` is who it must not be, `action` what the other one must be
    allowed, `say` writes it down for them and `taken` shows what came of it."""

    action: Action
    maker: str
    title: str
    about: Sequence[Part]
    what: str
    nobody: str
    give: str
    say: Callable[[Backend, Caller], T]
    taken: Callable[[T], None]


def is_theirs(window: TicketWindowApp, action: Action, maker: str) -> bool:
    """May whoever sits here say it, without anybody else in front of the window?"""
    caller = window.caller
    return allowed(caller, action) and not is_same_person(maker, caller.operator)


def ask(screen: FrameScreen, yes: Yes[T]) -> None:
    """Have it said by who sits here, or by another one who types a PIN."""
    from tui.dialogs.approver import ApproverDialog

    window, about = screen.window, list(yes.about)

    def say(other: Caller | None) -> None:
        if other is None:
            return
        window.write(
            yes.what,
            lambda backend, caller: yes.say(
                backend, replace(other, correlation_id=caller.correlation_id)
            ),
            yes.taken,
            refused,
        )

    def refused(problem: Refused, correlation_id: str) -> None:
        screen.refuse_problem(problem)
        window.show_problem(problem, correlation_id)

    def choose(names: tuple[str, ...]) -> None:
        others = tuple(name for name in names if not is_same_person(name, yes.maker))
        if others:
            window.push_screen(ApproverDialog(yes.title, about, yes.give, others), say)
        else:
            screen.refuse(yes.nobody)

    if is_theirs(window, yes.action, yes.maker):
        window.push_screen(ApproverDialog(yes.title, about, yes.give), say)
        return
    caller = window.caller
    screen.ask("approvers", lambda backend: backend.who_may(caller, yes.action), choose)

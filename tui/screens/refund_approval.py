"""A refund that waits for approval, as screens ask for it: who may say yes here, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_client.answers import RefundOutcome
from backend_client.domain.approval import approval_fingerprint
from backend_client.domain.caller import Action, Caller
from backend_client.domain.legs import Refund
from backend_client.domain.names import is_same_person
from backend_client.domain.permissions import allowed
from backend_client.domain.problems import Refused
from tui.screens.telling import destination
from tui.text.events import reason_text
from tui.text.inert import inert
from tui.text.money import money
from tui.text.names import name_in

if TYPE_CHECKING:
    from tui.app import TicketWindowApp
    from tui.screens.frame import FrameScreen
    from tui.widgets.parts import Part

SHOWN = 4
"""Lines and payments that are listed at once."""


def why_not(window: TicketWindowApp, refund: Refund) -> str:
    """Why nobody can approve it at this window now; empty when somebody can."""
    if window.writing:
        return window.wording.text("screen.frame.writing", what=window.writing)
    if _approves_here(window, refund) or window.lock.can_lock:
        return ""
    return window.wording.text("refund_approval.elsewhere", operator=inert(refund.operator))


def ask(
    screen: FrameScreen, outcome: RefundOutcome, taken: Callable[[RefundOutcome], None]
) -> None:
    """Have it approved by who sits here, or by another supervisor who types a PIN."""
    from tui.dialogs.approver import ApproverDialog

    window, refund = screen.window, outcome.refund
    say = window.wording.text
    amount = money(refund.amount_minor, refund.currency)
    title = say("refund_approval.title", refund=refund.number, amount=amount)
    about = list(_about(window, outcome))

    def approve(approver: Caller | None) -> None:
        if approver is None:
            return
        fingerprint = approval_fingerprint(refund)
        window.write(
            say("refund_approval.what", refund=refund.number),
            lambda backend, caller: backend.approve_refund(
                replace(approver, correlation_id=caller.correlation_id), refund.number, fingerprint
            ),
            taken,
            refused,
        )

    def refused(problem: Refused, correlation_id: str) -> None:
        screen.refuse_problem(problem)
        window.show_problem(problem, correlation_id)

    def choose(names: tuple[str, ...]) -> None:
        others = tuple(name for name in names if not is_same_person(name, refund.operator))
        if others:
            window.push_screen(ApproverDialog(title, about, others), approve)
        else:
            screen.refuse(say("refund_approval.nobody", operator=inert(refund.operator)))

    if _approves_here(window, refund):
        window.push_screen(ApproverDialog(title, about), approve)
        return
    caller = window.caller
    screen.ask("approvers", lambda backend: backend.who_may(caller, Action.APPROVE_REFUND), choose)


def _approves_here(window: TicketWindowApp, refund: Refund) -> bool:
    """May whoever sits here approve it, without anybody else in front of the window?"""
    caller = window.caller
    own = is_same_person(caller.operator, refund.operator)
    return allowed(caller, Action.APPROVE_REFUND) and not own


def _about(window: TicketWindowApp, outcome: RefundOutcome) -> Iterator[Part]:
    """Who made it and why, what goes back, and where all of it goes."""
    refund, wording = outcome.refund, window.wording
    yield wording.text(
        "refund_approval.made",
        operator=inert(refund.operator),
        desk=inert(refund.desk) or "–",
        at=window.dates.short(refund.created_at),
        reason=reason_text(wording, refund.reason),
    )
    names = [
        name_in(wording, outcome.booking, line.sequence, line.description) for line in refund.lines
    ]
    legs = [
        f"{money(leg.amount_minor, refund.currency)} · {destination(leg, wording)}"
        for leg in refund.legs
        if leg.is_live
    ]
    for listed, between in ((names, ", "), (legs, "\n")):
        shown = listed[:SHOWN]
        if len(listed) > SHOWN:
            shown.append(wording.text("refund_approval.more", count=len(listed) - SHOWN))
        yield "\n" + between.join(shown)

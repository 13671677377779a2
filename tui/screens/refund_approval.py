"""A refund that waits for approval, as screens ask about it: who may say yes or no, and how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from backend_client.answers import RefundOutcome
from backend_client.domain.approval import approval_fingerprint
from backend_client.domain.caller import Action
from backend_client.domain.legs import Refund
from backend_client.domain.permissions import allowed
from backend_client.domain.problems import Refused
from tui.screens.second_person import Yes, is_theirs
from tui.screens.second_person import ask as ask_another
from tui.screens.telling import destination
from tui.text.events import reason_text
from tui.text.inert import inert
from tui.text.money import money
from tui.text.names import name_in

if TYPE_CHECKING:
    from tui.app import TicketWindowApp
    from tui.screens.frame import FrameScreen
    from tui.text.wording import Wording
    from tui.widgets.parts import Part

SHOWN = 4
"""Lines and payments that are listed at once."""
DECISIONS = ("approve", "refuse")


def why_not(window: TicketWindowApp, refund: Refund, action: str) -> str:
    """Why nobody can approve it at this window now, or refuse it; empty when somebody can."""
    if window.writing:
        return window.wording.text("screen.frame.writing", what=window.writing)
    maker = inert(refund.operator)
    if action == "refuse":
        may = allowed(window.caller, Action.VOID_OWN if is_own(window, refund) else Action.VOID)
        return "" if may else window.wording.text("refund_approval.not_refused", operator=maker)
    if is_theirs(window, Action.APPROVE_REFUND, refund.operator) or window.lock.can_lock:
        return ""
    return window.wording.text("refund_approval.elsewhere", operator=maker)


def is_own(window: TicketWindowApp, refund: Refund) -> bool:
    """Did who sits here make it? To say no to one's own is to take it back."""
    return window.caller.operator == refund.operator


def refuse_label(window: TicketWindowApp, refund: Refund) -> str:
    own = "withdraw" if is_own(window, refund) else "refuse"
    return window.wording.text(f"refund_approval.{own}.short")


def ask(
    screen: FrameScreen, outcome: RefundOutcome, taken: Callable[[RefundOutcome], None]
) -> None:
    """Have it approved by who sits here, or by another supervisor who types a PIN."""
    window, refund = screen.window, outcome.refund
    say, maker = window.wording.text, inert(refund.operator)
    amount = money(refund.amount_minor, refund.currency)
    fingerprint = approval_fingerprint(refund)
    ask_another(
        screen,
        Yes(
            Action.APPROVE_REFUND,
            refund.operator,
            title=say("refund_approval.title", refund=refund.number, amount=amount),
            about=tuple(_about(window, outcome)),
            what=say("refund_approval.what", refund=refund.number),
            nobody=say("refund_approval.nobody", operator=maker),
            give=say("dialog.approver.give"),
            say=lambda backend, other: backend.approve_refund(other, refund.number, fingerprint),
            taken=taken,
        ),
    )


def refuse(
    screen: FrameScreen, outcome: RefundOutcome, taken: Callable[[RefundOutcome], None]
) -> None:
    """Have who sits here say no, with a reason: its lines are sold again."""
    from tui.deciding import turn_down
    from tui.dialogs.reason import ReasonDialog

    window, refund = screen.window, outcome.refund
    say = window.wording.text
    kind = "withdraw" if is_own(window, refund) else "refuse"
    amount = money(refund.amount_minor, refund.currency)
    title = say(f"refund_approval.{kind}.title", refund=refund.number, amount=amount)

    def write(reason: str | None) -> None:
        if reason is not None:
            window.write(
                say(f"refund_approval.{kind}.what", refund=refund.number),
                lambda backend, caller: turn_down(backend, caller, refund.number, reason),
                taken,
                refused,
            )

    def refused(problem: Refused, correlation_id: str) -> None:
        screen.refuse_problem(problem)
        window.show_problem(problem, correlation_id)

    made, lines, _legs = _about(window, outcome)
    about = [made, lines, "\n\n", say("refund_approval.then")]
    give = say(f"refund_approval.{kind}.give")
    window.push_screen(ReasonDialog(title, about, give), write)


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
    for listed, between in ((counted(wording, names), ", "), (legs, "\n")):
        shown = listed[:SHOWN]
        if len(listed) > SHOWN:
            shown.append(wording.text("refund_approval.more", count=len(listed) - SHOWN))
        yield "\n" + between.join(shown)


def counted(wording: Wording, names: Iterable[str]) -> list[str]:
    """Equal names once, with how many there are: a class of 120 is one word and not 120."""
    return [
        wording.text("receipt.quantity", count=count) + name if count > 1 else name
        for name, count in Counter(names).items()
    ]

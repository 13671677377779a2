"""What one supervisor said of a payment in review and another one confirms, as its screen asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_client.domain.caller import Action
from tui.deciding import plan_confirmation
from tui.screens.second_person import Yes, is_theirs
from tui.screens.second_person import ask as ask_another
from tui.text.inert import inert
from tui.text.money import money

if TYPE_CHECKING:
    from backend_client.answers import RefundOutcome
    from backend_client.backend import Backend
    from backend_client.domain.caller import Caller
    from backend_client.domain.findings import Proposal
    from backend_client.domain.legs import Leg
    from tui.app import TicketWindowApp
    from tui.screens.frame import FrameScreen


def said(window: TicketWindowApp, proposal: Proposal) -> str:
    """Who said what, with the reference and where it was seen."""
    wording, found = window.wording, proposal.resolution
    finding = wording.text(f"confirming.finding.{found.finding.value}")
    seen = [inert(one) for one in (found.reference, found.evidence) if one]
    return wording.text(
        "confirming.said",
        operator=inert(proposal.operator),
        at=window.dates.short(proposal.at),
        what=" · ".join([finding, *seen]),
    )


def told(window: TicketWindowApp, proposal: Proposal) -> str:
    """The same, with what it waits for."""
    return f"{said(window, proposal)} {window.wording.text('confirming.waits')}"


def why_not(window: TicketWindowApp, proposal: Proposal) -> str:
    """Why nobody can confirm it at this window now; empty when somebody can."""
    if window.writing:
        return window.wording.text("screen.frame.writing", what=window.writing)
    if is_theirs(window, Action.RESOLVE, proposal.operator) or window.lock.can_lock:
        return ""
    return window.wording.text("confirming.elsewhere", operator=inert(proposal.operator))


def ask(
    screen: FrameScreen, leg: Leg, currency: str, taken: Callable[[RefundOutcome], None]
) -> None:
    """Have the same said by who sits here, or by another supervisor who types a PIN."""
    proposal, window = leg.proposal, screen.window
    assert proposal is not None
    say, maker = window.wording.text, inert(proposal.operator)

    def confirm(backend: Backend, other: Caller) -> RefundOutcome:
        return backend.execute_resolution(other, plan_confirmation(backend, other, leg))

    ask_another(
        screen,
        Yes(
            Action.RESOLVE,
            proposal.operator,
            title=say("confirming.title", leg=leg.number, amount=money(leg.amount_minor, currency)),
            about=(said(window, proposal), "\n", say("confirming.look")),
            what=say("confirming.what", leg=leg.number),
            nobody=say("confirming.nobody", operator=maker),
            give=say("confirming.give"),
            say=confirm,
            taken=taken,
        ),
    )

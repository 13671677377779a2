"""What to tell the customer about one part of the money: one table for every screen."""

from __future__ import annotations

from backend_client.answers import Capabilities
from backend_client.domain.approval import cash_due
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.refund import LegState, Method, RefundStatus
from tui.text.inert import inert
from tui.text.money import money
from tui.text.receipt import UNCLEAR, arrival_text
from tui.text.wording import Wording

OWED_STILL = frozenset({LegState.DECLINED, LegState.FAILED_LATE})


def sentence(leg: Leg, currency: str, capabilities: Capabilities, wording: Wording) -> str:
    """What the cashier says: how much goes where, and when it arrives."""
    figure = money(leg.amount_minor, currency)
    key = f"screen.outcome.part.{_part(leg)}"
    told = wording.text(key, amount=figure, to=destination(leg, wording))
    return f"{told} {arrival_text(leg, capabilities, wording)}"


def said(refund: Refund, wording: Wording) -> str:
    """What became of the whole refund, and how much of it the word is about."""
    status = refund.status
    live = [leg for leg in refund.legs if leg.is_live]
    name, about = status.value, live
    if status is RefundStatus.REQUESTED:
        about = [leg for leg in live if leg.state is LegState.REQUESTED]
    elif status is RefundStatus.DONE and live and all(_is_debt(leg) for leg in live):
        name = "done_owed"
    elif status is RefundStatus.DUE and (cash := cash_due(refund)):
        name, about = "due_cash", list(cash)
    elif status is RefundStatus.DECLINED and all(leg.state in OWED_STILL for leg in live):
        name = "all_declined"
    theirs = next((leg.awaits_there for leg in live if leg.awaits_there), "")
    if status is RefundStatus.BEING_CHECKED and theirs:
        name = "awaits_there"
    figure = money(sum(leg.amount_minor for leg in about), refund.currency)
    return wording.text(
        f"screen.outcome.said.{name}", refund=refund.number, amount=figure, theirs=inert(theirs)
    )


def _is_debt(leg: Leg) -> bool:
    return leg.method is Method.WAITING


def destination(leg: Leg, wording: Wording) -> str:
    """The payment or account in words."""
    label = inert(leg.label)
    if leg.method is Method.MATCHED and label:
        return label
    return wording.text(f"method.{leg.method.value}")


def _part(leg: Leg) -> str:
    """Which sentence is true of this part: what is not certain is not promised."""
    if leg.state in OWED_STILL:
        return "declined"
    if leg.state is LegState.AWAITING_APPROVAL or leg.awaits_there:
        return f"awaiting_approval.{leg.method.value}"
    if leg.needs_number:
        return "needs_number"
    return "unclear" if leg.state in UNCLEAR else leg.method.value

"""What to tell the customer about one part of the money: one table for every screen."""

from __future__ import annotations

from backend_client.backend import Capabilities
from backend_client.domain.refund import Leg, LegState, Method
from tui.commands.words import inert
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
    return "unclear" if leg.state in UNCLEAR else leg.method.value

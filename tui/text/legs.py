"""The word for where one part of the money is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_client.domain.refund import LegState, Method, needs_number
from tui.text.wording import Wording

if TYPE_CHECKING:
    from backend_client.answers import StateTotal


def leg_word(
    wording: Wording, state: LegState, method: Method | None = None, *, no_provider: bool = False
) -> str:
    """Nothing is handed over where a debt became smaller, what waits for a gift card's number is
    not sent without it, and what waits for a provider that is gone waits for a person."""
    if no_provider:
        return wording.text("leg_state.no_provider")
    if method is Method.WAITING and state is LegState.RECORDED:
        return wording.text("leg_state.off_the_debt")
    if method is not None and needs_number(method, state):
        return wording.text("leg_state.needs_number")
    return wording.text(f"leg_state.{state.value}")


def total_word(wording: Wording, total: StateTotal) -> str:
    """The word for what is open in one state, the same as for each of its parts."""
    if total.no_provider:
        return wording.text("leg_state.no_provider")
    return wording.text(f"leg_state.{'needs_number' if total.needs_number else total.state.value}")

"""The word for where one part of the money is."""

from __future__ import annotations

from backend_client.domain.refund import LegState, Method
from tui.text.wording import Wording


def leg_word(wording: Wording, state: LegState, method: Method | None = None) -> str:
    """Nothing is handed over where a debt became smaller."""
    is_debt = method is Method.WAITING and state is LegState.RECORDED
    return wording.text("leg_state.off_the_debt" if is_debt else f"leg_state.{state.value}")

"""What runs and their items came to, as people see it; where a leg stands behind an outcome, its
symbol and colour are the leg's."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from backend_client.domain.refund import LegState
from backend_client.domain.runs import ItemOutcome, ItemPlan, Run, RunState
from tui.screens.states import LEG_LOOKS
from tui.text.run_totals import Figure
from tui.text.wording import Wording
from tui.widgets.parts import Part

Out, S, P, R = ItemOutcome, LegState, ItemPlan, RunState

OUTCOME_LOOKS: Mapping[ItemOutcome, tuple[str, str]] = MappingProxyType(
    {
        Out.CANCELLED: LEG_LOOKS[S.SUCCEEDED],
        Out.REFUNDED: LEG_LOOKS[S.SUCCEEDED],
        Out.CREDITED: LEG_LOOKS[S.CREDITED],
        Out.TO_SEND: LEG_LOOKS[S.PENDING],
        Out.ON_ITS_WAY: LEG_LOOKS[S.ACCEPTED],
        Out.BEING_CHECKED: LEG_LOOKS[S.UNKNOWN],
        Out.DECLINED: LEG_LOOKS[S.DECLINED],
        Out.PARTLY: ("◐", "$warn"),
        Out.STAYS: LEG_LOOKS[S.REQUESTED],
        Out.PERSON: LEG_LOOKS[S.REVIEW],
        Out.CHANGED: ("≠", "$warn"),
        Out.SKIPPED: LEG_LOOKS[S.VOIDED],
        Out.WAITING: ("·", "$muted"),
    }
        Out.LEFT: ("–", "$warn"),
)
"""In the order they are counted on the screen."""

PLAN_LOOKS: Mapping[ItemPlan, tuple[str, str]] = MappingProxyType(
    {
        P.CANCEL: ("→", ""),
        P.CARDS: ("→", ""),
        P.CARDS_AND_CREDIT: ("→", ""),
        P.CARDS_AND_STAYS: ("◐", "$warn"),
        P.CREDIT: ("→", ""),
        P.STAYS: OUTCOME_LOOKS[Out.STAYS],
        P.PERSON: OUTCOME_LOOKS[Out.PERSON],
        P.SKIP: OUTCOME_LOOKS[Out.SKIPPED],
    }
)
"""In the order of the totals."""

LOST = ("?", "$warn")
RUN_LOOKS: Mapping[RunState, tuple[str, str]] = MappingProxyType(
    {
        R.SIMULATING: ("◔", "$moving"),
        R.SIMULATED: ("◌", "$muted"),
        R.RUNNING: ("◔", "$moving"),
        R.STOPPED: ("■", "$warn"),
        R.PAUSED: ("‖", "$warn"),
        R.DONE: ("✓", "$good"),
    }
)
del Out, S, P, R


def outcome_state(wording: Wording, outcome: ItemOutcome) -> tuple[str, str]:
    """`✓ refunded` and its style."""
    symbol, style = OUTCOME_LOOKS[outcome]
    return f"{symbol} {wording.text(f'run_outcome.{outcome.value}')}", style


def figure_look(figure: Figure) -> tuple[str, str]:
    """Its symbol and style; none for what only adds up."""
    if figure.state is not None:
        return LEG_LOOKS[figure.state]
    return OUTCOME_LOOKS[figure.outcome] if figure.outcome else (" ", "")


def run_state(wording: Wording, run: Run) -> Part:
    """`✓ done` in its colour; a run whose program is gone is no longer running."""
    symbol, style = LOST if run.is_lost else RUN_LOOKS[run.state]
    word = "lost" if run.is_lost else run.state.value
    return f"{symbol} {wording.text(f'run_state.{word}')}", style

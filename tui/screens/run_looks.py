"""What runs and their items came to, as people see it; where a leg stands behind an outcome, its
symbol and colour are the leg's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from backend_client.domain.refund import LegState
from backend_client.domain.runs import ItemOutcome, ItemPlan, Run, RunState
from tui.screens.states import LEG_LOOKS
from tui.text.run_totals import Figure
from tui.text.run_words import RunWords, standing
from tui.text.wording import Wording

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
        Out.LEFT: ("–", "$warn"),
    }
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

RUN_LOOKS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "lost": ("?", "$warn"),
        "carried_out": ("✓", "$muted"),
        "nothing": ("–", "$muted"),
        "expired": ("◌", "$muted"),
        "to_approve": ("?", "$warn"),
        "approved": ("✓", "$accent"),
        R.SIMULATING: ("◔", "$moving"),
        R.SIMULATED: ("◌", "$muted"),
        R.RUNNING: ("◔", "$moving"),
        R.STOPPED: ("■", "$warn"),
        R.PAUSED: ("‖", "$warn"),
        R.DONE: ("✓", "$good"),
    }
)
"""By how a run stands."""
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


def run_state(words: RunWords, run: Run, now: datetime) -> tuple[str, str]:
    """`✓ done` in its colour."""
    symbol, style = RUN_LOOKS[standing(run, now)]
    return f"{symbol} {words.state(run, now)}", style

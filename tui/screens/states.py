"""States of money as people see them: one symbol and one style each, the word in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from backend_client.domain.refund import LegState, Method, RefundStatus, needs_number
from tui.text.legs import leg_word, total_word
from tui.text.wording import Wording
from tui.widgets.parts import Part

if TYPE_CHECKING:
    from backend_client.answers import StateTotal

S, R = LegState, RefundStatus

LEG_LOOKS: Mapping[LegState, tuple[str, str]] = MappingProxyType(
    {
        S.AWAITING_APPROVAL: ("◷", "$warn"),
        S.REQUESTED: ("●", "$moving"),
        S.PENDING: ("◔", "$moving"),
        S.SENDING: ("◔", "$moving"),
        S.ACCEPTED: ("◑", "$moving"),
        S.UNKNOWN: ("?", "$warn"),
        S.REVIEW: ("!", "$warn"),
        S.SUCCEEDED: ("✓", "$good"),
        S.FAILED_LATE: ("✗", "$bad"),
        S.DECLINED: ("✗", "$bad"),
        S.CREDITED: ("✓", "$good"),
        S.DUE: ("○", "$warn"),
        S.RECORDED: ("✓", "$good"),
        S.REPLACED: ("↷", "$muted"),
        S.VOIDED: ("–", "$muted"),
    }
)

NEEDS_NUMBER = ("○", "$warn")
NO_PROVIDER = ("!", "$warn")
STATUS_LOOKS: Mapping[RefundStatus, tuple[str, str]] = MappingProxyType(
    {
        R.REVIEW: LEG_LOOKS[S.REVIEW],
        R.BEING_CHECKED: LEG_LOOKS[S.UNKNOWN],
        R.DECLINED: LEG_LOOKS[S.DECLINED],
        R.AWAITING_APPROVAL: LEG_LOOKS[S.AWAITING_APPROVAL],
        R.NEEDS_NUMBER: NEEDS_NUMBER,
        R.TO_BE_SENT: LEG_LOOKS[S.PENDING],
        R.ON_ITS_WAY: LEG_LOOKS[S.ACCEPTED],
        R.REQUESTED: LEG_LOOKS[S.REQUESTED],
        R.DUE: LEG_LOOKS[S.DUE],
        R.DONE: LEG_LOOKS[S.SUCCEEDED],
        R.VOIDED: LEG_LOOKS[S.VOIDED],
    }
)
del S, R


def leg_state(
    wording: Wording, state: LegState, method: Method | None = None, *, no_provider: bool = False
) -> Part:
    """`✓ refunded` in its colour."""
    lacking = method is not None and needs_number(method, state)
    symbol, style = _look(state, lacking=lacking, no_provider=no_provider)
    return f"{symbol} {leg_word(wording, state, method, no_provider=no_provider)}", style


def total_state(wording: Wording, total: StateTotal) -> Part:
    symbol, style = _look(total.state, lacking=total.needs_number, no_provider=total.no_provider)
    return f"{symbol} {total_word(wording, total)}", style


def _look(state: LegState, *, lacking: bool, no_provider: bool) -> tuple[str, str]:
    if no_provider:
        return NO_PROVIDER
    return NEEDS_NUMBER if lacking else LEG_LOOKS[state]


def refund_state(wording: Wording, status: RefundStatus) -> Part:
    symbol, style = STATUS_LOOKS[status]
    return f"{symbol} {wording.text(f'refund_status.{status.value}')}", style

"""What came of a refund, told the same way by every command that touches one."""

from __future__ import annotations

from backend_client.answers import RefundOutcome
from backend_client.domain.legs import Leg
from backend_client.domain.money import described
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method
from tui.commands.refund_words import RefundWords
from tui.commands.session import Session
from tui.commands.shapes import outcome_json
from tui.text.inert import inert

NOT_PAID_OUT = (LegState.REVIEW, LegState.DECLINED, LegState.FAILED_LATE, LegState.PENDING)
"""The worst first; pending only what waits for the number of its gift card."""
PAID_OUT = frozenset({LegState.SUCCEEDED, LegState.CREDITED, LegState.RECORDED})


def tell(session: Session, outcome: RefundOutcome, *said: str) -> int:
    """Print a refund and `said` about it; 0, or 4 where the money's way is not clear."""
    console = session.console
    unsure = unsure_of(session, outcome)
    if console.json:
        if unsure:
            return console.refuse(unsure, beside=outcome_json(outcome))
        console.value(outcome_json(outcome))
        return 0
    console.data(RefundWords(session.wording, session.dates).refund(outcome))
    console.say(*said)
    return console.refuse(unsure) if unsure else 0


def unsure_of(session: Session, outcome: RefundOutcome) -> Refused | None:
    """The refund stands; this is what somebody still has to see to, the worst first."""
    refund = outcome.refund
    unknown = [leg for leg in refund.legs if leg.state is LegState.UNKNOWN]
    if unknown:
        amount = sum(leg.amount_minor for leg in unknown)
        details = described(refund.currency, amount=amount)
        there = unknown[0].awaits_there
        if there:
            return Refused("connect-awaits-approval", refund=refund.number, theirs=there, **details)
        return Refused(
            "outcome-unknown",
            refund=refund.number,
            legs=[leg.number for leg in unknown],
            **details,
        )
    paid = sum(leg.amount_minor for leg in refund.legs if _is_paid_out(leg))
    for state in NOT_PAID_OUT:
        stuck = [
            leg
            for leg in refund.legs
            if leg.state is state and (leg.needs_number or state is not LegState.PENDING)
        ]
        if stuck:
            amount = sum(leg.amount_minor for leg in stuck)
            details = described(refund.currency, amount=amount, paid=paid)
            key = "not_loaded" if state is LegState.PENDING else "needs_person"
            what = session.wording.text(
                f"command.outcome.{key}",
                leg=", ".join(leg.number for leg in stuck),
                label=", ".join(dict.fromkeys(inert(leg.label) for leg in stuck)),
                amount=details["amount"],
                state=session.wording.text(f"leg_state.{state.value}"),
            )
            return Refused(
                _stuck_code(state, paid),
                what=what,
                refund=refund.number,
                legs=[leg.number for leg in stuck],
                **details,
            )
    return None


def _is_paid_out(leg: Leg) -> bool:
    """Did this leg reach the customer? What reduces a debt on a waiting account pays nobody."""
    return leg.state in PAID_OUT and leg.method is not Method.WAITING


def _stuck_code(state: LegState, paid_minor: int) -> str:
    """Whether money moved is part of the answer, so it is never told of one leg for the refund."""
    if state is LegState.REVIEW:
        return "outcome-in-review"
    if paid_minor:
        return "partly-paid-out"
    return "number-needed" if state is LegState.PENDING else "needs-person"

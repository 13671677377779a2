"""What came of a refund, told the same way by every command that touches one."""

from __future__ import annotations

from backend_client.backend import RefundOutcome
from backend_client.domain.money import described
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState
from tui.commands.session import Session
from tui.commands.shapes import outcome_json
from tui.commands.words import Words, inert

NOT_PAID_OUT = (LegState.REVIEW, LegState.DECLINED, LegState.FAILED_LATE)


def tell(session: Session, outcome: RefundOutcome, *said: str) -> int:
    """Print a refund and `said` about it; 0, or 4 where the money's way is not clear."""
    console = session.console
    unsure = unsure_of(session, outcome)
    if console.json:
        if unsure:
            return console.refuse(unsure, beside=outcome_json(outcome))
        console.value(outcome_json(outcome))
        return 0
    console.data(Words(session.wording, session.dates).refund(outcome))
    console.say(*said)
    return console.refuse(unsure) if unsure else 0


def unsure_of(session: Session, outcome: RefundOutcome) -> Refused | None:
    """The refund stands; this is what somebody still has to see to, the worst first."""
    refund = outcome.refund
    unknown = [leg for leg in refund.legs if leg.state is LegState.UNKNOWN]
    if unknown:
        amount = sum(leg.amount_minor for leg in unknown)
        details = described(refund.currency, amount=amount)
        return Refused(
            "outcome-unknown",
            refund=refund.number,
            legs=[leg.number for leg in unknown],
            **details,
        )
    for state in NOT_PAID_OUT:
        stuck = [leg for leg in refund.legs if leg.state is state]
        if stuck:
            details = described(refund.currency, amount=sum(leg.amount_minor for leg in stuck))
            what = session.wording.text(
                "command.outcome.needs_person",
                leg=", ".join(leg.number for leg in stuck),
                label=", ".join(dict.fromkeys(inert(leg.label) for leg in stuck)),
                amount=details["amount"],
                state=session.wording.text(f"leg_state.{state.value}"),
            )
            return Refused(
                "needs-person",
                what=what,
                refund=refund.number,
                legs=[leg.number for leg in stuck],
                **details,
            )
    return None

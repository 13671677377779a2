"""`hand-over`: promised money was paid out by hand, one payment or many in one go."""

from __future__ import annotations

from backend_client.domain.handing_over import HandOver
from backend_client.domain.problems import Refused
from tui.commands.called import called_leg
from tui.commands.session import Session
from tui.commands.shapes import outcome_json
from tui.text.money import money


def hand_over(session: Session) -> int:
    """All of them or none; what was handed over already is not due any more and refused."""
    numbers = tuple(called_leg(said).number for said in session.args.legs)
    with session.backend() as backend:
        caller = session.caller()
        wanted = HandOver(numbers, session.args.reference or "")
        plan = backend.preview_hand_over(caller, wanted)
        if plan.missing:
            raise Refused("reference-required", method=plan.legs[0].method.value)
        outcomes = backend.execute_hand_over(caller, plan)
    if session.console.json:
        session.console.value({"refunds": [outcome_json(one) for one in outcomes]})
        return 0
    key = "already_handed_over" if all(one.already_done for one in outcomes) else "handed_over"
    said = session.wording.text(
        f"command.outcome.{key}",
        legs=", ".join(leg.leg_number for leg in plan.legs),
        amount=" · ".join(money(one.amount_minor, one.currency) for one in plan.totals),
    )
    session.console.data([said])
    return 0

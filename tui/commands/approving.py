"""`approve`: a supervisor lets a refund go that waits for approval, or refuses it."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.backend import Backend
from backend_client.domain.approval import approval_fingerprint, cash_due
from backend_client.domain.caller import Caller
from backend_client.domain.legs import Refund
from tui.commands.called import called_refund
from tui.commands.outcome import tell
from tui.commands.session import Session
from tui.deciding import turn_down
from tui.text.money import money


def approve(session: Session) -> int:
    """0 when it was approved or refused, now or before by the same person; 4 where it was approved
    and the money's way is not clear."""
    args = session.args
    if args.refuse != bool(args.reason):
        raise session.usage("refuse_reason")
    number = called_refund(session.args.refund)
    with session.backend() as backend:
        caller = session.caller()
        if args.refuse:
            return _refuse(session, backend, caller, number)
        refund = backend.refund(caller, number).refund
        outcome = backend.approve_refund(caller, number, approval_fingerprint(refund))
    key = "already_approved" if outcome.already_done else "approved"
    status = session.wording.text(f"refund_status.{outcome.refund.status.value}")
    said = session.wording.text(f"command.outcome.{key}", refund=number, status=status)
    return tell(session, outcome, said, *_to_hand_over(session, outcome.refund))


def _to_hand_over(session: Session, refund: Refund) -> Iterator[str]:
    cash = cash_due(refund)
    if cash:
        yield session.wording.text(
            "command.outcome.cash_due",
            amount=money(sum(leg.amount_minor for leg in cash), refund.currency),
            legs=" ".join(leg.number for leg in cash),
        )


def _refuse(session: Session, backend: Backend, caller: Caller, number: str) -> int:
    outcome = turn_down(backend, caller, number, session.args.reason)
    said = session.wording.text("command.outcome.refused", refund=number)
    return tell(session, outcome, said)

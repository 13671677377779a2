"""After the commit: send what waits to be sent, then read what really is."""

from __future__ import annotations

from backend_client.answers import RefundOutcome
from backend_client.domain.money import described
from backend_client.domain.problems import Kind, Refused
from backend_client.local import bookings, refunds
from backend_client.local.context import Context
from backend_client.local.legs import ToSend


def finish(
    context: Context, refund_id: int, to_send: ToSend, *, already_done: bool = False
) -> RefundOutcome:
    """What came of a commit. Nothing that goes wrong from here on undoes it.

    A store that cannot be reached now makes the answer `commit-unknown`, never a plain failure:
    the money is promised, and a second try must begin with a look at the booking.
    """
    try:
        if to_send:
            _send(context, refund_id, to_send)
        return read_outcome(context, refund_id, already_done=already_done)
    except Refused as refusal:
        if refusal.problem.kind is not Kind.UNAVAILABLE:
            raise
        raise Refused("commit-unknown", refund=refunds.number_of(refund_id)) from refusal


def read_outcome(context: Context, refund_id: int, *, already_done: bool = False) -> RefundOutcome:
    with context.store.read() as connection:
        refund = refunds.load_one(connection, refund_id)
        booking = bookings.load_one(connection, refund.booking_id)
        later = refunds.given_back_later(connection, refund)
    return RefundOutcome(refund, booking, already_done, later)


def _send(context: Context, refund_id: int, to_send: ToSend) -> None:
    """Have the legs sent; what the sender could not settle stays visible as it is.

    An error nobody foresaw leaves legs whose outcome is not known, and that is what is said.
    """
    try:
        if to_send.legs:
            context.settle(to_send.legs)
        if to_send.gift_cards:
            context.load(to_send.gift_cards)
    except Refused:
        return
    except Exception as error:
        outcome = read_outcome(context, refund_id)
        amount = described(outcome.refund.currency, amount=outcome.refund.amount_minor)
        raise Refused("outcome-unknown", refund=outcome.refund.number, **amount) from error

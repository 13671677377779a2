"""The number of a gift card given again, for a leg that surely was not sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.answers import RefundOutcome
from backend_client.domain.caller import Action, Caller
from backend_client.domain.permissions import may, may_touch
from backend_client.domain.problems import Refused
from backend_client.domain.refund import needs_number
from backend_client.domain.settlement import KEY_AGE, LegToSend
from backend_client.domain.stored_value import SealedNumber, StoredValueNumber
from backend_client.local import bookings, refunds
from backend_client.local.audit import Record
from backend_client.local.context import Context
from backend_client.local.finishing import finish
from backend_client.local.leg_store import load_legs
from backend_client.local.legs import ToSend
from backend_client.local.refunding import Committed
from backend_client.local.rows import fetch


class GiftCards:
    """Sends a leg that waits for its number with the number of the same gift card, and no other."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def give(self, caller: Caller, leg_number: str, number: StoredValueNumber) -> RefundOutcome:
        context = self._context
        now = context.now()

        def job(connection: Connection) -> Committed:
            may(caller, Action.LOAD_GIFT_CARD)
            refund_id, leg_id = refunds.find_leg(connection, leg_number)
            _refuse_unreached(connection, caller, leg_id)
            leg = load_legs(connection, (leg_id,))[0]
            sealed = context.sealed(connection, number)
            assert sealed is not None
            refuse_unless_for(leg, sealed, now)
            record = Record("give_number", leg.number, {"amount_minor": leg.amount_minor})
            context.store.audit.append(connection, caller, now, record)
            return Committed(refund_id, ToSend(gift_cards={leg_id: sealed}))

        done = context.store.write(job, label="give number")
        return finish(context, done.refund_id, done.to_send)


def _refuse_unreached(connection: Connection, caller: Caller, leg_id: int) -> None:
    """Whoever has a token reaches the legs of its bookings and no others."""
    if caller.scope is not None:
        row = fetch(connection, "SELECT booking_id FROM leg WHERE id = ?", leg_id)[0]
        may_touch(caller, bookings.load_one(connection, row.booking_id))


def refuse_unless_for(leg: LegToSend, sealed: SealedNumber, now: datetime) -> None:
    """Only the number a leg was committed with, and only while the leg waits for it.

    One that was tried with an unclear answer has been looked up and not found since; its key may
    be used again only while the provider surely remembers it.
    """
    if not needs_number(leg.method, leg.state):
        state = leg.state.value.replace("_", " ")
        raise Refused("number-not-needed", leg=leg.number, state=state)
    if leg.to_gift_card(sealed).digest_now != leg.payload_digest:
        raise Refused("number-differs", leg=leg.number)
    tried = leg.first_sent_at if leg.unclear else None
    if tried is not None and not tried <= now < tried + KEY_AGE:
        raise Refused("number-too-late", leg=leg.number)

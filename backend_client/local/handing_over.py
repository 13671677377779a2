"""Payments that were due are recorded as handed over: one commit for all of them, or none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from backend_client.answers import RefundOutcome
from backend_client.domain import books as rules
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Caller
from backend_client.domain.handing_over import HandOver, HandOverPlan, plan_hand_over
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.problems import Refused
from backend_client.domain.staleness import stale
from backend_client.local import bookings, refunds
from backend_client.local.audit import Record
from backend_client.local.books import Entry, EntryKind, post
from backend_client.local.changes import Event, already_noted, note, touch
from backend_client.local.context import Context
from backend_client.local.finishing import read_outcome
from backend_client.local.legs import NO_DESK
from backend_client.local.outbox import write_mails
from backend_client.local.timeline import HANDED_OVER
from backend_client.local.times import to_us

_HAND = """
UPDATE leg SET state = 'recorded', reference = ?, changed_at_us = ?
WHERE id = ? AND state = 'due'"""
Found = tuple[Booking, Refund, Leg]


class HandingOver:
    """Previews and commits hand-overs."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def preview(self, caller: Caller, hand_over: HandOver) -> HandOverPlan:
        """Which payments would be recorded; nothing is written."""
        with self._context.store.read() as connection:
            found = _find(connection, hand_over.legs)
        return self._plan(caller, found, hand_over)

    def execute(self, caller: Caller, plan: HandOverPlan) -> tuple[RefundOutcome, ...]:
        """Do exactly `plan`; the same plan a second time answers with what the first one did."""
        now = self._context.now()

        def job(connection: Connection) -> tuple[list[int], bool]:
            return self._commit(connection, caller, plan, now)

        ids, already_done = self._context.store.write(job, label="hand over")
        return tuple(read_outcome(self._context, one, already_done=already_done) for one in ids)

    def _commit(
        self, connection: Connection, caller: Caller, plan: HandOverPlan, now: datetime
    ) -> tuple[list[int], bool]:
        found = _find(connection, plan.hand_over.legs)
        ids = list(dict.fromkeys(refund.id for _, refund, _ in found))
        done = (
            already_noted(connection, caller, booking.id, HANDED_OVER, plan.fingerprint)
            for booking, _, _ in found
        )
        if found and all(done):
            return ids, True
        fresh = self._plan(caller, found, plan.hand_over)
        if fresh.fingerprint != plan.fingerprint:
            raise stale("what is due")
        if fresh.missing:
            method = next(leg.method for leg in fresh.legs)
            raise Refused("reference-required", method=method.value)
        self._write(connection, caller, found, fresh, now)
        write_mails(connection, self._context.mail, ids, now)
        return ids, False

    def _plan(self, caller: Caller, found: Sequence[Found], hand_over: HandOver) -> HandOverPlan:
        pairs = [(refund, leg) for _, refund, leg in found]
        return plan_hand_over(pairs, hand_over, caller, self._context.policy)

    def _write(
        self,
        connection: Connection,
        caller: Caller,
        found: Sequence[Found],
        plan: HandOverPlan,
        now: datetime,
    ) -> None:
        reference = plan.hand_over.reference
        for booking in {booking.id: booking for booking, _, _ in found}.values():
            touch(connection, booking, now)
        for _, _, leg in found:
            handed = connection.exec_driver_sql(_HAND, (reference, to_us(now), leg.id)).rowcount
            assert handed == 1, f"{leg.number} changed inside the transaction"
        post(connection, caller, now, [_entry(caller, refund, leg) for _, refund, leg in found])
        events, records = [], []
        for booking, refund, leg in found:
            details = {
                "leg": leg.number,
                "method": leg.method.value,
                "reference": reference,
                "fingerprint": plan.fingerprint,
            }
            events.append(Event(booking.id, HANDED_OVER, leg.amount_minor, details))
            body = {**details, "amount_minor": leg.amount_minor, "currency": refund.currency}
            records.append(Record("hand_over", leg.number, body))
        note(connection, caller, now, events)
        self._context.store.audit.append(connection, caller, now, *records)


def _find(connection: Connection, numbers: Iterable[str]) -> list[Found]:
    """Each payment once, with its refund and booking."""
    legs = dict.fromkeys(refunds.find_leg(connection, number) for number in numbers)
    found: list[Found] = []
    for refund_id, leg_id in legs:
        refund = refunds.load_one(connection, refund_id)
        booking = bookings.load_one(connection, refund.booking_id)
        leg = next(one for one in refund.legs if one.id == leg_id)
        found.append((booking, refund, leg))
    return found


def _entry(caller: Caller, refund: Refund, leg: Leg) -> Entry:
    return Entry(
        kind=EntryKind.SETTLED,
        postings=rules.settled(
            leg.method,
            leg.amount_minor,
            refund.currency,
            payer_id=leg.payer_id,
            desk=caller.desk or NO_DESK,
        ),
        refund_id=refund.id,
        leg_id=leg.id,
        reference=leg.number,
    )

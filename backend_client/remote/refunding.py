"""One refund, one call, and never by itself a second one; the booking tells what became of it.

The order is the whole safety: read again, plan again, compare, write down, call once, read again,
decide, write down. Whatever breaks in between leaves a row that says so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from backend_client.answers import RefundOutcome
from backend_client.connect_settings import Cinema
from backend_client.domain.approval import DayLimit, day_limit_of
from backend_client.domain.booking import Booking
from backend_client.domain.business_day import begin_of_day
from backend_client.domain.caller import Action, Caller
from backend_client.domain.connect_intent import (
    Intent,
    IntentLeg,
    IntentState,
    Wish,
    concluded,
    in_the_way,
    refund_of,
)
from backend_client.domain.connect_outcome import Signal, Verdict, classify
from backend_client.domain.legs import RefundedLine
from backend_client.domain.money import format_amount
from backend_client.domain.parts import lacking
from backend_client.domain.permissions import may
from backend_client.domain.plan import PlannedLeg, RefundPlan, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.staleness import refusal_now, stale, what_changed
from backend_client.domain.stored_value import StoredValueNumber
from backend_client.domain.texts import commit_key
from backend_client.remote.answers import Said
from backend_client.remote.client import call_name
from backend_client.remote.context import Context
from backend_client.remote.planning import plan
from backend_client.remote.reading import Reading
from backend_client.remote.writing import refund_body

_NO = {
    Signal.DECLINED: "connect-declined",
    Signal.FORBIDDEN: "connect-forbidden",
    Signal.NOT_SENT: "connect-not-sent",
}
"""What is told of a clear no; everything else was refused."""


class Refunding:
    """Previews and commits refunds of one booking."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._in_flight: list[str] = []

    def is_in_flight(self, intent: Intent) -> bool:
        """Is its call being made right now by this very backend?"""
        with self._lock:
            return intent.wish.commit_key in self._in_flight

    def preview(self, caller: Caller, request: RefundRequest) -> RefundPlan:
        """The plan with a commit key of its own; nothing is written, nothing is sent."""
        made = self._plan(caller, self._read(caller, request.booking_id), request)
        return replace(made, commit_key=self._context.tokens.token())

    def execute(
        self, caller: Caller, wanted: RefundPlan, number: StoredValueNumber | None
    ) -> RefundOutcome:
        """Do exactly `wanted` with one call.

        Raises Refused: `connect-declined`, `connect-refused`, `connect-forbidden` and
        `connect-not-sent` when surely nothing was done; what is not sure is an outcome.
        """
        may(caller, Action.REFUND)
        key = commit_key(wanted.commit_key) or self._context.tokens.token()
        done = self._already(caller, key, wanted.fingerprint)
        if done is not None:
            return done
        reading = self._read(caller, wanted.request.booking_id)
        if reading.booking.key != wanted.booking_key:
            raise stale("this is another booking")
        fresh = self._plan_again(caller, reading, wanted)
        for name in fresh.missing:
            if name != "number" or number is None:
                raise lacking(name, fresh.legs)
        if fresh.unacknowledged:
            codes = [one.code for one in fresh.unacknowledged]
            raise Refused("acknowledgement-required", codes=codes)
        wish = self._wish(caller, reading, replace(fresh, commit_key=key))
        if fresh.awaits_approval:
            return self._wait(caller, reading.booking, wish)
        body = self._body(wish, number)
        return self.carry_out(
            caller, reading.booking, wish, body, lambda: self._begin(caller, wish)
        )

    def already_done(self, caller: Caller, key: str) -> RefundOutcome | None:
        return self._already(caller, key)

    # ------------------------------------------------------------ before the call

    def _already(
        self, caller: Caller, key: str, fingerprint: str | None = None
    ) -> RefundOutcome | None:
        """What was committed under this key; another plan under it is refused."""
        intent = self._context.journal.by_commit_key(key)
        if intent is None:
            return None
        if fingerprint is not None and intent.wish.fingerprint != fingerprint:
            raise stale(f"this commit was already used for {intent.number}")
        return self.outcome(caller, intent, already_done=True)

    def _read(self, caller: Caller, booking_id: int) -> Reading:
        looking = self._context.looking
        return looking.read(caller, looking.key_of(booking_id))

    def _cinema(self, booking: Booking) -> Cinema:
        return self._context.looking.cinema(booking.key.site)

    def _plan(self, caller: Caller, reading: Reading, request: RefundRequest) -> RefundPlan:
        context, booking = self._context, reading.booking
        open_one = context.looking.unfinished(booking.key)
        if open_one is not None:
            raise in_the_way(open_one)
        cinema = self._cinema(booking)
        now = context.clock.now()
        given = self._given_today(caller, booking.currency, now)
        return plan(context.house, reading, cinema, caller, request, now, given)

    def _given_today(self, caller: Caller, currency: str, now: datetime) -> int:
        """What the caller gave back since the business day began, where that is limited."""
        day = self._day_limit(caller, now)
        if day is None:
            return 0
        return self._context.journal.given_by(caller.operator, day.since, currency)

    def _day_limit(self, caller: Caller, now: datetime) -> DayLimit | None:
        house = self._context.house
        most = day_limit_of(caller, house.policy)
        return None if most is None else DayLimit(begin_of_day(now, house.zone), most)

    def _plan_again(self, caller: Caller, reading: Reading, wanted: RefundPlan) -> RefundPlan:
        """The plan as it would be made now; refused unless it is the one that was shown."""
        self._refuse_if_taken(reading.booking, wanted)
        try:
            fresh = self._plan(caller, reading, wanted.request)
        except Refused as refusal:
            raise refusal_now(refusal, reading.booking, wanted.booking_version) from refusal
        if fresh.fingerprint != wanted.fingerprint:
            raise what_changed(wanted, fresh)
        return fresh

    def _refuse_if_taken(self, booking: Booking, wanted: RefundPlan) -> None:
        """Somebody was faster at this store: say who, where, when, and by which refund."""
        lines = {line.sequence for line in wanted.lines}
        for intent in self._context.journal.of_booking(booking.key):
            mine = {line.sequence for line in intent.wish.lines}
            if intent.state is IntentState.SUCCEEDED and lines & mine:
                raise Refused(
                    "being-refunded",
                    operator=intent.operator,
                    desk=intent.desk,
                    at=intent.created_at.isoformat(timespec="seconds"),
                    refund=intent.number,
                )

    def _body(self, wish: Wish, number: StoredValueNumber | None) -> bytes:
        """What will be sent; a gift card's number is spent here."""
        needs_number = any(leg.method is Method.UNMATCHED for leg in wish.legs)
        return refund_body(
            wish,
            card_number=number.spend() if number and needs_number else "",
            card_type=self._context.looking.cinema(wish.key.site).stored_value_types[0],
        )

    def _wish(self, caller: Caller, reading: Reading, fresh: RefundPlan) -> Wish:
        booking, policy = reading.booking, self._context.house.policy
        reason = policy.reason(fresh.request.reason)
        wish = Wish(
            key=booking.key,
            booking_number=booking.number,
            customer=booking.contact.name if booking.contact else "",
            currency=fresh.currency,
            lines=tuple(
                RefundedLine(line.sequence, line.description, line.value_minor)
                for line in fresh.lines
            ),
            legs=tuple(_intent_leg(place, leg, booking) for place, leg in enumerate(fresh.legs, 1)),
            reason=reason.label if reason else fresh.request.reason,
            commit_key=fresh.commit_key,
            fingerprint=fresh.fingerprint,
            environment=fresh.provider_environment,
            before=reading.snapshot,
            correlation_id=call_name(caller.correlation_id),
        )
        assert wish.amount_minor == fresh.amount_minor == fresh.value_minor
        return wish

    # ------------------------------------------------------------ the call

    def _wait(self, caller: Caller, booking: Booking, wish: Wish) -> RefundOutcome:
        """Write down what another supervisor has to say yes to; nothing is sent."""
        context, born = self._context, IntentState.AWAITING_APPROVAL
        intent = context.journal.begin(caller, wish, context.holder, context.clock.now(), born)
        return RefundOutcome(refund_of(intent, booking.id), booking)

    def _begin(self, caller: Caller, wish: Wish) -> Intent:
        context, now = self._context, self._context.clock.now()
        day = self._day_limit(caller, now)
        begun = context.journal.begin(caller, wish, context.holder, now, day=day)
        return context.journal.sending(begun, context.clock.now())

    def carry_out(
        self,
        caller: Caller,
        booking: Booking,
        wish: Wish,
        body: bytes,
        write_down: Callable[[], Intent],
    ) -> RefundOutcome:
        """Write down that it is being sent, call once, find out. After `sending` no way out says
        that nothing moved, unless that is sure."""
        context = self._context
        # Before it is written down: whoever looks for what was left must not take this for it.
        with self._lock:
            self._in_flight.append(wish.commit_key)
        try:
            intent = write_down()
            key = wish.key
            said = context.client.refund(key.site, key.booking_id, body, wish.correlation_id)
            intent, after = self.find_out(caller, intent, said)
        finally:
            with self._lock:
                self._in_flight.remove(wish.commit_key)
        if intent.state is IntentState.NOT_DONE:
            raise Refused(_NO.get(said.signal, "connect-refused"), detail=said.text)
        shown = after.booking if after else booking
        return RefundOutcome(refund_of(intent, booking.id), shown)

    def find_out(self, caller: Caller, intent: Intent, said: Said) -> tuple[Intent, Reading | None]:
        """Read the booking, decide by it what became of the call, and write that down."""
        context = self._context
        after, is_gone = None, False
        if said.signal is not Signal.NOT_SENT:
            after, is_gone = self.read_again(caller, intent)
        wish, now = intent.wish, context.clock.now()
        verdict = verdict_on(intent, after, said.signal)
        conclusion = concluded(
            intent, verdict, said.signal, now, said.code, said.text, is_gone=is_gone
        )
        try:
            return context.journal.conclude(caller, intent, conclusion, now), after
        except Refused as refused:
            amount = f"{format_amount(wish.amount_minor, wish.currency)} {wish.currency}"
            raise Refused("outcome-unknown", amount=amount, refund=intent.number) from refused

    def read_again(self, caller: Caller, intent: Intent) -> tuple[Reading | None, bool]:
        """Its booking as it is now; None where it cannot be read, and whether that is because the
        cinema has none that can be understood any more."""
        try:
            return self._context.looking.read(caller, intent.wish.key), False
        except Refused as refused:
            return None, refused.code == "booking-not-found" or "field" in refused.details

    # ------------------------------------------------------------ afterwards

    def outcome(
        self, caller: Caller, intent: Intent, *, already_done: bool = False
    ) -> RefundOutcome:
        """The refund and its booking as it is now; where that cannot be read, what is known."""
        reading, _ = self.read_again(caller, intent)
        booking = reading.booking if reading else self.known(intent)
        return RefundOutcome(refund_of(intent, booking.id), booking, already_done)

    def known(self, intent: Intent) -> Booking:
        """A booking as far as the journal alone knows it."""
        wish = intent.wish
        return Booking(
            id=self._context.looking.id_of(wish.key),
            key=wish.key,
            number=wish.booking_number,
            currency=wish.currency,
            lines=(),
            payments=(),
            version=len(intent.notes) + 1,
        )


def verdict_on(intent: Intent, after: Reading | None, signal: Signal) -> Verdict:
    """What became of a call, by the booking as it was before it and is now."""
    wish = intent.wish
    return classify(wish.intended, wish.before, after.snapshot if after else None, signal)


def _intent_leg(place: int, leg: PlannedLeg, booking: Booking) -> IntentLeg:
    payment = booking.payment(leg.payment_id) if leg.payment_id is not None else None
    card = payment if payment and leg.method is not Method.EXTERNAL else leg
    return IntentLeg(
        id=0,
        ordinal=place,
        method=leg.method,
        amount_minor=leg.amount_minor,
        payment_key=payment.key if payment else "",
        label=leg.label,
        reference=leg.reference,
        masked_number=card.masked_number,
        card_type=card.card_type,
        card_expiry=card.card_expiry,
    )

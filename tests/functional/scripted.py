"""A backend in memory for the screens: real rules, and doors a test can hold shut or make fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

from backend_client.answers import (
    BookingView,
    Capabilities,
    Hit,
    Lookup,
    OpenLeg,
    OpenPage,
    RefundOutcome,
    StateTotal,
    TimelineEvent,
)
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Caller, Role
from backend_client.domain.handing_over import HandedLeg, HandOver, HandOverPlan
from backend_client.domain.kinds import LineState
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.plan import (
    RefundPlan,
    RefundRequest,
)
from backend_client.domain.planning import plan_refund
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import HOLDS_PAYMENT, OPEN, LegState, Method
from backend_client.domain.refundability import line_verdicts
from backend_client.domain.stored_value import StoredValueNumber
from tests.functional.nothing_there import NothingThere
from tests.unit.builders import NOW, circumstances, leg, refund

HELD_AT_MOST_S = 30
"""A way out for a test that failed while it held a call back."""


class ScriptedBackend(NothingThere):
    """Bookings in memory. `shut(name)` holds a call until it is let go; `fail` makes one raise.

    `calls` are the names of all calls so far, in order, `asked` the texts looked up.
    """

    def __init__(
        self,
        bookings: Iterable[Booking],
        *,
        policy: Policy | None = None,
        total: int = 12_408,
        role: Role = Role.CASHIER,
    ) -> None:
        self.role = role
        self.bookings = {booking.id: booking for booking in bookings}
        self.refunds: dict[str, Refund] = {}
        self.done: dict[str, RefundOutcome] = {}
        self.policy = replace(policy or Policy(), currency="CHF")
        self.total = total
        self.calls: list[str] = []
        self.asked: list[str] = []
        self.open_legs: list[OpenLeg] = []
        self.answer_with = LegState.SUCCEEDED
        self.loads_gift_cards = ""
        self.closed = False
        self._doors: dict[str, threading.Event] = {}
        self._failures: dict[str, Exception] = {}
        self._after: dict[str, Callable[[], None]] = {}

    # ------------------------------------------------------------ doors

    def shut(self, name: str) -> threading.Event:
        """Calls of that name wait until the event is set."""
        door = self._doors[name] = threading.Event()
        return door

    def fail(self, name: str, error: Exception) -> None:
        """The next call of that name raises instead of answering."""
        self._failures[name] = error

    def after(self, name: str, then: Callable[[], None]) -> None:
        """What happens right after the next call of that name was answered."""
        self._after[name] = then

    def _called(self, name: str) -> None:
        self.calls.append(name)
        door = self._doors.get(name)
        if door is not None:
            assert door.wait(HELD_AT_MOST_S), "nobody opened the door again"
        error = self._failures.pop(name, None)
        if error is not None:
            raise error

    # ------------------------------------------------------------ reading

    def capabilities(self) -> Capabilities:
        return Capabilities(
            environment="practice",
            site_name="Palais",
            currency="CHF",
            zone="UTC",
            methods=self.policy.methods,
            arrival_days={"practice": (2, 5)},
        )

    def _hit(self, booking: Booking) -> Hit:
        line = next((line for line in booking.lines if line.performance), None)
        performance = line.performance if line else None
        verdicts = line_verdicts(booking, self.policy, NOW)
        codes = [verdict.code for verdict in verdicts.values()]
        return Hit(
            booking_id=booking.id,
            reference=booking.key.booking_id,
            customer=booking.contact.name if booking.contact else "",
            performance=performance.event if performance else "",
            starts_at=performance.starts_at if performance else None,
            paid_minor=booking.settled_minor,
            left_minor=booking.left_minor,
            currency=booking.currency,
            partly_refunded=bool(booking.promised_minor),
            reason=codes[0] if codes and all(codes) else "",
        )

    def lookup(self, caller: Caller, text: str, *, limit: int = 50) -> Lookup:
        self.asked.append(text)
        self._called("lookup")
        if text == "boom":
            raise RuntimeError("unforeseen")
        wanted = text.casefold()
        exact = [b for b in self.bookings.values() if b.key.booking_id.casefold() == wanted]
        found = exact or [
            booking
            for booking in self.bookings.values()
            if wanted in f"{booking.key.booking_id} {self._hit(booking).customer}".casefold()
        ]
        hits = tuple(map(self._hit, found[:limit]))
        return Lookup(text, hits, len(exact) == 1, self.total, more=len(found) > limit)

    def recent(self, caller: Caller, *, limit: int = 50) -> tuple[Hit, ...]:
        self._called("recent")
        return tuple(map(self._hit, list(self.bookings.values())[:limit]))

    def _booking(self, reference: str) -> Booking:
        for booking in self.bookings.values():
            if reference in (f"#{booking.id}", booking.key.booking_id):
                return booking
        raise Refused("booking-not-found", text=reference)

    def booking(self, caller: Caller, reference: str) -> BookingView:
        self._called("booking")
        booking = self._booking(reference)
        refunds = tuple(one for one in self.refunds.values() if one.booking_id == booking.id)
        sold = TimelineEvent(NOW - timedelta(days=4), "sold", amount_minor=booking.settled_minor)
        return BookingView(
            booking, line_verdicts(booking, self.policy, NOW), refunds, (sold,), self.policy
        )

    def refund(self, caller: Caller, number: str) -> RefundOutcome:
        self._called("refund")
        if number not in self.refunds:
            raise Refused("refund-not-found", text=number)
        found = self.refunds[number]
        return RefundOutcome(found, self.bookings[found.booking_id])

    def open_refunds(
        self,
        caller: Caller,
        *,
        states: frozenset[LegState] = frozenset(),
        after: int | None = None,
        limit: int = 200,
    ) -> OpenPage:
        self._called("open_refunds")
        legs = [one for one in self.open_legs if not states or one.state in states]
        behind = [one for one in legs if after is None or one.leg_id > after]
        counts = {
            state: [one.amount_minor for one in self.open_legs if one.state is state]
            for state in LegState
        }
        totals = tuple(
            StateTotal(state, "CHF", len(amounts), sum(amounts))
            for state, amounts in counts.items()
            if amounts and state in OPEN
        )
        page = tuple(behind[:limit])
        return OpenPage(page, totals, page[-1].leg_id if len(behind) > limit else None)

    # ------------------------------------------------------------ giving back

    def _plan(self, request: RefundRequest) -> RefundPlan:
        booking = self.bookings[request.booking_id]
        of = circumstances(booking, policy=self.policy, role=self.role)
        return plan_refund(booking, request, replace(of, loads_gift_cards=self.loads_gift_cards))

    def preview_refund(self, caller: Caller, request: RefundRequest) -> RefundPlan:
        self._called("preview_refund")
        plan = self._plan(request)
        keys = sum(name == "preview_refund" for name in self.calls)
        return replace(plan, commit_key=f"key-{keys:04d}")

    def execute_refund(
        self, caller: Caller, plan: RefundPlan, number: StoredValueNumber | None = None
    ) -> RefundOutcome:
        self._called("execute_refund")
        if plan.commit_key in self.done:
            return replace(self.done[plan.commit_key], already_done=True)
        if self._plan(plan.request).fingerprint != plan.fingerprint:
            raise Refused("plan-stale", changed="lines")
        outcome = self._give_back(plan)
        then = self._after.pop("execute_refund", None)
        if then is not None:
            then()
        return outcome

    def _give_back(self, plan: RefundPlan) -> RefundOutcome:
        booking = self.bookings[plan.request.booking_id]
        number = len(self.refunds) + 1
        legs = tuple(
            replace(
                leg(
                    index,
                    one.method,
                    one.amount_minor,
                    state=self.answer_with if one.method is Method.MATCHED else None,
                    payment_id=one.payment_id,
                    refund_id=number,
                ),
                label=one.label,
                provider=one.provider,
                reference=one.reference,
            )
            for index, one in enumerate(plan.legs, 1)
        )
        gone = set(plan.request.sequences)
        made = replace(
            refund(booking, list(gone), legs, id_=number),
            value_minor=plan.value_minor,
            retained_minor=plan.retained_minor,
            breach_fee_minor=plan.breach_fee_minor,
            reason=plan.request.reason,
            commit_key=plan.commit_key,
        )
        self._take(booking, legs)
        after = self.change(booking.id, gone)
        outcome = RefundOutcome(made, after)
        self.refunds[made.number] = made
        self.done[plan.commit_key] = outcome
        return outcome

    def _take(self, booking: Booking, legs: Iterable[Leg]) -> None:
        """What matched legs hold counts against the payments they go back to."""
        held: dict[int | None, int] = {}
        for one in legs:
            if one.state in HOLDS_PAYMENT:
                held[one.payment_id] = held.get(one.payment_id, 0) + one.amount_minor
        payments = tuple(
            replace(payment, taken_minor=payment.taken_minor + held.get(payment.id, 0))
            for payment in booking.payments
        )
        self.bookings[booking.id] = replace(booking, payments=payments)

    def change(self, booking_id: int, gone: Iterable[int]) -> Booking:
        """Lines leave the booking, as when another window gave them back."""
        before = self.bookings[booking_id]
        wanted = set(gone)
        lines = tuple(
            replace(line, state=LineState.CANCELLED) if line.sequence in wanted else line
            for line in before.lines
        )
        promised = sum(
            line.value_minor or 0
            for line in before.lines
            if line.sequence in wanted and line.is_sold
        )
        after = replace(
            before,
            lines=lines,
            version=before.version + 1,
            promised_minor=before.promised_minor + promised,
        )
        self.bookings[booking_id] = after
        return after

    def already_done(self, caller: Caller, commit_key: str) -> RefundOutcome | None:
        return self.done.get(commit_key)

    # ------------------------------------------------------------ handing over

    def preview_hand_over(self, caller: Caller, hand_over: HandOver) -> HandOverPlan:
        """Whatever is named is due, by bank transfer, as the open payments say."""
        self._called("preview_hand_over")
        known = {leg.leg_number: leg for leg in self.open_legs}
        legs = tuple(
            HandedLeg(
                due.leg_id,
                due.leg_number,
                due.refund_number,
                Method.TRANSFER,
                due.amount_minor,
                due.currency,
            )
            for due in (known[number] for number in hand_over.legs)
        )
        missing = () if hand_over.reference else ("reference",)
        return HandOverPlan(hand_over, legs, "f" * 32, missing)

    def execute_hand_over(self, caller: Caller, plan: HandOverPlan) -> tuple[RefundOutcome, ...]:
        self._called("execute_hand_over")
        raise Refused("refund-not-found", text=plan.legs[0].refund_number)

    def close(self) -> None:
        self.closed = True

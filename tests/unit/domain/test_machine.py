"""Refunds, changes by hand, provider answers and voids in any order: what must always hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend_client.domain import books
from backend_client.domain.booking import Booking, Line
from backend_client.domain.caller import Role
from backend_client.domain.kinds import LineKind, LineState
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.plan import MethodChange, PlannedLeg
from backend_client.domain.planning import plan_method_change, plan_refund, plan_void
from backend_client.domain.problems import Refused
from backend_client.domain.refund import (
    CLOSED,
    HOLDS_PAYMENT,
    METHOD_CHANGEABLE,
    TRANSITIONS,
    VOIDABLE,
    LegState,
    Method,
    RefundStatus,
)
from backend_client.domain.room import payer_room
from backend_client.domain.selection import closure
from tests.unit.builders import NOW, circumstances, leg, refund, request
from tests.unit.strategies import bookings, parts

HANDED_OVER = {LegState.SUCCEEDED, LegState.CREDITED, LegState.RECORDED}


class RefundsOfOneBooking(RuleBasedStateMachine):
    """A booking as it was sold, its refunds, and the books; everything else is worked out anew."""

    sold: Booking
    refunds: list[Refund]
    postings: list[books.Posting]

    @initialize(sold=bookings())
    def sell(self, sold: Booking) -> None:
        self.sold = sold
        self.refunds = []
        self.postings = []

    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        now = self.now()
        left = [line.sequence for line in now.lines if line.is_sold]
        if not left:
            return
        chosen = closure(now, data.draw(st.sets(st.sampled_from(left), min_size=1)))
        worth = sum(line.price_minor for line in now.lines if line.sequence in chosen)
        asked = request(*chosen, parts=data.draw(parts(worth)))
        try:
            plan = plan_refund(now, asked, circumstances(now, role=Role.SUPERVISOR))
        except Refused:
            return
        number = len(self.refunds) + 1
        legs = self.born(plan.legs, number, ())
        self.refunds.append(refund(now, [line.sequence for line in plan.lines], legs, id_=number))
        self.postings += books.granted(self.kinds(chosen), withheld_minor=0, currency="CHF")

    @precondition(lambda self: self.legs_in(METHOD_CHANGEABLE))
    @rule(data=st.data())
    def change_method(self, data: st.DataObject) -> None:
        index, old = data.draw(st.sampled_from(self.legs_in(METHOD_CHANGEABLE)))
        of_refund, now = self.refunds[index], self.now()
        wish = MethodChange(old.number, tuple(data.draw(parts(old.amount_minor))), "asked")
        given = circumstances(now, role=Role.SUPERVISOR)
        try:
            plan = plan_method_change(now, of_refund, old, wish, given)
        except Refused:
            return
        self.become(index, old, LegState.REPLACED)
        of_refund = self.refunds[index]
        born = self.born(plan.legs, of_refund.id, of_refund.legs)
        self.refunds[index] = replace(of_refund, legs=(*of_refund.legs, *born))

    @precondition(lambda self: self.legs_in(set(LegState)))
    @rule(data=st.data())
    def hear_of_a_leg(self, data: st.DataObject) -> None:
        index, old = data.draw(st.sampled_from(self.legs_in(set(LegState))))
        answers = sorted(TRANSITIONS[old.state] - CLOSED)
        if answers:
            self.become(index, old, data.draw(st.sampled_from(answers)))

    @precondition(lambda self: self.refunds)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.refunds) - 1))
        of_refund, now = self.refunds[index], self.now()
        live = [one for one in of_refund.legs if one.is_live]
        given = circumstances(now, role=Role.SUPERVISOR)
        try:
            plan = plan_void(now, of_refund, frozenset(), "by mistake", given)
        except Refused as refusal:
            stuck = of_refund.voided_at or any(one.state not in VOIDABLE for one in live)
            if not stuck:
                raise AssertionError("a refund that never left cannot be voided") from refusal
            return
        for one in live:
            self.become(index, one, LegState.VOIDED)
        self.refunds[index] = replace(self.refunds[index], voided_at=NOW)
        kinds = self.kinds({line.sequence for line in plan.lines})
        granted = books.granted(kinds, withheld_minor=0, currency="CHF")
        self.postings += books.reversed_postings(granted)

    @invariant()
    def live_legs_make_their_refund(self) -> None:
        for one in self.refunds:
            live = sum(leg_.amount_minor for leg_ in one.legs if leg_.is_live)
            assert live == (0 if one.voided_at else one.amount_minor)
            assert (one.status is RefundStatus.VOIDED) is (one.voided_at is not None)

    @invariant()
    def a_line_is_in_one_live_refund(self) -> None:
        gone = Counter(
            line.sequence for one in self.refunds if not one.voided_at for line in one.lines
        )
        assert not gone or max(gone.values()) == 1

    @invariant()
    def nothing_is_over_refunded(self) -> None:
        now = self.now()
        assert now.promised_minor <= max(now.settled_minor - now.prior_refunded_minor, 0)
        for payer_id, promised in now.promised_by_payer:
            assert promised <= payer_room(self.sold)[payer_id]
        for one in now.payments:
            assert one.taken_minor <= max(one.settled_minor - one.prior_refunded_minor, 0)
            assert one.waiting_taken_minor <= one.amount_minor - one.settled_minor

    @invariant()
    def the_books_owe_what_is_open(self) -> None:
        assert books.is_balanced(self.postings)
        owed = -sum(
            one.amount_minor for one in self.postings if one.account == books.REFUND_PAYABLE
        )
        open_legs = [
            one for _, one in self.legs_in(set(LegState) - CLOSED) if one.state not in HANDED_OVER
        ]
        assert owed == sum(one.amount_minor for one in open_legs)

    def now(self) -> Booking:
        """The booking as its refunds leave it."""
        gone = {line.sequence for one in self.refunds if not one.voided_at for line in one.lines}
        live = [one for _, one in self.legs_in(set(LegState) - CLOSED)]
        promised = Counter[int | None]()
        taken, waiting = Counter[int | None](), Counter[int | None]()
        for one in live:
            if one.method is Method.WAITING:
                waiting[one.payment_id] += one.amount_minor
                continue
            promised[one.payer_id] += one.amount_minor
            if one.method is Method.MATCHED and one.state in HOLDS_PAYMENT:
                taken[one.payment_id] += one.amount_minor
        return replace(
            self.sold,
            lines=tuple(self.line_now(line, gone) for line in self.sold.lines),
            payments=tuple(
                replace(one, taken_minor=taken[one.id], waiting_taken_minor=waiting[one.id])
                for one in self.sold.payments
            ),
            promised_minor=sum(promised.values()),
            promised_by_payer=tuple(promised.items()),
        )

    @staticmethod
    def line_now(line: Line, gone: set[int]) -> Line:
        return replace(line, state=LineState.CANCELLED) if line.sequence in gone else line

    def kinds(self, sequences: set[int] | frozenset[int]) -> list[tuple[LineKind, int]]:
        return [
            (line.kind, line.price_minor) for line in self.sold.lines if line.sequence in sequences
        ]

    def legs_in(self, states: set[LegState] | frozenset[LegState]) -> list[tuple[int, Leg]]:
        """Refund index and leg of every leg in one of these states."""
        return [
            (index, one)
            for index, of_refund in enumerate(getattr(self, "refunds", ()))
            for one in of_refund.legs
            if one.state in states
        ]

    def become(self, index: int, old: Leg, state: LegState) -> None:
        assert state in TRANSITIONS[old.state]
        before = self.refunds[index]
        legs = tuple(replace(one, state=state) if one.id == old.id else one for one in before.legs)
        self.refunds[index] = replace(before, legs=legs)
        if state in HANDED_OVER:
            self.postings += self.paid(old)
        if old.state in HANDED_OVER:
            self.postings += books.reversed_postings(self.paid(old))

    def born(
        self, planned: Sequence[PlannedLeg], refund_id: int, before: Sequence[Leg]
    ) -> list[Leg]:
        legs = []
        for ordinal, one in enumerate(planned, len(before) + 1):
            new = leg(
                ordinal,
                one.method,
                one.amount_minor,
                state=one.state,
                payer_id=one.payer_id,
                payment_id=one.payment_id,
                refund_id=refund_id,
            )
            legs.append(new)
            if new.state in HANDED_OVER:
                self.postings += self.paid(new)
        return legs

    @staticmethod
    def paid(one: Leg) -> tuple[books.Posting, ...]:
        return books.settled(
            one.method,
            one.amount_minor,
            "CHF",
            provider="practice",
            payer_id=one.payer_id,
            desk="3",
        )


TestRefundsOfOneBooking = RefundsOfOneBooking.TestCase
TestRefundsOfOneBooking.settings = settings(max_examples=120, stateful_step_count=20)

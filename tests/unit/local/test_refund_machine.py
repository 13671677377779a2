"""Anything the desk may do, in any order, on the real store: it never gives back too much."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from backend_client.domain.approval import approval_fingerprint, waits
from backend_client.domain.caller import Caller, Role
from backend_client.domain.handing_over import HandOver
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.legs import Refund
from backend_client.domain.plan import CreditSpend, MethodChange, Part, RefundRequest
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Kind, Refused
from backend_client.domain.refund import METHOD_CHANGEABLE, LegState, Method
from backend_client.domain.selection import closure
from backend_client.local.bookings import load_one
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from backend_client.settings import House, Settings
from tests.clocks import SteppingClock
from tests.unit import builders
from tests.unit.local.venue import MEMORY, Desk, answer, findings, put

BOSS = builders.caller(Role.SUPERVISOR)
CASHIER = builders.caller(Role.CASHIER, operator="L. Favre", desk="7")
"""Makes what is above the limit of the house wait for BOSS, and hands out what is due."""
LIMITED = Settings(
    house=House(currency="CHF"),
    policy=Policy(currency="CHF", limit_minor=500, cash_for_card=True),
)
HAND = (Method.CREDIT, Method.CASH, Method.EXTERNAL, Method.REQUESTED, Method.TRANSFER)
PRICES = st.sampled_from([0, 1, 99, 100, 1000, 1001])
ACKNOWLEDGED = frozenset({"fee-stranded", "group-broken"})


WISHES: tuple[tuple[Part, ...], ...] = (
    (),
    (Part(Method.REQUESTED),),
    (Part(Method.CREDIT),),
    (Part(Method.TRANSFER),),
    (Part(Method.MATCHED),),
    (Part(Method.CASH),),
    (Part(Method.EXTERNAL, 50, reference="T-1"), Part(Method.REQUESTED)),
    (Part(Method.CREDIT, 90), Part(Method.TRANSFER, 9), Part(Method.MATCHED)),
    (Part(Method.MATCHED, 600), Part(Method.CREDIT, 400)),
)


class Desks(RuleBasedStateMachine):
    """One store, a cashier, a supervisor, and a model of nothing but what must never happen."""

    bookings = Bundle("bookings")
    refunds = Bundle("refunds")

    @initialize(target=bookings)
    def open(self) -> int:
        self.store = Store.open(MEMORY, create=True, clock=SteppingClock())
        self.desk = Desk(self.store, LIMITED)
        self.backend = self.desk.backend
        self.sold = 0
        self.spent = 0
        self.sold += 1
        return put(self.store, builders.sample_booking(), named="B-1").id

    @rule(
        target=bookings,
        prices=st.lists(PRICES, min_size=1, max_size=4),
        fee=st.sampled_from([None, 0, 150]),
        grouped=st.booleans(),
        split=st.booleans(),
        unsettled=st.sampled_from([0, 0, 300]),
    )
    def sell(
        self, prices: list[int], fee: int | None, grouped: bool, split: bool, unsettled: int
    ) -> int:
        self.sold += 1
        groups = ("deal",) if grouped else ()
        lines = [
            builders.ticket(
                place, price, groups=groups if place <= 2 else (), seat=f"{self.sold} {place}"
            )
            for place, price in enumerate(prices, 1)
        ]
        if fee is not None:
            lines.append(builders.fee(len(lines) + 1, fee, parent=1))
        total = sum(line.price_minor for line in lines)
        owed = min(unsettled, total)
        by_cash = total // 3 if split else 0
        paid = [builders.payment(1, total - by_cash, settled=max(total - by_cash - owed, 0))]
        if by_cash:
            paid.append(builders.payment(2, by_cash, PaymentMethod.CASH, payer=builders.LUC))
        booking = builders.booking(lines, paid if total else ())
        return put(self.store, booking, named=f"B-{self.sold}").id

    @rule(
        target=refunds,
        booking=bookings,
        chosen=st.sets(st.integers(1, 5), min_size=1),
        how=st.sampled_from(WISHES),
        retained=st.sampled_from([0, 0, 50]),
        who=st.sampled_from([BOSS, CASHIER]),
    )
    def give_back(
        self, booking: int, chosen: set[int], how: tuple[Part, ...], retained: int, who: Caller
    ) -> object:
        with self.store.read() as connection:
            found = load_one(connection, booking)
        sequences = closure(found, [found.lines[one % len(found.lines)].sequence for one in chosen])
        if not sequences:
            return multiple()
        request = RefundRequest(
            booking, tuple(sequences), "goodwill", how, retained, acknowledged=ACKNOWLEDGED
        )
        try:
            plan = self.backend.preview_refund(who, request)
            outcome = self.backend.execute_refund(who, plan)
        except Refused as refusal:
            return self._refused(refusal)
        assert [leg.amount_minor for leg in plan.legs] == [
            leg.amount_minor for leg in outcome.refund.legs
        ]
        assert self.backend.execute_refund(who, plan).already_done
        return outcome.refund.number

    @rule(number=refunds)
    def approve(self, number: str) -> None:
        """Nothing is in anybody's hands by a yes alone."""
        held = self._read(number)
        if not waits(held):
            return
        before = self._out_of_tills()
        done = self.backend.approve_refund(BOSS, number, approval_fingerprint(held)).refund
        assert not waits(done)
        assert {leg.state for leg in done.legs if leg.method is Method.CASH} <= {LegState.DUE}
        assert self._out_of_tills() == before

    @rule(number=refunds, place=st.integers(0, 5))
    def hand_over(self, number: str, place: int) -> None:
        legs = [one for one in self._read(number).legs if one.state is LegState.DUE]
        if not legs:
            return
        leg = legs[place % len(legs)]
        before = self._out_of_tills()
        try:
            plan = self.backend.preview_hand_over(CASHIER, HandOver((leg.number,), "T-3"))
            (outcome,) = self.backend.execute_hand_over(CASHIER, plan)
        except Refused as refusal:
            self._refused(refusal, "limit-exceeded")
            assert not self._read(number).approved_by
            return
        after = next(one for one in outcome.refund.legs if one.id == leg.id)
        assert after.state is LegState.RECORDED
        cash = leg.amount_minor if leg.method is Method.CASH else 0
        assert self._out_of_tills() == before + cash

    @rule(
        number=refunds,
        place=st.integers(0, 5),
        method=st.sampled_from((*HAND, Method.MATCHED)),
        amount=st.none() | st.integers(1, 400),
    )
    def change_method(self, number: str, place: int, method: Method, amount: int | None) -> None:
        legs = [one for one in self._read(number).legs if one.state in METHOD_CHANGEABLE]
        if not legs:
            return
        leg = legs[place % len(legs)]
        named = None if amount is None else min(amount, leg.amount_minor)
        change = MethodChange(leg.number, (Part(method, named, reference="T-2"),), "asked for")
        try:
            plan = self.backend.preview_method_change(BOSS, change)
            outcome = self.backend.execute_method_change(BOSS, plan)
        except Refused as refusal:
            self._refused(refusal)
            return
        replaced = [one for one in outcome.refund.legs if one.replaces_leg_id == leg.id]
        assert sum(one.amount_minor for one in replaced) == leg.amount_minor

    @rule(number=consumes(refunds))
    def void(self, number: str) -> None:
        try:
            plan = self.backend.preview_void(BOSS, number, "mistake")
            assert self.backend.execute_void(BOSS, plan).refund.voided_at
        except Refused as refusal:
            self._refused(refusal, "void-not-possible")

    @rule(
        number=refunds,
        says=st.sampled_from(
            [LegState.SUCCEEDED, LegState.DECLINED, LegState.ACCEPTED, LegState.UNKNOWN]
        ),
    )
    def provider_answers(self, number: str, says: LegState) -> None:
        for leg in self._read(number).legs:
            if leg.state is LegState.PENDING:
                answer(self.store, leg.id, says)

    @precondition(lambda self: self.backend.credit(BOSS, "C-1").balances)
    @rule(amount=st.integers(1, 300), key=st.sampled_from(["C-1", "C-1", "C-2"]))
    def spend_credit(self, amount: int, key: str) -> None:
        self.spent += 1
        try:
            wish = CreditSpend(key, amount, "CHF", f"sale {self.spent}")
            statement = self.backend.spend_credit(BOSS, wish)
        except Refused as refusal:
            self._refused(refusal, "credit-insufficient", "contact-not-found")
            return
        assert self.backend.spend_credit(BOSS, wish) == statement

    @invariant()
    def no_booking_gives_back_more_than_came_in(self) -> None:
        with self.store.read() as connection:
            over = fetch(
                connection,
                "SELECT b.id FROM booking b JOIN leg g ON g.booking_id = b.id "
                "WHERE g.state NOT IN ('replaced', 'voided') GROUP BY b.id "
                "HAVING SUM(g.amount_minor) > b.settled_minor + b.unsettled_minor",
            )
            sums = fetch(connection, "SELECT SUM(amount_minor) AS total FROM posting")
        assert over == []
        assert not sums[0].total

    def teardown(self) -> None:
        try:
            assert findings(self.store) == []
            assert self.store.audit.verify(self.store).broken_at is None
        finally:
            self.store.close()

    def _read(self, number: str) -> Refund:
        return self.backend.refund(BOSS, number).refund

    def _out_of_tills(self) -> int:
        with self.store.read() as connection:
            (row,) = fetch(
                connection,
                "SELECT -COALESCE(SUM(amount_minor), 0) AS total FROM posting "
                "WHERE account LIKE 'cash_desk:%'",
            )
        return int(row.total)

    def _refused(self, refusal: Refused, *expected: str) -> object:
        """Refusals are by a rule; a guard of the store never has to step in."""
        assert not expected or refusal.code in expected, refusal
        assert expected or refusal.problem.kind is Kind.REFUSED, refusal
        return multiple()


Desks.TestCase.settings = settings(max_examples=40, stateful_step_count=30)
test_anything_in_any_order = Desks.TestCase

"""Random venues, parameters and cashiers: a live run executes exactly what was simulated, the books
balance, and a second run moves nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from backend_client.domain.amounts import Retention, RetentionKind
from backend_client.domain.booking import Booking, Performance
from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.runs import ItemOutcome, ItemPlan, PartRole, Run, RunItem, RunState
from backend_client.domain.selection import closure
from backend_client.local.rows import fetch
from backend_client.local.store import Store
from tests.clocks import SteppingClock
from tests.unit import strategies
from tests.unit.builders import HAMLET, NOW
from tests.unit.local.cancelled_house import BOSS
from tests.unit.local.venue import MEMORY, Desk, findings, put

TWICE = Performance(2, "35627", "Hamlet", NOW)
LEAR = Performance(3, "35628", "King Lear", NOW)
TARIFFS = ("Full", "Child")
RETENTIONS = st.none() | st.builds(
    Retention, st.sampled_from(RetentionKind), st.sampled_from((0, 1, 150, 3333, 10_000))
)


@st.composite
def sold(draw: st.DrawFn) -> Booking:
    """A booking whose lines lie anywhere, some in the performance that is cancelled."""
    made = draw(strategies.bookings())
    lines = tuple(
        replace(
            line,
            performance=draw(st.sampled_from((HAMLET, HAMLET, TWICE, LEAR, None))),
            tariff=draw(st.sampled_from(TARIFFS)),
            value_minor=None if draw(st.integers(0, 29)) == 29 else line.value_minor,
        )
        for line in made.lines
    )
    payments = tuple(replace(one, found_minor=0) for one in made.payments)
    is_paid = bool(draw(st.integers(0, 9)))
    return replace(made, lines=lines, payments=payments, is_paid=is_paid)


@dataclass(frozen=True, slots=True)
class Simulated:
    run: Run
    items: tuple[RunItem, ...]
    parameters: CancellationParameters
    step: int


class Cancellations(RuleBasedStateMachine):
    """One store; the model knows when something was last done to each booking."""

    bookings = Bundle("bookings")
    simulations = Bundle("simulations")

    @initialize(first=sold())
    def open(self, first: Booking) -> None:
        self.store = Store.open(MEMORY, create=True, clock=SteppingClock())
        self.backend = Desk(self.store).backend
        self.step = 0
        self.touched: dict[int, int] = {}
        self.used: set[int] = set()
        self.blocked: set[int] = set()
        lines = tuple(
            replace(line, performance=(HAMLET, TWICE, LEAR)[place % 3])
            for place, line in enumerate(first.lines * 3)
        )
        numbered = tuple(replace(line, sequence=n) for n, line in enumerate(lines, 1))
        self._put(replace(first, lines=numbered, is_paid=False))

    @rule(target=bookings, made=sold())
    def sell(self, made: Booking) -> int:
        return self._put(made)

    @rule(booking_id=bookings, sequence=st.integers(1, 7))
    def give_back(self, booking_id: int, sequence: int) -> None:
        """A cashier gives one line and what belongs to it back, if the rules allow."""
        booking = self.backend.booking(BOSS, f"#{booking_id}").booking
        sequences = tuple(sorted(closure(booking, {sequence})))
        wish = RefundRequest(
            booking_id,
            sequences,
            "goodwill",
            (Part(Method.REQUESTED),),
            acknowledged=frozenset({"fee-stranded", "group-broken"}),
        )
        try:
            self.backend.execute_refund(BOSS, self.backend.preview_refund(BOSS, wish))
        except Refused:
            return
        self._touch(booking_id)

    @rule(
        target=simulations,
        performances=st.sampled_from(((1,), (1, 2), (2,), (3,))),
        tariffs=st.sampled_from(((), (), ("Full",))),
        methods=st.sampled_from(((), (), (PaymentMethod.CARD,))),
        excluded=st.booleans(),
        charges=st.booleans(),
        shipment=st.booleans(),
        retained=RETENTIONS,
        batch=st.sampled_from((0, 0, 1, 3)),
    )
    def simulate(
        self,
        performances: tuple[int, ...],
        tariffs: tuple[str, ...],
        methods: tuple[PaymentMethod, ...],
        excluded: bool,
        charges: bool,
        shipment: bool,
        retained: Retention | None,
        batch: int,
    ) -> object:
        parameters = CancellationParameters(
            performances,
            "performance-cancelled",
            tariffs=tariffs,
            methods=methods,
            methods_excluded=excluded,
            charges=charges,
            shipment=shipment,
            retained=retained,
            batch=batch,
        )
        money = self._money()
        try:
            run = self.backend.simulate_cancellation(BOSS, parameters)
        except Refused as refusal:
            return self._refused(refusal, {"run-filter-unknown": bool(tariffs)})
        assert self._money() == money, "a simulation moved something"
        self.step += 1
        items = self.backend.run_items(BOSS, run.id, limit=1000).items
        planned = [item for item in items if item.plan is ItemPlan.CANCEL]
        for item in planned:
            assert sum(part.amount_minor for part in item.parts) == item.amount_minor
        assert _total(run, "cancel") == (len(planned), sum(one.amount_minor for one in planned))
        assert run.taken == len(planned)
        return Simulated(run, items, parameters, self.step)

    @rule(simulated=simulations)
    def go_live(self, simulated: Simulated) -> None:
        money, run_id = self._money(), simulated.run.id
        changed = {
            item.booking_id
            for item in simulated.items
            if self.touched.get(item.booking_id, 0) > simulated.step
        }
        try:
            run = self.backend.go_live(BOSS, run_id)
        except Refused as refusal:
            assert self._money() == money, "a refused run moved something"
            reasons = {
                "run-used": run_id in self.used,
                "run-nothing-to-do": not simulated.run.taken,
                "run-changed": bool(changed),
            }
            self._refused(refusal, reasons)
            return
        assert run_id not in self.used
        assert not changed
        self.used.add(run_id)
        self._is_as_simulated(run, simulated)
        if simulated.parameters.blocks:
            self.blocked.update(simulated.parameters.performances)
        self._second_run_moves_nothing(simulated)

    def _is_as_simulated(self, run: Run, simulated: Simulated) -> None:
        """Item for item and cent for cent."""
        assert run.state is RunState.DONE
        left = [row for row in simulated.run.totals if row.name not in ("skip", "person")]
        assert list(run.totals) == left
        done = self.backend.run_items(BOSS, run.id, limit=1000).items
        assert [replace(one, outcome=None, states=(), refund_number="") for one in done] == list(
            simulated.items
        )
        expected = {
            ItemPlan.CANCEL: ItemOutcome.CANCELLED,
            ItemPlan.SKIP: ItemOutcome.SKIPPED,
            ItemPlan.PERSON: ItemOutcome.PERSON,
        }
        for item in done:
            assert item.outcome is expected[item.plan]
            if item.plan is not ItemPlan.CANCEL:
                assert not item.refund_number
                continue
            refund = self.backend.refund(BOSS, item.refund_number).refund
            assert refund.amount_minor == item.amount_minor
            assert refund.run_id == run.id
            assert [
                (leg.method is Method.WAITING, leg.amount_minor, leg.payer_id, leg.label)
                for leg in refund.legs
            ] == [
                (
                    part.role is PartRole.WAITING_ACCOUNT,
                    part.amount_minor,
                    part.payer_id,
                    part.label,
                )
                for part in item.parts
            ]
            self._touch(item.booking_id)

    def _refused(self, refusal: Refused, reasons: dict[str, bool]) -> object:
        """Refusals have one of these reasons, and it is there."""
        assert reasons[refusal.code], refusal
        return multiple()

    def _second_run_moves_nothing(self, simulated: Simulated) -> None:
        """What it takes is only what the first did not see: sold since, or beyond its batch."""
        again = self.backend.simulate_cancellation(BOSS, simulated.parameters)
        items = self.backend.run_items(BOSS, again.id, limit=1000).items
        taken = {item.booking_id for item in items if item.plan is ItemPlan.CANCEL}
        assert taken.isdisjoint(item.booking_id for item in simulated.items)

    @invariant()
    def what_is_blocked_stays_blocked(self) -> None:
        rows = self.backend.performances(BOSS).performances
        assert {row.id for row in rows if row.blocked} == self.blocked

    def teardown(self) -> None:
        try:
            assert findings(self.store) == []
        finally:
            self.store.close()

    def _put(self, made: Booking) -> int:
        number = len(self.touched) + 1
        booking_id = put(self.store, made, named=f"B-{number}").id
        self.touched[booking_id] = 0
        return booking_id

    def _touch(self, booking_id: int) -> None:
        self.step += 1
        self.touched[booking_id] = self.step

    def _money(self) -> list[object]:
        """Every row of money and of what is sold, in figures."""
        with self.store.read() as connection:
            return [
                tuple(fetch(connection, f"SELECT COUNT(*), {sums} FROM {table}")[0])
                for table, sums in (
                    ("line", "SUM(state = 'sold')"),
                    ("leg", "SUM(amount_minor)"),
                    ("refund", "SUM(amount_minor)"),
                    ("posting", "SUM(abs(amount_minor))"),
                    ("booking", "SUM(version)"),
                    ("outbox", "MAX(id)"),
                    ("performance", "SUM(blocked)"),
                )
            ]


def _total(run: Run, name: str) -> tuple[int, int]:
    """Over all currencies; there is one."""
    rows = [row for row in run.totals if row.name == name]
    return sum(row.count for row in rows), sum(row.amount_minor for row in rows)


Cancellations.TestCase.settings = settings(max_examples=20, stateful_step_count=15)
test_live_is_what_was_simulated = Cancellations.TestCase

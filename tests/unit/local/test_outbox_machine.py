"""Anything providers, the desk and the mail server may do to refunds, in any order: who was told
refunded has everything or was told otherwise, and nobody is told the same twice in a row."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend_client.domain.caller import Role
from backend_client.domain.legs import Leg, Refund
from backend_client.domain.mail import MailKind, MailState
from backend_client.domain.mailing import Arrival, MailResult
from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.refund import FINAL, METHOD_CHANGEABLE, LegState, Method
from backend_client.local import refunds
from backend_client.local.doctor_mail import MAIL_CHECKS
from backend_client.local.outbox_store import LocalOutbox
from backend_client.local.store import Store
from tests.clocks import SteppingClock
from tests.unit import builders
from tests.unit.local.mailing import answer, fail_late, mailing_desk, mails, move
from tests.unit.local.venue import MEMORY, findings, put

BOSS = builders.caller(Role.SUPERVISOR)
STATES = {
    Arrival.DELIVERED: MailState.SENT,
    Arrival.LATER: MailState.WAITING,
    Arrival.UNCLEAR: MailState.WAITING,
    Arrival.REFUSED: MailState.BOUNCED,
}
WISHES: tuple[tuple[Part, ...], ...] = (
    (),
    (Part(Method.CREDIT),),
    (Part(Method.CREDIT, 300), Part(Method.MATCHED)),
    (Part(Method.MATCHED, 700), Part(Method.REQUESTED)),
)
PLACES = st.integers(0, 5)


class Outbox(RuleBasedStateMachine):
    """One booking paid with two cards, given back in two refunds."""

    @initialize(first=st.sampled_from(WISHES), second=st.sampled_from(WISHES))
    def give_back(self, first: tuple[Part, ...], second: tuple[Part, ...]) -> None:
        self.store = Store.open(MEMORY, create=True, clock=SteppingClock())
        self.desk = mailing_desk(self.store)
        self.backend = self.desk.backend
        payments = [builders.payment(1, 1500), builders.payment(2, 500)]
        lines = [builders.ticket(1, 1000), builders.ticket(2, 1000)]
        put(self.store, builders.booking(lines, payments))
        self.ids = []
        for sequence, parts in enumerate((first, second), 1):
            plan = self.desk.plan(builders.request(sequence, parts=parts), BOSS)
            self.ids.append(self.backend.execute_refund(BOSS, plan).refund.id)

    def refunds(self) -> list[Refund]:
        with self.store.read() as connection:
            return refunds.load(connection, self.ids)

    def legs(self, *states: LegState) -> list[Leg]:
        return [leg for refund in self.refunds() for leg in refund.legs if leg.state in states]

    @precondition(lambda self: self.legs(LegState.PENDING))
    @rule(
        place=PLACES,
        says=st.sampled_from([*[LegState.SUCCEEDED] * 3, LegState.DECLINED, LegState.ACCEPTED]),
    )
    def provider_answers(self, place: int, says: LegState) -> None:
        pending = self.legs(LegState.PENDING)
        answer(self.store, pending[place % len(pending)].id, says)

    @precondition(lambda self: self.legs(LegState.ACCEPTED))
    @rule()
    def provider_is_done(self) -> None:
        leg = self.legs(LegState.ACCEPTED)[0]
        move(self.store, leg.id, 1, LegState.ACCEPTED, LegState.SUCCEEDED)

    @precondition(lambda self: self.legs(LegState.SUCCEEDED))
    @rule(place=PLACES)
    def provider_takes_it_back(self, place: int) -> None:
        paid = self.legs(LegState.SUCCEEDED)
        fail_late(self.store, paid[place % len(paid)].id)

    @precondition(lambda self: self.legs(*METHOD_CHANGEABLE))
    @rule(place=PLACES, method=st.sampled_from([Method.CREDIT, Method.REQUESTED]))
    def desk_pays_another_way(self, place: int, method: Method) -> None:
        open_legs = self.legs(*METHOD_CHANGEABLE)
        leg = open_legs[place % len(open_legs)]
        if leg.method is not method:
            change = MethodChange(leg.number, (Part(method),), "asked")
            plan = self.backend.preview_method_change(BOSS, change)
            self.backend.execute_method_change(BOSS, plan)

    @precondition(lambda self: LocalOutbox(self.store).is_due(self.desk.clock.now()))
    @rule(arrival=st.sampled_from([*[Arrival.DELIVERED] * 3, *Arrival]))
    def mail_goes(self, arrival: Arrival) -> None:
        outbox, now = LocalOutbox(self.store), self.desk.clock.now()
        mail = outbox.claim(now, now)
        assert mail is not None
        state = STATES[arrival]
        again = now if state is MailState.WAITING else None
        assert outbox.record(MailResult(mail.mail_id, mail.attempts, arrival, state, again), now)

    @precondition(lambda self: LocalOutbox(self.store).is_due(self.desk.clock.now()))
    @rule()
    def sender_of_mail_dies(self) -> None:
        now = self.desk.clock.now()
        assert LocalOutbox(self.store).claim(now, now)

    @rule()
    def time_passes(self) -> None:
        self.desk.clock.move(hours=1)

    @invariant()
    def what_was_said_is_so(self) -> None:
        said = defaultdict(list)
        by_id = {refund.id: refund for refund in self.refunds()}
        for mail in mails(self.store):
            may_arrive = mail.state in (MailState.WAITING, MailState.SENT) or mail.unclear
            if may_arrive:
                said[mail.refund_id].append(mail.facts)
            if mail.kind is MailKind.REFUNDED and mail.state is MailState.WAITING:
                live = [leg for leg in by_id[mail.refund_id].legs if leg.is_live]
                assert all(leg.state in FINAL for leg in live)
                assert mail.facts.legs == {leg.number for leg in live}
        for told in said.values():
            assert all(
                replace(one, lines=()) != replace(other, lines=()) for one, other in pairwise(told)
            )
        with self.store.read() as connection:
            for check in MAIL_CHECKS:
                assert connection.exec_driver_sql(check.statement).all() == []

    @invariant()
    def who_has_everything_is_told(self) -> None:
        """Unless the customer's own server refused it, or never will be asked again."""
        last = {mail.refund_id: mail for mail in mails(self.store)}
        for refund in self.refunds():
            live = frozenset(leg.number for leg in refund.legs if leg.is_live)
            if not any(leg.is_live and leg.state not in FINAL for leg in refund.legs):
                told = last[refund.id]
                assert (told.kind, told.facts.legs) == (MailKind.REFUNDED, live)
                assert told.state is not MailState.WITHDRAWN

    def teardown(self) -> None:
        try:
            assert findings(self.store) == []
        finally:
            self.store.close()


Outbox.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
test_anything_in_any_order = Outbox.TestCase

"""Anything the desk, the providers and the mail server may do, in any order: who was told refunded
has everything or was told otherwise, and nobody is told the same twice."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from backend_client.domain.mail import MailKind, MailState
from backend_client.domain.mailing import Arrival, MailResult
from backend_client.domain.refund import FINAL, LegState
from backend_client.local.doctor_mail import MAIL_CHECKS
from backend_client.local.outbox_store import LocalOutbox
from backend_client.local.store import Store
from tests.clocks import SteppingClock
from tests.unit import builders
from tests.unit.local.mailing import answer, fail_late, mailing_desk, mails
from tests.unit.local.test_refund_machine import Desks
from tests.unit.local.venue import MEMORY, put

STATES = {
    Arrival.DELIVERED: MailState.SENT,
    Arrival.LATER: MailState.WAITING,
    Arrival.UNCLEAR: MailState.WAITING,
    Arrival.REFUSED: MailState.BOUNCED,
}


class MailingDesks(Desks):
    """The same desks in a house that mails."""

    @initialize(target=Desks.bookings)
    def open(self) -> int:
        self.store = Store.open(MEMORY, create=True, clock=SteppingClock())
        self.desk = mailing_desk(self.store)
        self.backend = self.desk.backend
        self.sold = 1
        self.spent = 0
        return put(self.store, builders.sample_booking(), named="B-1").id

    @rule(
        number=Desks.refunds,
        says=st.sampled_from([LegState.SUCCEEDED, LegState.SUCCEEDED, LegState.DECLINED]),
    )
    def provider_answers(self, number: str, says: LegState) -> None:
        for leg in self._read(number).legs:
            if leg.state is LegState.PENDING:
                answer(self.store, leg.id, says)

    @rule(number=Desks.refunds, place=st.integers(0, 5))
    def provider_takes_it_back(self, number: str, place: int) -> None:
        paid = [leg for leg in self._read(number).legs if leg.state is LegState.SUCCEEDED]
        if paid:
            fail_late(self.store, paid[place % len(paid)].id)

    @rule(arrival=st.sampled_from(list(Arrival)))
    def mail_goes(self, arrival: Arrival) -> None:
        outbox = LocalOutbox(self.store)
        now = self.desk.clock.now()
        mail = outbox.claim(now, now)
        if mail is not None:
            state = STATES[arrival]
            again = now if state is MailState.WAITING else None
            assert outbox.record(
                MailResult(mail.mail_id, mail.attempts, arrival, state, again), now
            )

    @rule()
    def mail_is_claimed_and_its_sender_dies(self) -> None:
        now = self.desk.clock.now()
        LocalOutbox(self.store).claim(now, now)

    @invariant()
    def what_was_said_is_so(self) -> None:
        said = defaultdict(list)
        for mail in mails(self.store):
            if mail.state in (MailState.WAITING, MailState.SENT) or mail.unclear:
                said[mail.refund_id].append(mail)
            if mail.kind is MailKind.REFUNDED and mail.state is MailState.WAITING:
                refund = self._read(mail.facts.refund)
                live = [leg for leg in refund.legs if leg.is_live]
                assert all(leg.state in FINAL for leg in live)
                assert mail.facts.legs == {leg.number for leg in live}
        for row in said.values():
            legs = [(mail.kind, mail.facts.legs) for mail in row]
            assert all(one != other for one, other in pairwise(legs))
        with self.store.read() as connection:
            for check in MAIL_CHECKS:
                assert connection.exec_driver_sql(check.statement).all() == []


MailingDesks.TestCase.settings = settings(max_examples=25, stateful_step_count=30)
test_anything_in_any_order = MailingDesks.TestCase

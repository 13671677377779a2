"""Mail is in the outbox from the very commit it tells of, once, with the amounts as booked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.domain.caller import Role
from backend_client.domain.legs import Refund
from backend_client.domain.mail import MailKind, MailState
from backend_client.domain.mailing import Arrival, MailResult
from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.policy import Policy, Reason
from backend_client.domain.refund import LegState, Method
from backend_client.local.outbox_store import LocalOutbox
from backend_client.local.store import Store
from backend_client.settings import Settings
from tests.unit import builders
from tests.unit.builders import BETTE, NOW, booking, fee, payment, request, sample_booking, ticket
from tests.unit.local.mailing import (
    MAIL,
    SETTINGS,
    answer,
    fail_late,
    mailing_desk,
    mails,
    move,
    said,
)
from tests.unit.local.venue import Desk, findings, opened, put

BOSS = builders.caller(Role.SUPERVISOR)
REFUNDED, CORRECTED = MailKind.REFUNDED, MailKind.CORRECTED
WAITING, SENT, WITHDRAWN = MailState.WAITING, MailState.SENT, MailState.WITHDRAWN
LEASE = timedelta(minutes=30)


@pytest.fixture
def store() -> Iterator[Store]:
    """In memory, and healthy to the doctor after every test."""
    with opened() as made:
        yield made
        assert findings(made) == []


@pytest.fixture
def desk(store: Store) -> Desk:
    return mailing_desk(store)


def give_back(
    desk: Desk, *sequences: int, parts: Sequence[Part] = (), retained: int = 0, reason: str = ""
) -> Refund:
    asked = request(*sequences, parts=parts, retained=retained)
    if reason:
        asked = replace(asked, reason=reason)
    return desk.backend.execute_refund(BOSS, desk.plan(asked, BOSS)).refund


def change(desk: Desk, number: str, *parts: Part) -> None:
    wish = MethodChange(number, parts, "asked")
    plan = desk.backend.preview_method_change(BOSS, wish)
    desk.backend.execute_method_change(BOSS, plan)


def deliver(store: Store, arrival: Arrival = Arrival.DELIVERED) -> None:
    """Claim what is due and record what became of it, as the sender does."""
    outbox = LocalOutbox(store)
    mail = outbox.claim(NOW, NOW + LEASE)
    assert mail is not None
    state = {Arrival.DELIVERED: SENT, Arrival.REFUSED: MailState.BOUNCED}.get(arrival, WAITING)
    result = MailResult(mail.mail_id, mail.attempts, arrival, state, NOW + LEASE)
    assert outbox.record(result, NOW)


def test_what_is_final_at_once_is_told_in_the_commit(desk: Desk) -> None:
    put(desk.store, sample_booking())
    refund = give_back(desk, 1, 2, 3, parts=(Part(Method.CREDIT),))
    (mail,) = mails(desk.store)
    assert (mail.kind, mail.state, mail.to) == (REFUNDED, WAITING, BETTE.email)
    assert mail.facts.amount_minor == refund.amount_minor == 1450
    assert mail.message_id.startswith("<r-10001.1.")
    assert mail.message_id.endswith("@palais.example>")


@pytest.mark.parametrize("state", [LegState.ACCEPTED, LegState.DECLINED, LegState.UNKNOWN])
def test_accepted_is_not_final_and_declined_is_no_refund(desk: Desk, state: LegState) -> None:
    put(desk.store, sample_booking())
    refund = give_back(desk, 1, 2, 3)
    assert mails(desk.store) == []
    answer(desk.store, refund.legs[0].id, state)
    assert mails(desk.store) == []


def test_accepted_becomes_refunded_only_with_the_providers_word(desk: Desk) -> None:
    put(desk.store, sample_booking())
    refund = give_back(desk, 1, 2, 3)
    answer(desk.store, refund.legs[0].id, LegState.ACCEPTED)
    move(desk.store, refund.legs[0].id, 1, LegState.ACCEPTED, LegState.SUCCEEDED)
    assert said(desk.store) == [(REFUNDED, WAITING)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_one_mail_in_whatever_order_the_payments_finish(desk: Desk, order: tuple[int, ...]) -> None:
    payments = [payment(1, 1000), payment(2, 500), payment(3, 250)]
    put(desk.store, booking([ticket(1, 1750)], payments))
    refund = give_back(desk, 1)
    assert len(refund.legs) == 3
    for place in order:
        assert mails(desk.store) == []
        answer(desk.store, refund.legs[place].id, LegState.SUCCEEDED)
    (mail,) = mails(desk.store)
    assert mail.facts.legs == {leg.number for leg in refund.legs}


FEES = [
    ("nothing withheld", {}, (1450, 0, 0, 1450)),
    ("an amount withheld", {"retained": 200}, (1450, 200, 0, 1250)),
    ("the house's own breach", {"reason": "rain"}, (1450, 0, 300, 1150)),
    ("both", {"reason": "rain", "retained": 50}, (1450, 50, 300, 1100)),
    ("nearly everything withheld", {"retained": 1449}, (1450, 1449, 0, 1)),
]


@pytest.mark.parametrize(("_name", "how", "amounts"), FEES, ids=[case[0] for case in FEES])
def test_a_mail_says_the_amounts_that_were_booked(
    store: Store, _name: str, how: dict[str, int | str], amounts: tuple[int, int, int, int]
) -> None:
    reasons = (Reason("customer-request", "asked"), Reason("rain", "Rain", breach_fee_minor=300))
    desk = Desk(store, settings=replace(SETTINGS, policy=Policy(reasons=reasons)))
    put(store, sample_booking())
    retained, reason = int(how.get("retained", 0)), str(how.get("reason", ""))
    refund = give_back(
        desk, 1, 2, 3, parts=(Part(Method.CREDIT),), retained=retained, reason=reason
    )
    (mail,) = mails(store)
    facts = mail.facts
    assert (
        facts.value_minor,
        facts.retained_minor,
        facts.breach_fee_minor,
        facts.amount_minor,
    ) == amounts
    assert sum(line.value_minor for line in facts.lines) == refund.value_minor
    assert sum(part.amount_minor for part in facts.parts) == refund.amount_minor


def test_where_nothing_is_paid_there_is_nothing_to_tell(desk: Desk) -> None:
    """It may yet be taken back, and nobody is owed anything meanwhile."""
    put(desk.store, sample_booking())
    number = give_back(desk, 1, 2, 3, retained=1450).number
    assert mails(desk.store) == []
    assert desk.backend.outbox(BOSS).unwritten == ()
    plan = desk.backend.preview_void(BOSS, number, "by mistake")
    desk.backend.execute_void(BOSS, plan)


def test_a_fee_that_stays_is_in_no_mail(desk: Desk) -> None:
    put(desk.store, booking([ticket(1, 1000), ticket(2, 1000), fee(3, 100, parent=2)]))
    give_back(desk, 1, parts=(Part(Method.CREDIT),))
    (mail,) = mails(desk.store)
    assert [line.value_minor for line in mail.facts.lines] == [1000]


def test_a_promise_is_told_when_it_is_kept(desk: Desk) -> None:
    put(desk.store, sample_booking())
    refund = give_back(desk, 1, 2, 3, parts=(Part(Method.REQUESTED),))
    assert mails(desk.store) == []
    change(desk, refund.legs[0].number, Part(Method.CREDIT, 450), Part(Method.REQUESTED))
    assert mails(desk.store) == []
    change(desk, f"{refund.number}.3", Part(Method.CREDIT))
    (mail,) = mails(desk.store)
    assert [part.amount_minor for part in mail.facts.parts] == [450, 1000]


def test_a_refund_taken_back_is_never_told(desk: Desk) -> None:
    put(desk.store, sample_booking())
    number = give_back(desk, 1, 2, 3, parts=(Part(Method.REQUESTED),)).number
    plan = desk.backend.preview_void(BOSS, number, "by mistake")
    desk.backend.execute_void(BOSS, plan)
    assert mails(desk.store) == []


def test_a_late_failure_withdraws_the_mail_that_had_not_gone(desk: Desk) -> None:
    put(desk.store, sample_booking())
    refund = give_back(desk, 1, 2, 3)
    answer(desk.store, refund.legs[0].id, LegState.SUCCEEDED)
    fail_late(desk.store, refund.legs[0].id)
    assert said(desk.store) == [(REFUNDED, WITHDRAWN)]
    assert LocalOutbox(desk.store).claim(NOW, NOW + LEASE) is None
    change(desk, refund.legs[0].number, Part(Method.CREDIT))
    assert said(desk.store) == [(REFUNDED, WITHDRAWN), (REFUNDED, WAITING)]


@pytest.mark.parametrize("arrival", [Arrival.DELIVERED, Arrival.UNCLEAR])
def test_a_late_failure_is_corrected_where_the_mail_may_have_arrived(
    desk: Desk, arrival: Arrival
) -> None:
    put(desk.store, sample_booking())
    refund = give_back(desk, 1, 2, 3)
    answer(desk.store, refund.legs[0].id, LegState.SUCCEEDED)
    deliver(desk.store, arrival)
    fail_late(desk.store, refund.legs[0].id)
    first, correction = mails(desk.store)
    assert first.state is (SENT if arrival is Arrival.DELIVERED else WITHDRAWN)
    assert (correction.kind, correction.state) == (CORRECTED, WAITING)
    assert [part.amount_minor for part in correction.facts.parts] == [1450]
    change(desk, refund.legs[0].number, Part(Method.CREDIT))
    assert [mail.kind for mail in mails(desk.store)] == [REFUNDED, CORRECTED, REFUNDED]
    assert len({mail.message_id for mail in mails(desk.store)}) == 3


def test_a_correction_goes_before_what_follows_it(desk: Desk) -> None:
    put(desk.store, sample_booking())
    refund = give_back(desk, 1, 2, 3)
    answer(desk.store, refund.legs[0].id, LegState.SUCCEEDED)
    deliver(desk.store)
    fail_late(desk.store, refund.legs[0].id)
    deliver(desk.store, Arrival.LATER)
    change(desk, refund.legs[0].number, Part(Method.CREDIT))
    outbox = LocalOutbox(desk.store)
    assert outbox.claim(NOW, NOW + LEASE) is None
    later = NOW + 2 * LEASE
    claimed = outbox.claim(later, later + LEASE)
    assert claimed is not None
    assert claimed.facts.kind is CORRECTED


def test_without_mail_the_database_still_withdraws(desk: Desk) -> None:
    """The program that hears of the late failure sends no mail itself."""
    put(desk.store, sample_booking())
    refund = give_back(desk, 1, 2, 3)
    answer(desk.store, refund.legs[0].id, LegState.SUCCEEDED)
    fail_late(desk.store, refund.legs[0].id, Settings())
    assert said(desk.store) == [(REFUNDED, WITHDRAWN)]


def test_who_has_no_address_is_listed_and_not_written_to(desk: Desk) -> None:
    put(desk.store, replace(sample_booking(), contact=replace(BETTE, key="C-9", email="")))
    number = give_back(desk, 1, 2, 3, parts=(Part(Method.CREDIT),)).number
    assert mails(desk.store) == []
    page = desk.backend.outbox(BOSS)
    assert (page.no_address, page.unwritten) == ((number,), ())


def test_what_was_finished_without_mail_is_listed(store: Store) -> None:
    put(store, sample_booking())
    number = give_back(Desk(store), 1, 2, 3, parts=(Part(Method.CREDIT),)).number
    assert mails(store) == []
    assert not Desk(store).backend.outbox(BOSS).configured
    page = mailing_desk(store).backend.outbox(BOSS)
    assert (page.no_address, page.unwritten) == ((), (number,))


@pytest.mark.parametrize(
    ("start", "many"), [(date(2026, 11, 22), 1), (date(2026, 11, 23), 0), (date(2027, 1, 1), 0)]
)
def test_refunds_older_than_the_start_are_never_told(store: Store, start: date, many: int) -> None:
    settings = replace(SETTINGS, mail=replace(MAIL, start=start))
    desk = Desk(store, settings=settings)
    put(store, sample_booking())
    refund = give_back(desk, 1, 2, 3)
    answer(store, refund.legs[0].id, LegState.SUCCEEDED, settings)
    assert len(mails(store)) == many
    assert desk.backend.outbox(BOSS).unwritten == ()


def test_the_day_begins_where_the_house_is(store: Store) -> None:
    """23:30 UTC on the 21st is the 22nd in Zurich."""
    desk = Desk(store, settings=replace(SETTINGS, mail=replace(MAIL, start=date(2026, 11, 22))))
    desk.clock.move(hours=-14)
    put(store, sample_booking())
    give_back(desk, 1, 2, 3, parts=(Part(Method.CREDIT),))
    assert len(mails(store)) == 1


def test_the_same_commit_twice_writes_one_mail(desk: Desk) -> None:
    put(desk.store, sample_booking())
    plan = desk.plan(request(1, 2, 3, parts=(Part(Method.CREDIT),)), BOSS)
    desk.backend.execute_refund(BOSS, plan)
    desk.backend.execute_refund(BOSS, plan)
    assert len(mails(desk.store)) == 1


def test_a_claimed_mail_is_nobody_elses_and_comes_back_after_a_crash(desk: Desk) -> None:
    put(desk.store, sample_booking())
    give_back(desk, 1, 2, 3, parts=(Part(Method.CREDIT),))
    first, second = LocalOutbox(desk.store), LocalOutbox(desk.store)
    claimed = first.claim(NOW, NOW + LEASE)
    assert claimed is not None
    assert second.claim(NOW, NOW + LEASE) is None
    again = second.claim(NOW + LEASE, NOW + 2 * LEASE)
    assert again is not None
    assert (again.message_id, again.attempts, again.unclear) == (claimed.message_id, 2, 1)
    late = MailResult(claimed.mail_id, claimed.attempts, Arrival.DELIVERED, SENT)
    assert not first.record(late, NOW + LEASE)
    assert said(desk.store) == [(REFUNDED, WAITING)]


def test_a_servers_words_are_kept_inert_and_masked(desk: Desk) -> None:
    put(desk.store, sample_booking())
    give_back(desk, 1, 2, 3, parts=(Part(Method.CREDIT),))
    outbox = LocalOutbox(desk.store)
    mail = outbox.claim(NOW, NOW + LEASE)
    assert mail is not None
    words = "no\x1b[31m such\nuser 4111111111111111"
    result = MailResult(
        mail.mail_id, mail.attempts, Arrival.REFUSED, MailState.BOUNCED, None, "550", words
    )
    assert outbox.record(result, NOW)
    (listed,) = desk.backend.outbox(BOSS).mails
    assert (listed.code, listed.text) == ("550", "no such user 411111••••••1111")
    assert desk.backend.outbox(BOSS).totals == {MailState.BOUNCED: 1}


ATTACKS = [
    "UPDATE outbox SET body = '{}'",
    "UPDATE outbox SET to_address = 'x@y.example'",
    "UPDATE outbox SET message_id = '<x@y.example>'",
    "DELETE FROM outbox",
    "INSERT OR REPLACE INTO outbox SELECT * FROM outbox",
    "UPDATE outbox SET state = 'lost'",
    "UPDATE outbox SET unclear = 1",
    "INSERT INTO outbox SELECT 9, id, 1, 'refunded', '<9@x.example>', 'x@y.example', 'en', '{}', "
    "1, 'waiting', 0, 0, 1, 1, '', '' FROM refund WHERE id = 2",
    "INSERT INTO outbox SELECT 9, id, 1, 'corrected', '<9@x.example>', 'x@y.example', 'en', '{}', "
    "1, 'sent', 0, 0, 1, 1, '', '' FROM refund WHERE id = 2",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_database_refuses_what_a_mail_may_never_be(desk: Desk, attack: str) -> None:
    """Refund 1 is final and told; refund 2 waits for its provider."""
    put(desk.store, booking([ticket(1, 1000), ticket(2, 500)]))
    give_back(desk, 1, parts=(Part(Method.CREDIT),))
    give_back(desk, 2)
    before = mails(desk.store)
    with pytest.raises(IntegrityError):
        desk.store.write(lambda connection: connection.exec_driver_sql(attack), label="attack")
    assert mails(desk.store) == before


def test_a_mail_that_is_over_stays_as_it_is(desk: Desk) -> None:
    put(desk.store, sample_booking())
    give_back(desk, 1, 2, 3, parts=(Part(Method.CREDIT),))
    deliver(desk.store)
    with pytest.raises(IntegrityError, match="a mail that is over"):
        desk.store.write(
            lambda connection: connection.exec_driver_sql("UPDATE outbox SET state = 'waiting'"),
            label="attack",
        )

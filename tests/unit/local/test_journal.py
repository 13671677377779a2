"""The journal of Connect calls: durable before the call, each line once, and a whole life."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.domain.booking import BookingKey
from backend_client.domain.connect_intent import (
    Conclusion,
    Intent,
    IntentState,
    concluded,
    leg_state,
    refund_of,
)
from backend_client.domain.connect_outcome import Became, Signal, Verdict
from backend_client.domain.findings import Finding, Resolution
from backend_client.domain.refund import LegState, RefundStatus
from backend_client.local.doctor import examine
from backend_client.local.journal import LocalJournal
from backend_client.local.store import Store
from tests.clocks import START
from tests.contract.offices import CASHIER, SUPERVISOR
from tests.sound import wrong
from tests.unit.local.venue import opened, url_of
from tests.unit.refusing import refused
from tests.wishes import KEY, TILL, VISA, wish


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(url_of(tmp_path / "store.db")) as made:
        yield made
        assert wrong(examine(made)) == {}


@pytest.fixture
def journal(store: Store) -> LocalJournal:
    return LocalJournal(store)


def sent(journal: LocalJournal, number: int = 1) -> Intent:
    intent = journal.begin(CASHIER, wish(number), "holder", START)
    return journal.sending(intent, START)


def seen(
    became: Became, *paid: bool, signal: Signal = Signal.UNSURE, gone: bool | None = False
) -> tuple[Verdict, Signal]:
    return Verdict(became, paid, gone), signal


def found(
    journal: LocalJournal, intent: Intent, verdict: tuple[Verdict, Signal], seconds: int = 1
) -> Intent:
    now = START + timedelta(seconds=seconds)
    conclusion = concluded(intent, *verdict, now, "code", "words")
    return journal.conclude(CASHIER, intent, conclusion, now)


DONE = seen(Became.SUCCEEDED, True, True, gone=True)
UNKNOWN = seen(Became.UNKNOWN, False, False)
DECLINED = seen(Became.NOT_DONE, False, False, signal=Signal.DECLINED)
SECOND = seen(Became.SECOND_FAILED, True, False, signal=Signal.DECLINED)


def test_what_was_meant_is_kept_whole_before_anything_is_sent(store: Store) -> None:
    begun = LocalJournal(store).begin(CASHIER, wish(), "holder", START)
    kept = LocalJournal(store).by_number(begun.number)
    assert kept == begun
    assert kept.state is IntentState.PLANNED
    assert kept.wish.before == wish().before
    assert kept.wish.intended.called == "call-1"
    assert [leg.reference for leg in kept.wish.legs] == ["", "slip 7"]
    assert kept.wish.legs[1].masked_number == "412403....5226"


def test_a_call_that_went_well_is_a_refund_like_any_other(journal: LocalJournal) -> None:
    done = found(journal, sent(journal), DONE)
    refund = refund_of(done, 7)
    assert (refund.status, refund.amount_minor, refund.booking_id) == (RefundStatus.DONE, 1450, 7)
    assert [leg.state for leg in refund.legs] == [LegState.SUCCEEDED, LegState.RECORDED]
    assert [leg.number for leg in refund.legs] == [f"{done.number}.1", f"{done.number}.2"]


def test_one_unfinished_call_a_booking(journal: LocalJournal) -> None:
    first = sent(journal)
    with refused("refund-in-progress") as caught:
        journal.begin(CASHIER, wish(2, lines=(3,)), "holder", START)
    assert caught.value.details["refund"] == first.number
    other = BookingKey("0001", "WPM8TS9", "4000")
    assert journal.begin(CASHIER, wish(3, key=other), "holder", START).number != first.number


def test_a_line_given_back_is_in_no_other_call(journal: LocalJournal) -> None:
    found(journal, sent(journal), DONE)
    with refused("being-refunded") as caught:
        journal.begin(CASHIER, wish(2, lines=(2, 3)), "holder", START)
    assert "A. Rochat" in caught.value.message


def test_what_was_not_done_frees_its_lines_and_its_commit(journal: LocalJournal) -> None:
    first = found(journal, sent(journal), DECLINED)
    assert first.state is IntentState.NOT_DONE
    assert journal.by_commit_key("commit-1") is None
    again = sent(journal)
    assert again.number != first.number
    assert refund_of(first, 1).status is RefundStatus.VOIDED


def test_the_store_itself_holds_each_rule(store: Store, journal: LocalJournal) -> None:
    """Behind the journal's own checks: another program, or code that forgot."""
    done = found(journal, sent(journal), DONE)

    def refuses(statement: str) -> None:
        with pytest.raises(IntegrityError):
            store.write(lambda connection: connection.exec_driver_sql(statement), label="bad")

    refuses(f"UPDATE connect_intent SET state = 'sending' WHERE id = {done.id}")
    refuses(f"UPDATE connect_intent SET amount_minor = 1 WHERE id = {done.id}")
    refuses("UPDATE connect_leg SET amount_minor = 1")
    refuses("UPDATE connect_line SET live = 0")
    refuses("UPDATE connect_note SET text = ''")
    for table in ("connect_intent", "connect_line", "connect_leg", "connect_note"):
        refuses(f"DELETE FROM {table}")
    copied = (
        "site, booking_id, transaction_id, booking_number, customer, amount_minor, currency, "
        "reason, environment, operator, role, desk, channel, entrance, correlation_id, "
        "created_at_us, commit_key, fingerprint, before, holder"
    )
    for state, key in (("planned", "'commit-1'"), ("succeeded", "'new'")):
        values = copied.replace("commit_key", key)
        refuses(
            f"INSERT INTO connect_intent(id, number, state, changed_at_us, {copied}) "
            f"SELECT 999, 'R-x', '{state}', 0, {values} FROM connect_intent"
        )
    refuses(
        "INSERT INTO connect_line(id, intent_id, sequence, site, booking_id, transaction_id, "
        "description, value_minor) SELECT 999, intent_id, 9 - sequence, site, booking_id, "
        "transaction_id, '', 0 FROM connect_line WHERE sequence = 1 UNION ALL "
        "SELECT 998, intent_id, 8, site, booking_id, transaction_id, '', 0 FROM connect_line"
    )


def test_who_was_first_to_know_is_right(journal: LocalJournal) -> None:
    """Two programs look at one call: the second finds it decided and changes nothing."""
    intent = sent(journal)
    done = found(journal, intent, DONE)
    assert found(journal, intent, UNKNOWN) == done


def test_unknown_waits_for_the_grace_and_its_readings_then_for_a_person(
    journal: LocalJournal,
) -> None:
    intent = found(journal, sent(journal), UNKNOWN)
    assert intent.state is IntentState.UNKNOWN
    intent = found(journal, intent, seen(Became.UNREAD, False, False, gone=None), 400)
    assert (intent.state, intent.reads) == (IntentState.UNKNOWN, 1)
    intent = found(journal, intent, UNKNOWN, 401)
    assert (intent.state, intent.reads) == (IntentState.UNKNOWN, 2)
    intent = found(journal, intent, UNKNOWN, 402)
    assert intent.state is IntentState.REVIEW


def test_often_is_not_enough_before_the_grace_is_over(journal: LocalJournal) -> None:
    intent = sent(journal)
    for seconds in range(1, 8):
        intent = found(journal, intent, UNKNOWN, seconds)
    assert (intent.state, intent.reads) == (IntentState.UNKNOWN, 7)
    assert found(journal, intent, UNKNOWN, 301).state is IntentState.REVIEW


def resolved(journal: LocalJournal, intent: Intent, ordinal: int, finding: Finding) -> Intent:
    said = Resolution(f"{intent.number}.{ordinal}", finding, "their-1", "seen in the system")
    return journal.resolve(SUPERVISOR, intent, ordinal, said, START + timedelta(minutes=9))


def test_what_went_through_and_what_not_is_kept_for_a_person(journal: LocalJournal) -> None:
    intent = found(journal, sent(journal), SECOND)
    assert intent.state is IntentState.REVIEW
    assert [leg.paid for leg in intent.wish.legs] == [True, False]
    shown = refund_of(intent, 1)
    assert [leg.state for leg in shown.legs] == [LegState.REVIEW] * 2
    assert [leg.attempts[-1].outcome for leg in shown.legs] == ["seen", "not_seen"]


def test_review_ends_when_every_payment_is_cleared_up(journal: LocalJournal) -> None:
    intent = found(journal, sent(journal), SECOND)
    intent = resolved(journal, intent, 1, Finding.FOUND)
    assert intent.state is IntentState.REVIEW
    states = [leg_state(intent, leg) for leg in intent.wish.legs]
    assert states == [LegState.SUCCEEDED, LegState.REVIEW]
    intent = resolved(journal, intent, 2, Finding.NOT_FOUND)
    assert intent.state is IntentState.REVIEW
    intent = resolved(journal, intent, 2, Finding.FOUND)
    assert intent.state is IntentState.SUCCEEDED
    assert intent.notes[-1].operator == "A. Rochat"


def test_nothing_found_at_all_is_not_done(journal: LocalJournal) -> None:
    intent = found(journal, sent(journal), SECOND)
    for ordinal in (1, 2):
        intent = resolved(journal, intent, ordinal, Finding.NOT_FOUND)
    assert (intent.state, intent.was_decided) == (IntentState.NOT_DONE, True)
    assert sent(journal, 2).state is IntentState.SENDING


def test_lines_that_are_gone_are_not_free_again(journal: LocalJournal) -> None:
    underpaid = seen(Became.UNDERPAID, False, False, signal=Signal.AFTER_PAYMENT, gone=True)
    intent = found(journal, sent(journal), underpaid)
    for ordinal in (1, 2):
        intent = resolved(journal, intent, ordinal, Finding.NOT_FOUND)
    assert intent.state is IntentState.REVIEW


def test_only_what_is_in_review_as_it_was_seen_is_decided(journal: LocalJournal) -> None:
    before = found(journal, sent(journal), SECOND)
    resolved(journal, before, 1, Finding.FOUND)
    with refused("plan-stale"):
        resolved(journal, before, 2, Finding.FOUND)


# ------------------------------------------------------------ waiting for approval

OTHER = replace(SUPERVISOR, operator="T. Blanc", desk="9")


def waiting(journal: LocalJournal) -> Intent:
    return journal.begin(CASHIER, wish(), "maker", START, IntentState.AWAITING_APPROVAL)


def test_what_waits_holds_its_lines_and_its_booking(journal: LocalJournal) -> None:
    first = waiting(journal)
    assert refund_of(first, 1).status is RefundStatus.AWAITING_APPROVAL
    with refused("refund-waits") as caught:
        journal.begin(CASHIER, wish(2, lines=(3,)), "holder", START)
    assert caught.value.details == {"refund": first.number, "operator": CASHIER.operator}
    with refused("connect-not-sent"):
        journal.sending(first, START)
    assert journal.by_number(first.number) == first


def test_a_yes_is_what_sends_it(journal: LocalJournal) -> None:
    first = waiting(journal)
    sending = journal.approve(OTHER, first, "seen", "approver", START)
    assert (sending.state, sending.holder, sending.sent_at) == (
        IntentState.SENDING,
        "approver",
        START,
    )
    assert sending.decision is not None
    assert (sending.decision.operator, sending.decision.code) == (OTHER.operator, "seen")
    with refused("already-decided"):
        journal.approve(SUPERVISOR, first, "seen", "late", START)
    with refused("already-decided"):
        journal.withdraw(CASHIER, first, "plan", "no", START)
    assert journal.by_number(first.number) == sending


def test_a_no_frees_its_lines_and_stays_to_be_seen(journal: LocalJournal) -> None:
    first = waiting(journal)
    gone = journal.withdraw(OTHER, first, "plan", "too much", START)
    assert (gone.state, gone.was_decided) == (IntentState.NOT_DONE, True)
    with refused("already-decided"):
        journal.approve(OTHER, first, "seen", "approver", START)
    assert waiting(journal).number != first.number


def test_the_store_itself_lets_nothing_wait_that_was_sent(
    store: Store, journal: LocalJournal
) -> None:
    sending = sent(journal)
    with pytest.raises(IntegrityError):
        store.write(
            lambda connection: connection.exec_driver_sql(
                "UPDATE connect_intent SET state = 'awaiting_approval' WHERE id = ?", (sending.id,)
            ),
            label="bad",
        )


def test_recent_is_by_the_last_change(journal: LocalJournal) -> None:
    other = BookingKey("0001", "OTHER", "1")
    first = sent(journal)
    journal.begin(CASHIER, wish(2, key=other), "holder", START + timedelta(seconds=1))
    assert journal.recent(5) == (other, KEY)
    found(journal, first, DONE, 60)
    assert journal.recent(1) == (KEY,)


def test_every_change_is_on_record(store: Store, journal: LocalJournal) -> None:
    resolved(journal, found(journal, sent(journal), SECOND), 1, Finding.FOUND)
    records = [json.loads(line) for line in store.audit.export(store)]
    assert [record["action"] for record in records] == ["refund", "connect_outcome", "resolve"]
    assert store.audit.verify(store).broken_at is None
    assert json.loads(records[0]["body"])["amount_minor"] == 1450


def test_a_free_line_needs_nobody_in_the_end(journal: LocalJournal) -> None:
    intent = journal.sending(journal.begin(CASHIER, wish(legs=()), "holder", START), START)
    for seconds in (1, 2, 301):
        intent = found(journal, intent, seen(Became.UNKNOWN), seconds)
    assert intent.state is IntentState.NOT_DONE


def test_a_conclusion_keeps_the_last_good_reading(journal: LocalJournal) -> None:
    intent = found(journal, sent(journal), UNKNOWN)
    unread = Conclusion(
        IntentState.UNKNOWN,
        Verdict(Became.UNREAD, (False, False)),
        Signal.UNSURE,
        code="",
        text="",
        read=False,
        counts=False,
    )
    later = journal.conclude(CASHIER, intent, unread, START + timedelta(minutes=1))
    assert (later.read_at, later.lines_gone) == (intent.read_at, False)


def test_legs_are_numbered_in_their_order(journal: LocalJournal) -> None:
    begun = journal.begin(CASHIER, wish(legs=(TILL, VISA)), "holder", START)
    assert [leg.ordinal for leg in begun.wish.legs] == [1, 2]
    assert len({leg.id for leg in begun.wish.legs}) == 2


def test_what_awaits_approval_there_is_asked_about_however_the_first_reading_went(
    journal: LocalJournal,
) -> None:
    unread = Verdict(Became.UNREAD, (False, False))
    intent = sent(journal)
    told = concluded(intent, unread, Signal.WAITS_THERE, START, "awaits-approval", "R-10007")
    waits = journal.conclude(CASHIER, intent, told, START)
    assert (waits.awaits_there, waits.read_at) == (True, None)
    assert refund_of(waits, 1).legs[0].awaits_there == "R-10007"
    assert not waits.is_due(START + timedelta(minutes=4))
    assert waits.is_due(START + timedelta(minutes=5))

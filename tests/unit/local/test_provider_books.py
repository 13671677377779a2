"""What a provider's list contradicts: late failures, refunds of others, what it forgot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.refund import LegState, Method
from backend_client.local.rows import fetch
from backend_client.providers.port import Answer, AnswerClass, FoundState, RefundOrder
from tests.shop import PRICE, SUPERVISOR
from tests.unit.local.troubled import Trouble, trouble
from tests.unit.local.venue import balances, findings
from tests.unit.refusing import refused


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Trouble]:
    with trouble(tmp_path) as made:
        yield made


def drive(office: Trouble, **later: float) -> None:
    office.clock.move(**later)
    office.shop.backend.settle(SUPERVISOR)


def found_minor(office: Trouble) -> int:
    with office.shop.store.read() as connection:
        row = fetch(connection, "SELECT SUM(found_minor) AS found FROM payment")[0]
    return int(row.found)


def test_a24_a_late_failure_is_reversed_in_the_books_and_can_be_paid_again(
    office: Trouble,
) -> None:
    office.shop.refund(1, 1)
    assert balances(office.shop.store)["provider_clearing:practice"] == -PRICE
    office.books.change("pay-1", FoundState.DECLINED)
    drive(office, days=2)
    assert office.leg().state is LegState.FAILED_LATE
    assert "provider_clearing:practice" not in balances(office.shop.store)
    assert balances(office.shop.store)["refund_payable"] == -PRICE
    plan = office.shop.backend.preview_retry(SUPERVISOR, "R-10001.1", "card was closed")
    office.shop.backend.execute_method_change(SUPERVISOR, plan)
    assert office.leg(ordinal=2).state is LegState.SUCCEEDED


def test_each_leg_is_compared_by_the_next_drive_after_its_dispatch(office: Trouble) -> None:
    office.shop.refund(1, 1)
    before = len(office.provider.look_ups)
    assert office.shop.backend.settle(SUPERVISOR).checked == 1
    assert office.shop.backend.settle(SUPERVISOR).checked == 0
    assert len(office.provider.look_ups) == before
    office.clock.move(days=1)
    assert office.shop.backend.settle(SUPERVISOR).checked == 1


def test_what_a_drive_dispatched_it_compares_itself(office: Trouble) -> None:
    office.books.kind = AnswerClass.ACCEPTED
    office.shop.refund(1, 1)
    office.books.change("pay-1", FoundState.FINAL)
    report = office.shop.backend.settle(SUPERVISOR)
    assert (report.states, report.checked) == ({LegState.SUCCEEDED: 1}, 1)


def test_a_refund_paid_twice_is_found_by_the_drive_that_paid_it(office: Trouble) -> None:
    """What an over-paying provider or dispatcher did is red at once, not the next day."""
    office.shop.refund(1, 1)
    office.books.add("pay-1", "re-again", PRICE)
    report = office.shop.backend.settle(SUPERVISOR)
    assert report.discrepancies == 1
    assert any(one.startswith("found: ") for one in findings(office.shop.store))
    office.books.refunds["pay-1"].pop()
    assert office.shop.backend.settle(SUPERVISOR).checked == 0
    office.clock.move(hours=1)
    office.shop.backend.settle(SUPERVISOR)
    assert findings(office.shop.store) == [], "what differs is compared again within the hour"


def test_a_list_that_lags_behind_is_no_difference_yet(office: Trouble) -> None:
    office.shop.refund(1, 1)
    listed = office.books.refunds.pop("pay-1")
    assert office.shop.backend.settle(SUPERVISOR).discrepancies == 0
    office.clock.move(seconds=59)
    assert office.shop.backend.settle(SUPERVISOR).checked == 0
    office.clock.move(seconds=1)
    late = office.shop.backend.settle(SUPERVISOR)
    assert (late.checked, late.discrepancies) == (1, 1)
    office.books.refunds["pay-1"] = listed
    office.clock.move(hours=1)
    office.shop.backend.settle(SUPERVISOR)
    assert findings(office.shop.store) == []


def test_what_was_declined_is_compared_once_and_red_if_it_was_made(office: Trouble) -> None:
    office.books.kind = AnswerClass.DECLINED
    office.shop.refund(1, 1)
    assert office.leg().state is LegState.DECLINED
    assert office.shop.backend.settle(SUPERVISOR).checked == 1
    office.clock.move(days=2)
    assert office.shop.backend.settle(SUPERVISOR).checked == 0

    def lied(order: RefundOrder) -> Answer:
        office.books.list(order, FoundState.FINAL)
        return office.books.refund(order)

    office.provider.answer = lied
    office.shop.refund(2, 1)
    assert office.shop.backend.settle(SUPERVISOR).discrepancies == 1
    assert findings(office.shop.store)
    office.books.refunds["pay-2"].clear()
    office.clock.move(hours=1)
    office.shop.backend.settle(SUPERVISOR)
    assert findings(office.shop.store) == []


def test_a20_a_refund_made_in_the_back_office_blocks_its_payment(office: Trouble) -> None:
    office.shop.refund(1, 1)
    office.books.add("pay-1", "re-office", 500)
    drive(office, days=1)
    drive(office, days=1)
    assert found_minor(office) == 500
    with refused("payment-blocked"):
        office.shop.backend.preview_refund(SUPERVISOR, _matched(office))
    assert any(one.startswith("found: ") for one in findings(office.shop.store))
    office.books.refunds["pay-1"].pop()
    drive(office, days=1)
    assert found_minor(office) == 0, "the provider lists it no more"
    assert len(office.audit("discrepancy")) == 1
    assert len(office.audit("discrepancy_cleared")) == 1


def _matched(office: Trouble) -> RefundRequest:
    booking = office.shop.backend.booking(SUPERVISOR, "B-1").booking
    return RefundRequest(booking.id, (2,), "goodwill", (Part(Method.MATCHED),))


def test_a20_already_refunded_by_others_is_declined_and_found(office: Trouble) -> None:
    office.books.add("pay-1", "re-office", 2 * PRICE)
    office.books.kind = AnswerClass.ALREADY_REFUNDED
    office.shop.refund(1, 1)
    assert office.leg().state is LegState.UNKNOWN
    drive(office, seconds=61)
    assert office.leg().state is LegState.DECLINED
    assert found_minor(office) == 2 * PRICE
    with refused("payment-blocked"):
        office.shop.backend.preview_retry(SUPERVISOR, "R-10001.1", "again")


def test_a19_already_refunded_by_ourselves_is_refunded(office: Trouble) -> None:
    def lost(order: RefundOrder) -> Answer:
        office.books.list(order, FoundState.FINAL)
        return office.books.refund(order)

    office.books.kind = AnswerClass.ALREADY_REFUNDED
    office.provider.answer = lost
    office.shop.refund(1, 1)
    assert office.leg().state is LegState.SUCCEEDED
    assert len(office.provider.orders) == 1


def test_what_the_provider_forgot_is_kept_until_it_remembers(office: Trouble) -> None:
    office.shop.refund(1, 1)
    listed = office.books.refunds.pop("pay-1")
    office.clock.move(days=1)
    assert office.shop.backend.settle(SUPERVISOR).discrepancies == 1
    assert office.leg().state is LegState.SUCCEEDED
    assert findings(office.shop.store) == [
        "reconciled: R-10001.1: ours_only at practice, the provider does not list it"
    ]
    office.books.refunds["pay-1"] = listed
    drive(office, days=1)
    assert findings(office.shop.store) == []


def test_a23_accepted_becomes_refunded_only_when_the_provider_says_so(office: Trouble) -> None:
    office.books.kind = AnswerClass.ACCEPTED
    office.shop.refund(1, 1)
    drive(office, minutes=1)
    assert office.leg().state is LegState.ACCEPTED
    assert "provider_clearing:practice" not in balances(office.shop.store)
    office.books.change("pay-1", FoundState.FINAL)
    drive(office, minutes=1)
    assert office.leg().state is LegState.SUCCEEDED


def test_reconciling_sorts_into_four_lists(office: Trouble) -> None:
    for number in (1, 2, 3):
        office.shop.refund(number, 1)
    office.books.add("pay-1", "re-office", 500)
    office.books.refunds.pop("pay-2")
    office.books.change("pay-3", FoundState.DECLINED)
    found = office.shop.backend.reconcile(SUPERVISOR)
    assert [pair.ours.leg_number for pair in found.matched] == ["R-10001.1"]
    assert [one.leg_number for one in found.ours_only] == ["R-10002.1"]
    assert [one.provider_refund_id for one in found.provider_only] == ["re-office"]
    assert [(pair.ours.leg_number, pair.differs) for pair in found.differing] == [
        ("R-10003.1", ("state",))
    ]
    assert not found.ok
    assert office.leg("R-10003").state is LegState.FAILED_LATE, "what is found is written down"
    assert found_minor(office) == 500
    office.books.add("pay-2", office.leg("R-10002").provider_refund_id, PRICE, _reference(office))
    office.books.refunds["pay-1"].pop()
    assert office.shop.backend.reconcile(SUPERVISOR).ok


def _reference(office: Trouble) -> str:
    return office.leg("R-10002").our_reference


def test_reconciling_looks_back_as_far_as_asked(office: Trouble) -> None:
    office.shop.refund(1, 1)
    office.clock.move(days=1)
    since = office.clock.now()
    office.shop.refund(2, 1)
    found = office.shop.backend.reconcile(SUPERVISOR, since=since)
    assert [pair.ours.leg_number for pair in found.matched] == ["R-10002.1"]


def test_a_provider_that_does_not_answer_proves_nothing(office: Trouble) -> None:
    office.shop.refund(1, 1)
    office.books.answers_looks = False
    found = office.shop.backend.reconcile(SUPERVISOR)
    assert found.unanswered == ("practice",)
    assert (found.matched, found.ours_only) == ((), ())
    assert not found.ok

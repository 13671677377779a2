"""Several refunds of one payment, some made while its list is read: ours are never taken for those
of others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_client.domain.acceptance import Acceptance
from backend_client.domain.reconciliation import Reconciliation
from backend_client.domain.refund import LegState
from backend_client.local.leg_store import LocalLegStore
from backend_client.providers.port import Answer, AnswerClass, FoundState, LookUp, RefundOrder
from tests.shop import PRICE, SUPERVISOR, sale
from tests.unit.local.troubled import Trouble, trouble
from tests.unit.local.venue import findings

BOOKING = 9


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Trouble]:
    with trouble(tmp_path) as made:
        made.shop.sell([sale(BOOKING, tickets=6)])
        yield made
        assert findings(made.shop.store) == []


def refunded_while_listed(office: Trouble) -> None:
    """The cashier gives a second ticket back while the provider is asked about the first."""
    listing = office.provider.listing

    def late(order: RefundOrder) -> LookUp:
        office.provider.listing = listing
        office.shop.refund(BOOKING, 2)
        return listing(order)

    office.shop.refund(BOOKING, 1)
    office.provider.listing = late


def test_what_is_refunded_while_its_payment_is_checked_is_no_stranger(office: Trouble) -> None:
    refunded_while_listed(office)
    assert office.shop.backend.settle(SUPERVISOR).discrepancies == 0
    assert findings(office.shop.store) == []


def test_what_is_refunded_while_it_is_reconciled_is_no_stranger(office: Trouble) -> None:
    refunded_while_listed(office)
    found: Reconciliation = office.shop.backend.reconcile(SUPERVISOR)
    assert (found.provider_only, found.ours_only) == ((), ())


def test_a_refund_made_although_declined_is_found_after_it_was_paid_again(
    office: Trouble,
) -> None:
    def lied(order: RefundOrder) -> Answer:
        office.books.list(order, FoundState.FINAL)
        return Answer(AnswerClass.DECLINED, code="43")

    office.provider.answer, honest = lied, office.provider.answer
    office.shop.refund(BOOKING, 1)
    office.provider.answer = honest
    plan = office.shop.backend.preview_retry(SUPERVISOR, "R-10001.1", "try once more")
    office.shop.backend.execute_method_change(SUPERVISOR, plan)
    assert office.leg(ordinal=2).state is LegState.SUCCEEDED
    assert office.shop.backend.settle(SUPERVISOR).discrepancies == 1
    assert any(one.startswith("found: ") for one in findings(office.shop.store))
    del office.books.refunds[f"pay-{BOOKING}"][0]
    office.clock.move(days=1)
    office.shop.backend.settle(SUPERVISOR)


def test_refunds_of_one_payment_know_each_other_however_their_checks_are_written(
    office: Trouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sequence in range(1, 6):
        office.shop.refund(BOOKING, sequence)
    written, asked = threading.Event(), []
    checked, listing = LocalLegStore.checked, office.provider.listing

    def told(*given: object) -> object:
        kept = checked(*given)  # type: ignore[arg-type]
        written.set()
        return kept

    def after_the_first_is_written(order: RefundOrder) -> LookUp:
        asked.append(order.our_reference)
        if order.our_reference != asked[0]:
            assert written.wait(60)
        return listing(order)

    monkeypatch.setattr(LocalLegStore, "checked", told)
    office.provider.listing = after_the_first_is_written
    report = office.shop.backend.settle(SUPERVISOR)
    assert (report.checked, report.discrepancies) == (5, 0)
    office.clock.move(hours=2)
    assert office.shop.backend.settle(SUPERVISOR).checked == 0, "nothing was wrong with them"


def test_what_was_voided_after_it_was_declined_is_compared_all_the_same(office: Trouble) -> None:
    office.books.kind = AnswerClass.DECLINED
    office.shop.refund(BOOKING, 1)
    void = office.shop.backend.preview_void(SUPERVISOR, "R-10001", "typed by mistake")
    office.shop.backend.execute_void(SUPERVISOR, void)
    reference = office.leg().our_reference
    office.books.add(f"pay-{BOOKING}", "re-made", PRICE, reference)
    assert office.shop.backend.settle(SUPERVISOR).discrepancies == 1
    assert any(one.startswith("found: ") for one in findings(office.shop.store))
    made = Acceptance(f"pay-{BOOKING}", "re-made", "the provider made what it had declined")
    assert office.shop.backend.accept_refund(SUPERVISOR, made).amount_minor == PRICE


def test_what_is_on_the_wire_while_it_is_reconciled_is_no_difference(office: Trouble) -> None:
    found: list[Reconciliation] = []
    honest = office.provider.answer

    def listed_before_it_answers(order: RefundOrder) -> Answer:
        answer = honest(order)
        found.append(office.shop.backend.reconcile(SUPERVISOR))
        return answer

    office.shop.refund(BOOKING, 1)
    office.provider.answer = listed_before_it_answers
    office.shop.refund(BOOKING, 2)
    assert [one.ok for one in found] == [True]
    assert [pair.ours.leg_number for pair in found[0].matched] == ["R-10001.1"]

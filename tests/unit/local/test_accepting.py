"""A refund made in the provider's back office becomes part of our books, by a supervisor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.domain.acceptance import Acceptance
from backend_client.domain.caller import Role
from backend_client.domain.plan import MethodChange, Part, RefundRequest
from backend_client.domain.refund import LegState, Method
from backend_client.local.rows import fetch
from backend_client.providers.port import AnswerClass, Found, FoundState
from tests.shop import PRICE, SUPERVISOR, card, sale
from tests.unit.local.troubled import Trouble, trouble
from tests.unit.local.venue import balances, findings
from tests.unit.refusing import refused

OFFICE = Acceptance("pay-1", "re-office", "Anna gave it back by telephone, ticket 4711")
KNOWINGLY = frozenset({"more-than-paid"})


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Trouble]:
    with trouble(tmp_path) as made:
        yield made
        assert findings(made.shop.store) == []


def drive(office: Trouble, **later: float) -> None:
    office.clock.move(**later)
    office.shop.backend.settle(SUPERVISOR)


def found_at_provider(office: Trouble, amount_minor: int = 500) -> None:
    """One ticket of two was given back here, something more at the provider."""
    office.shop.refund(1, 1)
    office.books.add("pay-1", "re-office", amount_minor)
    drive(office, days=1)
    assert any(one.startswith("found: ") for one in findings(office.shop.store))


def asked(office: Trouble, *parts: Part) -> RefundRequest:
    booking = office.shop.backend.booking(SUPERVISOR, "B-1").booking
    return RefundRequest(booking.id, (2,), "goodwill", parts)


def test_what_was_accepted_is_booked_counts_and_frees_its_payment(office: Trouble) -> None:
    found_at_provider(office)
    done = office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    assert (done.booking, done.provider, done.amount_minor) == ("B-1", "practice", 500)
    assert findings(office.shop.store) == []
    assert balances(office.shop.store) == {
        "provider_clearing:practice": -PRICE - 500,
        "refunds_elsewhere": 500,
        "tickets_sold": PRICE,
    }
    booking = office.shop.backend.booking(SUPERVISOR, "B-1").booking
    assert booking.payments[0].refundable_minor == PRICE - 500
    assert booking.left_minor == PRICE - 500
    with refused("booking-cap-exceeded"):
        office.shop.backend.preview_refund(SUPERVISOR, asked(office))
    hit = office.shop.backend.lookup(SUPERVISOR, "B-1").hits[0]
    assert hit.left_minor == PRICE - 500
    events = office.shop.backend.booking(SUPERVISOR, "B-1").timeline
    assert [one.amount_minor for one in events if one.what == "accepted"] == [500]


def test_the_rest_of_the_payment_goes_back_through_its_provider(office: Trouble) -> None:
    found_at_provider(office)
    office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    request = replace(asked(office, Part(Method.MATCHED)), retained_minor=500)
    plan = office.shop.backend.preview_refund(SUPERVISOR, request)
    refund = office.shop.backend.execute_refund(SUPERVISOR, plan).refund
    assert [leg.state for leg in refund.legs] == [LegState.SUCCEEDED]


def test_accepted_twice_is_accepted_once(office: Trouble) -> None:
    found_at_provider(office)
    first = office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    again = office.shop.backend.accept_refund(SUPERVISOR, replace(OFFICE, evidence="once more"))
    assert (first.already_done, again.already_done) == (False, True)
    assert balances(office.shop.store)["refunds_elsewhere"] == 500
    assert len(office.audit("accept_found")) == 1
    assert "telephone" in office.audit("accept_found")[0]


def test_looking_again_does_not_find_it_anew(office: Trouble) -> None:
    found_at_provider(office)
    office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    office.clock.move(days=1)
    assert office.shop.backend.settle(SUPERVISOR).discrepancies == 0
    found = office.shop.backend.reconcile(SUPERVISOR)
    assert [one.provider_refund_id for one in found.accepted] == ["re-office"]
    assert found.ok


def test_another_refund_of_the_same_payment_is_found_all_the_same(office: Trouble) -> None:
    found_at_provider(office)
    office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    office.books.add("pay-1", "re-second", 300)
    drive(office, days=1)
    assert [one for one in findings(office.shop.store) if one.startswith("found")]
    second = replace(OFFICE, reference="re-second")
    office.shop.backend.accept_refund(SUPERVISOR, second)
    assert balances(office.shop.store)["refunds_elsewhere"] == 800


def test_what_the_provider_takes_back_is_taken_back_here(office: Trouble) -> None:
    found_at_provider(office)
    office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    office.books.change("pay-1", FoundState.DECLINED)
    drive(office, days=1)
    assert "refunds_elsewhere" not in balances(office.shop.store)
    assert len(office.audit("accepted_ended")) == 1
    office.shop.refund(1, 2)
    assert office.leg("R-10002").state is LegState.SUCCEEDED


def recorded_by_hand(office: Trouble, reference: str) -> None:
    """All was given back at the provider; a cashier wrote it down here under a reference."""
    office.books.add("pay-1", "re-office", 2 * PRICE)
    office.books.kind = AnswerClass.ALREADY_REFUNDED
    office.shop.refund(1, 1, 2)
    drive(office, seconds=61)
    declined = office.leg()
    assert declined.state is LegState.DECLINED
    part = Part(Method.EXTERNAL, reference=reference)
    change = MethodChange(declined.number, (part,), "given back at the provider")
    plan = office.shop.backend.preview_method_change(SUPERVISOR, change)
    office.shop.backend.execute_method_change(SUPERVISOR, plan)


def test_a_payment_made_by_hand_for_the_same_money_counts_once(office: Trouble) -> None:
    recorded_by_hand(office, "re-office")
    done = office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    assert done.leg == "R-10001.2"
    assert balances(office.shop.store) == {
        "provider_clearing:practice": -2 * PRICE,
        "tickets_sold": 2 * PRICE,
    }


def came_back(office: Trouble) -> None:
    recorded_by_hand(office, "re-office")
    office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    office.books.change("pay-1", FoundState.DECLINED)
    office.clock.move(days=1)
    assert office.shop.backend.settle(SUPERVISOR).discrepancies == 1


def test_a_recorded_payment_whose_money_came_back_is_red_until_it_is_paid(office: Trouble) -> None:
    came_back(office)
    assert findings(office.shop.store) == [
        "reconciled: R-10001.2: ours_only at practice, "
        "it came back to the provider: the money of this payment did not arrive"
    ]
    assert "provider_clearing:practice" not in balances(office.shop.store)
    office.clock.move(days=1)
    found = office.shop.backend.reconcile(SUPERVISOR)
    (unpaid,) = found.ours_only
    assert (unpaid.leg_number, unpaid.provider_refund_id) == ("R-10001.2", "re-office")
    assert not found.ok
    assert len(findings(office.shop.store)) == 1, "looking again neither clears nor doubles it"
    with refused("evidence-required"):
        office.shop.backend.accept_refund(SUPERVISOR, replace(OFFICE, evidence=""))
    how = Acceptance(unpaid.payment_reference, "re-office", "SEPA 7 of Monday, seen at the bank")
    done = office.shop.backend.accept_refund(SUPERVISOR, how)
    assert (done.came_back, done.leg, done.already_done) == (True, "R-10001.2", False)
    assert office.shop.backend.accept_refund(SUPERVISOR, how).already_done
    (told,) = office.audit("paid_otherwise")
    assert "SEPA 7" in told
    events = office.shop.backend.booking(SUPERVISOR, "B-1").timeline
    assert [one.amount_minor for one in events if one.what == "paid_otherwise"] == [2 * PRICE]
    assert office.shop.backend.reconcile(SUPERVISOR).ok


def test_money_that_came_back_and_went_again_is_accepted_for_the_same_payment(
    office: Trouble,
) -> None:
    came_back(office)
    office.books.change("pay-1", FoundState.FINAL)
    drive(office, days=1)
    office.shop.backend.reconcile(SUPERVISOR)
    done = office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    assert (done.came_back, done.leg) == (False, "R-10001.2")
    assert balances(office.shop.store) == {
        "provider_clearing:practice": -2 * PRICE,
        "tickets_sold": 2 * PRICE,
    }


def test_what_makes_more_than_was_paid_is_accepted_only_knowingly(office: Trouble) -> None:
    """A payment by hand under the number of its slip may be this very refund, booked twice."""
    recorded_by_hand(office, "slip 7")
    with refused("more-than-paid") as caught:
        office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    assert "58.00 EUR of 29.00 EUR" in caught.value.message
    assert office.audit("accept_found") == []
    assert [one for one in findings(office.shop.store) if one.startswith("found: ")]
    other = replace(OFFICE, acknowledged=frozenset({"fee-stranded"}))
    with refused("more-than-paid"):
        office.shop.backend.accept_refund(SUPERVISOR, other)
    knowingly = replace(OFFICE, acknowledged=KNOWINGLY)
    done = office.shop.backend.accept_refund(SUPERVISOR, knowingly)
    assert (done.leg, done.amount_minor) == ("", 2 * PRICE)
    (told,) = office.audit("accept_found")
    assert json.loads(told)["acknowledged"] == ["more-than-paid"]


def test_one_payment_alone_gives_back_no_more_than_it_paid(office: Trouble) -> None:
    """The booking has room, but not the payment the refund was made from."""
    one, other = card("pay-8", PRICE), card("pay-9", PRICE, key="P-2")
    office.shop.sell([sale(9, payments=(one, other))])
    office.shop.refund(9, 1)
    (used,) = (name for name in ("pay-8", "pay-9") if office.books.refunds.get(name))
    office.books.add(used, "re-office", 500)
    drive(office, days=1)
    with refused("more-than-paid"):
        office.shop.backend.accept_refund(SUPERVISOR, replace(OFFICE, payment=used))
    knowingly = replace(OFFICE, payment=used, acknowledged=KNOWINGLY)
    office.shop.backend.accept_refund(SUPERVISOR, knowingly)


def test_a_second_refund_under_our_reference_is_cleared_by_its_own_check(office: Trouble) -> None:
    """Two payments of ours on one card: the list of one says nothing of a double of the other."""
    office.shop.sell([sale(9, payments=(card("pay-9", 2 * PRICE),))])
    office.shop.refund(9, 1)
    office.clock.move(seconds=30)
    office.shop.refund(9, 2)
    office.clock.move(days=1)
    twice = office.leg("R-10002").our_reference
    office.books.add("pay-9", "re-double", PRICE, twice)
    office.shop.backend.settle(SUPERVISOR)
    assert [one for one in findings(office.shop.store) if one.startswith("found")]
    with office.shop.store.read() as connection:
        first = fetch(connection, "SELECT MIN(id) AS id FROM leg")[0].id
    office.shop.store.write(
        lambda connection: connection.exec_driver_sql(
            "UPDATE leg_watch SET due_us = 0 WHERE leg_id = ?", (first,)
        ),
        label="only the first is due",
    )
    office.shop.backend.settle(SUPERVISOR)
    assert [one for one in findings(office.shop.store) if one.startswith("found")]
    double = Acceptance("pay-9", "re-double", "sent twice by the provider", KNOWINGLY)
    done = office.shop.backend.accept_refund(SUPERVISOR, double)
    assert done.amount_minor == PRICE


def test_only_a_supervisor_accepts_and_only_with_evidence(office: Trouble) -> None:
    found_at_provider(office)
    backend = office.shop.backend
    for role in (Role.CASHIER, Role.ADMIN):
        with refused("not-allowed"):
            backend.accept_refund(replace(SUPERVISOR, role=role), OFFICE)
    with refused("evidence-required"):
        backend.accept_refund(SUPERVISOR, replace(OFFICE, evidence=" "))
    with refused("full-card-number"):
        backend.accept_refund(SUPERVISOR, replace(OFFICE, evidence="4111111111111111"))
    for unknown in (replace(OFFICE, payment="pay-2"), replace(OFFICE, reference="re-other")):
        with refused("found-refund-unknown"):
            backend.accept_refund(SUPERVISOR, unknown)
    assert any(one.startswith("found: ") for one in findings(office.shop.store))
    backend.accept_refund(SUPERVISOR, OFFICE)


def test_another_currency_is_not_taken_in(office: Trouble) -> None:
    office.shop.refund(1, 1)
    other = Found(FoundState.FINAL, "re-office", "", 500, "USD")
    office.books.refunds["pay-1"].append(other)
    drive(office, days=1)
    with refused("currency-mismatch"):
        office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    office.books.refunds["pay-1"].remove(other)
    drive(office, days=1)


def test_the_database_itself_counts_what_was_given_back_elsewhere(office: Trouble) -> None:
    found_at_provider(office)
    office.shop.backend.accept_refund(SUPERVISOR, OFFICE)
    for statement in (
        f"UPDATE payment SET taken_minor = taken_minor + {PRICE} - 499 WHERE key = 'P-1'"
        " AND taken_minor > 0",
        f"UPDATE booking SET promised_minor = promised_minor + {PRICE} - 499"
        " WHERE booking_id = 'B-1'",
        "DELETE FROM accepted_refund",
        "UPDATE accepted_refund SET amount_minor = 1, ended_at_us = 1",
    ):
        with pytest.raises(IntegrityError):
            office.shop.store.write(
                lambda connection, what=statement: connection.exec_driver_sql(what),  # type: ignore[misc]
                label="attack",
            )

"""Our client of Connect and our face of it, end to end: what payments do behind it is seen here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.kinds import PaymentMethod
from backend_client.domain.legs import Refund
from backend_client.domain.plan import Part
from backend_client.domain.refund import Method, RefundStatus
from backend_client.settings import House, Settings
from tests.connect_offices import MIXED_KINDS
from tests.contract.offices import CASHIER, SUPERVISOR, card, cash, sale, sound, ticket
from tests.served_office import ServedOffice, served_office
from tests.unit.refusing import refused

S = RefundStatus


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ServedOffice]:
    with sound(served_office(tmp_path, Settings(house=House(currency="CHF")))) as made:
        yield made


def in_the_end(office: ServedOffice, refund: Refund) -> RefundStatus:
    """What a refund is once nobody believes any more that its call is still running."""
    for _ in range(3):
        office.clock.move(minutes=2)
        office.backend.settle(SUPERVISOR)
    return office.backend.refund(CASHIER, refund.number).refund.status


@pytest.mark.parametrize(
    ("reference", "status", "end"),
    [
        ("pay-1", S.DONE, S.DONE),
        ("lost-1", S.DONE, S.DONE),
        ("slow-1", S.DONE, S.DONE),
        ("gone-1", S.BEING_CHECKED, S.REVIEW),
    ],
)
def test_what_a_payment_does_is_read_from_the_booking(
    office: ServedOffice, reference: str, status: RefundStatus, end: RefundStatus
) -> None:
    office.sell(sale(reference=reference))
    refund = office.refund(1, 2, 3).refund
    assert refund.status is status
    assert in_the_end(office, refund) is end
    (behind,) = office.behind.booking(CASHIER, "WPM8TS9").refunds
    assert behind.amount_minor == 1450


@pytest.mark.parametrize("reference", ["dead-1", "outage-1"])
def test_a_first_payment_that_fails_is_a_clear_no(office: ServedOffice, reference: str) -> None:
    office.sell(sale(reference=reference))
    before = office.backend.booking(CASHIER, "WPM8TS9").booking
    with refused("connect-declined"):
        office.refund(1, 2, 3)
    assert office.backend.booking(CASHIER, "WPM8TS9").booking == before
    cashed = (Part(Method.EXTERNAL, reference="till 7"),)
    assert office.refund(1, 2, 3, parts=cashed).refund.status is S.DONE


def test_a_second_payment_that_fails_needs_a_person_at_both_ends(office: ServedOffice) -> None:
    cards = (card(1000, key="OPH-1", reference="a"), card(450, key="OPH-2", reference="dead-b"))
    office.sell(sale(payments=cards))
    request = office.request(1, 2, 3, acknowledged=MIXED_KINDS)
    outcome = office.backend.execute_refund(CASHIER, office.plan(request))
    assert outcome.refund.status is S.REVIEW, "its code says so, whatever its status"
    (owed,) = office.behind.open_refunds(CASHIER).legs
    assert owed.amount_minor == 450


def test_a_seat_sold_again_leaves_what_could_not_be_paid_to_a_person(office: ServedOffice) -> None:
    mine = sale((ticket(1, seat="G 16"),), reference="dead-1")
    office.sell(mine, sale((ticket(1, seat="G 16"),), booking_id="WPM8TT0"))
    assert in_the_end(office, office.refund(1).refund) is S.REVIEW


@pytest.mark.parametrize(
    ("reversal", "method", "able"),
    [("PP-1", "PaymentPlus", True), ("", "PaymentPlus", False), ("PP-1", "", False)],
)
def test_a_sale_taken_elsewhere_goes_back_only_with_what_reverses_it(
    office: ServedOffice, reversal: str, method: str, able: bool
) -> None:
    taken = replace(
        cash(1450, key="EXT-1"),
        method=PaymentMethod.EXTERNAL,
        bank_reference="094834939",
        masked_number="4681••••••5478",
        reversal_data=reversal,
        refund_method=method,
    )
    office.sell(sale(payments=(taken,)))
    request = office.request(1, 2, 3, parts=(Part(Method.MATCHED),))
    if able:
        assert office.backend.execute_refund(CASHIER, office.plan(request)).refund.legs
        return
    with refused("payment-not-refundable"):
        office.plan(request)

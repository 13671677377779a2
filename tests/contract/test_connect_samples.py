"""The document's own samples, end to end over a socket: its booking is read, and what is sent for
it is its bodies to the field, with the lines named where it leaves them out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend_client.domain.plan import Part
from backend_client.domain.refund import Method, RefundStatus
from backend_client.domain.stored_value import StoredValueNumber
from tests.cinema import Cinema
from tests.connect_offices import MIXED_KINDS, ConnectOffice, connect_office
from tests.contract.offices import CASHIER, sound
from tests.unit.importing.answers import SAMPLE
from tests.unit.refusing import refused

FIXTURES = Path(__file__).parents[1] / "fixtures" / "connect"
SLIP = Part(Method.EXTERNAL, reference="slip 7", masked_number="412403....5226", card_type="VISA")


def fixture(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ConnectOffice]:
    """The sample says no current value, and nothing of whether its concession went back."""
    with sound(connect_office(tmp_path, cinema=Cinema(says_concessions=False))) as made:
        made.cinema.put(SAMPLE["Booking"] | {"gone": []})
        yield made


def test_its_booking_is_understood(office: ConnectOffice) -> None:
    booking = office.backend.booking(CASHIER, "WPM8TS9").booking
    key = booking.key
    assert (key.site, key.booking_id, key.transaction_id) == ("0001", "WPM8TS9", "3679")
    assert (booking.number, booking.settled_minor, booking.left_minor) == ("3638", 1450, 1450)
    lines = {line.sequence: (line.price_minor, line.is_sold) for line in booking.lines}
    assert lines == {1: (1000, True), 2: (350, True), 3: (100, True)}
    (payment,) = booking.payments
    assert (payment.key, payment.bank_reference) == ("OPH-29299", "41980")
    assert (payment.masked_number[-4:], payment.card_expiry) == ("1111", "2020-12")


def test_part_of_it_is_recorded_as_paid_outside(office: ConnectOffice) -> None:
    """The ticket and the concession; its fee stays behind, which somebody decides."""
    asked = office.request(1, 2, parts=(SLIP,), acknowledged=frozenset({"fee-stranded"}))
    refund = office.backend.execute_refund(CASHIER, office.plan(asked)).refund
    assert (refund.status, refund.amount_minor) == (RefundStatus.DONE, 1350)
    assert office.cinema.refunds == [fixture("refund-partial-external")]


def test_all_of_it_goes_back_to_the_payment(office: ConnectOffice) -> None:
    assert office.refund(1, 2, 3).refund.status is RefundStatus.DONE
    named = {"sequencesToRefund": [1, 2, 3]}
    assert office.cinema.refunds == [named | fixture("refund-full-matched")]


def test_a_gift_card_and_a_card_outside_go_in_one_call(office: ConnectOffice) -> None:
    parts = (Part(Method.UNMATCHED, 800), SLIP)
    plan = office.plan(office.request(1, parts=parts, acknowledged=MIXED_KINDS))
    number = StoredValueNumber("035464666587")
    outcome = office.backend.execute_refund(CASHIER, plan, number)
    assert outcome.refund.status is RefundStatus.DONE
    assert office.cinema.refunds == [{"sequencesToRefund": [1]} | fixture("refund-mixed")]


def test_a_payment_card_typed_in_goes_nowhere(office: ConnectOffice) -> None:
    """The one sample that is not followed: it sends a whole card number and its code."""
    (card,) = fixture("refund-full-unmatched")["unmatchedPaymentDetails"]
    with refused("payment-card-number"):
        StoredValueNumber(card["cardNumber"])
    part = Part(Method.EXTERNAL, reference="slip 7", masked_number=card["cardNumber"])
    with refused("full-card-number"):
        office.plan(office.request(1, 2, 3, parts=(part,)))
    assert office.cinema.refunds == []

"""Known traps of refunds at Vista Connect, each by its number in the list of them, at the door a
window uses: the booking is read and given back over a socket."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from backend_client.domain.kinds import LineState
from backend_client.domain.plan import Part
from backend_client.domain.refund import Method, RefundStatus
from backend_client.domain.stored_value import StoredValueNumber
from tests.cinema import Point, Trouble, answer, give_back
from tests.connect_offices import MIXED_KINDS, ConnectOffice, sound_office
from tests.contract.offices import (
    CASHIER,
    SUPERVISOR,
    card,
    concession,
    fee,
    sale,
    ticket,
)
from tests.unit.refusing import refused

office = sound_office()


def shown(office: ConnectOffice, booking_id: str = "WPM8TS9") -> dict[str, Any]:
    """The booking as the cinema has it."""
    return office.cinema.bookings["0001", booking_id]


def test_1_a_fee_is_stranded_only_by_decision(office: ConnectOffice) -> None:
    """The document's own sample strands one."""
    office.sell(sale())
    with refused("acknowledgement-required"):
        office.refund(1, 2)
    known = office.request(1, 2, acknowledged=frozenset({"fee-stranded"}))
    assert office.backend.execute_refund(CASHIER, office.plan(known)).refund.amount_minor == 1350


def test_2_a_fee_goes_first_and_never_last(office: ConnectOffice) -> None:
    office.sell(sale(), sale(booking_id="OTHER"))
    assert office.refund(3).refund.amount_minor == 100
    known = office.request(1, 2, booking="OTHER", acknowledged=frozenset({"fee-stranded"}))
    office.backend.execute_refund(CASHIER, office.plan(known))
    with refused("only-fees-left"):
        office.refund(3, booking="OTHER")


def test_3_and_4_lines_are_always_named_also_for_the_rest(office: ConnectOffice) -> None:
    office.sell(sale())
    with refused("selection-empty"):
        office.plan(office.request())
    office.refund(2)
    office.refund(1, 3)
    assert [call["sequencesToRefund"] for call in office.cinema.refunds] == [[2], [1, 3]]


def test_5_two_lines_with_one_number_are_refused(office: ConnectOffice) -> None:
    office.sell(sale())
    shown(office)["Concessions"][0]["ItemSequenceNumber"] = 1
    with refused("connect-answer"):
        office.backend.booking(CASHIER, "WPM8TS9")


def test_6_7_and_8_what_belongs_together_goes_together(office: ConnectOffice) -> None:
    """A package with a concession and a free ticket, which a deal ties to another ticket."""
    office.sell(sale((ticket(1), ticket(2, 0), concession(3), ticket(4), fee(5, parent=4))))
    booking = shown(office)
    for line in (*booking["Tickets"][:2], *booking["Concessions"]):
        line["PackageGroupNumber"] = 7
    for line in booking["Tickets"][1:]:
        line["RefundGroupNumber"] = 3
    with refused("group-incomplete") as caught:
        office.plan(office.request(1))
    assert caught.value.details["required"] == [1, 2, 3, 4]
    office.refund(1, 2, 3, 4, 5)
    assert office.cinema.refunds[0]["sequencesToRefund"] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("said", ["0", 0, False, "NotRefunded"])
def test_11_no_in_every_form_is_no(office: ConnectOffice, said: object) -> None:
    office.sell(sale())
    shown(office)["Tickets"][0]["RefundedStatus"] = said
    line = office.backend.booking(CASHIER, "WPM8TS9").booking.lines[0]
    assert line.state is LineState.SOLD


def test_12_a_concession_that_says_nothing_is_known_by_our_journal(office: ConnectOffice) -> None:
    office.cinema.says_concessions = False
    office.sell(sale())
    assert office.refund(2).refund.status is RefundStatus.DONE
    with refused("already-refunded"):
        office.plan(office.request(2))


def test_13_collected_is_a_rule_of_the_house(office: ConnectOffice) -> None:
    office.sell(sale((ticket(1, collected=True), ticket(2))))
    with refused("collected"):
        office.plan(office.request(1))


def test_14_what_is_left_is_not_the_total(office: ConnectOffice) -> None:
    office.sell(sale())
    office.refund(2)
    booking = office.backend.booking(CASHIER, "WPM8TS9").booking
    assert (booking.settled_minor, booking.left_minor) == (1450, 1100)
    assert shown(office)["TotalValueCents"] == 1450


def test_16_paid_without_a_transaction_is_not_paid(office: ConnectOffice) -> None:
    office.sell(replace(sale(), transaction_id="0"))
    with refused("not-paid"):
        office.plan(office.request(1))


def test_18_and_20_a_200_is_no_success_by_itself(office: ConnectOffice) -> None:
    office.sell(sale())
    office.cinema.troubles = [Trouble(Point.NOTHING, answer(ResultCode=12))]
    with refused("connect-declined"):
        office.refund(2)
    office.cinema.troubles = [Trouble(Point.NOTHING, answer(200))]
    assert office.refund(2).refund.status is RefundStatus.BEING_CHECKED


def test_21_and_22_numbers_as_text_and_codes_with_zeros_stay_what_they_are(
    office: ConnectOffice,
) -> None:
    office.sell(replace(sale(), number="0012", transaction_id="0000000309"))
    booking = office.backend.booking(CASHIER, "WPM8TS9").booking
    assert (booking.number, booking.key.transaction_id) == ("0012", "0000000309")
    assert booking.key.site == "0001"
    shown(office)["BookingNumber"] = 12
    assert office.backend.booking(CASHIER, "WPM8TS9").booking.number == "12"


def test_23_an_id_that_is_used_again_is_another_booking(office: ConnectOffice) -> None:
    office.sell(sale())
    plan = office.plan(office.request(2))
    office.sell(replace(sale(), transaction_id="T-later"))
    with refused("booking-not-found"):
        office.backend.execute_refund(CASHIER, plan)
    assert office.cinema.refunds == []


def test_26_the_parts_make_the_lines_exactly(office: ConnectOffice) -> None:
    office.sell(sale())
    for amount in (349, 351):
        with refused("amount-mismatch"):
            office.plan(office.request(2, parts=(Part(Method.MATCHED, amount),)))


def test_27_a_payment_counts_what_went_back_anywhere(office: ConnectOffice) -> None:
    office.sell(sale())
    shown(office)["PaymentsRefunded"].append({"PaymentId": "OPH-1", "OrderPaymentAmount": 1200})
    with refused("booking-cap-exceeded"):
        office.plan(office.request(2))


def test_28_an_external_sale_needs_both_for_its_reversal(office: ConnectOffice) -> None:
    office.sell(sale())
    shown(office)["Payments"][0] |= {"TenderCategory": "EXTERNAL", "ReversalData": "PP-1"}
    part = (Part(Method.MATCHED),)
    with refused("payment-not-refundable"):
        office.plan(office.request(2, parts=part))
    shown(office)["Payments"][0]["RefundPaymentMethod"] = "PaymentPlus"
    assert office.refund(2, parts=part).refund.status is RefundStatus.DONE


def test_29_a_record_needs_its_proof(office: ConnectOffice) -> None:
    office.sell(sale())
    with refused("reference-required"):
        office.refund(2, parts=(Part(Method.EXTERNAL),))
    assert office.cinema.refunds == []


def test_30_31_and_32_a_gift_card_is_loaded_once_and_its_number_is_nowhere(
    office: ConnectOffice, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody but the call knows it, also when the answer is lost."""
    caplog.set_level("DEBUG")
    office.sell(sale())
    plan = office.plan(office.request(2, parts=(Part(Method.UNMATCHED),)))
    office.cinema.troubles = [Trouble(Point.NOTHING, None)]
    number = StoredValueNumber("035464666587")
    outcome = office.backend.execute_refund(CASHIER, plan, number)
    assert outcome.refund.status is RefundStatus.BEING_CHECKED
    for _ in range(3):
        office.backend.settle(SUPERVISOR)
    assert len(office.cinema.refunds) == 1
    kept = b"".join(path.read_bytes() for path in office.folder.rglob("*") if path.is_file())
    said = caplog.text + repr(outcome) + "".join(office.backend.audit_export(SUPERVISOR))
    assert b"035464666587" not in kept
    assert "035464666587" not in said
    assert "cvc" not in json.dumps(office.cinema.refunds).casefold()


@pytest.mark.parametrize("mask", ["411111......1111", "411111....1111", "............1111"])
def test_33_a_refund_is_known_by_the_last_four_of_its_card(
    office: ConnectOffice, mask: str
) -> None:
    """Its payment is not named and the mask has another length."""
    office.sell(sale())
    shown(office)["PaymentsRefunded"].append(
        {
            "OrderPaymentAmount": 100,
            "MaskedCardNumber": mask,
            "CardType": "VISA",
            "CardExpiry": "203012",
        }
    )
    payment = office.backend.booking(CASHIER, "WPM8TS9").booking.payments[0]
    assert payment.prior_refunded_minor == 100


def test_36_and_37_only_the_booking_says_whose_refund_it_was(office: ConnectOffice) -> None:
    """Somebody gave the same lines back at the till while our call was on its way."""
    office.sell(sale())

    def faster() -> None:
        booking = shown(office)
        give_back(booking, [2])
        booking["PaymentsRefunded"].append({"OrderPaymentAmount": 350, "PaymentId": "TILL-9"})

    office.cinema.before_refund = faster
    refund = office.refund(2).refund
    assert refund.status is RefundStatus.REVIEW
    assert refund.legs[0].attempts[-1].outcome == "not_seen"


def test_38_one_correlation_id_is_no_second_call(office: ConnectOffice) -> None:
    """Two refunds may have one: it never keeps the second from being made, or from being made
    twice."""
    office.sell(sale())
    for line in (2, 3):
        office.refund(line, by=CASHIER)
    assert len(office.cinema.refunds) == 2


def test_39_the_booking_is_read_right_before_the_call(office: ConnectOffice) -> None:
    office.sell(sale())
    plan = office.plan(office.request(2))
    give_back(shown(office), [2])
    with refused("plan-stale"):
        office.backend.execute_refund(CASHIER, plan)
    assert office.cinema.refunds == []


def test_40_no_seat_is_promised(office: ConnectOffice) -> None:
    assert not office.backend.capabilities().owns_seats


def test_51_reading_is_one_right_and_giving_back_another(office: ConnectOffice) -> None:
    office.sell(sale())
    plan = office.plan(office.request(2))
    office.cinema.troubles = [Trouble(Point.NOTHING, answer(403, ResultCode=79))]
    with refused("connect-forbidden"):
        office.backend.execute_refund(CASHIER, plan)
    assert office.backend.booking(CASHIER, "WPM8TS9").refunds == ()


def test_53_a_whole_booking_is_one_call(office: ConnectOffice) -> None:
    office.sell(sale((ticket(1, groups=("p",)), ticket(2, groups=("p",)), fee(3, parent=1))))
    office.refund(1, 2, 3)
    assert [call["sequencesToRefund"] for call in office.cinema.refunds] == [[1, 2, 3]]


def test_54_another_try_begins_with_another_reading(office: ConnectOffice) -> None:
    office.sell(sale())
    office.cinema.troubles = [Trouble(Point.NOTHING, answer(ResultCode=12))]
    plan = office.plan(office.request(2))
    with refused("connect-declined"):
        office.backend.execute_refund(CASHIER, plan)
    give_back(shown(office), [3])
    with refused("plan-stale"):
        office.backend.execute_refund(CASHIER, plan)


def test_55_nothing_that_was_done_is_taken_back(office: ConnectOffice) -> None:
    paid = (card(1000, key="OPH-1", reference="a"), card(450, key="OPH-2", reference="b"))
    office.sell(sale(payments=paid))
    office.cinema.troubles = [Trouble(Point.FIRST_PAYMENT, answer(ResultCode=12))]
    request = office.request(1, 2, 3, acknowledged=MIXED_KINDS)
    refund = office.backend.execute_refund(CASHIER, office.plan(request)).refund
    assert refund.status is RefundStatus.REVIEW
    with refused("connect-no-changes"):
        office.backend.preview_void(SUPERVISOR, refund.number, "by mistake")
    assert len(office.cinema.refunds) == 1

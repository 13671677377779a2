"""A booking of the document, imported and read back, is the same to the byte."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.importing.answers import SAMPLE, understood
from tests.unit.server.served import (
    ADMIN,
    BOOKING,
    SESSION,
    Served,
    fixture,
    place,
    sample,
    unpaid,
)

CALL = {"CinemaId": "0001", "BookingId": "WPM8TS9"}


def packed(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


async def test_the_sample_read_back_is_the_sample(served: Served) -> None:
    answer = await served.post(BOOKING, CALL)
    assert answer.status_code == 200
    assert answer.content == packed(SAMPLE)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_written_means_what_was_read(served: Served) -> None:
    written = (await served.post(BOOKING, CALL)).json()
    assert understood(written) == understood(SAMPLE)


@pytest.mark.parametrize(
    "call",
    [
        {"BookingId": " wpm8ts9 "},
        {"BookingNumber": 3638},
        {"BookingNumber": "3638"},
        {"VistaBookingNumber": "3638"},
        {"BookingId": "WPM8TS9", "VistaTransNumber": "3679"},
        {"BookingNumber": "3638", "Whatever": {"a": [1]}},
    ],
)
async def test_every_way_to_name_it_finds_it(served: Served, call: dict[str, Any]) -> None:
    answer = await served.post(BOOKING, {"CinemaId": "0001", **call})
    assert answer.content == packed(SAMPLE)


async def test_our_own_call_says_the_same_with_a_version(served: Served) -> None:
    answer = await served.client.get(place())
    assert answer.content == packed(SAMPLE)
    assert answer.headers["etag"] == '"1.1"'
    await served.refund({"sequencesToRefund": [3], **matched(100)})
    assert (await served.client.get(place())).headers["etag"] != '"1.1"'


async def test_what_real_systems_say_beside_the_sample_is_said_again(served: Served) -> None:
    more = {
        "FirstName": "Bette Ann",
        "LastName": "Davis",
        "Email": "bette@example.org",
        "Phone": "+41 22 000 00 01",
        "MemberId": "77",
        "BookingDateUtc": "2026-03-01T09:30:00Z",
    }
    ticket = SAMPLE["Booking"]["Tickets"][0] | {
        "MovieName": "Hamlet",
        "SessionDateTimeOffset": "2026-03-20T20:15:00+01:00",
        "AreaCategoryCode": "0000000001",
        "CollectedStatus": "1",
    }
    served.sell(sample(**more, Tickets=[ticket], BookingId="AAA1111", VistaTransactionId=12))
    booking = await served.booking("AAA1111")
    assert {name: booking[name] for name in more} == more
    assert booking["Tickets"] == [ticket]


async def test_lines_that_go_together_carry_one_number(served: Served) -> None:
    one = SAMPLE["Booking"]["Tickets"][0]
    tickets = [
        one | {"TicketSequenceNumber": 1, "SeatNumber": "16", "PackageGroupNumber": 4},
        one | {"TicketSequenceNumber": 4, "SeatNumber": "17", "PackageGroupNumber": 4},
        one | {"TicketSequenceNumber": 5, "SeatNumber": "18"},
    ]
    served.sell(
        sample(BookingId="AAA1111", VistaTransactionId=12, Tickets=tickets, TotalValueCents=3450)
    )
    written = (await served.booking("AAA1111"))["Tickets"]
    assert [one.get("RefundGroupNumber") for one in written] == [1, 1, None]


async def test_codes_keep_their_zeros_and_numbers_are_numbers(served: Served) -> None:
    served.sell(sample(BookingId="AAA1111", BookingNumber="0000000309", VistaTransactionId=12))
    booking = await served.booking("AAA1111")
    assert booking["BookingNumber"] == "0000000309"
    assert booking["VistaTransactionId"] == 12
    assert booking["Tickets"][0]["TicketTypeCode"] == "0001"


async def test_an_unpaid_order_says_so(served: Served) -> None:
    served.sell(unpaid(BookingId="AAA1111"))
    booking = await served.booking("AAA1111")
    assert (booking["IsPaid"], booking["VistaTransactionId"]) == (False, 0)
    assert SESSION not in json.dumps(booking)


async def test_what_went_back_shows_as_refunded_and_is_understood(served: Served) -> None:
    await served.refund({"sequencesToRefund": [1, 3], **matched(1100)}, correlationId="call-7")
    booking = await served.booking()
    assert booking["Tickets"][0]["RefundedStatus"] == "1"
    assert booking["BookingFees"][0]["RefundedStatus"] == "1"
    assert "RefundedStatus" not in booking["Concessions"][0]
    assert (booking["TotalValueCents"], booking["CurrentValueInCents"]) == (1450, 350)
    assert "CancelledStatus" not in booking
    (back,) = booking["PaymentsRefunded"]
    assert back.pop("CorrelationId") == "call-7"
    assert set(back) == set(SAMPLE["Booking"]["Payments"][0])
    assert (back["PaymentId"], back["BillingValueCents"]) == ("OPH-29299", 1100)
    assert back["MaskedCardNumber"] == "411111......1111"
    read = understood({"ResultCode": 0, "Booking": booking})
    assert [line.sequence for line in read.lines if line.state == "sold"] == [2]
    assert read.payments[0].prior_refunded_minor == 1100
    await served.refund({"sequencesToRefund": [2], **matched(350)})
    booking = await served.booking()
    assert booking["Concessions"][0]["RefundedStatus"] == "1"
    assert (booking["CurrentValueInCents"], booking["CancelledStatus"]) == (0, "1")


async def test_what_went_back_before_is_told_again(served: Served) -> None:
    back = SAMPLE["Booking"]["Payments"][0] | {"BillingValueCents": 350, "OrderPaymentAmount": 350}
    served.sell(
        sample(
            BookingId="AAA1111",
            VistaTransactionId=12,
            PaymentsRefunded=[back],
            CurrentValueInCents=1100,
        )
    )
    booking = await served.booking("AAA1111")
    assert booking["PaymentsRefunded"] == [back]
    assert booking["CurrentValueInCents"] == 1100


def matched(amount: int) -> dict[str, Any]:
    return {"matchedPaymentDetails": [{"amountInCents": amount, "paymentId": "OPH-29299"}]}


async def test_every_sample_of_a_refund_is_understood(served: Served) -> None:
    answer = await served.refund(fixture("refund-full-matched"))
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "refundNumber": "R-10001",
        "amountInCents": 1450,
        "payments": [
            {
                "kind": "matched",
                "paymentId": "OPH-29299",
                "amountInCents": 1450,
                "state": "succeeded",
            }
        ],
    }
    served.sell(sample(BookingId="AAA1111", VistaTransactionId=12))
    answer = await served.refund(fixture("refund-partial-external"), "AAA1111")
    assert answer.status_code == 200, answer.text
    booking = await served.booking("AAA1111")
    assert [one["RefundedStatus"] for one in booking["BookingFees"]] == ["0"]
    (back,) = booking["PaymentsRefunded"]
    assert (back["BillingValueCents"], back["TenderCategory"]) == (1350, "EXTERNAL")
    assert back["BankReference"] == "VISA 412403....5226"


async def test_the_sample_with_a_security_code_is_recorded_without_it(served: Served) -> None:
    body = fixture("refund-full-external")
    body["externalPaymentDetails"][0]["cardCVC"] = "Q7Z"
    answer = await served.refund(body)
    assert answer.status_code == 200, answer.text
    booking = await served.booking()
    (back,) = booking["PaymentsRefunded"]
    assert (back["BillingValueCents"], back["BankReference"]) == (1450, "VISA 411111....1111")
    kept = "".join(served.backend.audit_export(ADMIN))
    assert "Q7Z" not in f"{answer.text}{answer.headers}{booking}{kept}"

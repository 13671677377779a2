"""Answers that are none, to every call a window makes: nothing is taken for a success, nothing is
sent again or elsewhere, and what was given back all the same is found."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from backend_client.domain.refund import RefundStatus
from tests.cinema import PREFIX, Cinema, Point, Trouble, answer
from tests.connect_offices import ConnectOffice, connect_office
from tests.contract.offices import CASHIER, SUPERVISOR, sale, sound
from tests.unit.importing.answers import SAMPLE
from tests.unit.providers.hosts import Host, host, http, says
from tests.unit.refusing import refused

READ, SEARCH = f"{PREFIX}/RESTBooking.svc/booking", f"{PREFIX}/RESTBooking.svc/booking/search"
GONE, NOT_UNDERSTOOD = "connect-unreachable", "connect-answer"
PAGE = b"<html><head><title>Runtime Error</title></head><body>W. Secret</body></html>"
ELSEWHERE = "Location: {elsewhere}/WSVistaWebClient/RESTBooking.svc/booking"
"""Where a redirect leads: to a host that writes down who comes, and answers that all is well."""


class Cut(bytes):
    """So much of an answer, and then the line is cut."""


HEAD = b"HTTP/1.1 200 OK\r\n"
PIECES = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
BROKEN: dict[str, tuple[bytes, str]] = {
    "no answer": (Cut(), GONE),
    "no HTTP": (Cut(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), GONE),
    "a head that ends": (Cut(HEAD + b"Content-Le"), GONE),
    "a body that ends": (Cut(HEAD + b"Content-Length: 900\r\n\r\n{"), GONE),
    "pieces that end": (Cut(PIECES + b'f\r\n{"ResultCode": 0'), GONE),
    "pieces that are none": (Cut(PIECES + b"zz\r\n{}\r\n0\r\n\r\n"), GONE),
    "a body without an end": (http(200, b" " * 4_200_000), GONE),
    "a page": (http(200, PAGE, "Content-Type: text/html"), NOT_UNDERSTOOD),
    "a page called JSON": (http(200, PAGE, "Content-Type: application/json"), NOT_UNDERSTOOD),
    "a page of a gateway": (http(502, PAGE), GONE),
    "a page of a busy server": (http(503, PAGE, "Retry-After: 1"), GONE),
    "an empty error": (http(500), GONE),
    "nothing": (http(200), NOT_UNDERSTOOD),
    "nothing with 204": (http(204), NOT_UNDERSTOOD),
    "blanks": (http(200, b" \r\n "), NOT_UNDERSTOOD),
    "half of it": (http(200, json.dumps(SAMPLE).encode()[:120]), NOT_UNDERSTOOD),
    "two of them": (http(200, b'{"ResultCode": 0}{"ResultCode": 0}'), NOT_UNDERSTOOD),
    "a list": (http(200, b'[{"ResultCode": 0}]'), NOT_UNDERSTOOD),
    "a text": (http(200, b'"ResultCode 0"'), NOT_UNDERSTOOD),
    "null": (http(200, b"null"), NOT_UNDERSTOOD),
    "no UTF-8": (http(200, b'{"ResultCode": 0, "a": "\xff\xfe"}'), NOT_UNDERSTOOD),
    "packed": (http(200, gzip.compress(b"{}"), "Content-Encoding: gzip"), NOT_UNDERSTOOD),
    "a code that is a text": (answer(ResultCode="none"), NOT_UNDERSTOOD),
    "a code that is a list": (answer(ResultCode=[0]), NOT_UNDERSTOOD),
    "a code that is true": (answer(ResultCode=True), NOT_UNDERSTOOD),
    "a code that is broken": (answer(ResultCode=0.5), NOT_UNDERSTOOD),
    "moved for ever": (http(301, b"", ELSEWHERE), NOT_UNDERSTOOD),
    "found elsewhere": (http(302, b"", ELSEWHERE), NOT_UNDERSTOOD),
    "see elsewhere": (http(303, b"", ELSEWHERE), NOT_UNDERSTOOD),
    "go elsewhere": (http(307, b"", ELSEWHERE), NOT_UNDERSTOOD),
    "go elsewhere for ever": (http(308, b"", ELSEWHERE), NOT_UNDERSTOOD),
    "a redirect that says all is well": (http(302, b'{"ResultCode": 0}', ELSEWHERE), ""),
}


@dataclass
class Broken(Cinema):
    """Answers the calls of one path as it is told, whatever it did."""

    path: str = ""
    said: bytes = b""

    def behave(self, line: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        target = head.split(b" ", 2)[1].decode()
        if target != self.path:
            super().behave(line, request)
            return
        if target.endswith("/refund"):
            self._answer(target, json.loads(body))
        line.sendall(self.said)
        if isinstance(self.said, Cut):
            line.close()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Host]:
    with host(says(answer(ResultCode=0, Booking=SAMPLE["Booking"]))) as made:
        yield made
        assert made.requests == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConnectOffice]:
    with sound(connect_office(tmp_path_factory.mktemp("broken"), cinema=Broken())) as office:
        office.sell(sale())
        yield office


@pytest.fixture
def office(made: ConnectOffice) -> Iterator[ConnectOffice]:
    yield made
    broken(made).path = ""


def broken(office: ConnectOffice) -> Broken:
    assert isinstance(office.cinema, Broken)
    return office.cinema


def breaks(office: ConnectOffice, path: str, said: bytes, elsewhere: Host) -> None:
    cinema = broken(office)
    cinema.path = path
    cinema.said = type(said)(said.replace(b"{elsewhere}", elsewhere.url.encode()))


@pytest.mark.parametrize("what", BROKEN)
@pytest.mark.parametrize("path", [READ, SEARCH])
def test_a_broken_answer_to_a_question_finds_nothing_and_is_said(
    office: ConnectOffice, elsewhere: Host, path: str, what: str
) -> None:
    said, code = BROKEN[what]
    breaks(office, path, said, elsewhere)
    text = "WPM8TS9" if path == READ else "bette davis"
    with refused(code or NOT_UNDERSTOOD) as caught:
        office.backend.lookup(CASHIER, text)
    assert "Secret" not in caught.value.message
    broken(office).path = ""
    assert [hit.reference for hit in office.backend.lookup(CASHIER, text).hits] == ["WPM8TS9"]


@pytest.mark.parametrize("done", [Point.NOTHING, Point.EVERYTHING])
@pytest.mark.parametrize("what", BROKEN)
def test_after_a_broken_answer_to_a_refund_only_the_booking_tells(
    office: ConnectOffice, elsewhere: Host, what: str, done: Point
) -> None:
    """Also an empty success is none while the booking shows nothing."""
    booking_id = f"{done.name[:3]}{list(BROKEN).index(what):04}"
    office.sell(sale(booking_id=booking_id))
    plan = office.plan(office.request(1, 2, 3, booking=booking_id))
    office.cinema.troubles = [Trouble(done)]
    breaks(
        office, f"{PREFIX}/cinemas/0001/bookings/{booking_id}/refund", BROKEN[what][0], elsewhere
    )
    calls = len(office.cinema.refunds)
    refund = office.backend.execute_refund(CASHIER, plan).refund
    is_there = done is Point.EVERYTHING
    assert refund.status is (RefundStatus.DONE if is_there else RefundStatus.BEING_CHECKED)
    office.backend.settle(SUPERVISOR)
    assert len(office.cinema.refunds) == calls + 1
    booking, body = office.cinema.bookings["0001", booking_id], office.cinema.refunds[-1]
    if not is_there:
        office.cinema._carry_out(booking, body, Point.EVERYTHING)
        office.backend.settle(SUPERVISOR)
    kept = office.backend.refund(CASHIER, refund.number).refund
    assert kept.status is RefundStatus.DONE
    assert "Secret" not in repr(kept)


WRONG_BOOKINGS: dict[str, dict[str, Any]] = {
    "no booking": {"Booking": None},
    "a list": {"Booking": [SAMPLE["Booking"]]},
    "a text": {"Booking": "WPM8TS9"},
    "another booking": {"Booking": SAMPLE["Booking"] | {"BookingId": "WPM8TT0"}},
    "no code": {"ResultCode": None},
}
WRONG_FIELDS: dict[str, Any] = {
    "BookingId": ["WPM8TS9"],
    "VistaTransactionId": 36.79,
    "TotalValueCents": "1450",
    "CurrentValueInCents": -1,
    "CancelledStatus": "perhaps",
    "Tickets": {"TicketSequenceNumber": 1},
    "Concessions": "none",
    "BookingFees": [3],
    "Payments": [{"OrderPaymentAmount": "1450"}],
    "PaymentsRefunded": {"OrderPaymentAmount": 1450},
    "CinemaId": "0002",
}
WRONG_LINE: dict[str, Any] = {
    "TicketSequenceNumber": 0,
    "PriceInCents": "1000",
    "RefundedStatus": "perhaps",
    "CollectedStatus": [],
    "SessionDateTimeOffset": "tonight",
}


def wrong_answers() -> Iterator[tuple[str, dict[str, Any]]]:
    for what, changes in WRONG_BOOKINGS.items():
        yield what, {name: one for name, one in (SAMPLE | changes).items() if one is not None}
    for name, value in WRONG_FIELDS.items():
        yield name, {"ResultCode": 0, "Booking": SAMPLE["Booking"] | {name: value}}
    ticket = SAMPLE["Booking"]["Tickets"][0]
    for name, value in WRONG_LINE.items():
        lines = {"Tickets": [ticket | {name: value}]}
        yield f"a ticket's {name}", {"ResultCode": 0, "Booking": SAMPLE["Booking"] | lines}


WRONG = dict(wrong_answers())


@pytest.mark.parametrize("what", WRONG)
def test_a_booking_of_wrong_types_is_not_understood_and_not_guessed(
    office: ConnectOffice, elsewhere: Host, what: str
) -> None:
    breaks(office, READ, answer(**WRONG[what]), elsewhere)
    with refused(NOT_UNDERSTOOD):
        office.backend.booking(CASHIER, "WPM8TS9")


def test_a_booking_of_another_number_is_not_the_one_that_was_asked_for(
    office: ConnectOffice, elsewhere: Host
) -> None:
    """Zeros before it are none of its digits."""
    told = {"ResultCode": 0, "Booking": SAMPLE["Booking"]}
    number = SAMPLE["Booking"]["BookingNumber"]
    breaks(office, READ, answer(**told), elsewhere)
    assert office.backend.booking(CASHIER, f"00{number}").booking.number == str(number)
    with refused(NOT_UNDERSTOOD):
        office.backend.booking(CASHIER, f"{number}1")


@pytest.mark.parametrize(
    "fields",
    [
        {"BookingSearchResults": 7},
        {"BookingSearchResults": {"BookingId": "WPM8TS9"}},
        {"BookingSearchResults": ["WPM8TS9"]},
        {"BookingSearchResults": [{"BookingId": ["WPM8TS9"]}]},
        {"SingleBookingMatch": {"BookingId": 3.5}},
    ],
)
def test_hits_of_wrong_types_are_not_understood(
    office: ConnectOffice, elsewhere: Host, fields: dict[str, Any]
) -> None:
    breaks(office, SEARCH, answer(ResultCode=0, **fields), elsewhere)
    with refused(NOT_UNDERSTOOD):
        office.backend.lookup(CASHIER, "bette davis")

"""A cinema behind Vista Connect for tests, on loopback: it sells, refunds, and dies where told to.

It knows only what the document shows, and nothing of the code that talks to it.
"""

from __future__ import annotations

import copy
import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from backend_client.domain.incoming import IncomingBooking, IncomingLine, IncomingPayment
from backend_client.domain.kinds import LineKind, LineState, PaymentMethod
from tests.unit.providers.hosts import Host, host, http

TOKEN = "0123456789abcdef0123456789abcdef"
PREFIX = "/WSVistaWebClient"
_REFUND = re.compile(rf"{PREFIX}/cinemas/([^/]+)/bookings/([^/]+)/refund")
_TENDERS = {
    PaymentMethod.CARD: "CREDIT",
    PaymentMethod.CASH: "CASH",
    PaymentMethod.GIFT_CARD: "GIFT",
}


class Point(StrEnum):
    """How far a refund gets before it breaks off."""

    NOTHING = "nothing"
    FIRST_PAYMENT = "first payment"
    ALL_PAYMENTS = "all payments"
    LINES_ALONE = "lines alone"
    SOME_LINES = "some lines"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What happens to the next refund: how far it gets, and what is answered (None: the line is
    cut)."""

    point: Point
    answer: bytes | None = None


def answer(status: int = 200, **fields: Any) -> bytes:
    return http(status, json.dumps(fields).encode() if fields else b"")


@dataclass
class Cinema:
    """Bookings by cinema and id, as they are answered; what was asked of it."""

    bookings: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    reads: int = 0
    unreadable: list[bytes | None] = field(default_factory=list)
    """What the next readings are answered with instead; None cuts the line."""
    searches: list[dict[str, Any]] = field(default_factory=list)
    token: str = TOKEN
    says_concessions: bool = True
    """Whether a booking says its current value; the document's sample does not."""
    fewest_criteria: int = 1
    """With less than this many details a search is not valid."""
    down: set[str] = field(default_factory=set)
    """Cinemas Connect itself cannot reach."""
    before_refund: Callable[[], None] = lambda: None

    def put(self, booking: dict[str, Any], cinema: str = "0001") -> None:
        self.bookings[cinema, booking["BookingId"]] = copy.deepcopy(booking)

    def sell(self, booking: IncomingBooking) -> None:
        self.put(as_sold(booking), booking.site)

    # ------------------------------------------------------------ the line

    def behave(self, line: socket.socket, request: bytes) -> None:
        head, _, body = request.partition(b"\r\n\r\n")
        first, *headers = head.decode("latin-1").split("\r\n")
        path = first.split(" ")[1]
        if f"connectApiToken: {self.token}" not in headers:
            line.sendall(answer(200, ResultCode=72))
            return
        said = self._answer(path, json.loads(body or b"{}"))
        if said is None:
            line.close()
        else:
            line.sendall(said)

    def _answer(self, path: str, body: dict[str, Any]) -> bytes | None:
        if body.get("CinemaId") in self.down:
            return answer(ResultCode=5)
        if path == f"{PREFIX}/RESTBooking.svc/booking":
            self.reads += 1
            return self.unreadable.pop(0) if self.unreadable else self._read(body)
        if path == f"{PREFIX}/RESTBooking.svc/booking/search":
            return self._search(body)
        found = _REFUND.fullmatch(path)
        return self._refund(found[1], found[2], body) if found else answer(404)

    def _read(self, body: dict[str, Any]) -> bytes:
        wanted = body.get("BookingId", ""), str(body.get("BookingNumber", ""))
        for (cinema, booking_id), booking in self.bookings.items():
            if cinema == body["CinemaId"] and (
                booking_id == wanted[0] or str(booking["BookingNumber"]) == wanted[1]
            ):
                return answer(ResultCode=0, Booking=self._shown(booking))
        return answer(ResultCode=78, ErrorDescription="Booking not found")

    def _shown(self, booking: dict[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in booking.items() if name != "gone"}
        if self.says_concessions:
            lines = list(_lines(booking))
            left = sum(one["PriceInCents"] for seq, one in lines if seq not in booking["gone"])
            shown["CurrentValueInCents"] = left
        return shown

    def _search(self, body: dict[str, Any]) -> bytes:
        self.searches.append(body)
        if len(body) - 1 < self.fewest_criteria:
            return answer(ResultCode=4)
        rows = [
            {"CinemaId": cinema, "BookingId": booking_id}
            for (cinema, booking_id), booking in self.bookings.items()
            if cinema == body["CinemaId"] and _fits(booking, body)
        ]
        single = rows[0] if len(rows) == 1 else None
        return answer(ResultCode=0, BookingSearchResults=rows, SingleBookingMatch=single)

    # ------------------------------------------------------------ refunds

    def _refund(self, cinema: str, booking_id: str, body: dict[str, Any]) -> bytes | None:
        self.refunds.append(body)
        self.before_refund()
        booking = self.bookings.get((cinema, booking_id))
        if booking is None:
            return answer(404)
        trouble = self.troubles.pop(0) if self.troubles else Trouble(Point.EVERYTHING, answer())
        wrong = _wrong(booking, body)
        if wrong and trouble.point is Point.EVERYTHING:
            return answer(400, ResultCode=wrong)
        self._carry_out(booking, body, trouble.point)
        return trouble.answer

    @staticmethod
    def _carry_out(booking: dict[str, Any], body: dict[str, Any], point: Point) -> None:
        """Payments first, then the lines, as far as told."""
        paid = list(_paid(booking, body))
        sequences = body["sequencesToRefund"]
        done = {
            Point.NOTHING: (0, 0),
            Point.FIRST_PAYMENT: (1, 0),
            Point.ALL_PAYMENTS: (len(paid), 0),
            Point.LINES_ALONE: (0, len(sequences)),
            Point.SOME_LINES: (1, 1),
            Point.EVERYTHING: (len(paid), len(sequences)),
        }[point]
        booking["PaymentsRefunded"] += paid[: done[0]]
        give_back(booking, sequences[: done[1]])


def give_back(booking: dict[str, Any], sequences: list[int]) -> None:
    """Lines are gone; those that have a status say so."""
    booking["gone"] += sequences
    for sequence, line in _lines(booking):
        if sequence in sequences and "RefundedStatus" in line:
            line["RefundedStatus"] = "1"


def _lines(booking: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    for lines, name in (
        ("Tickets", "TicketSequenceNumber"),
        ("Concessions", "ItemSequenceNumber"),
        ("BookingFees", "BookingFeeSequenceNumber"),
    ):
        for line in booking.get(lines, []):
            yield line[name], line


def _details(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for kind in ("unmatched", "matched", "external"):
        yield from body.get(f"{kind}PaymentDetails", [])


def _paid(booking: dict[str, Any], body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    payments = {one["PaymentId"]: one for one in booking["Payments"]}
    for one in _details(body):
        original = payments.get(one.get("paymentId", ""), {})
        yield {
            "OrderPaymentAmount": one["amountInCents"],
            "PaymentId": one.get("paymentId", ""),
            "MaskedCardNumber": one.get("cardNumberMasked", original.get("MaskedCardNumber", "")),
            "CardType": one.get("cardType", original.get("CardType", "")),
        }


def _wrong(booking: dict[str, Any], body: dict[str, Any]) -> int:
    """The result code that stands against a call: unknown or gone lines, or another sum."""
    values = {sequence: line["PriceInCents"] for sequence, line in _lines(booking)}
    wanted = body["sequencesToRefund"]
    if any(sequence in booking["gone"] for sequence in wanted):
        return 63
    if any(sequence not in values for sequence in wanted):
        return 4
    total = sum(values[sequence] for sequence in wanted)
    return 0 if total == sum(one["amountInCents"] for one in _details(body)) else 69


def _fits(booking: dict[str, Any], body: dict[str, Any]) -> bool:
    last_four = body.get("CardInfo", {}).get("CardLast4Digits", "")
    texts = ("FirstName", "LastName", "Email", "Phone")
    wanted = {name: body[name].casefold() for name in texts if body.get(name)}
    masks = [one["MaskedCardNumber"] for one in booking["Payments"]]
    return (
        (bool(wanted) or bool(last_four))
        and all(booking.get(name, "").casefold() == text for name, text in wanted.items())
        and (not last_four or any(mask.endswith(last_four) for mask in masks))
    )


def as_sold(booking: IncomingBooking) -> dict[str, Any]:
    """A booking of the contract suite as Connect would answer it."""
    contact = booking.contact
    first, _, last = contact.name.rpartition(" ") if contact else ("", "", "")
    shows = {one.key: one for one in booking.performances}
    said: dict[str, Any] = {
        "BookingNumber": booking.number,
        "BookingId": booking.booking_id,
        "VistaTransactionId": booking.transaction_id,
        "TotalValueCents": sum(line.price_minor for line in booking.lines),
        "IsPaid": booking.is_paid,
        "FirstName": first,
        "LastName": last,
        "Email": contact.email if contact else "",
        "Phone": contact.phone if contact else "",
        "BookingDateUtc": booking.sold_at.isoformat() if booking.sold_at else "",
        "Tickets": [],
        "Concessions": [],
        "BookingFees": [],
        "Payments": [_payment(one) for one in booking.payments],
        "PaymentsRefunded": [],
        "gone": [line.sequence for line in booking.lines if line.state is LineState.CANCELLED],
    }
    groups = {name for line in booking.lines for name in line.groups}
    numbers = {name: number for number, name in enumerate(sorted(groups), 1)}
    for line in booking.lines:
        _add_line(said, line, numbers)
        show = shows.get(line.performance)
        if show is not None and line.kind is LineKind.TICKET:
            said["Tickets"][-1] |= {
                "SessionId": int(show.key),
                "MovieName": show.event,
                "SessionDateTimeOffset": show.starts_at.isoformat() if show.starts_at else "",
            }
    return said


def _add_line(said: dict[str, Any], line: IncomingLine, groups: dict[str, int]) -> None:
    price = {"PriceInCents": line.price_minor, "Description": line.description}
    group = {"PackageGroupNumber": groups[line.groups[0]]} if line.groups else {}
    if line.kind is LineKind.TICKET:
        row, _, seat = line.seat.rpartition(" ")
        said["Tickets"].append(
            {
                "TicketSequenceNumber": line.sequence,
                "SeatRowId": row,
                "SeatNumber": seat,
                "CollectedStatus": str(int(line.collected)),
                "RefundedStatus": "0",
                **price,
                **group,
            }
        )
    elif line.kind is LineKind.CONCESSION:
        said["Concessions"].append(
            {"ItemSequenceNumber": line.sequence, "QuantityBooked": 1, **price, **group}
        )
    else:
        fee = {"BookingFeeSequenceNumber": line.sequence, "RefundedStatus": "0", **price}
        if line.parent_sequence is not None:
            fee["ParentTicketSequenceNumber"] = line.parent_sequence
        said["BookingFees"].append(fee)


def _payment(one: IncomingPayment) -> dict[str, Any]:
    said: dict[str, Any] = {
        "PaymentId": one.key,
        "OrderPaymentAmount": one.amount_minor,
        "BillingValueCents": one.amount_minor,
        "MaskedCardNumber": one.masked_number,
        "CardType": one.card_type,
        "CardExpiry": one.card_expiry,
        "TenderCategory": _TENDERS.get(one.method, "EXTERNAL"),
        "BankReference": one.provider_reference or one.bank_reference,
    }
    if one.reversal_data:
        said |= {"ReversalData": one.reversal_data, "RefundPaymentMethod": one.refund_method}
    return said


@contextmanager
def served(cinema: Cinema) -> Iterator[Host]:
    with host(cinema.behave) as made:
        yield made

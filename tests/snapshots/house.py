"""The bookings in the pictures: one of everything a cashier meets, always the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from backend_client.answers import OpenLeg
from backend_client.domain.booking import Booking, BookingKey, Contact, Line, Payment, Performance
from backend_client.domain.kinds import PaymentMethod as Paid
from backend_client.domain.refund import LegState, Method
from tests.functional.scripted import ScriptedBackend
from tests.unit.builders import BETTE, LUC, NOW, booking, concession, fee, payment, ticket

HAMLET = Performance(1, "35626", "Hamlet", NOW + timedelta(days=8))
SWANS = Performance(2, "35627", "Le lac des cygnes", NOW + timedelta(days=15))
QUARTET = Performance(3, "35628", "Quatuor Ébène · Beethoven", NOW + timedelta(days=22))

PEOPLE = (
    Contact(11, "C-11", "Davis, Anna [group]"),
    Contact(12, "C-12", "Davison, 張 偉 (VIP)"),
    Contact(13, "C-13", "O’Davis-Müller, Jörg"),
)


def _named(made: Booking, number: int, reference: str, contact: Contact = BETTE) -> Booking:
    key = BookingKey("0001", reference, str(3600 + number))
    return replace(made, id=number, key=key, contact=contact)


def _line(made: Line, performance: Performance) -> Line:
    return replace(made, performance=performance)


def _card(number: int, amount: int, kind: str, tail: str, **changes: object) -> Payment:
    made = payment(number, amount, **changes)  # type: ignore[arg-type]
    return replace(
        made, key=f"OPH-292{90 + number}", card_type=kind, masked_number=f"4111••••{tail}"
    )


def sample() -> Booking:
    lines = (ticket(1, 1000, seat="G 16"), concession(2, 350), fee(3, 100, parent=1))
    payments = (_card(9, 1450, "VISA", "1111"),)
    return _named(booking([_line(lines[0], HAMLET), *lines[1:]], payments), 1, "WPM8TS9")


def family() -> Booking:
    lines = (
        _line(ticket(1, 1000, seat="G 16"), HAMLET),
        concession(2, 350),
        fee(3, 100, parent=1),
        _line(ticket(4, 1000, seat="H 1", groups=("family",)), HAMLET),
        _line(ticket(5, 500, seat="H 2", groups=("family",)), HAMLET),
        concession(6, 1000, groups=("family",)),
        replace(
            _line(ticket(7, 1000, seat="H 3", collected=True), HAMLET),
            collected_at=NOW - timedelta(hours=18),
        ),
        _line(ticket(8, 4300, seat="A 1", product="Season 26/27"), SWANS),
        _line(ticket(9, 4300, seat="A 1", product="Season 26/27"), QUARTET),
    )
    payments = (
        _card(1, 9550, "VISA", "1111"),
        replace(_card(2, 4000, "Mastercard", "0042"), payer=LUC),
    )
    return _named(booking(lines, payments), 2, "WPK2RR1")


def unpaid() -> Booking:
    lines = (_line(ticket(1, 2400, seat="K 7"), SWANS),)
    return _named(booking(lines, (), is_paid=False), 3, "WQA7AAB", PEOPLE[0])


def owed() -> Booking:
    """Sold on account, partly settled: debt is reduced first."""
    lines = (_line(ticket(1, 5000), QUARTET), _line(ticket(2, 5000), QUARTET))
    payments = (payment(1, 10_000, Paid.WAITING_ACCOUNT, settled=6000, payer=PEOPLE[1]),)
    return _named(booking(lines, payments), 4, "WQ2DEBT", PEOPLE[1])


def cash() -> Booking:
    lines = (_line(ticket(1, 2150, seat="C 4"), SWANS),)
    payments = (payment(1, 2150, Paid.CASH, payer=PEOPLE[2]),)
    return _named(booking(lines, payments), 5, "WQ3CASH", PEOPLE[2])


def house() -> ScriptedBackend:
    return ScriptedBackend([sample(), family(), unpaid(), owed(), cash()])


STATES = (
    LegState.REQUESTED,
    LegState.REQUESTED,
    LegState.ACCEPTED,
    LegState.UNKNOWN,
    LegState.DECLINED,
    LegState.DUE,
    LegState.REVIEW,
)


def house_with_open_legs(count: int = 240) -> ScriptedBackend:
    backend = house()
    names = [person.name for person in (BETTE, LUC, *PEOPLE)]
    backend.open_legs = [
        OpenLeg(
            leg_id=number,
            leg_number=f"R-{10_430 + number}.1",
            refund_number=f"R-{10_430 + number}",
            booking_reference=f"WQ{number:05d}",
            customer=names[number % len(names)],
            method=Method.REQUESTED,
            state=STATES[number % len(STATES)],
            amount_minor=1250 + number * 175,
            currency="CHF",
            requested_at=NOW - timedelta(days=20, hours=-number),
        )
        for number in range(1, count + 1)
    ]
    return backend

"""Incoming bookings for tests of the store: a small one, and ways to bring bookings in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend_client.domain.caller import Role
from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
    IncomingPerformance,
)
from backend_client.domain.kinds import FeeKind, LineKind, PaymentMethod
from backend_client.local.intake import Counts, store_bookings
from backend_client.local.store import Store
from tests.clocks import CountingTokens, SteppingClock
from tests.unit import builders

ADMIN = builders.caller(Role.ADMIN)
BETTE = IncomingContact("C-1", "Bette Davis", "bette.davis@example.org", "+41 79 412 30 76")
JOAN = IncomingContact("C-2", "Joan Crawford", "joan@example.net")
HAMLET = IncomingPerformance("35626", "Hamlet", builders.NOW + timedelta(days=1), "E1")

LINES = (
    IncomingLine(
        1, LineKind.TICKET, "Adult", 1000, 1000, performance="35626", seat="G 16", tariff="0001"
    ),
    IncomingLine(2, LineKind.CONCESSION, "Small Pop Corn", 350, 350),
    IncomingLine(3, LineKind.FEE, "", 100, 100, fee_kind=FeeKind.BOOKING_FEE, parent_sequence=1),
)
CARD = IncomingPayment(
    "OPH-29299",
    PaymentMethod.CARD,
    1450,
    1450,
    payer="C-1",
    provider="practice",
    provider_reference="PSP-88231",
    bank_reference="41980",
    masked_number="411111••••••1111",
    card_type="VISA",
    card_expiry="2030-12",
)


def booking(booking_id: str = "WPM8TS9", **changes: Any) -> IncomingBooking:
    """Ticket, pop corn and fee on one card, 14.50, unless `changes` say otherwise."""
    plain = IncomingBooking(
        site="0001",
        booking_id=booking_id,
        transaction_id="3679",
        currency="CHF",
        lines=LINES,
        payments=(CARD,),
        number="3638",
        channel="internet",
        sold_at=builders.NOW - timedelta(days=4),
        contact=BETTE,
        performances=(HAMLET,),
    )
    return replace(plain, **changes)


def with_line(one: IncomingBooking, sequence: int, **changes: Any) -> IncomingBooking:
    lines = tuple(
        replace(line, **changes) if line.sequence == sequence else line for line in one.lines
    )
    return replace(one, lines=lines)


def with_payment(one: IncomingBooking, key: str, **changes: Any) -> IncomingBooking:
    payments = tuple(
        replace(payment, **changes) if payment.key == key else payment for payment in one.payments
    )
    return replace(one, payments=payments)


def bring_in(store: Store, *bookings: IncomingBooking) -> Counts:
    return bring_in_all(store, bookings)


def bring_in_all(
    store: Store, bookings: Iterable[IncomingBooking], pauses: list[float] | None = None
) -> Counts:
    """Store bookings without waiting between chunks; `pauses` gets what would be waited."""
    waited = [] if pauses is None else pauses
    return store_bookings(
        store,
        bookings,
        caller=ADMIN,
        clock=SteppingClock(builders.NOW),
        tokens=CountingTokens("claim"),
        pause=waited.append,
    )

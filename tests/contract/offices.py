"""Box offices for the contract suite: a backend, how to sell into it, and a clock to move.

A later backend joins by adding its factory here; the tests know nothing but the protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from backend_client.answers import RefundOutcome
from backend_client.backend import Backend
from backend_client.domain.caller import PEOPLE, Caller, Entrance, Role
from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
    IncomingPerformance,
)
from backend_client.domain.kinds import FeeKind, LineKind, PaymentMethod
from backend_client.domain.plan import Part, RefundPlan, RefundRequest
from backend_client.reports import ImportReport, ImportSource
from backend_client.settings import Settings
from tests.clocks import START, CountingTokens, SteppingClock
from tests.sound import wrong
from tui.wiring import open_backend

BETTE = IncomingContact("C-1", "Bette Davis", "bette@example.org", "+41 22 000 00 01")
LUC = IncomingContact("C-2", "Luc Favre", "luc@example.org")
HAMLET = IncomingPerformance("35626", "Hamlet", START + timedelta(days=8))
STOCK = ImportSource("stock", "native", "0001", "CHF", "UTC")


def caller(role: Role = Role.CASHIER, operator: str = "A. Rochat", desk: str = "3") -> Caller:
    return Caller(operator, role, desk, "box-office", Entrance.WINDOW, "corr-1")


CASHIER, SUPERVISOR, ADMIN = (caller(role) for role in PEOPLE)


def ticket(
    sequence: int,
    price_minor: int = 1000,
    *,
    seat: str = "",
    groups: tuple[str, ...] = (),
    collected: bool = False,
) -> IncomingLine:
    return IncomingLine(
        sequence,
        LineKind.TICKET,
        "Adult",
        price_minor,
        price_minor,
        performance=HAMLET.key,
        seat=seat or f"G {sequence}",
        groups=groups,
        collected=collected,
    )


def concession(sequence: int, price_minor: int = 350) -> IncomingLine:
    return IncomingLine(sequence, LineKind.CONCESSION, "Small Pop Corn", price_minor, price_minor)


def fee(sequence: int, price_minor: int = 100, *, parent: int | None = None) -> IncomingLine:
    return IncomingLine(
        sequence,
        LineKind.FEE,
        "Booking fee",
        price_minor,
        price_minor,
        fee_kind=FeeKind.BOOKING_FEE,
        parent_sequence=parent,
    )


def card(
    amount_minor: int,
    *,
    key: str = "OPH-1",
    reference: str = "pay-1",
    settled_minor: int | None = None,
    payer: str = "C-1",
    expiry: str = "203012",
) -> IncomingPayment:
    """A VISA payment; the practice provider's answer depends on how `reference` begins."""
    return IncomingPayment(
        key,
        PaymentMethod.CARD,
        amount_minor,
        amount_minor if settled_minor is None else settled_minor,
        payer=payer,
        provider="practice",
        provider_reference=reference,
        masked_number="411111......1111",
        card_type="VISA",
        card_expiry=expiry,
    )


TWO_CARDS = (card(1000, key="OPH-1", reference="a"), card(450, key="OPH-2", reference="b"))
"""What the sample costs, paid with two cards."""


def cash(amount_minor: int, *, key: str = "CASH-1", payer: str = "C-1") -> IncomingPayment:
    return IncomingPayment(key, PaymentMethod.CASH, amount_minor, amount_minor, payer=payer)


def sale(
    lines: tuple[IncomingLine, ...] = (),
    payments: tuple[IncomingPayment, ...] | None = None,
    *,
    booking_id: str = "WPM8TS9",
    contact: IncomingContact | None = BETTE,
    payers: tuple[IncomingContact, ...] = (),
    is_paid: bool = True,
    reference: str = "",
    currency: str = "CHF",
) -> IncomingBooking:
    """A booking; without lines the sample of the Vista document (10.00 + 3.50 + 1.00), without
    payments paid with one card to the unit."""
    lines = lines or (ticket(1, seat="G 16"), concession(2), fee(3, parent=1))
    if payments is None:
        paid = sum(line.price_minor for line in lines)
        named = reference or f"pay-{booking_id}"
        payments = (card(paid, reference=named),) if paid else ()
    return IncomingBooking(
        site="0001",
        booking_id=booking_id,
        transaction_id=f"T-{booking_id}",
        currency=currency,
        lines=lines,
        payments=payments,
        number=f"N-{booking_id}",
        channel="internet",
        sold_at=START - timedelta(days=4),
        is_paid=is_paid,
        contact=contact,
        payers=payers,
        performances=(HAMLET,),
    )


@dataclass(slots=True)
class Office:
    """A backend and what a test needs around it."""

    backend: Backend
    clock: SteppingClock
    stock: list[IncomingBooking] = field(default_factory=list)

    def sell(self, *bookings: IncomingBooking) -> ImportReport:
        """Bring bookings in the way every booking comes in."""
        self.stock[:] = bookings
        return self.backend.import_bookings(ADMIN, STOCK, lambda count: None)

    def request(
        self,
        *sequences: int,
        booking: str = "WPM8TS9",
        parts: tuple[Part, ...] = (),
        reason: str = "customer-request",
        retained_minor: int = 0,
        acknowledged: frozenset[str] = frozenset(),
        by: Caller = CASHIER,
    ) -> RefundRequest:
        found = self.backend.booking(by, booking).booking
        return RefundRequest(found.id, sequences, reason, parts, retained_minor, acknowledged)

    def plan(self, request: RefundRequest, by: Caller = CASHIER) -> RefundPlan:
        return self.backend.preview_refund(by, request)

    def refund(
        self,
        *sequences: int,
        booking: str = "WPM8TS9",
        parts: tuple[Part, ...] = (),
        by: Caller = CASHIER,
    ) -> RefundOutcome:
        plan = self.plan(self.request(*sequences, booking=booking, parts=parts), by)
        return self.backend.execute_refund(by, plan)


OfficeT = TypeVar("OfficeT", bound=Office)


@contextmanager
def sound(opening: AbstractContextManager[OfficeT]) -> Iterator[OfficeT]:
    """An office in which the doctor finds nothing wrong once a test is through with it."""
    with opening as office:
        yield office
        found = wrong(office.backend.doctor(SUPERVISOR))
        assert found == {}, found


Factory = Callable[[Path, Settings], AbstractContextManager[Office]]


def _local(url_of: Callable[[Path], str]) -> Factory:
    @contextmanager
    def office(folder: Path, settings: Settings) -> Iterator[Office]:
        clock = SteppingClock()
        stock: list[IncomingBooking] = []
        backend = open_backend(
            url_of(folder),
            settings,
            create=True,
            clock=clock,
            tokens=CountingTokens(),
            read_source=lambda _, prepare: map(prepare, stock),
        )
        try:
            yield Office(backend, clock, stock)
        finally:
            backend.close()

    return office


FACTORIES: Mapping[str, Factory] = {
    "local-memory": _local(lambda folder: "sqlite://"),
    "local-file": _local(lambda folder: f"sqlite:///{folder / 'store.db'}"),
}

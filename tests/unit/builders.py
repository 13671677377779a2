"""Small builders for bookings, refunds and callers; only what a test names differs from plain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from backend_client.domain.booking import Booking, BookingKey, Contact, Line, Payment, Performance
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod
from backend_client.domain.legs import Leg, Refund, RefundedLine
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.planning import Circumstances
from backend_client.domain.policy import Policy
from backend_client.domain.refund import BORN_AS, LegState, Method, Origin

NOW = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)
HAMLET = Performance(1, "35626", "Hamlet", NOW + timedelta(days=1))
LEAR = Performance(2, "35627", "King Lear", NOW)
BETTE = Contact(1, "C-1", "Bette Davis", "bette.davis@example.org", "+41 22 000 00 01")
LUC = Contact(2, "C-2", "Luc Favre", "luc.favre@example.org")


def ticket(
    sequence: int,
    price: int,
    *,
    groups: Sequence[str] = (),
    state: LineState = LineState.SOLD,
    value: int | None = None,
    seat: str = "",
    performance: Performance | None = HAMLET,
    collected: bool = False,
    product: str = "",
    quantity: int = 1,
) -> Line:
    """A ticket worth its price unless `value` says otherwise."""
    return Line(
        sequence,
        LineKind.TICKET,
        "Adult",
        price,
        price if value is None else value,
        state=state,
        performance=performance,
        seat=seat or f"G {sequence}",
        groups=tuple(groups),
        collected=collected,
        product=product,
        quantity=quantity,
    )


def concession(
    sequence: int,
    price: int,
    *,
    groups: Sequence[str] = (),
    state: LineState = LineState.SOLD,
    quantity: int = 1,
) -> Line:
    return Line(
        sequence,
        LineKind.CONCESSION,
        "Small Pop Corn",
        price,
        price,
        state=state,
        groups=tuple(groups),
        quantity=quantity,
    )


def fee(
    sequence: int,
    price: int,
    *,
    parent: int | None = None,
    kind: FeeKind = FeeKind.BOOKING_FEE,
    state: LineState = LineState.SOLD,
    groups: Sequence[str] = (),
) -> Line:
    return Line(
        sequence,
        LineKind.FEE,
        kind.value.replace("_", " "),
        price,
        price,
        state=state,
        fee_kind=kind,
        groups=tuple(groups),
        parent_sequence=parent,
    )


def payment(
    id_: int,
    amount: int,
    method: PaymentMethod = PaymentMethod.CARD,
    *,
    settled: int | None = None,
    payer: Contact | None = BETTE,
    prior: int = 0,
    taken: int = 0,
    waiting_taken: int = 0,
    found: int = 0,
    expiry: str = "203012",
) -> Payment:
    """A payment settled in full; a card payment is a VISA ending in 1111."""
    is_card = method is PaymentMethod.CARD
    return Payment(
        id_,
        f"P-{id_}",
        method,
        amount,
        amount if settled is None else settled,
        payer=payer,
        provider="practice" if is_card else "",
        provider_reference=f"ref-{id_}" if is_card else "",
        masked_number="411111......1111" if is_card else "",
        card_type="VISA" if is_card else "",
        card_expiry=expiry if is_card else "",
        prior_refunded_minor=prior,
        taken_minor=taken,
        waiting_taken_minor=waiting_taken,
        found_minor=found,
    )


def booking(
    lines: Sequence[Line],
    payments: Sequence[Payment] | None = None,
    *,
    currency: str = "CHF",
    channel: str = "internet",
    is_paid: bool = True,
    version: int = 1,
    prior: int | None = None,
    promised: Mapping[int | None, int] | None = None,
) -> Booking:
    """A booking; without payments it was paid with one card to the unit.

    `promised` is what earlier live legs hold, by payer contact id.
    """
    if payments is None:
        paid = sum(line.price_minor for line in lines)
        payments = (payment(1, paid),) if paid else ()
    held = dict(promised or {})
    return Booking(
        id=1,
        key=BookingKey("0001", "WPM8TS9", "3679"),
        number="3638",
        currency=currency,
        lines=tuple(lines),
        payments=tuple(payments),
        contact=BETTE,
        channel=channel,
        sold_at=NOW - timedelta(days=4),
        is_paid=is_paid,
        version=version,
        prior_refunded_minor=sum(one.prior_refunded_minor for one in payments)
        if prior is None
        else prior,
        promised_minor=sum(held.values()),
        promised_by_payer=tuple(held.items()),
    )


def sample_booking() -> Booking:
    """The sample of the Vista document: a ticket, pop corn and a fee, 14.50 by card."""
    lines = (ticket(1, 1000, seat="G 16"), concession(2, 350), fee(3, 100, parent=1))
    return booking(lines)


def caller(role: Role = Role.CASHIER, *, operator: str = "A. Rochat", desk: str = "3") -> Caller:
    return Caller(operator, role, desk, "box-office", Entrance.WINDOW, "corr-1")


def circumstances(
    of: Booking | None = None,
    *,
    policy: Policy | None = None,
    role: Role = Role.CASHIER,
    now: datetime = NOW,
    provider_of: Mapping[int, str] | None = None,
    environment: str = "practice",
) -> Circumstances:
    """What a plan depends on; every card payment of the booking `of` can be reversed."""
    if provider_of is None:
        payments = of.payments if of else ()
        provider_of = {one.id: "practice" for one in payments if one.method is PaymentMethod.CARD}
    return Circumstances(policy or Policy(), now, caller(role), provider_of, environment)


def request(
    *sequences: int,
    reason: str = "customer-request",
    parts: Sequence[Part] = (),
    retained: int = 0,
    acknowledged: Sequence[str] = (),
) -> RefundRequest:
    return RefundRequest(1, sequences, reason, tuple(parts), retained, frozenset(acknowledged))


def leg(
    id_: int,
    method: Method,
    amount: int,
    *,
    state: LegState | None = None,
    payer_id: int | None = BETTE.id,
    payment_id: int | None = None,
    refund_id: int = 1,
) -> Leg:
    """A leg in the state its method is born in, unless `state` says otherwise."""
    return Leg(
        id=id_,
        refund_id=refund_id,
        number=f"R-{10000 + refund_id}.{id_}",
        ordinal=id_,
        method=method,
        amount_minor=amount,
        state=state or BORN_AS[method],
        requested_at=NOW,
        payment_id=payment_id,
        payer_id=payer_id,
    )


def refund(of: Booking, lines: Sequence[int], legs: Sequence[Leg], *, id_: int = 1) -> Refund:
    """A refund of these lines of `of`, worth what its live legs make."""
    given_back = [line for line in of.lines if line.sequence in lines]
    amount = sum(one.amount_minor for one in legs if one.is_live)
    return Refund(
        id=id_,
        number=f"R-{10000 + id_}",
        booking_id=of.id,
        origin=Origin.WINDOW,
        lines=tuple(
            RefundedLine(line.sequence, line.description, line.value_minor or 0)
            for line in given_back
        ),
        legs=tuple(legs),
        value_minor=amount,
        retained_minor=0,
        breach_fee_minor=0,
        amount_minor=amount,
        currency=of.currency,
        reason="customer-request",
        operator="A. Rochat",
        desk="3",
        created_at=NOW,
        commit_key=f"key-{id_}",
    )

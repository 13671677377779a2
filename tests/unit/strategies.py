"""Bookings, parts and policies of every shape for property tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from backend_client.domain.booking import Booking, Contact, Line, Payment
from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod
from backend_client.domain.plan import Part
from backend_client.domain.policy import AllocationOrder, Policy, Reason
from backend_client.domain.refund import Method
from backend_client.domain.selection import closure
from tests.unit.builders import BETTE, HAMLET, LUC, booking, payment

REASONS = (Reason("plain", "Plain"), Reason("late", "Late", 150))
PAYERS: Sequence[Contact | None] = (BETTE, BETTE, LUC, None)


@st.composite
def lines(draw: st.DrawFn, most: int = 7) -> list[Line]:
    """Tickets, concessions and fees with overlapping groups; most of them sold."""
    drawn = []
    for sequence in range(1, draw(st.integers(1, most)) + 1):
        kind = draw(st.sampled_from((LineKind.TICKET, LineKind.TICKET, *LineKind)))
        is_fee = kind is LineKind.FEE
        price = draw(st.integers(0, 2000))
        drawn.append(
            Line(
                sequence,
                kind,
                kind.value,
                price,
                price,
                state=draw(st.sampled_from((LineState.SOLD,) * 16 + tuple(LineState))),
                fee_kind=draw(st.sampled_from(FeeKind)) if is_fee else None,
                performance=None if is_fee else HAMLET,
                groups=() if is_fee else tuple(draw(st.sets(st.sampled_from("abc"), max_size=2))),
                parent_sequence=draw(st.integers(1, sequence)) if is_fee else None,
                collected=draw(st.integers(0, 39)) == 39,
            )
        )
    return drawn


@st.composite
def payments(draw: st.DrawFn, total: int) -> list[Payment]:
    """Payments that make `total`, some on waiting accounts, some partly given back already."""
    paid: list[Payment] = []
    left = total
    for id_ in range(1, draw(st.integers(1, 4)) + 1):
        amount = draw(st.integers(0, left))
        left -= amount
        method = draw(st.sampled_from(PaymentMethod))
        settled = amount
        if method is PaymentMethod.WAITING_ACCOUNT:
            settled = draw(st.integers(0, amount))
        prior = draw(st.integers(0, settled)) if draw(st.integers(0, 5)) == 5 else 0
        found = draw(st.integers(1, 50)) if draw(st.integers(0, 9)) == 9 else 0
        payer = draw(st.sampled_from(PAYERS))
        paid.append(payment(id_, amount, method, settled=settled, payer=payer, prior=prior))
        paid[-1] = replace(paid[-1], found_minor=found)
    if left:
        paid.append(payment(len(paid) + 1, left))
    return paid


@st.composite
def bookings(draw: st.DrawFn) -> Booking:
    drawn = draw(lines())
    return booking(drawn, draw(payments(sum(line.price_minor for line in drawn))))


@st.composite
def choices(draw: st.DrawFn) -> tuple[Booking, frozenset[int]]:
    """A booking and a closed choice of its lines; the choice is mostly one that may go back."""
    of = draw(bookings())
    sold = [line.sequence for line in of.lines if line.is_sold]
    if draw(st.booleans()):
        return of, closure(of, sold)
    some = draw(st.sets(st.sampled_from(sold), min_size=1)) if sold else set()
    return of, closure(of, some)


@st.composite
def parts(draw: st.DrawFn, amount: int) -> list[Part]:
    """Wishes for an amount that may or may not be possible, most of them adding up."""
    wished = []
    left = amount
    for _ in range(draw(st.integers(0, 3))):
        share = draw(st.integers(1, max(left, 1)))
        left -= share
        wished.append(Part(draw(_methods), share, draw(_keys)))
    if draw(st.integers(0, 4)):
        wished.append(Part(draw(_methods), None, draw(_keys)))
    return wished


_methods = st.sampled_from((Method.REQUESTED, Method.CREDIT, Method.MATCHED, *Method))
_keys = st.sampled_from(("", "", "", "P-1", "P-2", "P-9"))


policies = st.builds(
    Policy,
    currency=st.just("CHF"),
    kept_fee_kinds=st.frozensets(st.sampled_from(FeeKind), max_size=1),
    methods=st.sampled_from((Policy().methods, Policy().methods - {Method.CASH})),
    cash_for_card=st.booleans(),
    allocation_order=st.sampled_from(AllocationOrder),
    reasons=st.just(REASONS),
)

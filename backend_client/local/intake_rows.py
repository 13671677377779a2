"""Incoming bookings as rows of the store's tables, before anything of the store is known: made by
whoever checks a file, so that who holds the store has only the ids left to fill in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingClaim,
    IncomingLine,
    IncomingPayment,
    digest,
)
from backend_client.local.groups import pack_groups
from backend_client.local.search_text import search_row
from backend_client.local.times import maybe_us
from backend_client.reports import ImportSource

Row = tuple[Any, ...]
PersonDetails = tuple[str, str, str]
PerformanceDetails = tuple[str, str, int | None]


class BookingSaid(NamedTuple):
    """A row of the table, but for the contact, who is told by key."""

    site: str
    booking_id: str
    transaction_id: str
    number: str
    contact: str
    channel: str
    currency: str
    sold_at_us: int | None
    is_paid: int
    settled_minor: int
    unsettled_minor: int
    prior_refunded_minor: int


class LineSaid(NamedTuple):
    """A row of the table, but for the performance, which is told by key."""

    sequence: int
    kind: str
    fee_kind: str | None
    description: str
    performance: str
    seat: str
    contingent: str
    category: str
    tariff: str
    quantity: int
    price_minor: int
    value_minor: int | None
    groups: str
    product: str
    parent_sequence: int | None
    collected: int
    collected_at_us: int | None
    state: str


class PaymentSaid(NamedTuple):
    """A row of the table, but for the payer, who is told by key."""

    key: str
    method: str
    amount_minor: int
    settled_minor: int
    payer: str
    provider: str
    provider_reference: str
    bank_reference: str
    masked_number: str
    card_type: str
    card_expiry: str
    reversal_data: str
    refund_method: str
    prior_refunded_minor: int


TOLD = 4
"""Where in each of these rows a key stands in place of an id."""


def with_id(row: Row, ids: Mapping[str, int | None], *first: int) -> Row:
    """The row as its table has it, behind its `first` columns."""
    return (*first, *row[:TOLD], ids[row[TOLD]], *row[TOLD + 1 :])


def _columns(said: tuple[str, ...]) -> tuple[str, ...]:
    return (*said[:TOLD], f"{said[TOLD]}_id", *said[TOLD + 1 :])


BOOKING = _columns(BookingSaid._fields)
LINE = _columns(LineSaid._fields)
PAYMENT = _columns(PaymentSaid._fields)


class Prepared(NamedTuple):
    """A booking as rows, the digest of what it says, and the words it is found by if the store
    knows its people and performances as it names them.

    Rows are plain tuples: tens of thousands are written down and read again on their way, and
    anything else takes several times as long.
    """

    site: str
    booking_id: str
    transaction_id: str
    booking: Row
    digest: str
    order_session: str
    people: tuple[tuple[str, PersonDetails], ...]
    shows: tuple[tuple[str, PerformanceDetails], ...]
    lines: tuple[Row, ...]
    payments: tuple[Row, ...]
    claims: tuple[IncomingClaim, ...]
    words: Row
    defaulted: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        return (self.site, self.booking_id, self.transaction_id)

    @property
    def said(self) -> BookingSaid:
        return BookingSaid._make(self.booking)

    def lines_said(self) -> dict[int, LineSaid]:
        """By sequence."""
        return {row[0]: LineSaid._make(row) for row in self.lines}

    def payments_said(self) -> dict[str, PaymentSaid]:
        """By key."""
        return {row[0]: PaymentSaid._make(row) for row in self.payments}


Prepare = Callable[[IncomingBooking], Prepared]
ReadSource = Callable[[ImportSource, Prepare], Iterator[Prepared]]
"""Reads a file and prepares every booking of it, once all are known to be right."""


def prepared(one: IncomingBooking) -> Prepared:
    """All that can be made of a booking without looking into the store."""
    people = tuple([(who.key, (who.name, who.email, who.phone)) for who in one.contacts])
    return Prepared(
        one.site,
        one.booking_id,
        one.transaction_id,
        _booking(one),
        one.source_digest or digest(one),
        one.order_session,
        people,
        tuple(
            [
                (show.key, (show.event_key, show.event, maybe_us(show.starts_at)))
                for show in one.performances
            ]
        ),
        tuple(map(_line, one.lines)),
        tuple(map(_payment, one.payments)),
        tuple(map(_claim, one.claims)),
        _words(one, dict(people)),
        tuple(one.defaulted),
    )


def _booking(one: IncomingBooking) -> Row:
    return (
        one.site,
        one.booking_id,
        one.transaction_id,
        one.number,
        one.contact.key if one.contact else "",
        one.channel,
        one.currency,
        maybe_us(one.sold_at),
        int(one.is_paid),
        one.settled_minor,
        one.unsettled_minor,
        one.prior_refunded_minor,
    )


def _line(one: IncomingLine) -> Row:
    return (
        one.sequence,
        str(one.kind),
        str(one.fee_kind) if one.fee_kind else None,
        one.description,
        one.performance,
        one.seat,
        one.contingent,
        one.category,
        one.tariff,
        one.quantity,
        one.price_minor,
        one.value_minor,
        pack_groups(one.groups),
        one.product,
        one.parent_sequence,
        int(one.collected),
        maybe_us(one.collected_at),
        str(one.state),
    )


def _payment(one: IncomingPayment) -> Row:
    return (
        one.key,
        str(one.method),
        one.amount_minor,
        one.settled_minor,
        one.payer,
        one.provider,
        one.provider_reference,
        one.bank_reference,
        one.masked_number,
        one.card_type,
        one.card_expiry,
        one.reversal_data,
        one.refund_method,
        one.prior_refunded_minor,
    )


def _claim(one: IncomingClaim) -> IncomingClaim:
    """As plain as the domain has it, whatever a reader made of it."""
    return IncomingClaim(one.sequence, one.amount_minor, one.claimed_at, one.payer)


def _words(one: IncomingBooking, people: dict[str, PersonDetails]) -> Row:
    """What the booking is found by, with the details of people and performances as it says."""
    contacts = [one.contact.key] if one.contact else []
    references = [one.booking_id, one.number, one.transaction_id]
    masked_numbers = []
    for payment in one.payments:
        references += (payment.key, payment.provider_reference, payment.bank_reference)
        masked_numbers.append(payment.masked_number)
        if payment.payer and payment.payer not in contacts:
            contacts.append(payment.payer)
    performances = {line.performance for line in one.lines}
    words = search_row(
        [people[key] for key in contacts],
        references,
        masked_numbers,
        [line.seat for line in one.lines if line.seat],
        [show.event for show in one.performances if show.key in performances],
    )
    return tuple(words)

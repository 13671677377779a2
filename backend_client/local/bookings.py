"""Bookings out of the store, in sets: a few statements for any number of ids."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain.booking import Booking, BookingKey, Contact, Line, Payment, Performance
from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod
from backend_client.domain.problems import Refused
from backend_client.local.groups import unpack_groups
from backend_client.local.rows import fetch, id_list
from backend_client.local.times import maybe_from_us
from backend_client.local.triggers import HOLDING, OVER, TO_PAYMENT

MOST_NAMED = 10
"""How many bookings an ambiguous reference is answered with."""

_WANTED = "IN (SELECT value FROM json_each(?))"
_CONTACT = "c.id, c.key, c.name, c.email, c.phone"
_ELSEWHERE = (
    "(SELECT COALESCE(SUM(amount_minor), 0) FROM accepted_refund "
    "WHERE {link} = {id} AND leg_id IS NULL AND ended_at_us IS NULL)"
)
PRIOR_OF_BOOKING = (
    f"b.prior_refunded_minor + {_ELSEWHERE.format(link='booking_id', id='b.id')} "
    "AS prior_refunded_minor"
)
"""What was given back before a booking came to us, or elsewhere since."""
_BOOKINGS = f"""
SELECT b.id, b.site, b.booking_id, b.transaction_id, b.number, b.channel, b.currency, b.sold_at_us,
  b.is_paid, b.version, {PRIOR_OF_BOOKING}, b.promised_minor, {_CONTACT}
FROM booking b LEFT JOIN contact c ON c.id = b.contact_id WHERE b.id {_WANTED}"""
_LINES = f"""
SELECT l.booking_id, l.performance_id, p.key, p.event, p.starts_at_us, l.sequence, l.kind,
  l.description, l.price_minor, l.value_minor, l.state, l.fee_kind, l.seat, l.contingent,
  l.category, l.tariff, l.quantity, l.groups, l.product, l.parent_sequence, l.collected,
  l.collected_at_us
FROM line l LEFT JOIN performance p ON p.id = l.performance_id
WHERE l.booking_id {_WANTED} ORDER BY l.booking_id, l.sequence"""
_PAYMENTS = f"""
SELECT p.booking_id, {_CONTACT}, p.id, p.key, p.method, p.amount_minor, p.settled_minor,
  p.provider, p.provider_reference, p.bank_reference, p.masked_number, p.card_type, p.card_expiry,
  p.reversal_data, p.refund_method,
  p.prior_refunded_minor + {_ELSEWHERE.format(link="payment_id", id="p.id")},
  p.taken_minor, p.waiting_taken_minor, p.found_minor
FROM payment p LEFT JOIN contact c ON c.id = p.payer_id
WHERE p.booking_id {_WANTED} ORDER BY p.booking_id, p.id"""
_PROMISED = f"""
SELECT booking_id, payer_id, SUM(amount_minor) AS promised_minor FROM leg
WHERE booking_id {_WANTED} AND method <> 'waiting' AND state NOT IN {OVER}
GROUP BY booking_id, payer_id ORDER BY booking_id, payer_id"""

_MADE = f"""
SELECT payment_id, COUNT(*) AS made FROM leg
WHERE booking_id {_WANTED} AND method IN {TO_PAYMENT} AND state IN {HOLDING}
GROUP BY payment_id"""
"""Asked for by booking, which has an index."""
_LINE_KINDS = {kind.value: kind for kind in LineKind}
_LINE_STATES = {state.value: state for state in LineState}
_FEE_KINDS = {kind.value: kind for kind in FeeKind}
_METHODS = {method.value: method for method in PaymentMethod}


def load(connection: Connection, ids: Iterable[int]) -> list[Booking]:
    """The bookings with these ids, in the order asked for; ids that do not exist are left out."""
    wanted = list(dict.fromkeys(ids))
    asked = id_list(wanted)
    contacts: dict[int, Contact] = {}
    lines: dict[int, list[Line]] = defaultdict(list)
    performances: dict[int, Performance] = {}
    for booking_id, performance_id, key, event, starts_at_us, *own in fetch(
        connection, _LINES, asked
    ):
        performance = None
        if performance_id is not None:
            performance = performances.get(performance_id)
            if performance is None:
                starts_at = maybe_from_us(starts_at_us)
                performance = Performance(performance_id, key, event, starts_at)
                performances[performance_id] = performance
        lines[booking_id].append(_line(performance, *own))
    payments: dict[int, list[Payment]] = defaultdict(list)
    made = {row.payment_id: row.made for row in fetch(connection, _MADE, asked)}
    for booking_id, *own in fetch(connection, _PAYMENTS, asked):
        payments[booking_id].append(_payment(contacts, made, *own))
    promised: dict[int, list[tuple[int | None, int]]] = defaultdict(list)
    for row in fetch(connection, _PROMISED, asked):
        promised[row.booking_id].append((row.payer_id, row.promised_minor))
    found = {
        booking_id: _booking(
            contacts,
            booking_id,
            lines[booking_id],
            payments[booking_id],
            promised[booking_id],
            *own,
        )
        for booking_id, *own in fetch(connection, _BOOKINGS, asked)
    }
    return [found[one] for one in wanted if one in found]


def load_one(connection: Connection, booking_id: int) -> Booking:
    """One booking that must exist."""
    found = load(connection, (booking_id,))
    if not found:
        raise Refused("booking-not-found", text=f"#{booking_id}")
    return found[0]


def find_ids(connection: Connection, reference: str) -> list[int]:
    """Ids of the bookings a person may mean, newest first.

    `#17` is our own id and `site:booking:transaction` the full key; anything else is a booking id
    or a number, typed in any case. Booking ids are reused at a site, so there can be several.
    """
    text = reference.strip()
    if text.startswith("#"):
        number = text[1:]
        known = number.isascii() and number.isdecimal() and len(number) < 19
        return _ids(connection, "id = ?", int(number)) if known else []
    if text.count(":") == 2:
        site, booking_id, transaction_id = (part.strip() for part in text.split(":"))
        named = "site = ? AND booking_id IN (?, ?) AND transaction_id = ?"
        return _ids(connection, named, site, booking_id, booking_id.upper(), transaction_id)
    if not text:
        return []
    either = "booking_id IN (?, ?) OR number IN (?, ?)"
    return _ids(connection, either, text, text.upper(), text, text.upper())


def find_one(connection: Connection, reference: str) -> int:
    """The one booking meant; none or several are refused, several with what tells them apart."""
    ids = find_ids(connection, reference)
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise Refused("booking-not-found", text=reference.strip()[:80])
    named = fetch(
        connection,
        "SELECT site || ':' || booking_id || ':' || transaction_id AS name FROM booking "
        f"WHERE id {_WANTED} ORDER BY id DESC LIMIT {MOST_NAMED}",
        id_list(ids),
    )
    bookings = [row.name for row in named]
    raise Refused("booking-not-unique", text=reference.strip()[:80], bookings=bookings)


def _ids(connection: Connection, condition: str, *values: Any) -> list[int]:
    rows = fetch(connection, f"SELECT id FROM booking WHERE {condition} ORDER BY id DESC", *values)
    return [row.id for row in rows]


def _booking(
    contacts: dict[int, Contact],
    id_: int,
    lines: list[Line],
    payments: list[Payment],
    promised: list[tuple[int | None, int]],
    site: str,
    booking_id: str,
    transaction_id: str,
    number: str,
    channel: str,
    currency: str,
    sold_at_us: int | None,
    is_paid: int,
    version: int,
    prior_refunded_minor: int,
    promised_minor: int,
    *contact: Any,
) -> Booking:
    return Booking(
        id_,
        BookingKey(site, booking_id, transaction_id),
        number,
        currency,
        tuple(lines),
        tuple(payments),
        _contact(contacts, *contact),
        channel,
        maybe_from_us(sold_at_us),
        bool(is_paid),
        version,
        prior_refunded_minor,
        promised_minor,
        tuple(promised),
    )


def _contact(contacts: dict[int, Contact], id_: int | None, *details: str) -> Contact | None:
    if id_ is None:
        return None
    found = contacts.get(id_)
    if found is None:
        found = contacts[id_] = Contact(id_, *details)
    return found


def _line(
    performance: Performance | None,
    sequence: int,
    kind: str,
    description: str,
    price_minor: int,
    value_minor: int | None,
    state: str,
    fee_kind: str | None,
    seat: str,
    contingent: str,
    category: str,
    tariff: str,
    quantity: int,
    groups: str,
    product: str,
    parent_sequence: int | None,
    collected: int,
    collected_at_us: int | None,
) -> Line:
    """Lines come by the hundred thousand: read by place, which is half of the work by name."""
    return Line(
        sequence,
        _LINE_KINDS[kind],
        description,
        price_minor,
        value_minor,
        _LINE_STATES[state],
        _FEE_KINDS[fee_kind] if fee_kind else None,
        performance,
        seat,
        contingent,
        category,
        tariff,
        quantity,
        unpack_groups(groups) if groups else (),
        product,
        parent_sequence,
        bool(collected),
        maybe_from_us(collected_at_us),
    )


def _payment(
    contacts: dict[int, Contact],
    made: Mapping[int, int],
    payer_id: int | None,
    payer_key: str,
    name: str,
    email: str,
    phone: str,
    id_: int,
    key: str,
    method: str,
    amount_minor: int,
    settled_minor: int,
    provider: str,
    provider_reference: str,
    bank_reference: str,
    masked_number: str,
    card_type: str,
    card_expiry: str,
    reversal_data: str,
    refund_method: str,
    prior_refunded_minor: int,
    taken_minor: int,
    waiting_taken_minor: int,
    found_minor: int,
) -> Payment:
    return Payment(
        id_,
        key,
        _METHODS[method],
        amount_minor,
        settled_minor,
        _contact(contacts, payer_id, payer_key, name, email, phone),
        provider,
        provider_reference,
        bank_reference,
        masked_number,
        card_type,
        card_expiry,
        reversal_data,
        refund_method,
        prior_refunded_minor,
        taken_minor,
        waiting_taken_minor,
        found_minor,
        made.get(id_, 0),
    )

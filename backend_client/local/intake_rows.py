"""Incoming bookings as rows of the store's tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from backend_client.domain.incoming import IncomingBooking, IncomingLine, IncomingPayment
from backend_client.local.bookings import pack_groups
from backend_client.local.intake_people import People, PersonDetails, Shows
from backend_client.local.search_text import SearchRow, search_row
from backend_client.local.times import maybe_us

BOOKING = (
    "site",
    "booking_id",
    "transaction_id",
    "number",
    "contact_id",
    "channel",
    "currency",
    "sold_at_us",
    "is_paid",
    "settled_minor",
    "unsettled_minor",
    "prior_refunded_minor",
)
LINE = (
    "sequence",
    "kind",
    "fee_kind",
    "description",
    "performance_id",
    "seat",
    "contingent",
    "category",
    "tariff",
    "quantity",
    "price_minor",
    "value_minor",
    "groups",
    "product",
    "parent_sequence",
    "collected",
    "collected_at_us",
    "state",
)
PAYMENT = (
    "key",
    "method",
    "amount_minor",
    "settled_minor",
    "payer_id",
    "provider",
    "provider_reference",
    "bank_reference",
    "masked_number",
    "card_type",
    "card_expiry",
    "reversal_data",
    "refund_method",
    "prior_refunded_minor",
)


def booking_row(one: IncomingBooking, people: People) -> tuple[Any, ...]:
    return (
        one.site,
        one.booking_id,
        one.transaction_id,
        one.number,
        people.id_of(one.contact.key) if one.contact else None,
        one.channel,
        one.currency,
        maybe_us(one.sold_at),
        int(one.is_paid),
        one.settled_minor,
        one.unsettled_minor,
        one.prior_refunded_minor,
    )


def line_row(site: str, one: IncomingLine, shows: Shows) -> tuple[Any, ...]:
    return (
        one.sequence,
        str(one.kind),
        str(one.fee_kind) if one.fee_kind else None,
        one.description,
        shows.id_of(site, one.performance),
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


def payment_row(one: IncomingPayment, people: People) -> tuple[Any, ...]:
    return (
        one.key,
        str(one.method),
        one.amount_minor,
        one.settled_minor,
        people.id_of(one.payer),
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


def words_said(one: IncomingBooking) -> SearchRow:
    """What the booking is found by, with the details of people and performances as it says."""
    details = {who.key: (who.name, who.email, who.phone) for who in one.contacts}
    return _words(one, details.__getitem__, {show.key: show.event for show in one.performances})


def words_of(one: IncomingBooking, said: SearchRow, people: People, shows: Shows) -> SearchRow:
    """What the booking is found by, with the details of people and performances as stored: most
    times as `said`."""
    if all(
        people.details_of(who.key) == (who.name, who.email, who.phone) for who in one.contacts
    ) and all(shows.event_of(one.site, show.key) == show.event for show in one.performances):
        return said
    events = {show.key: shows.event_of(one.site, show.key) for show in one.performances}
    return _words(one, people.details_of, events)


def _words(
    one: IncomingBooking, details_of: Callable[[str], PersonDetails], events: Mapping[str, str]
) -> SearchRow:
    contacts = [one.contact.key] if one.contact else []
    references = [one.booking_id, one.number, one.transaction_id]
    masked_numbers = []
    for payment in one.payments:
        references += (payment.key, payment.provider_reference, payment.bank_reference)
        masked_numbers.append(payment.masked_number)
        if payment.payer and payment.payer not in contacts:
            contacts.append(payment.payer)
    performances = {line.performance for line in one.lines}
    return search_row(
        [details_of(key) for key in contacts],
        references,
        masked_numbers,
        [line.seat for line in one.lines if line.seat],
        [events[show.key] for show in one.performances if show.key in performances],
    )

"""Legs are born here, and nowhere else: keys, references and books in the same commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from backend_client.domain import books as rules
from backend_client.domain.booking import Booking
from backend_client.domain.caller import Caller
from backend_client.domain.legs import Leg
from backend_client.domain.plan import PlannedLeg
from backend_client.domain.refund import SENT_TO_PROVIDERS, LegState, Method
from backend_client.domain.settlement import payload_digest, payment_reference
from backend_client.domain.stored_value import SealedNumber
from backend_client.local import ids
from backend_client.local.books import Entry, EntryKind
from backend_client.local.refunds import leg_number_of, number_of
from backend_client.local.rows import insert_rows
from backend_client.local.schema import leg as leg_table
from backend_client.local.times import to_us
from backend_client.ports import TokenSource

PAID_AT_BIRTH = frozenset({LegState.CREDITED, LegState.RECORDED})
NO_DESK = "unnamed"
"""Cash without a desk still has to be booked somewhere it can be found."""

_COLUMNS = (
    "id",
    "refund_id",
    "booking_id",
    "ordinal",
    "method",
    "amount_minor",
    "state",
    "requested_at_us",
    "payment_id",
    "payer_id",
    "provider",
    "provider_key",
    "our_reference",
    "payload_digest",
    "reference",
    "label",
    "by_hand",
    "replaces_leg_id",
    "changed_at_us",
)
_ADD_CREDIT = (
    "INSERT INTO credit_account(contact_id, currency, balance_minor) VALUES (?, ?, ?) "
    "ON CONFLICT(contact_id, currency) DO UPDATE "
    "SET balance_minor = balance_minor + excluded.balance_minor"
)


@dataclass(frozen=True, slots=True)
class ToSend:
    """Legs a commit left to be sent: those that need nothing more, and those to a gift card with
    its number."""

    legs: tuple[int, ...] = ()
    gift_cards: Mapping[int, SealedNumber] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.legs or self.gift_cards)


NOTHING = ToSend()


@dataclass(frozen=True, slots=True)
class Birth:
    """A planned leg and the refund it belongs to; `requested_at` is inherited by what replaces.

    `gift_card` is the number an unmatched leg goes to; of it only the seal is kept.
    """

    planned: PlannedLeg
    booking: Booking
    refund_id: int
    ordinal: int
    requested_at: datetime
    by_hand: bool = False
    replaces_leg_id: int | None = None
    gift_card: SealedNumber | None = None


@dataclass(frozen=True, slots=True)
class Born:
    """What came of births: the ids in order, those to be sent now, and what the books say."""

    ids: tuple[int, ...]
    to_send: ToSend
    entries: tuple[Entry, ...]


def give_birth(
    connection: Connection,
    caller: Caller,
    at: datetime,
    births: Sequence[Birth],
    tokens: TokenSource,
) -> Born:
    """Insert legs; what is paid with the commit is credited here and posted by the caller.

    A leg that goes to a provider gets its key and reference now, long before anything is sent, so
    that no attempt can ever be made under another.
    """
    if not births:
        return Born((), NOTHING, ())
    first = ids.take(connection, "leg", len(births))
    numbered = list(enumerate(births, first))
    rows = [_row(leg_id, birth, at, tokens) for leg_id, birth in numbered]
    insert_rows(connection, leg_table, _COLUMNS, rows)
    _credit(connection, births)
    return Born(
        ids=tuple(leg_id for leg_id, _ in numbered),
        to_send=ToSend(
            tuple(
                leg_id
                for leg_id, birth in numbered
                if birth.planned.state is LegState.PENDING and birth.gift_card is None
            ),
            {
                leg_id: birth.gift_card
                for leg_id, birth in numbered
                if birth.planned.state is LegState.PENDING and birth.gift_card
            },
        ),
        entries=tuple(
            _entry(leg_id, birth, caller)
            for leg_id, birth in numbered
            if birth.planned.state in PAID_AT_BIRTH
        ),
    )


def described(births: Iterable[Birth]) -> list[dict[str, Any]]:
    """Legs as the audit log tells of them."""
    return [
        {
            "leg": leg_number_of(number_of(birth.refund_id), birth.ordinal),
            "method": birth.planned.method.value,
            "amount_minor": birth.planned.amount_minor,
            "state": birth.planned.state.value,
            "payment_id": birth.planned.payment_id,
            "payer_id": birth.planned.payer_id,
            "reference": birth.planned.reference,
        }
        for birth in births
    ]


def _row(leg_id: int, birth: Birth, at: datetime, tokens: TokenSource) -> tuple[Any, ...]:
    planned = birth.planned
    key: str | None = None
    reference: str | None = None
    digest = ""
    if planned.method in SENT_TO_PROVIDERS:
        key, reference = tokens.token(), tokens.token()
        assert (planned.method is Method.UNMATCHED) is (birth.gift_card is not None)
        digest = payload_digest(
            provider=planned.provider,
            provider_key=key,
            our_reference=reference,
            payment_reference=_goes_to(birth),
            amount_minor=planned.amount_minor,
            currency=birth.booking.currency,
        )
    return (
        leg_id,
        birth.refund_id,
        birth.booking.id,
        birth.ordinal,
        planned.method.value,
        planned.amount_minor,
        planned.state.value,
        to_us(birth.requested_at),
        planned.payment_id,
        planned.payer_id,
        planned.provider,
        key,
        reference,
        digest,
        planned.reference,
        planned.label,
        int(birth.by_hand),
        birth.replaces_leg_id,
        to_us(at),
    )


def _goes_to(birth: Birth) -> str:
    """What the provider knows the destination by; of a gift card's number only the seal."""
    if birth.gift_card is not None:
        return birth.gift_card.seal
    payment_id = birth.planned.payment_id
    payment = birth.booking.payment(payment_id) if payment_id else None
    return payment_reference(payment) if payment else ""


def _credit(connection: Connection, births: Iterable[Birth]) -> None:
    add_credit(
        connection,
        (
            (birth.planned.payer_id, birth.booking.currency, birth.planned.amount_minor)
            for birth in births
            if birth.planned.state is LegState.CREDITED
        ),
    )


def add_credit(connection: Connection, given: Iterable[tuple[int | None, str, int]]) -> None:
    """Amounts for the credit accounts of contacts: who, currency, how much."""
    sums = Counter[tuple[int | None, str]]()
    for contact_id, currency, amount_minor in given:
        sums[contact_id, currency] += amount_minor
    rows = [(contact_id, currency, amount) for (contact_id, currency), amount in sums.items()]
    if rows:
        connection.exec_driver_sql(_ADD_CREDIT, rows)


def _entry(leg_id: int, birth: Birth, caller: Caller) -> Entry:
    place = (leg_id, birth.refund_id, birth.ordinal)
    return paid_entry(birth.planned, place, birth.booking.currency, caller.desk)


def paid_entry(
    leg: PlannedLeg | Leg, place: tuple[int, int, int], currency: str, desk: str
) -> Entry:
    """The books of a leg that is paid without a call; `place` is its id, its refund's, and which
    of its refund it is. Cash comes out of `desk`."""
    leg_id, refund_id, ordinal = place
    return Entry(
        kind=EntryKind.SETTLED,
        postings=rules.settled(
            leg.method,
            leg.amount_minor,
            currency,
            provider=leg.provider,
            payer_id=leg.payer_id,
            desk=desk or NO_DESK,
        ),
        refund_id=refund_id,
        leg_id=leg_id,
        contact_id=leg.payer_id if leg.method is Method.CREDIT else None,
        reference=leg_number_of(number_of(refund_id), ordinal),
    )

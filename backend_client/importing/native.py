"""The native format: one booking a line, everything the domain knows, nothing it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from backend_client.backend import ImportSource
from backend_client.domain.booking import FeeKind, LineKind, LineState, PaymentMethod
from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingClaim,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
    IncomingPerformance,
)
from backend_client.domain.money import MOST_MINOR
from backend_client.domain.texts import clean_text
from backend_client.importing.card_texts import card_expiry, masked_number
from backend_client.importing.checks import check
from backend_client.importing.fingerprint import fingerprint
from backend_client.importing.refusal import WrongBooking, wrong_from

NAME_LIMIT = 200
_CODE = r"[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?"

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=rf"^{_CODE}$")]
MaybeCode = Annotated[str, StringConstraints(max_length=64, pattern=rf"^(?:{_CODE})?$")]
Reference = Annotated[str, StringConstraints(max_length=200, pattern=rf"^(?:{_CODE})?$")]
Words = Annotated[str, StringConstraints(max_length=10_240)]
Amount = Annotated[int, Field(ge=0, le=MOST_MINOR)]
Sequence = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _Wire(BaseModel):
    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )


class NativeContact(_Wire):
    """A person; `key` is the number in the ticketing system."""

    key: Code
    name: Words
    email: Words = ""
    phone: Words = ""


class NativePerformance(_Wire):
    """A dated instance of an event; `starts_at` has an offset from UTC."""

    key: Code
    event: Words
    event_key: MaybeCode = ""
    starts_at: AwareDatetime | None = None


class NativeLine(_Wire):
    """One sold thing. `price_minor` is what the whole line cost; `value_minor` what goes back for
    it: the price when left out, null when the source does not know."""

    sequence: Sequence
    kind: LineKind
    fee_kind: FeeKind | None = None
    description: Words
    performance: MaybeCode = ""
    seat: MaybeCode = ""
    contingent: MaybeCode = ""
    category: MaybeCode = ""
    tariff: MaybeCode = ""
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    price_minor: Amount
    value_minor: Amount | None = None
    groups: Annotated[tuple[Code, ...], Field(max_length=16)] = ()
    product: MaybeCode = ""
    parent_sequence: Sequence | None = None
    collected: bool = False
    collected_at: AwareDatetime | None = None
    state: LineState = LineState.SOLD


class NativePayment(_Wire):
    """One payment. `settled_minor` is the amount when left out; `payer` is the booking's contact
    when left out, and null for somebody anonymous."""

    key: Code
    method: PaymentMethod
    amount_minor: Amount
    settled_minor: Amount | None = None
    payer: Code | None = None
    provider: MaybeCode = ""
    provider_reference: Reference = ""
    bank_reference: Reference = ""
    masked_number: MaybeCode = ""
    card_type: MaybeCode = ""
    card_expiry: MaybeCode = ""
    reversal_data: Reference = ""
    refund_method: MaybeCode = ""
    prior_refunded_minor: Amount = 0


class NativeClaim(_Wire):
    """What the seller of a resold line is owed; `payer` as in a payment."""

    sequence: Sequence
    amount_minor: Annotated[int, Field(ge=1, le=MOST_MINOR)]
    claimed_at: AwareDatetime
    payer: Code | None = None


class NativeBooking(_Wire):
    """A booking; amounts are whole minor units of `currency`. `total_minor`, when there, must be
    the sum of the lines' prices. Site and currency come from the import settings when left out."""

    site: MaybeCode = ""
    booking_id: Code
    transaction_id: Code
    number: MaybeCode = ""
    channel: MaybeCode = ""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    sold_at: AwareDatetime | None = None
    is_paid: bool = True
    total_minor: Amount | None = None
    prior_refunded_minor: Amount | None = None
    contact: NativeContact | None = None
    payers: Annotated[tuple[NativeContact, ...], Field(max_length=200)] = ()
    performances: Annotated[tuple[NativePerformance, ...], Field(max_length=500)] = ()
    lines: Annotated[tuple[NativeLine, ...], Field(min_length=1, max_length=2_000)]
    payments: Annotated[tuple[NativePayment, ...], Field(max_length=200)] = ()
    resale_claims: Annotated[tuple[NativeClaim, ...], Field(max_length=2_000)] = ()


def booking_schema() -> dict[str, Any]:
    """JSON Schema of one line of a native file."""
    return NativeBooking.model_json_schema()


def booking_from(line: bytes, source: ImportSource) -> IncomingBooking:
    """One line of a native file, checked; raises `WrongBooking`."""
    try:
        wire = NativeBooking.model_validate_json(line)
    except ValidationError as error:
        raise wrong_from(error) from None
    defaulted = frozenset(
        name for name, said in (("site", wire.site), ("currency", wire.currency)) if not said
    )
    booking = IncomingBooking(
        site=wire.site or source.site,
        booking_id=wire.booking_id,
        transaction_id=wire.transaction_id,
        currency=wire.currency or source.currency,
        lines=tuple(_line(one) for one in wire.lines),
        payments=tuple(_payment(one, wire) for one in wire.payments),
        number=wire.number,
        channel=wire.channel,
        sold_at=_utc(wire.sold_at),
        is_paid=wire.is_paid,
        contact=_contact(wire.contact) if wire.contact else None,
        payers=tuple(_contact(one) for one in wire.payers),
        performances=tuple(_performance(one) for one in wire.performances),
        claims=tuple(
            IncomingClaim(
                one.sequence, one.amount_minor, one.claimed_at.astimezone(UTC), _payer(one, wire)
            )
            for one in wire.resale_claims
        ),
        prior_refunded_minor=_prior(wire),
        defaulted=defaulted,
        source_digest=fingerprint(line, source),
    )
    _parents(booking)
    total = sum(one.price_minor for one in booking.lines)
    if wire.total_minor is not None and wire.total_minor != total:
        raise WrongBooking("total_minor", "it is not the sum of the lines' prices")
    check(booking)
    return booking


def _prior(wire: NativeBooking) -> int:
    if wire.prior_refunded_minor is not None:
        return wire.prior_refunded_minor
    return sum(one.prior_refunded_minor for one in wire.payments)


def _parents(booking: IncomingBooking) -> None:
    known = {line.sequence for line in booking.lines}
    for index, line in enumerate(booking.lines):
        if line.parent_sequence is not None and line.parent_sequence not in known:
            raise WrongBooking(f"lines[{index}].parent_sequence", "no line has this sequence")


def _contact(one: NativeContact) -> IncomingContact:
    return IncomingContact(
        one.key,
        clean_text(one.name, NAME_LIMIT),
        clean_text(one.email, NAME_LIMIT),
        clean_text(one.phone, NAME_LIMIT),
    )


def _performance(one: NativePerformance) -> IncomingPerformance:
    event = clean_text(one.event, NAME_LIMIT)
    return IncomingPerformance(one.key, event, _utc(one.starts_at), one.event_key)


def _line(one: NativeLine) -> IncomingLine:
    value = one.value_minor if "value_minor" in one.model_fields_set else one.price_minor
    return IncomingLine(
        sequence=one.sequence,
        kind=one.kind,
        description=clean_text(one.description, NAME_LIMIT),
        price_minor=one.price_minor,
        value_minor=value,
        state=one.state,
        fee_kind=one.fee_kind,
        performance=one.performance,
        seat=one.seat,
        contingent=one.contingent,
        category=one.category,
        tariff=one.tariff,
        quantity=one.quantity,
        groups=one.groups,
        product=one.product,
        parent_sequence=one.parent_sequence,
        collected=one.collected,
        collected_at=_utc(one.collected_at),
    )


def _payment(one: NativePayment, wire: NativeBooking) -> IncomingPayment:
    settled = one.amount_minor if wire.is_paid else 0
    return IncomingPayment(
        key=one.key,
        method=one.method,
        amount_minor=one.amount_minor,
        settled_minor=settled if one.settled_minor is None else one.settled_minor,
        payer=_payer(one, wire),
        provider=one.provider,
        provider_reference=one.provider_reference,
        bank_reference=one.bank_reference,
        masked_number=masked_number(one.masked_number),
        card_type=one.card_type,
        card_expiry=card_expiry(one.card_expiry),
        reversal_data=one.reversal_data,
        refund_method=one.refund_method,
        prior_refunded_minor=one.prior_refunded_minor,
    )


def _payer(one: NativePayment | NativeClaim, wire: NativeBooking) -> str:
    if "payer" in one.model_fields_set:
        return one.payer or ""
    return wire.contact.key if wire.contact else ""


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant else None

"""The native format: one booking a line, everything the domain knows, nothing it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.dataclasses import dataclass as wire_dataclass

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


_CONFIG = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class _Wire(BaseModel):
    model_config = ConfigDict(**_CONFIG, frozen=True)


def _clean(text: str) -> str:
    return clean_text(text, NAME_LIMIT)


def _utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("it is out of range") from None


def _price(said: dict[str, Any]) -> int | None:
    price: int | None = said.get("price_minor")
    return price


Name = Annotated[Words, AfterValidator(_clean)]
Instant = Annotated[AwareDatetime, AfterValidator(_utc)]


@wire_dataclass(frozen=True, slots=True, config=_CONFIG)
class NativeContact(IncomingContact):
    """A person; `key` is the number in the ticketing system."""

    key: Code
    name: Name
    email: Name = ""
    phone: Name = ""


@wire_dataclass(frozen=True, slots=True, config=_CONFIG)
class NativePerformance(IncomingPerformance):
    """A dated instance of an event; `starts_at` has an offset from UTC."""

    key: Code
    event: Name
    starts_at: Instant | None = None
    event_key: MaybeCode = ""


@wire_dataclass(frozen=True, slots=True, config=_CONFIG)
class NativeLine(IncomingLine):
    """One sold thing. `price_minor` is what the whole line cost; `value_minor` what goes back for
    it: the price when left out, null when the source does not know."""

    sequence: Sequence
    kind: LineKind
    description: Name
    price_minor: Amount
    value_minor: Amount | None = Field(default_factory=_price)
    state: LineState = LineState.SOLD
    fee_kind: FeeKind | None = None
    performance: MaybeCode = ""
    seat: MaybeCode = ""
    contingent: MaybeCode = ""
    category: MaybeCode = ""
    tariff: MaybeCode = ""
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    groups: Annotated[tuple[Code, ...], Field(max_length=16)] = ()
    product: MaybeCode = ""
    parent_sequence: Sequence | None = None
    collected: bool = False
    collected_at: Instant | None = None


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
    claimed_at: Instant
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
    sold_at: Instant | None = None
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
    """One line of a native file; raises `WrongBooking` for what contradicts the format."""
    try:
        wire = NativeBooking.model_validate_json(line)
    except ValidationError as error:
        raise wrong_from(error) from None
    booking = IncomingBooking(
        site=wire.site or source.site,
        booking_id=wire.booking_id,
        transaction_id=wire.transaction_id,
        currency=wire.currency or source.currency,
        lines=wire.lines,
        payments=tuple([_payment(one, wire) for one in wire.payments]),
        number=wire.number,
        channel=wire.channel,
        sold_at=wire.sold_at,
        is_paid=wire.is_paid,
        contact=wire.contact,
        payers=wire.payers,
        performances=wire.performances,
        claims=tuple([_claim(one, wire) for one in wire.resale_claims]),
        prior_refunded_minor=_prior(wire),
        defaulted=_DEFAULTED[not wire.site, not wire.currency],
        source_digest=fingerprint(line, source),
    )
    if wire.total_minor is not None:
        _refuse_wrong_total(wire.total_minor, booking)
    return booking


_DEFAULTED = {
    (site, currency): frozenset(
        name for name, missing in (("site", site), ("currency", currency)) if missing
    )
    for site in (True, False)
    for currency in (True, False)
}


def _refuse_wrong_total(total_minor: int, booking: IncomingBooking) -> None:
    if total_minor != sum(one.price_minor for one in booking.lines):
        raise WrongBooking("total_minor", "it is not the sum of the lines' prices")


def _claim(one: NativeClaim, wire: NativeBooking) -> IncomingClaim:
    return IncomingClaim(one.sequence, one.amount_minor, one.claimed_at, _payer(one, wire))


def _prior(wire: NativeBooking) -> int:
    if wire.prior_refunded_minor is not None:
        return wire.prior_refunded_minor
    return sum(one.prior_refunded_minor for one in wire.payments)


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

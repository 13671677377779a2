"""The native format: one booking a line, everything the domain knows, nothing it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic.dataclasses import dataclass as wire_dataclass
from pydantic.json_schema import SkipJsonSchema

from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingClaim,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
    IncomingPerformance,
)
from backend_client.domain.kinds import FeeKind, LineKind, LineState, PaymentMethod
from backend_client.domain.money import MOST_MINOR
from backend_client.domain.texts import clean_text
from backend_client.importing.card_texts import card_expiry, masked_number
from backend_client.importing.fingerprint import fingerprint
from backend_client.importing.refusal import WrongBooking, wrong_from
from backend_client.reports import ImportSource

NAME_LIMIT = 200
_CODE = r"[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?"

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=rf"^{_CODE}$")]
MaybeCode = Annotated[str, StringConstraints(max_length=64, pattern=rf"^(?:{_CODE})?$")]
Reference = Annotated[str, StringConstraints(max_length=200, pattern=rf"^(?:{_CODE})?$")]
Words = Annotated[str, StringConstraints(max_length=10_240)]
Amount = Annotated[int, Field(ge=0, le=MOST_MINOR)]
Sequence = Annotated[int, Field(ge=1, le=2**31 - 1)]


_CONFIG = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


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


def _not_said() -> int:
    return _NOT_SAID


def _of_the_contact() -> str:
    return _CONTACT


def _amount(amount_minor: int | None) -> int:
    return _NOT_SAID if amount_minor is None else amount_minor


def _text(said: str | None) -> str:
    return said or ""


_NOT_SAID = -1
_CONTACT = "\0"
"""Stand where the booking around must tell, until it is known; a file cannot say either."""
Masked = Annotated[MaybeCode, AfterValidator(masked_number)]
Expiry = Annotated[MaybeCode, AfterValidator(card_expiry)]
if TYPE_CHECKING:  # what they hold once validated
    AmountOrNull: TypeAlias = int
    CodeOrNull: TypeAlias = str
    CurrencyOrNull: TypeAlias = str
else:
    AmountOrNull = Annotated[Amount | None, AfterValidator(_amount)]
    CodeOrNull = Annotated[Code | None, AfterValidator(_text)]
    CurrencyOrNull = Annotated[
        Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None, AfterValidator(_text)
    ]
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


@wire_dataclass(frozen=True, slots=True, config=_CONFIG)
class NativePayment(IncomingPayment):
    """One payment. `settled_minor` is the amount when left out or null; `payer` is the booking's
    contact when left out, and null for somebody anonymous."""

    key: Code
    method: PaymentMethod
    amount_minor: Amount
    settled_minor: AmountOrNull = Field(default_factory=_not_said)
    payer: CodeOrNull = Field(default_factory=_of_the_contact)
    provider: MaybeCode = ""
    provider_reference: Reference = ""
    bank_reference: Reference = ""
    masked_number: Masked = ""
    card_type: MaybeCode = ""
    card_expiry: Expiry = ""
    reversal_data: Reference = ""
    refund_method: MaybeCode = ""
    prior_refunded_minor: Amount = 0


@wire_dataclass(frozen=True, slots=True, config=_CONFIG)
class NativeClaim(IncomingClaim):
    """What the seller of a resold line is owed; `payer` as in a payment."""

    sequence: Sequence
    amount_minor: Annotated[int, Field(ge=1, le=MOST_MINOR)]
    claimed_at: Instant
    payer: CodeOrNull = Field(default_factory=_of_the_contact)


@wire_dataclass(frozen=True, slots=True, kw_only=True, config=_CONFIG)
class NativeBooking(IncomingBooking):
    """A booking; amounts are whole minor units of `currency`. `total_minor`, when there, must be
    the sum of the lines' prices. Site and currency come from the import settings when left out."""

    site: MaybeCode = ""
    booking_id: Code
    transaction_id: Code
    number: MaybeCode = ""
    channel: MaybeCode = ""
    currency: CurrencyOrNull = Field(default_factory=str)
    sold_at: Instant | None = None
    is_paid: bool = True
    total_minor: Amount | None = None
    prior_refunded_minor: AmountOrNull = Field(default_factory=_not_said)
    contact: NativeContact | None = None
    payers: Annotated[tuple[NativeContact, ...], Field(max_length=200)] = ()
    performances: Annotated[tuple[NativePerformance, ...], Field(max_length=500)] = ()
    lines: Annotated[tuple[NativeLine, ...], Field(min_length=1, max_length=2_000)]
    payments: Annotated[tuple[NativePayment, ...], Field(max_length=200)] = ()
    claims: Annotated[tuple[NativeClaim, ...], Field(max_length=2_000)] = Field(
        default=(), alias="resale_claims"
    )
    order_session: MaybeCode = ""
    defaulted: SkipJsonSchema[frozenset[str]] = Field(default=frozenset(), init=False)
    source_digest: SkipJsonSchema[str] = Field(default="", init=False)


_BOOKING: TypeAdapter[NativeBooking] = TypeAdapter(NativeBooking)


def booking_schema() -> dict[str, Any]:
    """JSON Schema of one line of a native file."""
    return _BOOKING.json_schema()


def booking_from(line: bytes, source: ImportSource) -> IncomingBooking:
    """One line of a native file; raises `WrongBooking` for what contradicts the format."""
    try:
        booking = _BOOKING.validate_json(line)
    except ValidationError as error:
        raise wrong_from(error) from None
    _fill_in(booking, "source_digest", fingerprint(line, source))
    _fill_in_settings(booking, source)
    _fill_in_amounts(booking)
    _fill_in_payers(booking)
    return booking


_fill_in = object.__setattr__
"""Completes a value that nobody has seen yet and that is frozen for everybody else."""


def _fill_in_settings(booking: NativeBooking, source: ImportSource) -> None:
    if booking.site and booking.currency:
        return
    missing = {name for name in ("site", "currency") if not getattr(booking, name)}
    for name in missing:
        _fill_in(booking, name, getattr(source, name))
    _fill_in(booking, "defaulted", frozenset(missing))


def _fill_in_amounts(booking: NativeBooking) -> None:
    """Also refuses a total that is none."""
    for payment in booking.payments:
        if payment.settled_minor == _NOT_SAID:
            _fill_in(payment, "settled_minor", payment.amount_minor if booking.is_paid else 0)
    if booking.prior_refunded_minor == _NOT_SAID:
        known = sum([one.prior_refunded_minor for one in booking.payments])
        _fill_in(booking, "prior_refunded_minor", known)
    total_minor = booking.total_minor
    if total_minor is not None and total_minor != sum(one.price_minor for one in booking.lines):
        raise WrongBooking("total_minor", "it is not the sum of the lines' prices")


def _fill_in_payers(booking: NativeBooking) -> None:
    contact = booking.contact.key if booking.contact else ""
    parts: tuple[IncomingPayment | IncomingClaim, ...] = (*booking.payments, *booking.claims)
    for one in parts:
        if one.payer == _CONTACT:
            _fill_in(one, "payer", contact)

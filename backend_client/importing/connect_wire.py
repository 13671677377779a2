"""The answer of GetSingleBooking as it is seen in the field: PascalCase, loosely typed.

Status fields come as strings or numbers, numbers as strings, and unlisted fields are ignored.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_pascal

from backend_client.domain.money import MOST_MINOR

_YES = frozenset({"1", "true", "yes", "collected", "refunded", "cancelled"})
_NO = frozenset({"0", "false", "no", "notcollected", "notrefunded", "notcancelled"})
_UNSAID = frozenset({"", "unknown"})
_WHOLE = re.compile(r"-?[0-9]{1,10}", re.ASCII)


def _status(value: object) -> bool | None:
    """ "0" is true in Python, so every form is named; what is none of them is refused."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | str):
        word = str(value).strip().casefold()
        if word in _YES:
            return True
        if word in _NO:
            return False
        if word in _UNSAID:
            return None
    raise ValueError("it is none of 0, 1, true and false")


def _code(value: object) -> object:
    """A number where a code is meant; strings keep their leading zeros."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else value


def _result(value: object) -> object:
    """A result code that came as text."""
    return int(value) if isinstance(value, str) and _WHOLE.fullmatch(value.strip()) else value


def _tuple(value: object) -> object:
    """A validator before strict ones sees plain lists, and null where nothing is."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else value


Status = Annotated[bool | None, BeforeValidator(_status)]
Code = Annotated[
    str, BeforeValidator(_code), StringConstraints(max_length=200, pattern=r"^[^\p{C}]*$")
]
Words = Annotated[str, BeforeValidator(_code), StringConstraints(max_length=10_240)]
Cents = Annotated[int, Field(ge=0, le=MOST_MINOR)]
SignedCents = Annotated[int, Field(ge=-MOST_MINOR, le=MOST_MINOR)]
ResultCode = Annotated[int, BeforeValidator(_result), Field(ge=-(2**31), le=2**31)]
Sequence = Annotated[int, Field(ge=1, le=2**31 - 1)]


class _Wire(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=to_pascal,
    )


class WireTicket(_Wire):
    ticket_sequence_number: Sequence
    price_in_cents: Cents
    ticket_type_code: Code = ""
    session_id: Code = ""
    session_date_time_offset: Code = ""
    movie_name: Words = ""
    movie_name_alt: Words = ""
    description: Words = ""
    description_alt: Words = ""
    seat_row_id: Code = ""
    seat_number: Code = ""
    area_category_code: Code = ""
    package_group_number: Code = ""
    refund_group_number: Code = ""
    collected_status: Status = None
    refunded_status: Status = None


class WireConcession(_Wire):
    item_sequence_number: Sequence
    price_in_cents: Cents
    item_id: Code = ""
    session_id: Code = ""
    description: Words = ""
    description_alt: Words = ""
    quantity_booked: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    package_group_number: Code = ""
    refund_group_number: Code = ""
    collected_status: Status = None
    refunded_status: Status = None


class WireFee(_Wire):
    booking_fee_sequence_number: Sequence
    price_in_cents: Cents
    description: Words = ""
    parent_ticket_sequence_number: Annotated[int, Field(ge=0)] | None = None
    refunded_status: Status = None


class WirePayment(_Wire):
    payment_id: Code = ""
    billing_value_cents: SignedCents | None = None
    order_payment_amount: SignedCents | None = None
    card_name: Words = ""
    masked_card_number: Code = ""
    card_type: Code = ""
    tender_category: Code = ""
    bank_reference: Code = ""
    bank_transaction_number: Code = ""
    card_expiry: Code = ""
    card_expiry_month: Code = ""
    card_expiry_year: Code = ""
    reversal_data: Code = ""
    refund_payment_method: Code = ""
    correlation_id: Code = ""
    """Of the call that made a refund: said by our own face alone."""


class WireBooking(_Wire):
    booking_id: Code
    vista_transaction_id: Code
    booking_number: Code = ""
    total_value_cents: Cents | None = None
    current_value_in_cents: Cents | None = None
    cancelled_status: Status = None
    is_paid: Status = None
    cinema_id: Code = ""
    first_name: Words = ""
    last_name: Words = ""
    email: Words = ""
    phone: Words = ""
    member_id: Code = ""
    user_session_id: Code = ""
    booking_date_utc: Code = ""
    tickets: Annotated[tuple[WireTicket, ...], BeforeValidator(_tuple)] = ()
    concessions: Annotated[tuple[WireConcession, ...], BeforeValidator(_tuple)] = ()
    booking_fees: Annotated[tuple[WireFee, ...], BeforeValidator(_tuple)] = ()
    payments: Annotated[tuple[WirePayment, ...], BeforeValidator(_tuple)] = ()
    payments_refunded: Annotated[tuple[WirePayment, ...], BeforeValidator(_tuple)] = ()


class WireAnswer(_Wire):
    """Its result code stands under one of three names, as a number or as text."""

    result_code: ResultCode = Field(
        validation_alias=AliasChoices("ResultCode", "Result", "ExtendedResultCode")
    )
    booking: WireBooking | None = None

"""Calls of Vista Connect as they come in: strict where money is concerned, lenient elsewhere.

Unknown fields are ignored, but for a security code. Whole numbers are whole numbers, never texts
or decimals; a field said twice is refused, because readers of JSON differ in which one they take.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic.alias_generators import to_camel, to_pascal
from pydantic_core import PydanticCustomError, from_json, to_json

from backend_client.domain.card_numbers import refuse_card_number
from backend_client.domain.money import MOST_MINOR
from backend_client.domain.problems import Refused
from backend_client.domain.sale_payment import SalePayment
from backend_client.importing.card_texts import card_expiry, masked_number
from backend_client.importing.connect_wire import Code
from backend_client.importing.refusal import WrongBooking, wrong_from
from backend_client.importing.repeated_fields import refuse_repeated_fields
from backend_client.server.security_codes import refuse_security_codes

MOST_PAYMENTS = 50
MOST_LINES = 2_000
_MARK = b"\xef\xbb\xbf"
"""What some programs write before text in UTF-8; it says nothing."""

T = TypeVar("T", bound=BaseModel)


def _said(value: object) -> object:
    return "" if value is None else value


def _each_once(sequences: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(sequences)) < len(sequences):
        raise PydanticCustomError("twice", "a sequence stands twice")
    return sequences


Text = Annotated[str, BeforeValidator(_said), StringConstraints(max_length=200)]
Cents = Annotated[int, Field(ge=1, le=MOST_MINOR)]
Sequence = Annotated[int, Field(ge=1, le=2**31 - 1)]
Sequences = Annotated[
    tuple[Sequence, ...], Field(min_length=1, max_length=MOST_LINES), AfterValidator(_each_once)
]


_CONFIG = ConfigDict(strict=True, extra="ignore", frozen=True, hide_input_in_errors=True)
Few = Field(max_length=MOST_PAYMENTS)


class _Call(BaseModel):
    model_config = _CONFIG | ConfigDict(alias_generator=to_camel)


class _OldCall(BaseModel):
    """The first generation of calls writes its fields in another case."""

    model_config = _CONFIG | ConfigDict(alias_generator=to_pascal)


class MatchedDetail(_Call):
    amount_in_cents: Cents
    payment_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ExternalDetail(_Call):
    amount_in_cents: Cents
    card_number_masked: Text = ""
    card_type: Text = ""
    card_expiry_month: Text = ""
    card_expiry_year: Text = ""


class UnmatchedDetail(_Call):
    amount_in_cents: Cents
    card_number: Annotated[str, Field(min_length=1, max_length=200, repr=False)]
    card_type: Text = ""


class RefundCall(_Call):
    """`sequences_to_refund` is empty only where the call does not say it: all that can go back."""

    sequences_to_refund: Sequences = ()
    refund_reason: Text = ""
    matched_payment_details: Annotated[tuple[MatchedDetail, ...], Few] = ()
    external_payment_details: Annotated[tuple[ExternalDetail, ...], Few] = ()
    unmatched_payment_details: Annotated[tuple[UnmatchedDetail, ...], Few] = ()


_PAYMENTS = ("matchedPaymentDetails", "externalPaymentDetails", "unmatchedPaymentDetails")


class BookingCall(_OldCall):
    cinema_id: Annotated[Code, StringConstraints(min_length=1)]
    booking_id: Code = ""
    booking_number: Code = ""
    vista_booking_number: Code = ""
    vista_trans_number: Code = ""


class CardInfo(_OldCall):
    card_first6_digits: Code = Field(default="", alias="CardFirst6Digits")
    card_last4_digits: Code = Field(default="", alias="CardLast4Digits")


class SearchCall(BookingCall):
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""
    phone: Text = ""
    member_id: Code = ""
    movie_name: Text = ""
    session_date: Text = ""
    booking_date: Text = ""
    card_info: CardInfo | None = None


class PaymentInfo(_OldCall):
    card_number: Text = ""
    card_type: Text = ""
    card_expiry_month: Text = ""
    card_expiry_year: Text = ""
    payment_value_cents: Cents
    bank_transaction_number: Code = ""
    refund_payment_method: Text = ""
    reversal_data: Text = ""


class PaymentCall(_OldCall):
    perform_payment: bool
    user_session_id: Annotated[Code, StringConstraints(min_length=1)]
    customer_name: Text = ""
    customer_email: Text = ""
    payment_info: PaymentInfo


def read_refund(body: bytes) -> RefundCall:
    """Raises `request-invalid`; a payment named twice is one nobody can tell apart."""
    call = _read(RefundCall, body)
    named = [one.payment_id for one in call.matched_payment_details]
    for place, payment_id in enumerate(named):
        if payment_id in named[:place]:
            raise invalid(f"matchedPaymentDetails[{place}].paymentId", "it stands twice")
    return call


def read_booking(body: bytes) -> BookingCall:
    call = _read(BookingCall, body)
    if not (call.booking_id or call.booking_number or call.vista_booking_number):
        raise invalid("BookingId", "it is missing, and so is BookingNumber")
    return call


def read_search(body: bytes) -> SearchCall:
    return _read(SearchCall, body)


def read_sale(body: bytes) -> SalePayment:
    """What a client says of a sale it took the money for; asking us to take it is refused."""
    call = _read(PaymentCall, body)
    if call.perform_payment:
        raise invalid("PerformPayment", "no payment is made here, so it must be false")
    info = call.payment_info
    refuse_card_number(info.card_number, "PaymentInfo.CardNumber")
    return SalePayment(
        order_session=call.user_session_id,
        amount_minor=info.payment_value_cents,
        masked_number=masked_number(info.card_number),
        card_type=info.card_type,
        card_expiry=card_expiry(f"{info.card_expiry_month.zfill(2)}/{info.card_expiry_year}"),
        bank_reference=info.bank_transaction_number,
        reversal_data=info.reversal_data,
        refund_method=info.refund_payment_method,
        customer_name=call.customer_name,
        customer_email=call.customer_email,
    )


def invalid(field: str, reason: str) -> Refused:
    return Refused("request-invalid", field=field, reason=reason)


def _read(kind: type[T], body: bytes) -> T:
    """The call, or which field is wrong and why, never what stood there."""
    body = body.removeprefix(_MARK)
    try:
        said = from_json(body)
        refuse_repeated_fields(body, said)
        _refuse_another_case(kind, said)
        refuse_security_codes(said)
        return kind.model_validate_json(_without_null_lists(body, said))
    except ValidationError as error:
        wrong = wrong_from(error)
    except WrongBooking as error:
        wrong = error
    except (ValueError, RecursionError):
        raise invalid("JSON", "it is not valid JSON") from None
    raise invalid(wrong.field or "JSON", wrong.reason) from None


def _without_null_lists(body: bytes, said: object) -> bytes:
    """There are programs that write null for a list of payments they leave out. Which lines are
    meant is never guessed, so that list stays as it is."""
    if not isinstance(said, dict) or all(said.get(name, ()) is not None for name in _PAYMENTS):
        return body
    left_out = {name for name in _PAYMENTS if said.get(name, ()) is None}
    return to_json({name: one for name, one in said.items() if name not in left_out})


def _refuse_another_case(kind: type[BaseModel], said: object) -> None:
    """An unknown field is ignored, but a known one in another case must not count as unsaid:
    without its lines a refund means the whole booking."""
    known = {str(field.alias).casefold(): field.alias for field in kind.model_fields.values()}
    for name in said if isinstance(said, dict) else ():
        meant = known.get(name.casefold(), name)
        if meant != name:
            raise WrongBooking(str(meant), "it is written in another case")

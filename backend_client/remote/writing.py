"""The body of a refund call, exactly as the document's samples write it, and nothing else.

There is no field for a security code, though one sample shows it, and none for a whole booking:
the lines are always named, because a list left out means all of them.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

from backend_client.domain.card_numbers import MASK, holds_card
from backend_client.domain.connect_intent import IntentLeg, Wish
from backend_client.domain.money import MOST_MINOR
from backend_client.domain.refund import Method

Amount = Annotated[int, Field(ge=1, le=MOST_MINOR)]
Sequences = Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]
Month = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])$")]
Year = Annotated[str, Field(pattern=r"^[0-9]{2}$")]


class _Wire(BaseModel):
    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        populate_by_name=True,
    )


class MatchedPayment(_Wire):
    amount_in_cents: Amount
    payment_id: Annotated[str, Field(min_length=1, max_length=200)]


class ExternalPayment(_Wire):
    """A record of what was paid elsewhere; all but the amount is left out where it is not known."""

    amount_in_cents: Amount
    card_number_masked: str | None = None
    card_expiry_month: Month | None = None
    card_expiry_year: Year | None = None
    card_type: str | None = None

    @field_validator("card_number_masked", "card_type")
    @classmethod
    def _no_card_number(cls, value: str | None) -> str | None:
        if value is not None and holds_card(value):
            raise ValueError("a full card number")
        return value


class UnmatchedPayment(_Wire):
    """A new payment onto a gift card: a stored-value number alone, never a payment card."""

    amount_in_cents: Amount
    card_number: Annotated[str, Field(min_length=1, max_length=40, repr=False)]
    card_type: Annotated[str, Field(min_length=1)]

    @field_validator("card_number")
    @classmethod
    def _no_payment_card(cls, value: str) -> str:
        if holds_card(value):
            raise ValueError("the number of a payment card")
        return value


class RefundBody(_Wire):
    sequences_to_refund: Sequences
    unmatched_payment_details: tuple[UnmatchedPayment, ...] | None = None
    matched_payment_details: tuple[MatchedPayment, ...] | None = None
    external_payment_details: tuple[ExternalPayment, ...] | None = None

    @field_validator("sequences_to_refund")
    @classmethod
    def _each_once(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a sequence stands twice")
        return value


def refund_body(wish: Wish, *, card_number: str = "", card_type: str = "") -> bytes:
    """The body for exactly what is written down of a call; a gift card gets its number here, in its
    one use."""
    matched, external, unmatched = [], [], []
    for leg in wish.legs:
        amount = leg.amount_minor
        if leg.method is Method.MATCHED:
            matched.append(MatchedPayment(amount_in_cents=amount, payment_id=leg.payment_key))
        elif leg.method is Method.UNMATCHED:
            gift_card = UnmatchedPayment(
                amount_in_cents=amount, card_number=card_number, card_type=card_type
            )
            unmatched.append(gift_card)
        else:
            assert leg.method is Method.EXTERNAL, "Connect knows no other kind of payment"
            external.append(_external(leg))
    body = RefundBody(
        sequences_to_refund=tuple(sorted(line.sequence for line in wish.lines)),
        unmatched_payment_details=tuple(unmatched) or None,
        matched_payment_details=tuple(matched) or None,
        external_payment_details=tuple(external) or None,
    )
    return body.model_dump_json(by_alias=True, exclude_none=True).encode()


def _external(leg: IntentLeg) -> ExternalPayment:
    year, _, month = leg.card_expiry.partition("-")
    return ExternalPayment(
        amount_in_cents=leg.amount_minor,
        card_number_masked=leg.masked_number.replace(MASK, ".") or None,
        card_expiry_month=month or None,
        card_expiry_year=year[-2:] or None,
        card_type=leg.card_type or None,
    )

"""What a payment made elsewhere is recorded with: a masked number, a card type, an expiry.

Agreed upon with whoever runs the ticketing system; never a full card number, and no security code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from backend_client.domain.booking import Booking, Payment
from backend_client.domain.card_numbers import MASK, refuse_card_number
from backend_client.domain.plan import Part, PlannedLeg
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.room import paid_by_card
from backend_client.domain.texts import free_text

EXTERNAL_DETAILS = ("masked_number", "card_type", "card_expiry")
_MASKED = re.compile(rf"\d{{0,6}}[.*xX{MASK}]{{4,}}\d{{4}}", re.ASCII)
_LONGEST_MASK, _LONGEST_TYPE = 24, 20
_MONTH_FIRST = re.compile(r"(0[1-9]|1[0-2])[/-]?(?:20)?(\d\d)", re.ASCII)
_YEAR_FIRST = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)


def cleaned_details(part: Part) -> Part:
    """The part with details that may be kept and sent: an expiry is `2030-12`.

    Raises Refused: `full-card-number`, `mask-invalid`, `expiry-invalid`, `text-invalid`, or
    `details-not-taken` with another method than external.
    """
    if not (part.masked_number or part.card_type or part.card_expiry):
        return part
    if part.method is not Method.EXTERNAL:
        raise Refused("details-not-taken", method=part.method.value)
    return replace(
        part,
        masked_number=_masked(part.masked_number),
        card_type=free_text(part.card_type, "card_type", _LONGEST_TYPE),
        card_expiry=_expiry(part.card_expiry),
    )


def _masked(text: str) -> str:
    plain = text.strip().replace(" ", "")
    refuse_card_number(plain, "masked_number")
    if plain and (len(plain) > _LONGEST_MASK or not _MASKED.fullmatch(plain)):
        raise Refused("mask-invalid")
    return plain


def _expiry(text: str) -> str:
    plain = text.strip()
    if not plain:
        return ""
    if found := _YEAR_FIRST.fullmatch(plain):
        return f"{found[1]}-{found[2]}"
    if found := _MONTH_FIRST.fullmatch(plain):
        return f"20{found[2]}-{found[1]}"
    raise Refused("expiry-invalid")


def with_details(leg: PlannedLeg, part: Part, booking: Booking) -> PlannedLeg:
    """The leg with what was typed, else with the card of the payment the part names or of the only
    card payment there is; details of two cards are never mixed."""
    if part.masked_number or part.card_type or part.card_expiry:
        details = (part.masked_number, part.card_type, part.card_expiry)
    else:
        payment = _card_of(part, booking)
        if payment is None:
            return leg
        details = (payment.masked_number, payment.card_type, payment.card_expiry)
    masked, card_type, expiry = details
    return replace(leg, masked_number=masked, card_type=card_type, card_expiry=expiry)


def _card_of(part: Part, booking: Booking) -> Payment | None:
    named = [one for one in booking.payments if part.payment_key and one.key == part.payment_key]
    cards = named or [one for one in booking.payments if paid_by_card(one)]
    return cards[0] if len(cards) == 1 and paid_by_card(cards[0]) else None


def details_missing(legs: Iterable[PlannedLeg], required: frozenset[str]) -> tuple[str, ...]:
    """Which required details an external leg lacks, in the order they are asked for."""
    external = [leg for leg in legs if leg.method is Method.EXTERNAL]
    return tuple(
        name
        for name in EXTERNAL_DETAILS
        if name in required and not all(getattr(leg, name) for leg in external)
    )

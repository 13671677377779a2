"""What the operator asked for, checked and made exact before anything is placed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backend_client.domain.booking import Booking, Payment
from backend_client.domain.card_numbers import refuse_card_number
from backend_client.domain.external_details import (
    EXTERNAL_DETAILS,
    cleaned_details,
    details_missing,
)
from backend_client.domain.money import described
from backend_client.domain.plan import Part, PlannedLeg
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.texts import REFERENCE_LIMIT, clean_text, free_text

RECORDS = frozenset({Method.EXTERNAL, Method.GIFT_CARD, Method.TRANSFER})
"""Methods whose legs are records of one payment each, with a reference; they are never merged."""
NEEDS_REFERENCE = frozenset({Method.EXTERNAL, Method.GIFT_CARD})
"""Records of money already paid; a transfer gets its reference when it is made."""


def cleaned_parts(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts as they will be kept: references inert and free of card numbers."""
    return tuple(
        replace(
            cleaned_details(part),
            reference=free_text(part.reference, "reference", REFERENCE_LIMIT),
        )
        for part in parts
    )


def missing(
    reason: str, legs: Sequence[PlannedLeg], external_fields: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """What a person still has to type before this can be committed. The number of a gift card is
    no part of a plan, so it is missing from every plan that needs one."""
    names = [] if reason else ["reason"]
    if any(leg.method in NEEDS_REFERENCE and not leg.reference for leg in legs):
        names.append("reference")
    names += details_missing(legs, external_fields)
    if any(leg.method is Method.UNMATCHED for leg in legs):
        names.append("number")
    return tuple(names)


def lacking(name: str, legs: Iterable[PlannedLeg]) -> Refused:
    """The refusal of a commit that lacks what `missing` named."""
    if name == "reference":
        without = (leg for leg in legs if leg.method in NEEDS_REFERENCE and not leg.reference)
        return Refused("reference-required", method=next(without).method.value)
    if name in EXTERNAL_DETAILS:
        return Refused("external-detail-required", what=name.replace("_", " "))
    return Refused(f"{name}-required")


def owed_first(booking: Booking, amount_minor: int) -> int:
    """How much of the amount reduces unsettled debt before anything is paid out."""
    return min(amount_minor, sum([max(one.unsettled_minor, 0) for one in booking.payments]))


def resolve_waiting(
    booking: Booking, amount_minor: int, owed_minor: int, parts: Sequence[Part]
) -> tuple[Part, ...]:
    """The parts with the waiting account's share explicit and exactly what is owed."""
    check_parts(booking, parts)
    waiting = [part for part in parts if part.method is Method.WAITING]
    if not (waiting or owed_minor):
        return tuple(parts)
    currency = booking.currency
    others = sum(part.amount_minor or 0 for part in parts if part.method is not Method.WAITING)
    if not waiting:
        open_rest = any(part.amount_minor is None for part in parts)
        if not open_rest and amount_minor - owed_minor < others <= amount_minor:
            raise Refused("waiting-first", **described(currency, owed=owed_minor))
        return tuple(parts)
    named = sum(part.amount_minor or 0 for part in waiting)
    rest = amount_minor - others - named
    if any(part.amount_minor is None for part in waiting):
        if rest < 0:
            raise mismatch(currency, others + named, amount_minor)
        waiting = [part if part.amount_minor else _filled(part, rest) for part in waiting]
        named += rest
    left = sum(max(payment.unsettled_minor, 0) for payment in booking.payments)
    if named > left:
        raise Refused("waiting-cap-exceeded", **described(currency, left=left, amount=named))
    if named > owed_minor:
        raise mismatch(currency, others + named, amount_minor)
    if named < owed_minor:
        raise Refused("waiting-first", **described(currency, owed=owed_minor))
    kept = [part for part in waiting if part.amount_minor]
    return (*kept, *(part for part in parts if part.method is not Method.WAITING))


def check_parts(booking: Booking, parts: Iterable[Part]) -> None:
    """Amounts are positive, and at most one part takes the rest."""
    open_parts = 0
    for part in parts:
        if part.amount_minor is None:
            open_parts += 1
        elif part.amount_minor <= 0:
            raise Refused(
                "amount-invalid",
                text=str(part.amount_minor),
                currency=booking.currency,
                exponent=0,
            )
    if open_parts > 1:
        raise Refused("rest-twice")


def resolve_rest(
    booking: Booking, amount_minor: int, rest_minor: int, parts: Sequence[Part]
) -> tuple[Part, ...]:
    """The parts with the rest filled in, making exactly `rest_minor`; an empty rest falls away."""
    named = sum([part.amount_minor or 0 for part in parts])
    rest = rest_minor - named
    if rest < 0 or (rest > 0 and not any(part.amount_minor is None for part in parts)):
        raise mismatch(booking.currency, named + amount_minor - rest_minor, amount_minor)
    filled = [part if part.amount_minor else _filled(part, rest) for part in parts]
    return tuple([part for part in filled if part.amount_minor])


def mismatch(currency: str, placed_minor: int, amount_minor: int) -> Refused:
    return Refused(
        "amount-mismatch", **described(currency, placed=placed_minor, amount=amount_minor)
    )


def check_method(policy: Policy, method: Method) -> None:
    if method not in policy.methods:
        raise Refused("method-not-allowed", method=method.value)


def check_one_gift_card(legs: Iterable[PlannedLeg]) -> None:
    """There is one number to a commit, so there is one leg it can be for."""
    if sum([leg.method is Method.UNMATCHED for leg in legs]) > 1:
        raise Refused("unmatched-once")


def named_payment(booking: Booking, key: str) -> Payment:
    for payment in booking.payments:
        if payment.key == key:
            return payment
    refuse_card_number(key, "payment")
    raise Refused("unknown-payment", payment=clean_text(key, REFERENCE_LIMIT))


def over_cap(booking: Booking, payment: str, left_minor: int, amount_minor: int) -> Refused:
    return Refused(
        "payment-cap-exceeded",
        payment=payment,
        **described(booking.currency, left=left_minor, amount=amount_minor),
    )


def _filled(part: Part, amount_minor: int) -> Part:
    return replace(part, amount_minor=amount_minor)

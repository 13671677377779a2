"""How much goes back: line values, what is withheld, and prices whose meaning is not stated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend_client.domain.booking import Line
from backend_client.domain.kinds import LineKind
from backend_client.domain.money import described
from backend_client.domain.policy import Reason
from backend_client.domain.problems import Refused

WHOLE = 10_000
"""100 percent in hundredths of a percent."""


class RetentionKind(StrEnum):
    FIXED = "fixed"
    PER_TICKET = "per_ticket"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Retention:
    """A rule for what is withheld: minor units, or hundredths of a percent for `PERCENT`."""

    kind: RetentionKind
    amount: int

    def __post_init__(self) -> None:
        most = WHOLE if self.kind is RetentionKind.PERCENT else None
        if self.amount < 0 or (most is not None and self.amount > most):
            raise ValueError(f"{self.kind} cannot withhold {self.amount}")


@dataclass(frozen=True, slots=True)
class Amounts:
    """A refund in figures; `amount_minor` is what reaches the customer."""

    value_minor: int
    retained_minor: int
    breach_fee_minor: int

    @property
    def amount_minor(self) -> int:
        return self.value_minor - self.retained_minor - self.breach_fee_minor


def line_value(line: Line) -> int:
    """What goes back for a line; refuses when the source left it open."""
    if line.value_minor is None:
        raise Refused("price-ambiguous", sequences=[line.sequence])
    return line.value_minor


def total_value(lines: Iterable[Line]) -> int:
    return sum(line_value(line) for line in lines)


def withheld(retention: Retention, lines: Sequence[Line]) -> int:
    """What a rule withholds from these lines, never more than they are worth.

    Per ticket and percent are taken line by line: a free ticket in a deal loses nothing, and
    percents are rounded half up for each line, so that a receipt adds up.
    """
    if retention.kind is RetentionKind.FIXED:
        return min(retention.amount, total_value(lines))
    if retention.kind is RetentionKind.PER_TICKET:
        return sum(
            min(retention.amount * line.quantity, line_value(line))
            for line in lines
            if line.kind is LineKind.TICKET
        )
    return sum(percent_half_up(line_value(line), retention.amount) for line in lines)


def percent_half_up(value_minor: int, hundredths: int) -> int:
    """A share of a value in whole minor units, halves rounded up."""
    return (value_minor * hundredths * 2 + WHOLE) // (WHOLE * 2)


def amounts_of(
    lines: Sequence[Line],
    retained_minor: int,
    reason: Reason | None,
    currency: str,
    house_currency: str,
) -> Amounts:
    """The figures of a refund; a breach fee never makes them negative, a retained amount may not.

    The fee of a reason is the house's rule and takes at most what is there, in the house's
    currency alone; a retained amount was typed by a person, so too much of it is refused, not cut.
    """
    value = total_value(lines)
    if retained_minor < 0:
        raise Refused("amount-invalid", text=str(retained_minor), currency=currency, exponent=0)
    if retained_minor > value:
        raise Refused(
            "retained-too-much", **described(currency, retained=retained_minor, value=value)
        )
    breach_fee = min(reason.breach_fee_minor, value - retained_minor) if reason else 0
    if reason and breach_fee and currency != house_currency:
        fee = described(house_currency, fee=reason.breach_fee_minor)
        raise Refused("fee-currency", **{**fee, "currency": currency, "reason": reason.label})
    amounts = Amounts(value, retained_minor, breach_fee)
    assert 0 <= amounts.amount_minor <= value
    return amounts


def reconcile_values(
    items: Sequence[tuple[int, int]], other_minor: int, total_minor: int
) -> tuple[int | None, ...]:
    """The value of each (price, quantity), read as a price per piece or for the whole line.

    The source does not say which, so both are tried against the booking's total; a line is None
    when neither or both fit. Lines that are worth the same either way are never in doubt.
    """
    per_line = [price for price, _ in items]
    per_piece = [price * quantity for price, quantity in items]
    fits_line = sum(per_line) + other_minor == total_minor
    fits_piece = sum(per_piece) + other_minor == total_minor
    if fits_line != fits_piece:
        return tuple(per_line if fits_line else per_piece)
    return tuple(
        line if line == piece else None for line, piece in zip(per_line, per_piece, strict=True)
    )

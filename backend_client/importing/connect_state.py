"""What a Connect booking leaves open: which lines are still sold, and what went back before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from backend_client.domain.incoming import IncomingLine, IncomingPayment
from backend_client.domain.kinds import LineState
from backend_client.importing.card_texts import card_expiry, masked_number
from backend_client.importing.connect_wire import WireBooking, WirePayment

_MOST_UNSAID = 12
"""Beyond this many unsaid lines the possible answers are not tried out."""


def with_states(
    lines: Sequence[IncomingLine], refunded: Sequence[bool | None], booking: WireBooking
) -> tuple[IncomingLine, ...]:
    """The lines with their states. Where the answer says nothing (concessions), a line counts as
    sold unless the booking's current value shows otherwise; if that fits in several ways, the
    line's value is unknown, which blocks it."""
    if booking.cancelled_status:
        return tuple(replace(line, state=LineState.CANCELLED) for line in lines)
    unsaid = [index for index, state in enumerate(refunded) if state is None]
    gone = {index for index, state in enumerate(refunded) if state}
    in_doubt: set[int] = set()
    if booking.current_value_in_cents is not None and unsaid:
        found = _gone_of_unsaid(lines, refunded, unsaid, booking.current_value_in_cents)
        if found is None:
            in_doubt = {index for index in unsaid if lines[index].price_minor}
        else:
            gone |= found
    return tuple(
        replace(
            line,
            state=LineState.CANCELLED if index in gone else LineState.SOLD,
            value_minor=None if index in in_doubt else line.value_minor,
        )
        for index, line in enumerate(lines)
    )


def _gone_of_unsaid(
    lines: Sequence[IncomingLine], refunded: Sequence[bool | None], unsaid: list[int], current: int
) -> set[int] | None:
    """Which of the unsaid lines must be gone for the current value to be right; None if unclear."""
    values = [line.value_minor for line in lines]
    if any(values[index] is None for index, state in enumerate(refunded) if not state):
        return None
    known = sum(values[index] or 0 for index, state in enumerate(refunded) if state is False)
    left = current - known
    if current == 0:
        return set(unsaid)
    priced = [index for index in unsaid if values[index]]
    total = sum(values[index] or 0 for index in priced)
    if left == total:
        return set()
    if left == 0:
        return set(priced)
    if len(priced) > _MOST_UNSAID:
        return None
    answers = [
        set(chosen)
        for count in range(1, len(priced))
        for chosen in combinations(priced, count)
        if sum(values[index] or 0 for index in chosen) == total - left
    ]
    if len(answers) > 1:
        answers = [answer for answer in answers if _keeps_groups(lines, refunded, answer)]
    return answers[0] if len(answers) == 1 else None


def _keeps_groups(
    lines: Sequence[IncomingLine], refunded: Sequence[bool | None], gone: set[int]
) -> bool:
    """Do packages and deals stay or go whole in this answer?"""
    states: dict[str, set[bool]] = {}
    for index, line in enumerate(lines):
        said = refunded[index]
        state = index in gone if said is None else said
        for group in line.groups:
            states.setdefault(group, set()).add(state)
    return all(len(seen) == 1 for seen in states.values())


def with_prior_refunds(
    payments: Sequence[IncomingPayment],
    refunds: Sequence[WirePayment],
) -> tuple[tuple[IncomingPayment, ...], int]:
    """Payments with what went back to each of them, and the sum of all earlier refunds.

    A refund belongs to the payment it names, or to the only one with the same card; what belongs
    to none, or exceeds its payment, counts on the booking alone.
    """
    back = dict.fromkeys((one.key for one in payments), 0)
    total = 0
    for refund in refunds:
        amount = max(abs(refund.billing_value_cents or 0), abs(refund.order_payment_amount or 0))
        total += amount
        key = _payment_of(refund, payments)
        if key is not None:
            back[key] += amount
    return (
        tuple(
            replace(one, prior_refunded_minor=min(back[one.key], one.settled_minor))
            for one in payments
        ),
        total,
    )


def _payment_of(refund: WirePayment, payments: Sequence[IncomingPayment]) -> str | None:
    if any(one.key == refund.payment_id for one in payments):
        return refund.payment_id
    last_four = masked_number(refund.masked_card_number)[-4:]
    if not last_four.isdecimal():
        return None
    same = [
        one.key
        for one in payments
        if one.masked_number[-4:] == last_four
        and one.card_type == refund.card_type
        and one.card_expiry == expiry_of(refund)
    ]
    return same[0] if len(same) == 1 else None


def expiry_of(payment: WirePayment) -> str:
    """The expiry from its one field, or from month and year apart."""
    apart = f"{payment.card_expiry_month.zfill(2)}/{payment.card_expiry_year}"
    return card_expiry(payment.card_expiry) or card_expiry(apart)

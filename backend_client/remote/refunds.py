"""Refund calls as the refunds, history and open payments that every backend shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from backend_client.answers import OpenLeg, OpenPage, StateTotal, TimelineEvent
from backend_client.domain.booking import Booking
from backend_client.domain.connect_intent import (
    APPROVED,
    VOIDED,
    Intent,
    IntentNote,
    IntentState,
    leg_number,
    refund_of,
)
from backend_client.domain.refund import OPEN, LegState, RefundStatus

SOLD, REFUNDED, ATTEMPT, RESOLVED = "sold", "refunded", "attempt", "resolved"
"""Words of the timeline, as the store's own history has them."""


def is_shown(intent: Intent) -> bool:
    """A call refused at once left nothing; what a person decided about stays to be seen."""
    return intent.state is not IntentState.NOT_DONE or intent.was_decided


def refund_status_of(intents: Sequence[Intent]) -> RefundStatus | None:
    """What became of what was last given back of a booking; None where nothing was."""
    shown = [intent for intent in intents if is_shown(intent)]
    return refund_of(shown[-1], 0).status if shown else None


def timeline(booking: Booking, intents: Iterable[Intent]) -> tuple[TimelineEvent, ...]:
    """The sale, every call and what was found out about it, oldest first."""
    events = [event for intent in intents for event in _events(intent)]
    if booking.sold_at is not None:
        paid = sum(payment.amount_minor for payment in booking.payments)
        events.insert(0, TimelineEvent(booking.sold_at, SOLD, amount_minor=paid))
    return tuple(sorted(events, key=lambda event: event.at))


def _events(intent: Intent) -> Iterator[TimelineEvent]:
    wish = intent.wish
    yield TimelineEvent(
        intent.created_at,
        REFUNDED,
        intent.operator,
        intent.desk,
        wish.amount_minor,
        {
            "refund": intent.number,
            "lines": ", ".join(str(line.sequence) for line in wish.lines),
            "reason": wish.reason,
            "origin": "window",
        },
    )
    for note in intent.notes:
        if note.what in (APPROVED, VOIDED):
            yield _decision(intent, note)
            continue
        details = {
            "refund": intent.number,
            "leg": f"{intent.number}.{note.leg}" if note.leg else intent.number,
            "outcome": note.what,
            "code": note.code,
            "text": note.text,
            "label": "",
        }
        yield TimelineEvent(note.at, ATTEMPT, note.operator, note.desk, details=details)


def _decision(intent: Intent, note: IntentNote) -> TimelineEvent:
    details = {"refund": intent.number, "made_by": intent.operator, "reason": note.text}
    amount = intent.wish.amount_minor
    return TimelineEvent(note.at, note.what, note.operator, note.desk, amount, details)


def open_page(
    intents: Iterable[Intent], states: frozenset[LegState], after: int | None, limit: int
) -> OpenPage:
    """The payments that are not final, oldest first, and what there is in each state."""
    every = [
        OpenLeg(
            leg_id=leg.id,
            leg_number=leg_number(intent, one),
            refund_number=intent.number,
            booking_reference=intent.wish.key.booking_id,
            customer=intent.wish.customer,
            method=leg.method,
            state=leg.state,
            amount_minor=leg.amount_minor,
            currency=intent.wish.currency,
            requested_at=intent.created_at,
            label=leg.label,
        )
        for intent in intents
        for one, leg in zip(intent.wish.legs, refund_of(intent, 0).legs, strict=True)
        if leg.state in OPEN
    ]
    wanted = [
        leg
        for leg in sorted(every, key=lambda leg: leg.leg_id)
        if (not states or leg.state in states) and (after is None or leg.leg_id > after)
    ]
    page = tuple(wanted[:limit])
    more = page[-1].leg_id if len(wanted) > limit else None
    return OpenPage(page, tuple(_totals(every)), more)


def _totals(legs: Sequence[OpenLeg]) -> Iterator[StateTotal]:
    keys = dict.fromkeys((leg.state, leg.currency) for leg in legs)
    for state, currency in keys:
        mine = [leg for leg in legs if (leg.state, leg.currency) == (state, currency)]
        yield StateTotal(state, currency, len(mine), sum(leg.amount_minor for leg in mine))

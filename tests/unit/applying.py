"""What a booking looks like once a plan was carried out, worked out apart from the store."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from backend_client.domain.booking import Booking
from backend_client.domain.kinds import LineState
from backend_client.domain.plan import RefundPlan
from backend_client.domain.refund import HOLDS_PAYMENT, Method


def applied(of: Booking, plan: RefundPlan) -> Booking:
    """The booking after the commit of `plan`: lines cancelled, counters moved, version counted."""
    gone = {line.sequence for line in plan.lines}
    taken = Counter[int | None]()
    waiting = Counter[int | None]()
    promised = Counter(dict(of.promised_by_payer))
    for leg in plan.legs:
        if leg.method is Method.WAITING:
            waiting[leg.payment_id] += leg.amount_minor
            continue
        promised[leg.payer_id] += leg.amount_minor
        if leg.method is Method.MATCHED and leg.state in HOLDS_PAYMENT:
            taken[leg.payment_id] += leg.amount_minor
    return replace(
        of,
        lines=tuple(
            replace(line, state=LineState.CANCELLED) if line.sequence in gone else line
            for line in of.lines
        ),
        payments=tuple(
            replace(
                one,
                taken_minor=one.taken_minor + taken[one.id],
                waiting_taken_minor=one.waiting_taken_minor + waiting[one.id],
            )
            for one in of.payments
        ),
        promised_minor=sum(promised.values()),
        promised_by_payer=tuple(promised.items()),
        version=of.version + 1,
    )

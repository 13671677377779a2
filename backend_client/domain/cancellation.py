"""What cancelling a performance does to one booking: which lines go, what is owed for them, or why
nothing is done. Pure, asked once when a run is simulated and once more when it is carried out.

The house's policy on collected tickets, cut-off and breach fees is about customers who change
their mind; here the house cancelled, so they do not count. The parameters are the acknowledgement
for fees that stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backend_client.domain.allocation import place
from backend_client.domain.amounts import RetentionKind, line_value, withheld
from backend_client.domain.booking import Booking, Line
from backend_client.domain.kinds import FeeKind, LineKind
from backend_client.domain.plan import KeptFee, Part, PlannedLeg
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.run_totals import TotalName, Totals
from backend_client.domain.runs import ItemPlan
from backend_client.domain.selection import closure, gone_members, kept_fees, staying

_REQUESTED = (Part(Method.REQUESTED),)
_CHARGED = frozenset({FeeKind.BOOKING_FEE, FeeKind.CHARGE, None})
"""Fees that go with their ticket when charges do; a fee of no kind is a booking fee."""
_SOLD = {
    LineKind.TICKET: TotalName.TICKETS,
    LineKind.CONCESSION: TotalName.CONCESSIONS,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about one booking; `lines` are those cancelled, `legs` what is then owed.

    `states` says of a booking with nothing sold what its lines are instead; `amount_minor` of one
    that needs a person is what its lines there are worth, as far as that is known.
    """

    plan: ItemPlan
    amount_minor: int = 0
    reason: str = ""
    lines: tuple[Line, ...] = ()
    legs: tuple[PlannedLeg, ...] = ()
    kept: tuple[KeptFee, ...] = ()
    value_minor: int = 0
    retained_minor: int = 0
    states: tuple[str, ...] = ()


def decide_cancellation(
    booking: Booking, parameters: CancellationParameters, policy: Policy
) -> Decision:
    """The one decision about a booking with lines in these performances; amounts of the parameters
    are in the policy's currency."""
    there = [line for line in booking.lines if is_meant(line, parameters)]
    sold = [line for line in there if line.is_sold]
    if not sold:
        states = tuple(sorted({line.state.value for line in there}))
        return Decision(ItemPlan.SKIP, reason="nothing-sold", states=states)
    if not booking.is_paid:
        return Decision(ItemPlan.SKIP, reason="not-paid")
    if booking.channel in policy.closed_channels:
        return Decision(ItemPlan.SKIP, reason="channel-not-refundable")
    chosen = _chosen(booking, sold, parameters)
    reason = _needs_person(booking, chosen, parameters)
    if not reason and booking.currency != policy.currency and _keeps_amount(parameters):
        reason = "retained-currency"
    if reason:
        return _for_a_person(reason, sold)
    lines = tuple([line for line in booking.lines if line.sequence in chosen])
    value = sum([line_value(line) for line in lines])
    retained = withheld(parameters.retained, lines) if parameters.retained else 0
    amount = value - retained
    try:
        legs = place(booking, amount, _REQUESTED, policy, {})
    except Refused as refusal:
        return _for_a_person(refusal.code, sold)
    assert 0 <= amount <= value
    assert sum([leg.amount_minor for leg in legs]) == amount
    return Decision(
        ItemPlan.CANCEL,
        amount,
        lines=lines,
        legs=legs,
        kept=tuple(_kept(booking, chosen)),
        value_minor=value,
        retained_minor=retained,
    )


def is_meant(line: Line, parameters: CancellationParameters) -> bool:
    """Is it a ticket or concession of these performances that no filter leaves out?"""
    wanted = parameters
    return (
        line.kind in _SOLD
        and line.performance is not None
        and line.performance.id in wanted.performances
        and (not wanted.contingents or line.contingent in wanted.contingents)
        and (not wanted.categories or line.category in wanted.categories)
        and (not wanted.tariffs or line.tariff in wanted.tariffs)
    )


def _chosen(
    booking: Booking, sold: Iterable[Line], parameters: CancellationParameters
) -> frozenset[int]:
    """The lines, what goes back together with them, their charges, and shipment if nothing else
    stays."""
    meant = frozenset([line.sequence for line in sold])
    together = closure(booking, meant) if _has_groups(booking) else meant
    chosen = together
    if parameters.charges:
        chosen = together.union(
            [
                line.sequence
                for line in booking.lines
                if line.is_fee
                and line.fee_kind in _CHARGED
                and line.parent_sequence in together
                and line.is_sold
            ]
        )
    if not parameters.shipment or not all(line.is_fee for line in staying(booking, chosen)):
        return chosen
    return chosen | frozenset(
        line.sequence
        for line in booking.lines
        if line.is_sold and line.fee_kind is FeeKind.SHIPMENT
    )


def _has_groups(booking: Booking) -> bool:
    return any(line.groups for line in booking.lines)


def _needs_person(
    booking: Booking, chosen: frozenset[int], parameters: CancellationParameters
) -> str:
    """Why this is not for a program to decide; a code of the catalogue, or empty."""
    lines = [line for line in booking.lines if line.sequence in chosen]
    if _has_groups(booking):
        if any(_is_outside(line, parameters) for line in lines):
            return "group-outside"
        if closure(booking, chosen) != chosen:
            return "group-outside"
        if gone_members(booking, chosen):
            return "group-broken"
    return "price-ambiguous" if None in [line.value_minor for line in lines] else ""


def _keeps_amount(parameters: CancellationParameters) -> bool:
    """Is an amount kept back? A percentage means the same in every currency."""
    kept = parameters.retained
    return kept is not None and kept.amount > 0 and kept.kind is not RetentionKind.PERCENT


def _is_outside(line: Line, parameters: CancellationParameters) -> bool:
    """Did a group bring along what the parameters do not cover?

    What belongs to no performance goes with its group: a drink sold with the seat. Fees go only as
    the parameters say, also when they are part of a group.
    """
    if not line.is_fee:
        return line.performance is not None and not is_meant(line, parameters)
    if line.fee_kind is FeeKind.SHIPMENT:
        return not parameters.shipment
    return not parameters.charges or line.fee_kind not in _CHARGED


def _for_a_person(reason: str, sold: Iterable[Line]) -> Decision:
    worth = sum(line.value_minor or 0 for line in sold)
    return Decision(ItemPlan.PERSON, worth, reason)


def _kept(booking: Booking, chosen: frozenset[int]) -> Iterator[KeptFee]:
    if not any(line.is_fee and line.sequence not in chosen for line in booking.lines):
        return
    for line in kept_fees(booking, chosen):
        worth = line.price_minor if line.value_minor is None else line.value_minor
        yield KeptFee(line.fee_kind or FeeKind.BOOKING_FEE, line.sequence, worth)


def add_totals(totals: Totals, decision: Decision, currency: str) -> None:
    """What a decision adds to the totals of its run."""
    amount = decision.amount_minor
    if decision.plan is not ItemPlan.CANCEL:
        name = TotalName.SKIP if decision.plan is ItemPlan.SKIP else TotalName.PERSON
        totals.add(name, amount, currency, detail=decision.reason)
        return
    totals.add(TotalName.CANCEL, amount, currency)
    if not amount:
        totals.add(TotalName.FREE, 0, currency)
    for line in decision.lines:
        value = line_value(line)
        if line.kind is LineKind.FEE:
            kind = line.fee_kind or FeeKind.BOOKING_FEE
            totals.add(TotalName.FEES, value, currency, detail=kind)
        else:
            totals.add(_SOLD[line.kind], value, currency, count=line.quantity)
    for fee in decision.kept:
        totals.add(TotalName.KEPT_FEES, fee.amount_minor, currency, detail=fee.fee_kind)
    if decision.retained_minor:
        totals.add(TotalName.RETAINED, decision.retained_minor, currency)
    for leg in decision.legs:
        waiting = leg.method is Method.WAITING
        name = TotalName.WAITING_ACCOUNT if waiting else TotalName.REQUESTED
        totals.add(name, leg.amount_minor, currency)

"""What a cancellation leaves to a person, and what goes with its group."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend_client.domain.kinds import FeeKind, LineState
from backend_client.domain.runs import ItemPlan
from tests.unit.builders import (
    HAMLET,
    LEAR,
    booking,
    concession,
    fee,
    payment,
    ticket,
)
from tests.unit.domain.cancelling import OUT_OF_HAMLET, decide, gone


def test_a_group_that_reaches_outside_needs_a_person() -> None:
    """A deal of Hamlet 10.00 and Lear 10.00 goes whole or not at all: listed, not guessed."""
    of = booking(
        (ticket(1, 1000, groups=("deal",)), ticket(2, 1000, groups=("deal",), performance=LEAR))
    )
    decision = decide(of)
    assert (decision.plan, decision.reason) == (ItemPlan.PERSON, "group-outside")
    assert (decision.amount_minor, decision.lines, decision.legs) == (1000, (), ())
    both = replace(OUT_OF_HAMLET, performances=(HAMLET.id, LEAR.id))
    assert decide(of, both).amount_minor == 2000


def test_a_group_half_of_which_a_filter_leaves_out_needs_a_person() -> None:
    of = booking(
        (
            replace(ticket(1, 1000, groups=("deal",)), tariff="Full"),
            replace(ticket(2, 500, groups=("deal",)), tariff="Child"),
        )
    )
    decision = decide(of, replace(OUT_OF_HAMLET, tariffs=("Full",)))
    assert (decision.plan, decision.reason) == (ItemPlan.PERSON, "group-outside")


def test_what_belongs_to_no_performance_goes_with_its_group() -> None:
    """Seat 10.00 and pop corn 4.00 as one deal: 14.00 goes."""
    of = booking((ticket(1, 1000, groups=("deal",)), concession(2, 400, groups=("deal",))))
    assert (gone(decide(of)), decide(of).amount_minor) == ([1, 2], 1400)


@pytest.mark.parametrize(
    ("kind", "switches"),
    [
        (FeeKind.CHARGE, {"charges": False}),
        (FeeKind.SHIPMENT, {"shipment": False}),
        (FeeKind.INSURANCE, {"charges": True, "shipment": True}),
    ],
)
def test_a_fee_a_group_brings_along_goes_only_as_the_parameters_say(
    kind: FeeKind, switches: dict[str, bool]
) -> None:
    of = booking((ticket(1, 1000, groups=("deal",)), fee(2, 100, kind=kind, groups=("deal",))))
    parameters = replace(
        OUT_OF_HAMLET,
        charges=switches.get("charges", True),
        shipment=switches.get("shipment", False),
    )
    assert decide(of, parameters).reason == "group-outside"


def test_a_charge_whose_own_group_reaches_further_needs_a_person() -> None:
    of = booking(
        (
            ticket(1, 1000),
            fee(2, 100, parent=1, kind=FeeKind.CHARGE, groups=("fees",)),
            fee(3, 100, kind=FeeKind.OVERHEAD, groups=("fees",)),
        )
    )
    assert decide(of).reason == "group-outside"


def test_a_broken_group_needs_a_person() -> None:
    of = booking(
        (
            ticket(1, 1000, groups=("deal",)),
            ticket(2, 1000, groups=("deal",), state=LineState.CANCELLED),
        )
    )
    assert (decide(of).plan, decide(of).reason) == (ItemPlan.PERSON, "group-broken")


def test_a_line_of_unknown_value_needs_a_person() -> None:
    of = booking(
        (replace(ticket(1, 1000, quantity=2), value_minor=None), ticket(2, 700)), [payment(1, 2700)]
    )
    decision = decide(of)
    assert (decision.plan, decision.reason) == (ItemPlan.PERSON, "price-ambiguous")
    assert decision.amount_minor == 700, "as far as it is known"


def test_more_than_was_paid_needs_a_person() -> None:
    """Never more than was paid: 10.00 sold, 8.00 went back before; 10.00 would be too much."""
    of = booking((ticket(1, 1000),), [payment(1, 1000, prior=800)])
    decision = decide(of)
    assert (decision.plan, decision.reason) == (ItemPlan.PERSON, "booking-cap-exceeded")

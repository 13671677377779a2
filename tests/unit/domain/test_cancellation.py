"""Step 1 by worked examples: what cancelling a performance does to one booking, in figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from backend_client.domain.amounts import Retention, RetentionKind
from backend_client.domain.booking import Booking, Line
from backend_client.domain.kinds import FeeKind, LineState, PaymentMethod
from backend_client.domain.policy import Policy, Reason
from backend_client.domain.refund import LegState, Method
from backend_client.domain.runs import ItemPlan
from tests.unit.builders import (
    BETTE,
    HAMLET,
    LEAR,
    LUC,
    NOW,
    booking,
    concession,
    fee,
    payment,
    ticket,
)
from tests.unit.domain.cancelling import OUT_OF_HAMLET, decide, gone, legs, totals

# ------------------------------------------------------------ what goes


def test_only_lines_of_the_performance_go() -> None:
    """Trap 1. Hamlet 10.00 + 12.00 and Lear 20.00 in one booking: 22.00 goes, Lear stays sold."""
    of = booking((ticket(1, 1000), ticket(2, 1200), ticket(3, 2000, performance=LEAR)))
    decision = decide(of)
    assert (decision.plan, gone(decision), decision.amount_minor) == (ItemPlan.CANCEL, [1, 2], 2200)
    assert legs(decision) == [(Method.REQUESTED, 2200, BETTE.id)]


def test_several_performances_go_together() -> None:
    of = booking((ticket(1, 1000), ticket(2, 2000, performance=LEAR)))
    both = replace(OUT_OF_HAMLET, performances=(HAMLET.id, LEAR.id))
    assert (gone(decide(of, both)), decide(of, both).amount_minor) == ([1, 2], 3000)


def test_filters_narrow_together_and_empty_means_all() -> None:
    """Trap 2. Stalls at full price: the one line that is both, 10.00 of 45.00; without filters
    all of it."""
    lines = (
        replace(ticket(1, 1000), contingent="Public", category="Stalls", tariff="Full"),
        replace(ticket(2, 500), contingent="Public", category="Stalls", tariff="Student"),
        replace(ticket(3, 1500), contingent="Public", category="Circle", tariff="Full"),
        replace(ticket(4, 1500), contingent="Press", category="Stalls", tariff="Full"),
    )
    of = booking(lines)
    both = replace(
        OUT_OF_HAMLET, categories=("Stalls",), tariffs=("Full",), contingents=("Public",)
    )
    assert (gone(decide(of, both)), decide(of, both).amount_minor) == ([1], 1000)
    assert decide(of).amount_minor == 4500


def test_a_concession_of_the_performance_goes_and_one_of_none_stays() -> None:
    of = booking(
        (ticket(1, 1000), replace(concession(2, 350), performance=HAMLET), concession(3, 400))
    )
    assert (gone(decide(of)), decide(of).amount_minor) == ([1, 2], 1350)


def test_free_tickets_are_cancelled_for_nothing() -> None:
    """Trap 8. Two comps: cancelled, 0.00, no payment at all."""
    decision = decide(booking((ticket(1, 0), ticket(2, 0))))
    assert (decision.plan, gone(decision)) == (ItemPlan.CANCEL, [1, 2])
    assert (decision.amount_minor, decision.legs) == (0, ())
    assert totals(decision)["free", ""] == (1, 0)


def test_a_season_ticket_worth_nothing_for_this_match_is_no_error() -> None:
    """Trap 7. A season ticket of 300.00 whose matches are worth 0: the match goes, 0.00 is owed."""
    lines = (
        ticket(1, 0, product="Season"),
        ticket(2, 30000, product="Season", performance=LEAR),
    )
    decision = decide(booking(lines))
    assert (decision.plan, gone(decision), decision.amount_minor) == (ItemPlan.CANCEL, [1], 0)


def test_a_part_of_a_package_goes_by_its_own_value() -> None:
    """Trap 9. A package of 90.00 for three, this one worth 40.00: 40.00 goes, not 30.00."""
    lines = (
        ticket(1, 3000, value=4000, product="Package"),
        ticket(2, 3000, value=2500, product="Package", performance=LEAR),
        ticket(3, 3000, value=2500, product="Package", performance=LEAR),
    )
    assert (gone(decide(booking(lines))), decide(booking(lines)).amount_minor) == ([1], 4000)


# ------------------------------------------------------------ what is left alone


@pytest.mark.parametrize("state", [LineState.CANCELLED, LineState.EXCHANGED, LineState.RESOLD])
def test_what_is_not_sold_any_more_is_skipped_with_its_reason(state: LineState) -> None:
    """Traps 10, 11 and 14. Cancelled, sold on or exchanged: nothing is done and nothing owed; who
    resold it has a claim of their own, and an exchange is no refund."""
    decision = decide(booking((ticket(1, 1000, state=state),)))
    assert (decision.plan, decision.reason) == (ItemPlan.SKIP, "nothing-sold")
    assert (decision.states, decision.legs, decision.amount_minor) == ((state.value,), (), 0)


def test_what_left_earlier_is_not_given_back_twice() -> None:
    """Trap 10. One of two tickets of 10.00 went at the window: 10.00 is left to give."""
    of = booking(
        (ticket(1, 1000, state=LineState.CANCELLED), ticket(2, 1000)),
        [payment(1, 2000, taken=1000)],
        promised={BETTE.id: 1000},
    )
    assert (gone(decide(of)), decide(of).amount_minor) == ([2], 1000)


def test_the_holder_of_today_is_refunded() -> None:
    """Trap 11. The new holder's booking has the sold line, 14.00 as they paid: 14.00 goes."""
    assert legs(decide(booking((ticket(1, 1400),), [payment(1, 1400, payer=LUC)]))) == [
        (Method.REQUESTED, 1400, LUC.id)
    ]


def test_a_reservation_is_no_sale() -> None:
    """Trap 15. One seat sold at 10.00, one reserved: 10.00; only reserved: skipped."""
    of = booking((ticket(1, 1000), ticket(2, 1000, state=LineState.RESERVED)), [payment(1, 1000)])
    assert (gone(decide(of)), decide(of).amount_minor) == ([1], 1000)
    reserved = decide(booking((ticket(1, 1000, state=LineState.RESERVED),), ()))
    assert (reserved.plan, reserved.states) == (ItemPlan.SKIP, ("reserved",))


def test_an_unpaid_booking_is_skipped() -> None:
    decision = decide(booking((ticket(1, 1000),), (), is_paid=False))
    assert (decision.plan, decision.reason) == (ItemPlan.SKIP, "not-paid")


def test_a_channel_that_refunds_nothing_is_skipped() -> None:
    closed = Policy(closed_channels=frozenset({"agency"}))
    decision = decide(booking((ticket(1, 1000),), channel="agency"), policy=closed)
    assert (decision.plan, decision.reason) == (ItemPlan.SKIP, "channel-not-refundable")


def test_collected_and_late_tickets_go_all_the_same() -> None:
    """The house cancelled: that a ticket was printed, or the show is over, is no obstacle."""
    started = replace(HAMLET, starts_at=NOW.replace(year=2020))
    of = booking((ticket(1, 1000, collected=True, performance=started),))
    assert decide(of, policy=Policy(cut_off_minutes=60)).amount_minor == 1000


# ------------------------------------------------------------ fees


def with_fees() -> Booking:
    """Two tickets of 10.00, each with a charge of 1.00, and 2.50 shipment, 3.00 overhead, 4.00
    insurance, 0.50 booking fee of no ticket."""
    return booking(
        (
            ticket(1, 1000),
            ticket(2, 1000),
            fee(3, 100, parent=1, kind=FeeKind.CHARGE),
            fee(4, 100, parent=2, kind=FeeKind.BOOKING_FEE),
            fee(5, 250, kind=FeeKind.SHIPMENT),
            fee(6, 300, kind=FeeKind.OVERHEAD),
            fee(7, 400, parent=1, kind=FeeKind.INSURANCE),
            fee(8, 50, kind=FeeKind.BOOKING_FEE),
        )
    )


@pytest.mark.parametrize(
    ("charges", "shipment", "amount", "lines"),
    [
        (True, False, 2200, [1, 2, 3, 4]),
        (False, False, 2000, [1, 2]),
        (True, True, 2450, [1, 2, 3, 4, 5]),
        (False, True, 2250, [1, 2, 5]),
    ],
)
def test_charges_and_shipment_follow_their_switches(
    charges: bool, shipment: bool, amount: int, lines: list[int]
) -> None:
    """Trap 12. Overheads and insurance go in none of the cases."""
    decision = decide(with_fees(), replace(OUT_OF_HAMLET, charges=charges, shipment=shipment))
    assert (decision.amount_minor, gone(decision)) == (amount, lines)


def test_kept_fees_are_totalled_by_kind() -> None:
    """With charges: shipment 2.50, overhead 3.00, insurance 4.00 and booking fee 0.50 stay."""
    found = totals(decide(with_fees()))
    assert {detail: row for (name, detail), row in found.items() if name == "kept_fees"} == {
        "shipment": (1, 250),
        "overhead": (1, 300),
        "insurance": (1, 400),
        "booking_fee": (1, 50),
    }
    assert (found["fees", "charge"], found["fees", "booking_fee"]) == ((1, 100), (1, 100))
    assert (found["cancel", ""], found["tickets", ""]) == ((1, 2200), (2, 2000))


def test_shipment_stays_while_something_shipped_stays() -> None:
    of = booking(
        (ticket(1, 1000), ticket(2, 1000, performance=LEAR), fee(3, 250, kind=FeeKind.SHIPMENT))
    )
    decision = decide(of, replace(OUT_OF_HAMLET, shipment=True))
    assert (gone(decision), decision.amount_minor, decision.kept) == ([1], 1000, ())


def test_a_fee_of_another_performance_stays() -> None:
    of = booking(
        (
            ticket(1, 1000),
            ticket(2, 1000, performance=LEAR),
            fee(3, 100, parent=2, kind=FeeKind.CHARGE),
        )
    )
    assert (gone(decide(of)), decide(of).kept) == ([1], ())


# ------------------------------------------------------------ what is withheld


@pytest.mark.parametrize(
    ("kind", "figure", "retained"),
    [
        (RetentionKind.FIXED, 500, 500),
        (RetentionKind.PER_TICKET, 150, 300),
        (RetentionKind.PERCENT, 1050, 105 + 130),
        (RetentionKind.FIXED, 99999, 2235),
        (RetentionKind.PERCENT, 10000, 2235),
    ],
)
def test_a_retained_amount(kind: RetentionKind, figure: int, retained: int) -> None:
    """Trap 13. 10.00 + 12.35 with 5.00 / 1.50 a ticket / 10.5 % (1.05 + 1.29675 → 1.30) withheld;
    more than there is leaves 0.00, never less."""
    of = booking((ticket(1, 1000), ticket(2, 1235)))
    decision = decide(of, replace(OUT_OF_HAMLET, retained=Retention(kind, figure)))
    assert (decision.retained_minor, decision.amount_minor) == (retained, 2235 - retained)
    assert sum(leg.amount_minor for leg in decision.legs) == 2235 - retained
    assert totals(decision)["retained", ""] == (1, retained)


@pytest.mark.parametrize("kind", RetentionKind)
def test_an_amount_is_kept_back_in_the_currency_it_was_typed_in(kind: RetentionKind) -> None:
    """5.00 francs are no 500 yen; a percentage means the same in both."""
    yen = booking([ticket(1, 1000)], [payment(1, 1000)], currency="JPY")
    decision = decide(yen, replace(OUT_OF_HAMLET, retained=Retention(kind, 500)))
    if kind is RetentionKind.PERCENT:
        assert (decision.plan, decision.retained_minor) == (ItemPlan.CANCEL, 50)
    else:
        assert (decision.plan, decision.reason) == (ItemPlan.PERSON, "retained-currency")
    assert decide(yen).plan is ItemPlan.CANCEL


def test_the_breach_fee_of_the_reason_is_not_taken() -> None:
    """Trap 13. The reason costs customers 5.00 at the window; the house's own cancellation does
    not."""
    policy = Policy(reasons=(Reason("performance-cancelled", "Cancelled", 500),))
    assert decide(booking((ticket(1, 1000),)), policy=policy).amount_minor == 1000


# ------------------------------------------------------------ debts and payers


def owing(amount: int, settled: int, lines: Sequence[Line]) -> Booking:
    account = payment(1, amount, PaymentMethod.WAITING_ACCOUNT, settled=settled)
    return booking(lines, [account])


def test_a_debt_gets_smaller_before_anything_is_owed() -> None:
    """Trap 6. 100.00 sold, 60.00 settled, a line of 50.00: 40.00 at once, 10.00 requested."""
    of = owing(10000, 6000, (ticket(1, 5000), ticket(2, 5000, performance=LEAR)))
    decision = decide(of)
    assert legs(decision) == [
        (Method.WAITING, 4000, BETTE.id),
        (Method.REQUESTED, 1000, BETTE.id),
    ]
    assert [leg.state for leg in decision.legs] == [LegState.RECORDED, LegState.REQUESTED]
    assert totals(decision)["waiting_account", ""] == (1, 4000)
    assert totals(decision)["requested", ""] == (1, 1000)


def test_an_unsettled_booking_requests_nothing() -> None:
    """Trap 6. Nothing settled: all 50.00 goes back to the waiting account, no dispatch sees it."""
    of = owing(10000, 0, (ticket(1, 5000), ticket(2, 5000, performance=LEAR)))
    assert legs(decide(of)) == [(Method.WAITING, 5000, BETTE.id)]


def test_each_payer_is_owed_in_proportion() -> None:
    """Bette paid 20.00, Luc 10.00; a line of 10.00: 6.67 and 3.33, by largest remainder."""
    of = booking(
        (ticket(1, 1000), ticket(2, 2000, performance=LEAR)),
        [payment(1, 2000), payment(2, 1000, payer=LUC)],
    )
    assert legs(decide(of)) == [
        (Method.REQUESTED, 667, BETTE.id),
        (Method.REQUESTED, 333, LUC.id),
    ]


def test_nobody_known_is_a_payer_too() -> None:
    of = booking((ticket(1, 1000),), [payment(1, 1000, payer=None)])
    assert legs(decide(of)) == [(Method.REQUESTED, 1000, None)]


# ------------------------------------------------------------ the house and its figures


def test_a_house_that_promises_nothing_cannot_cancel_in_a_run() -> None:
    policy = Policy(methods=frozenset({Method.CASH}))
    assert decide(booking((ticket(1, 1000),)), policy=policy).reason == "method-not-allowed"


def test_totals_of_what_is_not_done() -> None:
    skipped = decide(booking((ticket(1, 1000),), (), is_paid=False))
    assert totals(skipped) == {("skip", "not-paid"): (1, 0)}
    alone = decide(booking((ticket(1, 1000),), [payment(1, 1000, prior=800)]))
    assert totals(alone) == {("person", "booking-cap-exceeded"): (1, 1000)}

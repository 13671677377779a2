"""A cancelled performance and the system it came from: what is imported before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.incoming import (
    IncomingBooking,
    IncomingClaim,
    IncomingLine,
    IncomingPerformance,
)
from backend_client.domain.kinds import LineKind, LineState
from backend_client.domain.refund import LegState, Method, Origin
from backend_client.domain.run_parameters import CancellationParameters
from backend_client.domain.runs import ItemPlan, Run
from backend_client.local.doctor import examine
from tests.clocks import START
from tests.shop import PRICE, SUPERVISOR, Shop, opened_shop, sale, ticket
from tests.sound import wrong

HAMLET = IncomingPerformance("35626", "Hamlet")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened_shop(tmp_path) as made:
        yield made
        assert wrong(examine(made.store)) == {}


def seat(number: int, show: IncomingPerformance = HAMLET) -> IncomingBooking:
    line = replace(ticket(1), performance=HAMLET.key, seat=f"G {number}")
    return replace(sale(number, lines=(line,)), performances=(show,))


def cancel(shop: Shop) -> Run:
    parameters = CancellationParameters((1,), "performance-cancelled")
    simulated = shop.backend.simulate_cancellation(SUPERVISOR, parameters)
    return shop.backend.go_live(SUPERVISOR, simulated.id)


def test_an_import_never_opens_a_closed_performance(shop: Shop) -> None:
    """Renamed at the source and sold on there: it stays closed, and what was sold is shown."""
    shop.sell([seat(1)])
    cancel(shop)
    shop.sell([seat(2, replace(HAMLET, event="Hamlet, Prince"))])
    (row,) = shop.backend.performances(SUPERVISOR).performances
    assert (row.event, row.blocked, row.bookings, row.tickets) == ("Hamlet, Prince", True, 1, 1)


def test_what_was_cancelled_here_is_not_sold_again_by_the_same_file(shop: Shop) -> None:
    """Trap 10. The file of the night before comes in again: nothing is sold or given back twice."""
    shop.sell([seat(1)])
    cancel(shop)
    shop.sell([seat(1)])
    (refund,) = shop.backend.booking(SUPERVISOR, "B-1").refunds
    assert refund.amount_minor == PRICE
    parameters = CancellationParameters((1,), "performance-cancelled")
    assert shop.backend.simulate_cancellation(SUPERVISOR, parameters).taken == 0


def test_the_reseller_keeps_a_claim_and_the_holder_is_refunded(shop: Shop) -> None:
    """Trap 11. A seat of 14.50 was resold at 14.50: the reseller's 13.00 are requested already and
    stay as they are, the new holder is owed 14.50."""
    resold = IncomingLine(
        1,
        LineKind.TICKET,
        "Adult",
        PRICE,
        PRICE,
        state=LineState.RESOLD,
        performance=HAMLET.key,
        seat="G 1",
    )
    reseller = replace(
        sale(1, lines=(resold,)),
        performances=(HAMLET,),
        claims=(IncomingClaim(1, 1300, START, payer="C-1"),),
    )
    shop.sell([reseller, replace(seat(2), lines=(replace(seat(1).lines[0]),))])
    run = cancel(shop)
    plans = {
        item.booking_reference: item.plan for item in shop.backend.run_items(SUPERVISOR, 1).items
    }
    assert plans == {"B-1": ItemPlan.SKIP, "B-2": ItemPlan.CANCEL}
    (claim,) = shop.backend.booking(SUPERVISOR, "B-1").refunds
    assert (claim.origin, claim.amount_minor, claim.run_id) == (Origin.RESALE, 1300, None)
    (refund,) = shop.backend.booking(SUPERVISOR, "B-2").refunds
    assert (refund.origin, refund.run_id) == (Origin.CANCELLATION_RUN, run.id)
    assert [(leg.method, leg.state, leg.amount_minor) for leg in refund.legs] == [
        (Method.REQUESTED, LegState.REQUESTED, PRICE)
    ]

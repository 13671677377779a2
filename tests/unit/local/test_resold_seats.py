"""A45: a seat given back, sold again and given back again. What goes back once is the line of a
booking, never the seat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.incoming import IncomingBooking, IncomingPerformance
from backend_client.domain.plan import RefundRequest
from backend_client.domain.refund import LegState, RefundStatus
from tests.clocks import START
from tests.shop import PRICE, SUPERVISOR, Shop, card, opened_shop, provider_ledger, sale, ticket
from tests.unit.local.venue import findings
from tests.unit.refusing import refused

HAMLET = IncomingPerformance("H-1", "Hamlet", START.replace(year=START.year + 1))
SEAT = {"seat": "G 16", "performance": "H-1"}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened_shop(tmp_path) as made:
        yield made
        assert findings(made.store) == []


def seat_sold(number: int) -> IncomingBooking:
    lines = (replace(ticket(1), **SEAT), ticket(2))  # type: ignore[arg-type]
    return replace(sale(number, lines=lines), performances=(HAMLET,))


def test_a45_a_seat_sold_again_in_another_booking_goes_back_again(
    shop: Shop, tmp_path: Path
) -> None:
    for number in (1, 2, 3):
        shop.sell([seat_sold(number)])
        refund = shop.refund(number, 1).refund
        assert [leg.state for leg in refund.legs] == [LegState.SUCCEEDED]
    assert [row[2] for row in provider_ledger(tmp_path)] == [PRICE] * 3
    for number in (1, 2, 3):
        booking = shop.backend.booking(SUPERVISOR, f"B-{number}").booking
        with refused("already-refunded"):
            shop.backend.preview_refund(SUPERVISOR, RefundRequest(booking.id, (1,), "goodwill"))


def test_a45_a_seat_sold_again_in_the_same_booking_is_another_line(shop: Shop) -> None:
    first = seat_sold(1)
    shop.sell([first])
    assert shop.refund(1, 1).refund.status is RefundStatus.DONE
    again = replace(ticket(3), **SEAT)  # type: ignore[arg-type]
    paid = (*first.payments, card("pay-again", PRICE, key="P-2"))
    shop.sell([replace(first, lines=(*first.lines, again), payments=paid)])
    second = shop.refund(1, 3).refund
    assert second.status is RefundStatus.DONE
    assert [line.sequence for line in second.lines] == [3]

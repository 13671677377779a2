"""How far back a provider goes is asked when planning and again before sending (A28)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backend_client.domain.plan import MethodChange, Part, RefundRequest
from backend_client.domain.refund import LegState, Method
from tests.shop import PRICE, SUPERVISOR, sale
from tests.unit.local.troubled import Trouble, trouble
from tests.unit.refusing import refused

CARD = (Part(Method.MATCHED),)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Trouble]:
    with trouble(tmp_path, sales=0) as made:
        sold_at = made.clock.now() - timedelta(days=100)
        made.shop.sell([replace(sale(1, tickets=4), sold_at=sold_at)])
        yield made


def asked(office: Trouble, *sequences: int, parts: tuple[Part, ...] = ()) -> RefundRequest:
    booking = office.shop.backend.booking(SUPERVISOR, "B-1").booking
    return RefundRequest(booking.id, sequences, "goodwill", parts)


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [("max_age_days", 99, "payment-too-old"), ("max_refunds", 0, "payment-refunds-used")],
)
def test_a28_a_payment_out_of_reach_is_not_offered_and_says_why(
    office: Trouble, limit: str, value: int, code: str
) -> None:
    setattr(office.provider, limit, value)
    plan = office.shop.backend.preview_refund(SUPERVISOR, asked(office, 1))
    assert [one.method for one in plan.legs] == [Method.REQUESTED]
    place = next(one for one in plan.destinations if one.method is Method.MATCHED)
    assert (place.code, place.limit_minor) == (code, 0)
    with refused(code):
        office.shop.backend.preview_refund(SUPERVISOR, asked(office, 1, parts=CARD))


def test_a28_a_payment_within_reach_is_given_back(office: Trouble) -> None:
    office.provider.max_age_days, office.provider.max_refunds = 100, 1
    office.shop.refund(1, 1)
    assert office.leg().state is LegState.SUCCEEDED


def test_a28_every_refund_made_or_promised_counts(office: Trouble) -> None:
    office.provider.max_refunds = 2
    office.shop.refund(1, 1)
    office.shop.refund(1, 2)
    with refused("payment-refunds-used"):
        office.shop.backend.preview_refund(SUPERVISOR, asked(office, 3, parts=CARD))


def test_a28_what_was_promised_in_time_and_is_sent_too_late_is_declined_unsent(
    office: Trouble,
) -> None:
    office.provider.max_age_days = 101
    office.shop.settler.stop()
    office.shop.refund(1, 1)
    assert office.leg().state is LegState.PENDING
    office.clock.move(days=2)
    settler = office.restarted()
    settler.drive()
    leg = office.leg()
    assert leg.state is LegState.DECLINED
    assert [(one.outcome, one.code) for one in leg.attempts] == [
        ("card_impossible", "payment-too-old")
    ]
    assert office.provider.orders == []
    with refused("payment-too-old"):
        again = MethodChange(leg.number, CARD, "card impossible")
        office.shop.backend.preview_method_change(SUPERVISOR, again)
    change = MethodChange(leg.number, (Part(Method.CREDIT),), "card impossible")
    plan = office.shop.backend.preview_method_change(SUPERVISOR, change)
    office.shop.backend.execute_method_change(SUPERVISOR, plan)
    credit = office.shop.backend.credit(SUPERVISOR, "C-1")
    assert credit.balances == (("EUR", PRICE),)


def test_a28_the_count_is_asked_again_before_sending(office: Trouble) -> None:
    office.provider.max_refunds = 2
    office.shop.settler.stop()
    office.shop.refund(1, 1)
    office.shop.refund(1, 2)
    office.provider.max_refunds = 1
    office.restarted().drive()
    states = [office.leg("R-10001").state, office.leg("R-10002").state]
    assert states == [LegState.SUCCEEDED, LegState.DECLINED]
    assert len(office.provider.orders) == 1

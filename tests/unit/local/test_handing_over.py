"""What was due is recorded as handed over: one commit for all of it, booked, audited, once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.caller import Caller, Role
from backend_client.domain.handing_over import HandOver
from backend_client.domain.legs import Leg
from backend_client.domain.plan import Part
from backend_client.domain.policy import Policy
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.local.rows import fetch
from backend_client.mail_settings import MailSettings
from backend_client.settings import Settings
from tests.clocks import START
from tests.shop import PRICE, SUPERVISOR, Shop, opened_shop, sale
from tests.unit.local.venue import balances, counts_and_hashes, findings
from tests.unit.refusing import refused

LATER = (Part(Method.TRANSFER),)
CASHIER = replace(SUPERVISOR, operator="A. Roy", role=Role.CASHIER)
SETTINGS = Settings(
    policy=Policy(limit_minor=5 * PRICE),
    mail=MailSettings(START.date(), "office@palais.example", "localhost"),
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened_shop(tmp_path, settings=SETTINGS) as made:
        made.sell(sale(number, tickets=2, email="bette@example.org") for number in (1, 2))
        made.sell([sale(3, tickets=6)])
        yield made
        assert findings(made.store) == []


def due(shop: Shop, number: int, *sequences: int) -> Leg:
    leg = shop.refund(number, *sequences, parts=LATER).refund.legs[0]
    assert leg.state is LegState.DUE
    return leg


def test_many_are_handed_over_in_one_commit(shop: Shop) -> None:
    first, second, third = due(shop, 1, 1), due(shop, 1, 2), due(shop, 2, 1, 2)
    wish = HandOver((first.number, second.number, third.number), "SEPA 2026-0417")
    before = counts_and_hashes(shop.store)
    plan = shop.backend.preview_hand_over(CASHIER, wish)
    assert counts_and_hashes(shop.store) == before, "a preview writes nothing"
    assert [(one.currency, one.amount_minor) for one in plan.totals] == [("EUR", 4 * PRICE)]
    outcomes = shop.backend.execute_hand_over(CASHIER, plan)
    assert [one.refund.status for one in outcomes] == [RefundStatus.DONE] * 3
    legs = [leg for one in outcomes for leg in one.refund.legs]
    assert {(leg.state, leg.reference) for leg in legs} == {(LegState.RECORDED, "SEPA 2026-0417")}
    assert balances(shop.store) == {"external": -4 * PRICE, "tickets_sold": 4 * PRICE}
    with shop.store.read() as connection:
        told = fetch(connection, "SELECT object, operator FROM audit WHERE action = 'hand_over'")
        mails = fetch(connection, "SELECT refund_id FROM outbox WHERE kind = 'refunded'")
    assert [tuple(row) for row in told] == [(leg.number, "A. Roy") for leg in legs]
    assert len(mails) == 3, "the customers are told when everything is there"
    timeline = shop.backend.booking(CASHIER, "B-1").timeline
    assert [one.amount_minor for one in timeline if one.what == "handed_over"] == [PRICE, PRICE]


def test_the_same_plan_twice_is_handed_over_once(shop: Shop) -> None:
    leg = due(shop, 1, 1)
    plan = shop.backend.preview_hand_over(CASHIER, HandOver((leg.number, leg.number), "SEPA 1"))
    assert [one.leg_number for one in plan.legs] == [leg.number]
    first = shop.backend.execute_hand_over(CASHIER, plan)
    again = shop.backend.execute_hand_over(CASHIER, plan)
    assert ([one.already_done for one in first], [one.already_done for one in again]) == (
        [False],
        [True],
    )
    assert balances(shop.store)["external"] == -PRICE


@pytest.mark.parametrize("there", [replace(CASHIER, operator="B. Roy"), replace(CASHIER, desk="7")])
def test_what_another_desk_handed_over_meanwhile_is_not_theirs_too(
    shop: Shop, there: Caller
) -> None:
    """Both had it before them, word for word: only one of them paid it out."""
    leg = due(shop, 1, 1)
    wish = HandOver((leg.number,), "SEPA 1")
    plan, theirs = (shop.backend.preview_hand_over(one, wish) for one in (CASHIER, there))
    shop.backend.execute_hand_over(CASHIER, plan)
    for seen in (theirs, plan):
        with refused("not-due"):
            shop.backend.execute_hand_over(there, seen)


def test_one_that_is_not_due_stops_all_of_them(shop: Shop) -> None:
    leg, other = due(shop, 1, 1), due(shop, 2, 1)
    plan = shop.backend.preview_hand_over(CASHIER, HandOver((leg.number, other.number), "SEPA 1"))
    alone = shop.backend.preview_hand_over(CASHIER, HandOver((other.number,), "SEPA 2"))
    shop.backend.execute_hand_over(CASHIER, alone)
    with refused("not-due"):
        shop.backend.execute_hand_over(CASHIER, plan)
    states = [shop.backend.refund(CASHIER, "R-10001").refund.legs[0].state]
    assert states == [LegState.DUE]
    with refused("not-due"):
        shop.backend.preview_hand_over(CASHIER, HandOver((other.number,), "SEPA 2"))


def test_a_transfer_needs_its_reference(shop: Shop) -> None:
    leg = due(shop, 1, 1)
    plan = shop.backend.preview_hand_over(CASHIER, HandOver((leg.number,)))
    assert plan.missing == ("reference",)
    with refused("reference-required"):
        shop.backend.execute_hand_over(CASHIER, plan)
    with refused("full-card-number"):
        shop.backend.preview_hand_over(CASHIER, HandOver((leg.number,), "4111 1111 1111 1111"))
    changed = replace(plan, hand_over=replace(plan.hand_over, reference="SEPA 1"))
    with refused("plan-stale"):
        shop.backend.execute_hand_over(CASHIER, changed)


def test_who_may_record_may_hand_over_up_to_the_limit(shop: Shop) -> None:
    big, leg = due(shop, 3), due(shop, 1, 1)
    with refused("limit-exceeded"):
        shop.backend.preview_hand_over(CASHIER, HandOver((big.number,), "SEPA 1"))
    with refused("not-allowed"):
        admin = replace(CASHIER, role=Role.ADMIN)
        shop.backend.preview_hand_over(admin, HandOver((leg.number,), "SEPA 1"))
    plan = shop.backend.preview_hand_over(SUPERVISOR, HandOver((big.number,), "SEPA 1"))
    with refused("limit-exceeded"):
        shop.backend.execute_hand_over(CASHIER, plan)
    assert shop.backend.execute_hand_over(SUPERVISOR, plan)[0].refund.status is RefundStatus.DONE


@pytest.mark.parametrize("numbers", [(), ("R-10001.9",), ("R-1",)])
def test_nothing_and_nobody_is_not_handed_over(shop: Shop, numbers: tuple[str, ...]) -> None:
    due(shop, 1, 1)
    with refused("not-due" if not numbers else "leg-not-found"):
        shop.backend.preview_hand_over(CASHIER, HandOver(numbers, "SEPA 1"))

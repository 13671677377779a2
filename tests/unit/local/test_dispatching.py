"""Dispatch on the store, worked out with figures: simulated, carried out, and carried out again.

The numbers of the traps are those of the list of traps.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.runs import ItemOutcome, ItemPlan, RunState
from backend_client.providers.practice import PracticeProvider
from tests.shop import PRICE, SUPERVISOR, Shop, card, opened_shop, sale, ticket
from tests.unit.local.dispatch_house import (
    ALWAYS,
    FALLBACK,
    NEVER,
    cash,
    dispatch,
    everything,
    house,
    items,
    legs,
    outcomes,
    request,
    sell,
    simulate,
    totals,
)


def test_a_simulation_changes_nothing(tmp_path: Path) -> None:
    """Trap 16: no row of money, no mail, no call."""
    with house(tmp_path) as shop:
        sell(shop, 1, ("pay-1", 2900))
        request(shop, 1)
        before = everything(shop)
        run = simulate(shop)
        assert everything(shop) == before
        assert (run.candidates, run.items, run.taken) == (1, 1, 1)
        assert totals(run) == {"plan cards": (1, 2900), "card": (1, 2900)}


def test_the_prescribed_procedure(tmp_path: Path) -> None:
    """Traps 23 and 24: never, never again, then when not possible.

    29.00 go to a card. 14.50 meet a dead card: declined twice, then credited without a call. Of
    50.00 paid by two cards and cash, 42.00 go to the cards and 8.00 stay, then are credited.
    """
    with house(tmp_path) as shop:
        sell(shop, 1, ("pay-1", 2900))
        sell(shop, 2, ("dead-2", 1450))
        payments = (card("pay-3a", 3000), card("pay-3b", 1200, key="P-2"), cash(800, "P-3"))
        shop.sell([replace(sale(3, tickets=1), lines=(ticket(1, 5000),), payments=payments)])
        for number in (1, 2, 3):
            request(shop, number)
        first = dispatch(shop, NEVER)
        assert first.state is RunState.DONE
        assert outcomes(first) == {
            ItemOutcome.REFUNDED: 1,
            ItemOutcome.DECLINED: 1,
            ItemOutcome.PARTLY: 1,
        }
        assert totals(first) == {
            "card succeeded": (3, 7100),
            "card declined": (1, 1450),
            "stays requested": (1, 800),
        }
        assert legs(shop, 3) == [
            ("matched", "succeeded", 3000),
            ("matched", "succeeded", 1200),
            ("requested", "requested", 800),
        ]
        again = dispatch(shop, NEVER)
        assert totals(again) == {"card declined": (1, 1450)}
        assert outcomes(again) == {ItemOutcome.DECLINED: 1, ItemOutcome.STAYS: 1}
        asked = _asked(shop)
        last = dispatch(shop, FALLBACK)
        assert _asked(shop) == asked, "what was refused is not asked again"
        assert totals(last) == {"credit credited": (2, 2250)}
        assert outcomes(last) == {ItemOutcome.CREDITED: 2}
        assert legs(shop, 2) == [("credit", "credited", 1450)]
        assert shop.backend.credit(SUPERVISOR, "C-1").balances == (("EUR", 2250),)
        assert simulate(shop, FALLBACK).items == 0
        assert totals(shop.backend.run(SUPERVISOR, first.id)) == {
            "card succeeded": (3, 7100),
            "card declined": (1, 1450),
            "stays replaced": (1, 800),
        }, "what later runs did with the rest is in their figures"


def test_refusals_of_the_run_itself_are_credited_at_its_end(tmp_path: Path) -> None:
    """Planned to cards 43.50 = 29.00 refunded + 14.50 declined; declined = credited + nothing."""
    with house(tmp_path) as shop:
        sell(shop, 1, ("pay-1", 2900), ("dead-1", 1450))
        request(shop, 1)
        run = dispatch(shop, FALLBACK)
        assert totals(run) == {
            "card succeeded": (1, 2900),
            "card declined": (1, 1450),
            "credit_after_refusal credited": (1, 1450),
        }
        assert outcomes(run) == {ItemOutcome.CREDITED: 1}
        (item,) = items(shop, run)
        assert [(part.role.value, part.state, part.amount_minor) for part in item.states] == [
            ("card", "succeeded", 2900),
            ("card", "declined", 1450),
            ("credit_after_refusal", "credited", 1450),
        ]


def test_always_makes_no_call(tmp_path: Path) -> None:
    with house(tmp_path) as shop:
        sell(shop, 1, ("pay-1", 2900))
        request(shop, 1)
        run = dispatch(shop, ALWAYS)
        assert (_asked(shop), totals(run)) == (0, {"credit credited": (1, 2900)})


def test_accepted_and_unknown_are_neither_credited_nor_repeated(tmp_path: Path) -> None:
    """Traps 25 and 26: no success, no failure: the amounts stay where they are."""
    with house(tmp_path) as shop:
        for number, word in enumerate(("slow", "lost", "gone"), 1):
            sell(shop, number, (f"{word}-{number}", 1000 * number))
            request(shop, number)
        run = dispatch(shop, FALLBACK)
        assert outcomes(run) == {
            ItemOutcome.ON_ITS_WAY: 1,
            ItemOutcome.REFUNDED: 1,
            ItemOutcome.BEING_CHECKED: 1,
        }
        assert totals(run) == {
            "card accepted": (1, 1000),
            "card succeeded": (1, 2000),
            "card unknown": (1, 3000),
        }
        assert simulate(shop, FALLBACK).items == 0, "a second run moves none of them"
        shop.clock.move(hours=1)
        shop.settler.drive()
        after = shop.backend.run(SUPERVISOR, run.id)
        assert totals(after)["card succeeded"] == (2, 3000), "figures follow, days later too"
        assert outcomes(after)[ItemOutcome.REFUNDED] == 2


def test_later_items_of_a_booking_see_what_earlier_ones_use(tmp_path: Path) -> None:
    """Trap 22: 30.00 by card and 10.00 in cash; two requests of 20.00: 20.00 and 10.00 go to the
    card, 10.00 stay."""
    with house(tmp_path) as shop:
        payments = (card("pay-1", 3000), cash(1000, "P-2"))
        lines = (ticket(1, 2000), ticket(2, 2000))
        shop.sell([replace(sale(1), lines=lines, payments=payments)])
        request(shop, 1, 1)
        request(shop, 1, 2)
        run = dispatch(shop)
        assert outcomes(run) == {ItemOutcome.REFUNDED: 1, ItemOutcome.PARTLY: 1}
        assert totals(run) == {
            "card succeeded": (2, 3000),
            "stays requested": (1, 1000),
        }


def test_the_card_of_another_payer_is_not_used(tmp_path: Path) -> None:
    """Trap 19, and several payers: one requested leg each, each to its own card."""
    with house(tmp_path) as shop:
        theirs = replace(card("pay-2", 1000, key="P-2"), payer="")
        shop.sell(
            [
                replace(
                    sale(1, tickets=1),
                    lines=(ticket(1, 4000),),
                    payments=(card("pay-1", 3000), theirs),
                )
            ]
        )
        outcome = shop.refund(1, parts=(Part(Method.REQUESTED),))
        assert sorted(leg.amount_minor for leg in outcome.refund.legs) == [1000, 3000]
        simulated = simulate(shop)
        assert [
            (part.amount_minor, part.payer_id is None)
            for item in items(shop, simulated)
            for part in item.parts
        ] == [(3000, False), (1000, True)]
        assert totals(shop.backend.go_live(SUPERVISOR, simulated.id)) == {
            "card succeeded": (2, 4000)
        }


def test_nobody_known_could_be_credited(tmp_path: Path) -> None:
    """Trap 43: the card of an anonymous sale works; what it refuses stays declined."""
    with house(tmp_path) as shop:
        for number, word in ((1, "pay"), (2, "dead")):
            anonymous = replace(card(f"{word}-{number}", PRICE), payer="")
            shop.sell([replace(sale(number, tickets=1, payments=(anonymous,)), contact=None)])
            request(shop, number)
        run = dispatch(shop, FALLBACK)
        assert outcomes(run) == {ItemOutcome.REFUNDED: 1, ItemOutcome.DECLINED: 1}
        again = simulate(shop, FALLBACK)
        (item,) = items(shop, again)
        assert (item.plan, item.reason) == (ItemPlan.PERSON, "credit-needs-person")
        with pytest.raises(Refused, match="run-nothing-to-do"):
            shop.backend.go_live(SUPERVISOR, again.id)


def test_what_was_changed_by_hand_has_left_the_automation(tmp_path: Path) -> None:
    """Trap 49: 10.00 of 29.00 are paid by credit by hand; the dispatch takes the other 19.00."""
    with house(tmp_path) as shop:
        sell(shop, 1, ("dead-1", 2900))
        request(shop, 1)
        number = shop.backend.booking(SUPERVISOR, "B-1").refunds[0].legs[0].number
        _by_hand(shop, number, Part(Method.CREDIT, 1000))
        run = simulate(shop)
        assert totals(run) == {"plan cards": (1, 1900), "card": (1, 1900)}
        shop.backend.go_live(SUPERVISOR, run.id)
        declined = shop.backend.booking(SUPERVISOR, "B-1").refunds[0].legs[-1].number
        _by_hand(shop, declined, Part(Method.MATCHED, None, "P-1-1"))
        assert simulate(shop, FALLBACK).items == 0, "tried again by hand, and refused"


def test_a_remainder_by_hand_remembers_that_the_card_refused(tmp_path: Path) -> None:
    """Refused, then partly paid by hand: what was requested again is credited without a call."""
    with house(tmp_path) as shop:
        sell(shop, 1, ("dead-1", 2900))
        request(shop, 1)
        dispatch(shop)
        number = shop.backend.booking(SUPERVISOR, "B-1").refunds[0].legs[-1].number
        _by_hand(shop, number, Part(Method.CREDIT, 1000))
        asked = _asked(shop)
        assert totals(dispatch(shop, FALLBACK)) == {"credit credited": (1, 1900)}
        assert _asked(shop) == asked


def test_what_changed_meanwhile_stops_everything(tmp_path: Path) -> None:
    """Trap 17: nothing runs when a frozen item changed; what only appeared is left and listed."""
    with house(tmp_path) as shop:
        for number in (1, 2):
            sell(shop, number, (f"pay-{number}", 1000))
            request(shop, number)
        run = simulate(shop)
        shop.clock.move(minutes=1)
        sell(shop, 3, ("pay-3", 1000))
        request(shop, 3)
        found = shop.backend.differences(SUPERVISOR, run.id)
        assert (found.changed_count, found.appeared) == (0, ("B-3",))
        leg = shop.backend.booking(SUPERVISOR, "B-2").refunds[0].legs[0]
        _by_hand(shop, leg.number, Part(Method.CREDIT))
        found = shop.backend.differences(SUPERVISOR, run.id)
        assert [one.booking_reference for one in found.changed] == ["B-2"]
        with pytest.raises(Refused, match="run-changed"):
            shop.backend.go_live(SUPERVISOR, run.id)
        assert legs(shop, 1) == [("requested", "requested", 1000)]


def test_a_mistake_found_at_the_provider_is_not_paid_twice(tmp_path: Path) -> None:
    """Traps 31 and 59: given back by hand at the provider's own office: a person, no credit."""
    with opened_shop(tmp_path) as shop:
        sell(shop, 1, ("office-1", 2900))
        request(shop, 1)
        dispatch(shop)
        shop.clock.move(hours=1)
        shop.settler.drive()
        shop.clock.move(hours=1)
        shop.settler.drive()
        (leg,) = legs(shop, 1)
        assert leg == ("matched", "declined", 2900)
        for credit in (NEVER, FALLBACK, ALWAYS):
            (item,) = items(shop, simulate(shop, credit))
            assert item.plan is ItemPlan.PERSON
            assert item.reason == "declined-as-refunded"


def _asked(shop: Shop) -> int:
    with shop.store.read() as connection:
        return int(
            connection.exec_driver_sql("SELECT COALESCE(SUM(attempts), 0) FROM leg").scalar_one()
        )


def _by_hand(shop: Shop, number: str, part: Part) -> None:
    change = MethodChange(number, (part,), "customer asked")
    plan = shop.backend.preview_method_change(SUPERVISOR, change)
    shop.backend.execute_method_change(SUPERVISOR, plan)


class Strict(PracticeProvider):
    """Gives back once, and nothing older than half a year."""

    capabilities = replace(
        PracticeProvider.capabilities, max_refunds_per_payment=1, max_age_days=180
    )


def test_a_provider_that_gives_back_once_is_asked_once(tmp_path: Path) -> None:
    """Two requests of 10.00 on one card: the first is refunded, the second stays, saying why."""
    with house(tmp_path, provider=Strict(str(tmp_path / "provider.db"))) as shop:
        lines = (ticket(1, 1000), ticket(2, 1000))
        shop.sell([sale(1, lines=lines)])
        request(shop, 1, 1)
        request(shop, 1, 2)
        simulated = simulate(shop)
        assert [(item.plan, item.reason) for item in items(shop, simulated)] == [
            (ItemPlan.CARDS, ""),
            (ItemPlan.STAYS, "payment-refunds-used"),
        ]
        run = shop.backend.go_live(SUPERVISOR, simulated.id)
        assert outcomes(run) == {ItemOutcome.REFUNDED: 1, ItemOutcome.STAYS: 1}
        assert totals(dispatch(shop, FALLBACK)) == {"credit credited": (1, 1000)}


def test_what_is_too_old_for_its_provider_is_credited_without_a_call(tmp_path: Path) -> None:
    with house(tmp_path, provider=Strict(str(tmp_path / "provider.db"))) as shop:
        old = replace(sale(1), sold_at=shop.clock.now() - timedelta(days=200))
        shop.sell([old])
        request(shop, 1)
        (item,) = items(shop, simulate(shop))
        assert (item.plan, item.reason) == (ItemPlan.STAYS, "payment-too-old")
        run = dispatch(shop, FALLBACK)
        assert (totals(run), _asked(shop)) == ({"credit credited": (1, 2 * PRICE)}, 0)

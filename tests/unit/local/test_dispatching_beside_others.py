"""A live dispatch is not alone: supervisors, cashiers, provider's office, a closing window."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.run_parameters import CreditMode
from backend_client.domain.runs import ItemOutcome, ItemPlan, Run, RunState
from backend_client.local.running import items as frozen_items
from backend_client.local.running.runs import OWNED_FOR
from backend_client.providers.port import RefundOrder
from tests.shop import SUPERVISOR, card, open_shop, opened_shop, sale
from tests.unit.local.dispatch_house import (
    ALWAYS,
    FALLBACK,
    OTHER,
    cash,
    dispatch,
    house,
    items,
    legs,
    outcomes,
    request,
    simulate,
)
from tests.unit.local.watched_dispatch import Watched, moved, now, requested


def test_two_supervisors_at_once(tmp_path: Path) -> None:
    """Trap 47: while one run is live, another is refused; of two that resume, one goes on."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 3)
        mine, theirs = simulate(shop), simulate(shop)
        refused: list[str] = []

        def meanwhile(call: int, _order: RefundOrder) -> None:
            live = shop.backend.run(SUPERVISOR, mine.id).live_id
            assert live is not None
            attempts: list[Callable[[], Run]] = [
                lambda: shop.backend.go_live(OTHER, mine.id),
                lambda: shop.backend.resume_run(OTHER, live),
                lambda: shop.backend.go_live(OTHER, simulate(shop).id),
            ]
            for attempt in attempts if call == 1 else ():
                with pytest.raises(Refused) as caught:
                    attempt()
                refused.append(caught.value.code)

        provider.first = meanwhile
        shop.backend.go_live(SUPERVISOR, mine.id)
        assert refused == ["run-used", "run-not-resumable", "run-nothing-to-do"]
        with pytest.raises(Refused, match="run-changed"):
            shop.backend.go_live(OTHER, theirs.id)
        assert moved(tmp_path) == 3000


def test_the_scope_is_refused_to_a_second_run(tmp_path: Path) -> None:
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 3)
        mine = simulate(shop, batch=1)
        refused: list[str] = []

        def meanwhile(_call: int, _order: RefundOrder) -> None:
            with pytest.raises(Refused) as caught:
                shop.backend.go_live(OTHER, simulate(shop).id)
            refused.append(caught.value.code)

        provider.first = meanwhile
        shop.backend.go_live(SUPERVISOR, mine.id)
        assert refused == ["run-scope-taken"]


def test_who_lost_the_run_writes_not_one_more_word(tmp_path: Path) -> None:
    """A program that slept too long: another took over, and both together refund each once."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 150)
        simulated = simulate(shop)
        second = open_shop(tmp_path, store=None, clock=shop.clock, provider=provider)
        done: list[Run] = []

        def sleep(call: int, _order: RefundOrder) -> None:
            if call == 5:
                live = shop.backend.run(SUPERVISOR, simulated.id).live_id
                assert live is not None
                shop.clock.move(seconds=OWNED_FOR.total_seconds() + 1)
                done.append(second.backend.resume_run(OTHER, live))

        provider.first = sleep
        seen = shop.backend.go_live(SUPERVISOR, simulated.id)
        assert done[0].state is RunState.DONE
        assert seen.state is RunState.DONE, "what the other made of it is what is shown"
        shop.clock.move(hours=1)
        shop.settler.drive()
        assert outcomes(now(shop, seen)) == {ItemOutcome.REFUNDED: 150}
        assert moved(tmp_path) == 150_000
        second.store.close()


def test_what_a_cashier_changes_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """Trap 48: changed by hand while the run is under way: the run sees it and does nothing."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 150)

        def change(call: int, _order: RefundOrder) -> None:
            if call == 1:
                number = shop.backend.booking(SUPERVISOR, "B-150").refunds[0].legs[0].number
                wish = MethodChange(number, (Part(Method.CREDIT),), "asked for it")
                plan = shop.backend.preview_method_change(SUPERVISOR, wish)
                shop.backend.execute_method_change(SUPERVISOR, plan)

        provider.first = change
        run = dispatch(shop)
        assert outcomes(run) == {ItemOutcome.REFUNDED: 149, ItemOutcome.CHANGED: 1}
        assert legs(shop, 150) == [("credit", "credited", 1000)]
        assert moved(tmp_path) == 149_000


def test_a_payment_on_the_wire_is_not_changed_by_hand(tmp_path: Path) -> None:
    """Trap 48, the other half."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 1)

        def change(_call: int, _order: RefundOrder) -> None:
            number = shop.backend.booking(SUPERVISOR, "B-1").refunds[0].legs[-1].number
            wish = MethodChange(number, (Part(Method.CREDIT),), "asked for it")
            with pytest.raises(Refused, match="method-not-changeable"):
                shop.backend.preview_method_change(SUPERVISOR, wish)

        provider.first = change
        assert outcomes(dispatch(shop)) == {ItemOutcome.REFUNDED: 1}


def test_closing_the_window_stops_the_run_and_it_resumes(tmp_path: Path) -> None:
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 100)
        simulated = simulate(shop)
        provider.first = lambda call, _order: shop.settler.stop() if call == 7 else None
        run = shop.backend.go_live(SUPERVISOR, simulated.id)
        assert run.state is RunState.STOPPED
        assert outcomes(run)[ItemOutcome.TO_SEND] > 0
        again = open_shop(tmp_path, clock=shop.clock, provider=provider)
        done = again.backend.resume_run(SUPERVISOR, run.id)
        assert outcomes(done) == {ItemOutcome.REFUNDED: 100}
        assert (moved(tmp_path), provider.calls) == (100_000, 100)
        again.store.close()


@pytest.mark.parametrize("credit", [FALLBACK, ALWAYS])
def test_what_is_found_at_a_provider_since_the_simulation_is_not_credited(
    tmp_path: Path, credit: CreditMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of a card was given back at the provider's own office after everything was frozen: it is
    listed, nothing goes live, and what is found even later is left alone by the run."""
    with opened_shop(tmp_path) as shop:
        shop.sell([sale(1, payments=(card("pay-1", 1500), cash(1400, "P-2")))])
        shop.refund(1, 1, parts=(Part(Method.MATCHED),))
        request(shop, 1, 2)
        simulated = simulate(shop, credit)
        with sqlite3.connect(tmp_path / "provider.db") as ledger:
            ledger.execute(
                "INSERT INTO refund(provider_key, our_reference, payment_id, payment_reference, "
                "amount_minor, currency, state) SELECT 'office', '', payment_id, "
                "payment_reference, 50, currency, 'final' FROM refund"
            )
        ledger.close()
        assert shop.backend.differences(SUPERVISOR, simulated.id).changed_count == 0
        shop.backend.reconcile(SUPERVISOR)
        found = shop.backend.differences(SUPERVISOR, simulated.id)
        (difference,) = found.changed
        assert (found.changed_count, difference.booking_reference) == (1, "B-1")
        assert difference.why == "payment-blocked"
        with pytest.raises(Refused, match="run-changed"):
            shop.backend.go_live(SUPERVISOR, simulated.id)
        monkeypatch.setattr(frozen_items, "changed", lambda _connection, _run_id: ((), 0))
        run = shop.backend.go_live(SUPERVISOR, simulated.id)
        assert outcomes(run) == {ItemOutcome.CHANGED: 1}
        assert ("requested", "requested", 1450) in legs(shop, 1)
        monkeypatch.undo()
        shop.clock.move(seconds=1)
        again = simulate(shop, credit)
        (item,) = items(shop, again)
        assert (item.plan, item.reason) == (ItemPlan.PERSON, "payment-blocked")
        assert shop.backend.differences(SUPERVISOR, again.id).changed_count == 0

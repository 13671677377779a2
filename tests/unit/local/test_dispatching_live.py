"""A live dispatch that does not go through: stopped, paused, lost, beside others, taken back."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from backend_client.domain.plan import MethodChange, Part
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.run_parameters import CreditMode
from backend_client.domain.runs import ItemOutcome, ItemPlan, Run, RunState
from backend_client.local.rows import fetch
from backend_client.local.running import items as frozen_items
from backend_client.local.running.runs import OWNED_FOR
from backend_client.mail_settings import MailSettings
from backend_client.providers.directory import ProviderDirectory
from backend_client.providers.port import Answer, AnswerClass, RefundOrder
from backend_client.providers.practice import PracticeProvider
from backend_client.settings import Settings
from tests.shop import SUPERVISOR, Shop, card, open_shop, opened_shop, provider_ledger, sale
from tests.unit.local.dispatch_house import (
    ALWAYS,
    FALLBACK,
    NEVER,
    OTHER,
    cash,
    dispatch,
    healthy,
    house,
    items,
    legs,
    outcomes,
    request,
    sell,
    simulate,
    totals,
)

MAILING = Settings(mail=MailSettings(date(2026, 3, 1), "office@palais.example", "localhost"))


class Watched(PracticeProvider):
    """Practice, with somebody who may speak first: the number of the call and what is asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder / "provider.db"))
        self.first: Callable[[int, RefundOrder], Answer | None] = lambda _call, _order: None
        self.calls = 0
        self._counting = threading.Lock()

    def refund(self, order: RefundOrder) -> Answer:
        with self._counting:
            self.calls += 1
            call = self.calls
        return self.first(call, order) or super().refund(order)


def requested(shop: Shop, count: int, *, word: str = "pay", email: str = "") -> None:
    for number in range(1, count + 1):
        sell(shop, number, (f"{word}-{number}", 1000), email=email)
        request(shop, number)


def now(shop: Shop, run: Run) -> Run:
    return shop.backend.run(SUPERVISOR, run.id)


def moved(folder: Path) -> int:
    """What the provider's own books say went out; every reference once."""
    rows = [row for row in provider_ledger(folder) if row[3] != "declined"]
    assert len({row[0] for row in rows}) == len(rows)
    return sum(row[2] for row in rows)


def test_a_stop_finishes_what_is_on_the_wire_and_resume_does_the_rest(tmp_path: Path) -> None:
    """Trap 57: 200 payments, stopped from another window at the fifth call: what was born is sent,
    the rest waits; resumed, all of them are refunded once."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 200)
        simulated = simulate(shop)

        def stop(call: int, _order: RefundOrder) -> None:
            if call == 5:
                live = shop.backend.run(SUPERVISOR, simulated.id).live_id
                assert live is not None
                shop.backend.stop_run(OTHER, live)

        provider.first = stop
        run = shop.backend.go_live(SUPERVISOR, simulated.id)
        assert run.state is RunState.STOPPED
        assert set(outcomes(run)) == {ItemOutcome.REFUNDED, ItemOutcome.WAITING}
        assert 5 <= outcomes(run)[ItemOutcome.REFUNDED] < 200
        assert moved(tmp_path) == 1000 * outcomes(run)[ItemOutcome.REFUNDED]
        with pytest.raises(Refused, match="run-scope-taken"):
            dispatch(shop)
        done = shop.backend.resume_run(OTHER, run.id)
        assert (done.state, outcomes(done)) == (RunState.DONE, {ItemOutcome.REFUNDED: 200})
        assert totals(done) == {"card succeeded": (200, 200_000)}
        assert (moved(tmp_path), provider.calls) == (200_000, 200)


def test_a_stop_is_heard_while_a_provider_is_waited_for(tmp_path: Path) -> None:
    """It asks for a minute: nothing is begun after the stop, and resume sends what is left."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 3)
        simulated = simulate(shop)

        def busy(_call: int, order: RefundOrder) -> Answer | None:
            if order.payment_reference != "pay-2":
                return None
            shop.backend.stop_run(OTHER, simulated.id + 1)
            return Answer(AnswerClass.NOT_EXECUTED, code="429", retry_after_s=60.0)

        provider.first = busy
        run = shop.backend.go_live(SUPERVISOR, simulated.id)
        assert (run.state, provider.calls) == (RunState.STOPPED, 3)
        assert outcomes(run) == {ItemOutcome.REFUNDED: 2, ItemOutcome.TO_SEND: 1}
        provider.first = lambda _call, _order: None
        shop.clock.move(minutes=2)
        run = shop.backend.resume_run(SUPERVISOR, run.id)
        assert (run.state, outcomes(run)) == (RunState.DONE, {ItemOutcome.REFUNDED: 3})


def test_what_cannot_be_sent_is_never_left_behind_by_a_run_that_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its provider is no more in the settings: the run is paused, and ended it gives all back."""
    with house(tmp_path) as shop:
        requested(shop, 2)
        simulated = simulate(shop, FALLBACK)
        monkeypatch.setattr(ProviderDirectory, "get", lambda _directory, _name: None)
        run = shop.backend.go_live(SUPERVISOR, simulated.id)
        assert (run.state, run.note) == (RunState.PAUSED, "practice: no-provider")
        assert shop.backend.resume_run(SUPERVISOR, run.id).state is RunState.PAUSED
        assert outcomes(shop.backend.end_run(SUPERVISOR, run.id)) == {ItemOutcome.STAYS: 2}
        assert legs(shop, 1) == legs(shop, 2) == [("requested", "requested", 1000)]


def test_a_provider_failing_in_the_middle_of_200_stops_nobody_else(tmp_path: Path) -> None:
    """One refused, one broken adapter, one answer about another amount is another test: here 198
    are refunded, one is declined and stays, one is being checked."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 200)

        def fail(call: int, order: RefundOrder) -> Answer | None:
            if call == 100:
                return Answer(AnswerClass.DECLINED, code="43", text="card closed")
            if call == 101:
                raise ZeroDivisionError
            return None

        provider.first = fail
        run = dispatch(shop)
        assert run.state is RunState.DONE
        assert outcomes(run) == {
            ItemOutcome.REFUNDED: 198,
            ItemOutcome.DECLINED: 1,
            ItemOutcome.BEING_CHECKED: 1,
        }
        assert totals(run) == {
            "card succeeded": (198, 198_000),
            "card declined": (1, 1000),
            "card unknown": (1, 1000),
        }


@pytest.mark.parametrize(
    ("answer", "note", "calls"),
    [
        (Answer(AnswerClass.ABOUT_US, code="balance", text="too low"), "balance too low", 1),
        (Answer(AnswerClass.NOT_EXECUTED, code="connect", text="no line"), "connect no line", 3),
    ],
)
def test_an_outage_and_a_refusal_about_us_pause_and_credit_nobody(
    tmp_path: Path, answer: Answer, note: str, calls: int
) -> None:
    """Traps 41 and 42, in the mode that credits: nobody gets anything until it is resumed."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 70)
        sell(shop, 71, ("dead-71", 500))
        request(shop, 71)
        provider.first = lambda _call, _order: answer
        run = dispatch(shop, FALLBACK)
        assert (run.state, run.note) == (RunState.PAUSED, f"practice: {note}")
        assert provider.calls == calls
        assert not any(name.startswith("credit") for name in totals(run))
        assert set(outcomes(run)) <= {ItemOutcome.TO_SEND, ItemOutcome.WAITING}
        assert sum(outcomes(run).values()) == 71
        healthy(shop)
        provider.first = lambda _call, _order: None
        done = shop.backend.resume_run(SUPERVISOR, run.id)
        assert done.state is RunState.DONE
        assert outcomes(done) == {ItemOutcome.REFUNDED: 70, ItemOutcome.CREDITED: 1}
        assert moved(tmp_path) == 70_000
        assert totals(done) == {
            "card succeeded": (70, 70_000),
            "card declined": (1, 500),
            "credit_after_refusal credited": (1, 500),
        }


def test_ending_a_paused_run_requests_again_what_was_never_sent(tmp_path: Path) -> None:
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 3)
        provider.first = lambda _call, _order: Answer(AnswerClass.ABOUT_US, code="key")
        run = dispatch(shop)
        assert outcomes(run) == {ItemOutcome.TO_SEND: 3}
        ended = shop.backend.end_run(SUPERVISOR, run.id)
        assert (ended.state, outcomes(ended)) == (RunState.DONE, {ItemOutcome.STAYS: 3})
        assert totals(ended) == {"card replaced": (3, 3000), "stays requested": (3, 3000)}
        healthy(shop)
        provider.first = lambda _call, _order: None
        assert outcomes(dispatch(shop)) == {ItemOutcome.REFUNDED: 3}
        assert moved(tmp_path) == 3000


def test_what_an_ended_dispatch_never_began_is_left_to_the_next(tmp_path: Path) -> None:
    """An outage before the seventieth: sixty-four are born, the others never come to their turn."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 70)
        provider.first = lambda _call, _order: Answer(AnswerClass.ABOUT_US, code="key")
        run = dispatch(shop)
        begun = outcomes(run)[ItemOutcome.TO_SEND]
        left = outcomes(run)[ItemOutcome.WAITING]
        assert begun + left == 70
        ended = shop.backend.end_run(SUPERVISOR, run.id)
        assert outcomes(ended) == {ItemOutcome.STAYS: begun, ItemOutcome.LEFT: left}
        untouched = [(row.name, row.count, row.amount_minor) for row in ended.untouched]
        assert untouched == [("left", left, 1000 * left)]
        assert sum(count for count, _ in totals(ended).values()) == 2 * begun
        healthy(shop)
        provider.first = lambda _call, _order: None
        assert outcomes(dispatch(shop)) == {ItemOutcome.REFUNDED: 70}
        assert moved(tmp_path) == 70_000


@pytest.mark.parametrize("credit", [NEVER, FALLBACK])
def test_a_paused_run_whose_rest_somebody_else_sends_ends_by_itself(
    tmp_path: Path, credit: CreditMode
) -> None:
    """The driver of a window sends what waits: with the last of it the run is done, its scope free,
    its log whole, and what cards refuse is credited where that was decided."""
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 2)
        sell(shop, 3, ("dead-3", 500))
        request(shop, 3)
        provider.first = lambda _call, _order: Answer(AnswerClass.ABOUT_US, code="key")
        run = dispatch(shop, credit)
        assert (run.state, outcomes(run)) == (RunState.PAUSED, {ItemOutcome.TO_SEND: 3})
        shop.backend.settle(replace(OTHER, role=type(OTHER.role).CASHIER))
        assert shop.backend.run(SUPERVISOR, run.id).state is RunState.PAUSED, (
            "all of it still waits"
        )
        provider.first = lambda _call, _order: None
        shop.backend.settle(replace(OTHER, role=type(OTHER.role).CASHIER))
        done = shop.backend.run(SUPERVISOR, run.id)
        last = ItemOutcome.CREDITED if credit is FALLBACK else ItemOutcome.DECLINED
        assert (done.state, outcomes(done)) == (
            RunState.DONE,
            {ItemOutcome.REFUNDED: 2, last: 1},
        )
        assert (done.note, done.ended_at is not None) == ("", True)
        with shop.store.read() as connection:
            assert fetch(connection, "SELECT * FROM run_scope") == []
            (told,) = fetch(
                connection, "SELECT operator, body FROM audit WHERE action = 'run_done'"
            )
        assert told.operator == SUPERVISOR.operator, "in the name of who decided it"
        assert json.loads(told.body)["outcomes"] == {
            outcome.value: count for outcome, count in outcomes(done).items()
        }
        assert moved(tmp_path) == 2000
        healthy(shop)


def test_a_paused_run_with_items_that_wait_never_ends_by_itself(tmp_path: Path) -> None:
    provider = Watched(tmp_path)
    with house(tmp_path, provider=provider) as shop:
        requested(shop, 70)
        provider.first = lambda _call, _order: Answer(AnswerClass.ABOUT_US, code="key")
        run = dispatch(shop)
        begun = outcomes(run)[ItemOutcome.TO_SEND]
        provider.first = lambda _call, _order: None
        for _ in range(2):
            shop.backend.settle(SUPERVISOR)
        seen = shop.backend.run(SUPERVISOR, run.id)
        assert seen.state is RunState.PAUSED
        assert outcomes(seen) == {ItemOutcome.REFUNDED: begun, ItemOutcome.WAITING: 70 - begun}
        assert moved(tmp_path) == 1000 * begun
        done = shop.backend.resume_run(SUPERVISOR, run.id)
        assert (done.state, outcomes(done)) == (RunState.DONE, {ItemOutcome.REFUNDED: 70})


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


def mails(shop: Shop) -> list[tuple[str, int]]:
    """Kind and amount of every mail that was written, oldest first."""
    with shop.store.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT kind, body ->> 'amount_minor' FROM outbox ORDER BY id"
        ).all()
    return [(row[0], row[1]) for row in rows]


def test_customers_are_told_what_was_booked_once_it_is_final(tmp_path: Path) -> None:
    """Trap 50: no mail while it is on its way; then one mail with the sum that was booked."""
    with house(tmp_path, settings=MAILING) as shop:
        sell(shop, 1, ("slow-1", 2000), ("dead-1", 900), email="bette@example.org")
        request(shop, 1)
        dispatch(shop, FALLBACK)
        assert mails(shop) == []
        shop.clock.move(hours=1)
        shop.settler.drive()
        assert mails(shop) == [("refunded", 2900)]


def test_without_mail_nobody_is_told(tmp_path: Path) -> None:
    """Neither at once nor when the provider finishes days later; a later run with mail tells."""
    with house(tmp_path, settings=MAILING) as shop:
        for number, word in enumerate(("pay", "slow", "dead"), 1):
            sell(shop, number, (f"{word}-{number}", 1000), email="bette@example.org")
            request(shop, number)
        dispatch(shop, NEVER, email=False)
        shop.clock.move(hours=1)
        shop.settler.drive()
        assert {state for number in (1, 2) for _, state, _ in legs(shop, number)} == {"succeeded"}
        assert mails(shop) == []
        dispatch(shop, FALLBACK)
        assert mails(shop) == [("refunded", 1000)]


def test_the_timeline_and_the_audit_log_name_the_run(tmp_path: Path) -> None:
    with house(tmp_path) as shop:
        requested(shop, 1)
        run = dispatch(shop)
        events = shop.backend.booking(SUPERVISOR, "B-1").timeline
        (dispatched,) = (event for event in events if event.what == "dispatched")
        assert dispatched.details["run"] == str(run.id)
        assert dispatched.operator == SUPERVISOR.operator
        with shop.store.read() as connection:
            told = connection.exec_driver_sql(
                "SELECT operator, body ->> 'run' FROM audit WHERE action = 'dispatch'"
            ).all()
        assert [tuple(row) for row in told] == [(SUPERVISOR.operator, run.id)]


def test_a_cashier_may_not(tmp_path: Path) -> None:
    cashier = replace(SUPERVISOR, role=type(SUPERVISOR.role).CASHIER)
    with house(tmp_path) as shop:
        requested(shop, 1)
        simulated = simulate(shop)
        with pytest.raises(Refused, match="not-allowed"):
            shop.backend.go_live(cashier, simulated.id)
        assert items(shop, simulated)[0].outcome is None


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

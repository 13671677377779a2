"""A live dispatch that does not go through: stopped, paused, lost, beside others, taken back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from backend_client.domain.problems import Refused
from backend_client.domain.run_parameters import CreditMode
from backend_client.domain.runs import ItemOutcome, RunState
from backend_client.local.rows import fetch
from backend_client.mail_settings import MailSettings
from backend_client.providers.directory import ProviderDirectory
from backend_client.providers.port import Answer, AnswerClass, RefundOrder
from backend_client.settings import Settings
from tests.shop import SUPERVISOR, Shop
from tests.unit.local.dispatch_house import (
    FALLBACK,
    NEVER,
    OTHER,
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
from tests.unit.local.watched_dispatch import Watched, moved, requested

MAILING = Settings(mail=MailSettings(date(2026, 3, 1), "office@palais.example", "localhost"))


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


def test_a_dispatch_leaves_the_recent_bookings_as_people_left_them(tmp_path: Path) -> None:
    with house(tmp_path) as shop:
        for number in (1, 2, 3):
            sell(shop, number, (f"OPH-{number}", 1000))
        for number in (2, 1):
            request(shop, number, 1)
            shop.clock.move(minutes=1)
        run = dispatch(shop)
        assert outcomes(run) == {ItemOutcome.REFUNDED: 2}
        assert [hit.reference for hit in shop.backend.recent(SUPERVISOR)] == ["B-1", "B-2"]


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

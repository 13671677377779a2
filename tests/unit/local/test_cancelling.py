"""Cancelling on the store: which bookings, what is written, what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend_client.domain.amounts import Retention, RetentionKind
from backend_client.domain.booking import Performance
from backend_client.domain.caller import Role
from backend_client.domain.kinds import FeeKind, LineState, PaymentMethod
from backend_client.domain.plan import Part
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method, Origin
from backend_client.domain.run_parameters import Through
from backend_client.domain.runs import ItemOutcome, ItemPlan, PartRole, RunState
from tests.unit.builders import (
    HAMLET,
    LEAR,
    NOW,
    caller,
    fee,
    payment,
    request,
    ticket,
)
from tests.unit.local.cancelled_house import BOSS, House, chunks_of, total
from tests.unit.local.venue import balances, counts_and_hashes

# ------------------------------------------------------------ one booking through


def test_a_cancelled_booking_is_as_after_a_refund_at_the_window(house: House) -> None:
    """Ticket 10.00 and charge 1.00, 2.00 withheld: 9.00 requested; books, lines and seats."""
    lines = (ticket(1, 1000), fee(2, 100, parent=1, kind=FeeKind.CHARGE))
    sold = house.sell("A", lines)
    run = house.cancel(retained=Retention(RetentionKind.FIXED, 200))
    view = house.backend.booking(BOSS, "A")
    (refund,) = view.refunds
    assert {line.state for line in view.booking.lines} == {LineState.CANCELLED}
    assert view.booking.version == sold.version + 1
    assert (refund.origin, refund.run_id) == (Origin.CANCELLATION_RUN, run.id)
    assert (refund.value_minor, refund.retained_minor, refund.amount_minor) == (1100, 200, 900)
    assert (refund.reason, refund.operator) == ("Performance cancelled", BOSS.operator)
    assert [(leg.method, leg.state, leg.amount_minor) for leg in refund.legs] == [
        (Method.REQUESTED, LegState.REQUESTED, 900)
    ]
    assert balances(house.desk.store) == {
        "tickets_sold": 1000,
        "fees_sold": 100,
        "retained_fee_income": -200,
        "refund_payable": -900,
    }
    assert house.desk.sent == [], "nothing goes to a provider"
    event = view.timeline[-1]
    assert (event.what, event.details["run"]) == ("cancelled_by_run", str(run.id))


def test_what_a_run_cancels_is_not_among_the_recent_bookings(house: House) -> None:
    """A performance of thousands would push out what the cashiers worked on."""
    for name in ("A", "B"):
        house.sell(name)
    house.cancel()
    assert house.backend.recent(BOSS) == ()


def test_free_and_waiting_bookings_in_the_store(house: House) -> None:
    """Traps 6, 7 and 8: a comp of 0.00, and 50.00 of an account of which nothing is settled."""
    house.sell("FREE", (ticket(1, 0),), ())
    account = payment(1, 5000, PaymentMethod.WAITING_ACCOUNT, settled=0)
    house.sell("OWES", (ticket(1, 5000),), [account])
    run = house.cancel()
    free, owes = (house.backend.booking(BOSS, one).refunds[0] for one in ("FREE", "OWES"))
    assert (free.amount_minor, free.legs) == (0, ())
    assert [(leg.method, leg.state) for leg in owes.legs] == [(Method.WAITING, LegState.RECORDED)]
    assert (total(run, "free"), total(run, "waiting_account")) == ((1, 0), (1, 5000))
    assert total(run, "requested") == (0, 0)
    states = {item.booking_reference: item.states for item in house.items(run)}
    assert [one.role for one in states["OWES"]] == [PartRole.WAITING_ACCOUNT]
    assert states["FREE"] == ()


def test_the_refund_is_made_through_another_channel_and_desk(house: House) -> None:
    house.sell("A")
    house.cancel(through=Through("back-office", "7"))
    (refund,) = house.backend.booking(BOSS, "A").refunds
    assert refund.desk == "7"


# ------------------------------------------------------------ which bookings


def test_the_order_is_by_sale_and_the_batch_counts_bookings(house: House) -> None:
    """Trap 5. Three candidates, the first two taken: "2 of 3"; what is only listed counts for
    nothing and comes last."""
    house.sell("GONE", (ticket(1, 1000, state=LineState.CANCELLED),))
    for name in ("B", "A", "C"):
        house.sell(name, (ticket(1, 1000), ticket(2, 500)))
    run = house.simulate(batch=2)
    assert (run.candidates, run.items, run.taken) == (3, 2, 2)
    assert house.named(run) == ["B", "A", "GONE"]
    assert total(run, "cancel") == (2, 3000)
    assert total(run, "skip", "nothing-sold") == (1, 0)


def test_the_rest_of_a_batch_is_taken_by_the_next_run(house: House) -> None:
    for name in ("A", "B", "C"):
        house.sell(name)
    assert house.backend.differences(BOSS, house.simulate(batch=2).id).appeared_count == 0
    first, second = house.cancel(batch=2), house.cancel(batch=2)
    cancelled = [
        [item.booking_reference for item in house.items(run) if item.plan is ItemPlan.CANCEL]
        for run in (first, second)
    ]
    assert cancelled == [["A", "B"], ["C"]]


def test_a_second_run_moves_nothing(house: House) -> None:
    """Trap 10. Everything is listed as sold no more; there is nothing to carry out."""
    for name in ("A", "B"):
        house.sell(name)
    house.cancel()
    again = house.simulate()
    assert (again.candidates, again.items, again.taken) == (0, 0, 0)
    assert {item.reason for item in house.items(again)} == {"nothing-sold"}
    with pytest.raises(Refused, match="run-nothing-to-do"):
        house.backend.go_live(BOSS, again.id)


# ------------------------------------------------------------ a simulation changes nothing


def test_a_simulation_changes_no_row_of_money(house: House) -> None:
    """Trap 16 for step 1: bookings, payments, books, mail, the performance are as they were."""
    house.sell("A")
    house.sell(
        "B",
        (ticket(1, 1000, groups=("deal",)), ticket(2, 1000, groups=("deal",), performance=LEAR)),
    )
    before = counts_and_hashes(house.desk.store)
    run = house.simulate()
    after = counts_and_hashes(house.desk.store)
    assert {name for name in after if after[name] != before[name]} == {
        "run",
        "run_item",
        "run_total",
        "audit",
        "sequence",
    }
    assert (run.state, run.done, run.outcomes) == (RunState.SIMULATED, 0, {})
    assert house.items(run)[0].outcome is None


def test_the_same_question_has_the_same_fingerprint(house: House) -> None:
    for name in ("A", "B"):
        house.sell(name)
    first, again = house.simulate(), house.simulate()
    assert first.fingerprint == again.fingerprint != house.simulate(charges=False).fingerprint
    house.sell("C")
    assert house.simulate().fingerprint != first.fingerprint


# ------------------------------------------------------------ blocked for sale


@pytest.mark.parametrize(
    ("more", "blocked"),
    [
        ({}, True),
        ({"block": False}, False),
        ({"sold_through": ("internet",)}, False),
        ({"sold_through": ("internet",), "block": True}, True),
        ({"batch": 1}, False),
    ],
)
def test_an_unrestricted_run_closes_the_performance(
    house: House, more: dict[str, Any], blocked: bool
) -> None:
    house.sell("A")
    simulated = house.simulate(**more)
    assert not house.backend.performances(BOSS).performances[0].blocked
    house.backend.go_live(BOSS, simulated.id)
    (row,) = house.backend.performances(BOSS).performances
    assert (row.blocked, row.tickets, row.bookings) == (blocked, 0, 0)


# ------------------------------------------------------------ what is listed


def test_what_needs_a_person_is_listed_and_left_alone(house: House) -> None:
    house.sell(
        "DEAL",
        (ticket(1, 1000, groups=("deal",)), ticket(2, 1000, groups=("deal",), performance=LEAR)),
    )
    house.sell("UNPAID", payments=(), is_paid=False)
    house.sell("PLAIN")
    run = house.cancel()
    assert house.outcomes(run) == {
        "DEAL": ItemOutcome.PERSON,
        "UNPAID": ItemOutcome.SKIPPED,
        "PLAIN": ItemOutcome.CANCELLED,
    }
    assert run.outcomes == {
        ItemOutcome.PERSON: 1,
        ItemOutcome.SKIPPED: 1,
        ItemOutcome.CANCELLED: 1,
    }
    assert (run.items, run.taken, run.done) == (3, 1, 1)
    assert all(line.is_sold for line in house.backend.booking(BOSS, "DEAL").booking.lines)


def test_pages_by_position_filtered_or_not(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    chunks_of(monkeypatch, 3)
    for number in range(10):
        house.sell(f"B{number}", is_paid=number % 3 > 0)
    run = house.cancel()
    page = house.backend.run_items(BOSS, run.id, start=4, limit=3)
    assert ([item.ordinal for item in page.items], page.total) == ([5, 6, 7], 10)
    skipped = house.backend.run_items(BOSS, run.id, plans=frozenset({ItemPlan.SKIP}), start=1)
    assert ([one.booking_reference for one in skipped.items], skipped.total) == (
        ["B3", "B6", "B9"],
        4,
    )
    both = frozenset({ItemPlan.SKIP, ItemPlan.CANCEL})
    merged = house.backend.run_items(BOSS, run.id, plans=both, start=2, limit=4)
    assert ([one.ordinal for one in merged.items], merged.total) == ([3, 4, 5, 6], 10)
    wanted = frozenset({ItemOutcome.CANCELLED})
    done = house.backend.run_items(BOSS, run.id, outcomes=wanted, start=5)
    assert ([one.booking_reference for one in done.items], done.total) == (["B8"], 6)
    none = house.backend.run_items(BOSS, run.id, outcomes=wanted, plans=frozenset({ItemPlan.SKIP}))
    assert (none.items, none.total) == ((), 0)


def test_the_log_has_the_same_figures_as_the_screen(house: House) -> None:
    house.sell("A", (ticket(1, 1000), fee(2, 100, parent=1)))
    house.sell("B", is_paid=False)
    run = house.cancel()
    told, *items = house.backend.export_run(BOSS, run.id)
    assert told["totals"] == [
        {
            "name": row.name,
            "detail": row.detail,
            "currency": row.currency,
            "count": row.count,
            "amount_minor": row.amount_minor,
        }
        for row in run.totals
    ]
    assert [one["booking_reference"] for one in items] == ["A", "B"]
    amounts = [one["amount_minor"] for one in items if one["outcome"] == "cancelled"]
    assert sum(map(int, map(str, amounts))) == total(run, "cancel")[1] == 1100


# ------------------------------------------------------------ who may


@pytest.mark.parametrize("role", [Role.CASHIER, Role.ADMIN])
def test_only_supervisors_cancel_and_refusals_are_on_record(house: House, role: Role) -> None:
    house.sell("A")
    simulated = house.simulate()
    nobody = caller(role)
    asked: tuple[Callable[[], object], ...] = (
        lambda: house.simulate(nobody),
        lambda: house.backend.go_live(nobody, simulated.id),
        lambda: house.backend.resume_run(nobody, simulated.id),
        lambda: house.backend.end_run(nobody, simulated.id),
    )
    for ask in asked:
        with pytest.raises(Refused, match="not-allowed"):
            ask()
    log = "\n".join(house.backend.audit_export(BOSS))
    assert log.count('"action": "denied"') == len(asked)
    assert house.backend.run(nobody, simulated.id).state is RunState.SIMULATED
    with pytest.raises(Refused, match="run-not-running"):
        house.backend.stop_run(nobody, simulated.id)


def test_an_hour_at_the_window_meanwhile_is_no_obstacle_to_other_bookings(house: House) -> None:
    """A booking that was given back before the simulation is listed, the others go."""
    first = house.sell("A")
    house.sell("B")
    plan = house.backend.preview_refund(
        BOSS, replace(request(1, parts=(Part(Method.REQUESTED),)), booking_id=first.id)
    )
    house.backend.execute_refund(BOSS, plan)
    run = house.cancel()
    assert house.outcomes(run) == {"B": ItemOutcome.CANCELLED, "A": ItemOutcome.SKIPPED}


def test_runs_are_shown_newest_first_in_pages(house: House) -> None:
    house.sell("A")
    made = [house.simulate().id for _ in range(3)]
    page = house.backend.runs(BOSS, limit=2)
    assert ([run.id for run in page.runs], page.next_before) == ([made[2], made[1]], made[1])
    rest = house.backend.runs(BOSS, before=page.next_before, limit=2)
    assert ([run.id for run in rest.runs], rest.next_before) == ([made[0]], None)
    assert [one.event for one in page.runs[0].performances] == [HAMLET.event]


def test_the_next_performance_comes_first_and_the_newest_past_one_behind_those_to_come(
    house: House,
) -> None:
    days = {"gone": -3, "just gone": -1, "soon": 1, "later": 9}
    for number, (event, day) in enumerate(days.items(), 10):
        when = Performance(number, str(number), event, house.desk.clock.now() + timedelta(days=day))
        house.sell(event, (ticket(1, 1000, performance=when),))
    house.sell("undated", (ticket(1, 1000, performance=Performance(20, "20", "undated", None)),))
    told = [row.event for row in house.backend.performances(BOSS).performances]
    assert told == ["soon", "later", "just gone", "gone", "undated"]
    house.desk.clock.move(days=2)
    told = [row.event for row in house.backend.performances(BOSS).performances]
    assert told == ["later", "soon", "just gone", "gone", "undated"]


def test_performances_are_found_next_first_whatever_the_accents(house: House) -> None:
    """Counted: what is still sold, tickets by their quantity, bookings once."""
    electra = Performance(4, "35629", "Électre", NOW + timedelta(days=3))
    undated = Performance(5, "35630", "Elect a king", None)
    house.sell("A", (ticket(1, 1000, performance=electra), ticket(2, 1000, performance=electra)))
    house.sell("B", (ticket(1, 2000, performance=electra, quantity=2), ticket(2, 900)))
    house.sell("C", (ticket(1, 1000, performance=undated, state=LineState.CANCELLED),))
    page = house.backend.performances(BOSS, "ELECT")
    assert [(row.event, row.bookings, row.tickets) for row in page.performances] == [
        ("Électre", 2, 4),
        ("Elect a king", 0, 0),
    ]
    everything = house.backend.performances(BOSS)
    assert [row.event for row in everything.performances] == ["Hamlet", "Électre", "Elect a king"]
    second = house.backend.performances(BOSS, start=1, limit=1)
    assert ([row.event for row in second.performances], second.total) == (["Électre"], 3)
    assert [row.event for row in house.backend.performances(BOSS, "35629").performances] == [
        "Électre"
    ]

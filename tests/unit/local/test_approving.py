"""A refund above a limit: nothing leaves before somebody else says yes, and then it leaves once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from backend_client.answers import RefundOutcome
from backend_client.domain.approval import approval_fingerprint
from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.domain.plan import Part, RefundPlan, RefundRequest
from backend_client.domain.policy import Policy
from backend_client.domain.problems import Refused
from backend_client.domain.refund import LegState, Method, RefundStatus
from backend_client.domain.scopes import Scope, ScopeWord
from backend_client.local.rows import fetch
from backend_client.mail_settings import MailSettings
from backend_client.settings import House, Settings
from tests.clocks import START
from tests.shop import PRICE, SUPERVISOR, Shop, opened_shop, provider_ledger, sale
from tests.unit.local.venue import balances, counts_and_hashes, findings
from tests.unit.refusing import refused

CASHIER = replace(SUPERVISOR, operator="A. Roy", role=Role.CASHIER)
OTHER = replace(SUPERVISOR, operator="T. Blanc", desk="9")
SETTINGS = Settings(
    house=House(currency="EUR", zone="Europe/Zurich"),
    policy=Policy(
        limit_minor=2 * PRICE,
        shift_limit_minor=3 * PRICE,
        second_supervisor_minor=4 * PRICE,
        cash_for_card=True,
    ),
    mail=MailSettings(START.date(), "office@palais.example", "localhost"),
)
EVERYWHERE = (
    Part(Method.REQUESTED, 100),
    Part(Method.CREDIT, 200),
    Part(Method.CASH, 300),
    Part(Method.EXTERNAL, 400, reference="T-1"),
    Part(Method.TRANSFER, 500),
    Part(Method.MATCHED),
)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened_shop(tmp_path, settings=SETTINGS) as made:
        made.sell(sale(number, tickets=5, email="bette@example.org") for number in range(1, 6))
        yield made
        assert findings(made.store) == []


def plan(
    shop: Shop,
    number: int,
    count: int,
    caller: Caller = CASHIER,
    parts: tuple[Part, ...] = (),
) -> RefundPlan:
    """What giving `count` tickets of booking B-<number> back would do, the first that are sold."""
    booking = shop.backend.booking(SUPERVISOR, f"B-{number}").booking
    sold = [line.sequence for line in booking.lines if line.is_sold]
    request = RefundRequest(booking.id, tuple(sold[:count]), "goodwill", parts)
    return shop.backend.preview_refund(caller, request)


def made(
    shop: Shop,
    number: int = 1,
    count: int = 3,
    caller: Caller = CASHIER,
    parts: tuple[Part, ...] = (),
) -> RefundOutcome:
    return shop.backend.execute_refund(caller, plan(shop, number, count, caller, parts))


def approve(shop: Shop, outcome: RefundOutcome, caller: Caller = SUPERVISOR) -> RefundOutcome:
    fingerprint = approval_fingerprint(outcome.refund)
    return shop.backend.approve_refund(caller, outcome.refund.number, fingerprint)


def states(outcome: RefundOutcome) -> dict[Method, LegState]:
    return {leg.method: leg.state for leg in outcome.refund.legs}


def sent(folder: Path) -> list[tuple[str, str, int, str]]:
    """The provider's own books, which it begins with its first call."""
    with closing(sqlite3.connect(folder / "provider.db")) as connection:
        begun = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'refund'").fetchone()
    return provider_ledger(folder) if begun else []


def told(shop: Shop, action: str) -> list[tuple[str, str, dict[str, object]]]:
    with shop.store.read() as connection:
        rows = fetch(
            connection, "SELECT operator, object, body FROM audit WHERE action = ?", action
        )
    return [(row.operator, row.object, json.loads(row.body)) for row in rows]


def test_until_it_is_approved_nothing_leaves_and_the_caps_hold(shop: Shop, tmp_path: Path) -> None:
    outcome = made(shop, 1, 3, parts=EVERYWHERE)
    assert outcome.refund.status is RefundStatus.AWAITING_APPROVAL
    assert set(states(outcome).values()) == {LegState.AWAITING_APPROVAL}
    assert {line.state for line in outcome.booking.lines[:3]} == {LineState.CANCELLED}
    assert sent(tmp_path) == []
    assert balances(shop.store) == {"refund_payable": -3 * PRICE, "tickets_sold": 3 * PRICE}
    with shop.store.read() as connection:
        assert fetch(connection, "SELECT * FROM credit_account") == []
        assert fetch(connection, "SELECT * FROM outbox") == []
    taken = outcome.booking.payments[0]
    matched = next(leg for leg in outcome.refund.legs if leg.method is Method.MATCHED)
    assert taken.refundable_minor == 5 * PRICE - matched.amount_minor
    assert outcome.booking.left_minor == 2 * PRICE
    assert shop.backend.recover(SUPERVISOR) == 0, "and no round sends it"
    assert sent(tmp_path) == []
    page = shop.backend.open_refunds(CASHIER, states=frozenset({LegState.AWAITING_APPROVAL}))
    assert len(page.legs) == len(EVERYWHERE)


def test_approved_every_leg_goes_its_way_and_cash_is_due(shop: Shop, tmp_path: Path) -> None:
    outcome = made(shop, 1, 3, parts=EVERYWHERE)
    done = approve(shop, outcome, OTHER)
    assert states(done) == {
        Method.REQUESTED: LegState.REQUESTED,
        Method.CREDIT: LegState.CREDITED,
        Method.CASH: LegState.DUE,
        Method.EXTERNAL: LegState.RECORDED,
        Method.TRANSFER: LegState.DUE,
        Method.MATCHED: LegState.SUCCEEDED,
    }
    card = 3 * PRICE - 1500
    assert [row[2:] for row in sent(tmp_path)] == [(card, "final")]
    contact = next(leg.payer_id for leg in done.refund.legs if leg.method is Method.CREDIT)
    assert balances(shop.store) == {
        f"customer_credit:{contact}": -200,
        "external": -400,
        "provider_clearing:practice": -card,
        "refund_payable": -900,
        "tickets_sold": 3 * PRICE,
    }
    assert done.booking.version > outcome.booking.version
    (record,) = told(shop, "approve")
    assert record[:2] == ("T. Blanc", "R-10001")
    assert record[2]["made_by"] == "A. Roy"
    timeline = shop.backend.booking(CASHIER, "B-1").timeline
    event = next(one for one in timeline if one.what == "approved")
    assert (event.operator, event.details["made_by"]) == ("T. Blanc", "A. Roy")


def test_when_it_is_paid_at_once_the_customer_is_told_then(shop: Shop) -> None:
    approve(shop, made(shop))
    with shop.store.read() as connection:
        assert len(fetch(connection, "SELECT * FROM outbox WHERE kind = 'refunded'")) == 1


def test_a_debt_on_the_waiting_account_waits_too(shop: Shop) -> None:
    owed = sale(9, tickets=5)
    payment = replace(owed.payments[0], method=PaymentMethod.WAITING_ACCOUNT, settled_minor=PRICE)
    shop.sell([replace(owed, payments=(payment,))])
    outcome = made(shop, 9, 4)
    assert states(outcome) == {Method.WAITING: LegState.AWAITING_APPROVAL}
    assert approve(shop, outcome).refund.status is RefundStatus.DONE
    assert balances(shop.store)["waiting_account"] == -4 * PRICE


def test_nobody_approves_their_own_and_the_refusal_is_on_record(shop: Shop) -> None:
    outcome = made(shop, 1, 5, caller=SUPERVISOR)
    assert outcome.refund.status is RefundStatus.AWAITING_APPROVAL
    before = counts_and_hashes(shop.store)["leg"]
    with refused("approval-own-refund"):
        approve(shop, outcome)
    for role in (Role.CASHIER, Role.ADMIN):
        with refused("not-allowed"):
            approve(shop, outcome, replace(OTHER, role=role))
    assert counts_and_hashes(shop.store)["leg"] == before
    assert [record[2]["code"] for record in told(shop, "denied")] == [
        "approval-own-refund",
        "not-allowed",
        "not-allowed",
    ]
    assert approve(shop, outcome, OTHER).refund.status is RefundStatus.DONE


@pytest.mark.parametrize("name", ["s. weber", "S.Weber", " S.  WEBER ", "Ｓ. Wébér"])
def test_nobody_approves_their_own_under_another_spelling(shop: Shop, name: str) -> None:
    """Nobody signs in here, so a name is what somebody typed."""
    assert not shop.backend.sign_in_needed()
    outcome = made(shop, 1, 5, caller=SUPERVISOR)
    with refused("approval-own-refund"):
        approve(shop, outcome, replace(SUPERVISOR, operator=name))


def test_who_has_no_name_approves_nothing_of_somebody_without_one(shop: Shop) -> None:
    nameless = replace(SUPERVISOR, operator="")
    outcome = made(shop, 1, 5, caller=nameless)
    with refused("approval-own-refund"):
        approve(shop, outcome, nameless)


YES = """INSERT INTO refund_approval(refund_id, fingerprint, operator, operator_key, maker_key,
  desk, entrance, at_us) VALUES ({}, 'x', '{}', '{}', '{}', '3', '{}', 1)"""
LEAVES = "UPDATE leg SET state = 'pending' WHERE refund_id = 1"


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        ((LEAVES,), "what waits for approval leaves with it"),
        ((YES.format(1, "S. WEBER", "x", "sweber", "window"),), "another person approves"),
        ((YES.format(1, "S.Weber", "sweber", "sweber", "window"),), "refund_approval_by_another"),
        ((YES.format(1, "T. Blanc", "tb", "sweber", "api"),), "refund_approval_by_a_person"),
        ((YES.format(2, "T. Blanc", "tb", "sweber", "window"),), "a refund that waits"),
        (2 * (YES.format(1, "T. Blanc", "tb", "sweber", "window"),), "append-only"),
        (
            (
                YES.format(1, "T. Blanc", "tb", "sweber", "window"),
                "UPDATE refund_approval SET operator = 'N. Roth'",
            ),
            "append-only",
        ),
        (
            (
                YES.format(1, "T. Blanc", "tb", "sweber", "window"),
                "DELETE FROM refund_approval",
            ),
            "append-only",
        ),
    ],
)
def test_the_database_itself_holds_that_another_person_says_yes(
    shop: Shop, statements: tuple[str, ...], why: str
) -> None:
    made(shop, 1, 5, caller=SUPERVISOR)
    made(shop, 2, 1, caller=SUPERVISOR)

    def job(connection: Connection) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    with pytest.raises(IntegrityError, match=why):
        shop.store.write(job, label="forge")
    assert findings(shop.store) == []


def test_an_approval_is_kept_with_who_when_and_where(shop: Shop) -> None:
    approve(shop, made(shop), replace(OTHER, entrance=Entrance.COMMAND_LINE))
    with shop.store.read() as connection:
        (row,) = fetch(connection, "SELECT * FROM refund_approval")
    assert (row.operator, row.operator_key, row.maker_key) == ("T. Blanc", "tblanc", "aroy")
    assert (row.desk, row.entrance) == ("9", "command_line")


def test_a_second_try_of_the_same_person_answers_as_the_first(shop: Shop, tmp_path: Path) -> None:
    outcome = made(shop)
    assert not approve(shop, outcome).already_done
    again = approve(shop, outcome)
    assert (again.already_done, again.refund.status) == (True, RefundStatus.DONE)
    with refused("already-decided") as refusal:
        approve(shop, outcome, OTHER)
    assert refusal.value.details["operator"] == "S. Weber"
    assert len(sent(tmp_path)) == 1
    assert len(told(shop, "approve")) == 1


def test_of_two_supervisors_at_once_one_approves(tmp_path: Path) -> None:
    with (
        opened_shop(tmp_path, settings=SETTINGS) as here,
        opened_shop(tmp_path, settings=SETTINGS) as there,
    ):
        here.sell([sale(1, tickets=5)])
        outcome, barrier = made(here), Barrier(2)

        def go(shop: Shop, caller: Caller) -> str:
            barrier.wait()
            try:
                return approve(shop, outcome, caller).refund.status.value
            except Refused as refusal:
                return refusal.code

        with ThreadPoolExecutor(2) as pool:
            answers = set(pool.map(go, (here, there), (SUPERVISOR, OTHER)))
        assert answers == {"done", "already-decided"}
        assert len(sent(tmp_path)) == 1
        assert findings(here.store) == []


def test_what_was_not_looked_at_is_not_approved(shop: Shop) -> None:
    outcome = made(shop)
    other = replace(outcome.refund, amount_minor=1)
    with refused("plan-stale"):
        shop.backend.approve_refund(SUPERVISOR, "R-10001", approval_fingerprint(other))
    small = made(shop, 2, 1, caller=replace(CASHIER, operator="B. Roy"))
    with refused("not-awaiting-approval"):
        approve(shop, small)
    with refused("refund-not-found"):
        shop.backend.approve_refund(SUPERVISOR, "R-10009", "x")


@pytest.mark.parametrize("who", [CASHIER, OTHER], ids=["who made it", "a supervisor"])
def test_taken_back_its_lines_return_and_it_is_decided(shop: Shop, who: Caller) -> None:
    outcome = made(shop, 1, 3, parts=EVERYWHERE)
    void = shop.backend.preview_void(who, "R-10001", "too much")
    back = shop.backend.execute_void(who, void)
    assert back.refund.status is RefundStatus.VOIDED
    assert {line.state for line in back.booking.lines} == {LineState.SOLD}
    assert balances(shop.store) == {}
    assert back.booking.payments[0].refundable_minor == 5 * PRICE
    with refused("already-decided") as refusal:
        approve(shop, outcome, SUPERVISOR)
    assert refusal.value.details["operator"] == who.operator


def test_a_business_day_ends_and_what_was_taken_back_does_not_count(shop: Shop) -> None:
    made(shop, 1, 2)
    assert not plan(shop, 2, 1).awaits_approval, "three tickets are the limit"
    over = plan(shop, 2, 2)
    assert [notice.code for notice in over.notices] == ["needs-approval-day"]
    made(shop, 2, 1)
    with refused("plan-stale"):
        shop.backend.execute_refund(CASHIER, replace(plan(shop, 3, 1), fingerprint="as before"))
    assert plan(shop, 3, 1).awaits_approval
    assert not plan(shop, 3, 1, replace(CASHIER, operator="B. Roy")).awaits_approval
    late = made(shop, 3, 1)
    shop.backend.execute_void(
        OTHER, shop.backend.preview_void(OTHER, late.refund.number, "too much")
    )
    assert plan(shop, 3, 1).awaits_approval
    shop.clock.move(hours=17, minutes=59)
    assert plan(shop, 3, 1).awaits_approval, "at 04:59 it is still the same business day"
    shop.clock.move(minutes=1)
    assert not plan(shop, 3, 2).awaits_approval


def test_what_the_day_s_limit_lets_through_is_asked_again_by_the_commit(shop: Shop) -> None:
    """Two windows of one cashier: what the other one gave back meanwhile counts."""
    shown = plan(shop, 1, 2)
    made(shop, 2, 2)
    with refused("plan-stale"):
        shop.backend.execute_refund(CASHIER, shown)


def test_a_program_above_its_limit_waits_and_never_approves(shop: Shop, tmp_path: Path) -> None:
    words = frozenset({ScopeWord.REFUNDS_MATCHED})
    program = Caller(
        "shop", Role.CLIENT, "", "web", Entrance.API, "corr-2", Scope(words, limit_minor=PRICE)
    )
    outcome = made(shop, 1, 2, caller=program)
    assert outcome.refund.status is RefundStatus.AWAITING_APPROVAL
    with refused("not-allowed"):
        approve(shop, outcome, program)
    assert sent(tmp_path) == []
    assert approve(shop, outcome).refund.status is RefundStatus.DONE

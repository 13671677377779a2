"""Cash of a refund that was approved is due: it is handed over by somebody at a desk, and not by
whoever said yes, wherever they sit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from backend_client.answers import RefundOutcome
from backend_client.domain import approval
from backend_client.domain.approval import approval_fingerprint
from backend_client.domain.caller import Caller, Role
from backend_client.domain.handing_over import HandOver
from backend_client.domain.plan import MethodChange, Part, RefundRequest
from backend_client.domain.policy import Policy
from backend_client.domain.refund import BORN_AS, LegState, Method, RefundStatus
from backend_client.local import migrations
from backend_client.local.rows import fetch
from backend_client.mail_settings import MailSettings
from backend_client.settings import House, Settings
from tests.clocks import START
from tests.shop import PRICE, SUPERVISOR, Shop, opened_shop, sale
from tests.unit.local.venue import balances, findings
from tests.unit.refusing import refused

MAKER = replace(SUPERVISOR, operator="A. Roy", role=Role.CASHIER)
AT_THE_TILL = replace(MAKER, operator="B. Roy", desk="7")
OFFICE = replace(SUPERVISOR, operator="T. Blanc", desk="office")
SETTINGS = Settings(
    house=House(currency="EUR", zone="Europe/Zurich"),
    policy=Policy(limit_minor=PRICE, cash_for_card=True),
    mail=MailSettings(START.date(), "office@palais.example", "localhost"),
)
CASH = (Part(Method.CASH),)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened_shop(tmp_path, settings=SETTINGS) as made:
        made.sell(sale(number, tickets=3, email="bette@example.org") for number in (1, 2))
        yield made
        assert findings(made.store) == []


def waiting(shop: Shop, parts: tuple[Part, ...] = CASH) -> RefundOutcome:
    booking = shop.backend.booking(SUPERVISOR, "B-1").booking
    sequences = tuple(line.sequence for line in booking.lines)
    request = RefundRequest(booking.id, sequences, "goodwill", parts)
    return shop.backend.execute_refund(MAKER, shop.backend.preview_refund(MAKER, request))


def approve(shop: Shop, outcome: RefundOutcome) -> RefundOutcome:
    fingerprint = approval_fingerprint(outcome.refund)
    return shop.backend.approve_refund(OFFICE, outcome.refund.number, fingerprint)


def hand_over(shop: Shop, caller: Caller, leg: str) -> RefundOutcome:
    plan = shop.backend.preview_hand_over(caller, HandOver((leg,)))
    assert plan.missing == (), "cash needs no reference"
    (outcome,) = shop.backend.execute_hand_over(caller, plan)
    return outcome


def mails(shop: Shop) -> int:
    with shop.store.read() as connection:
        return len(fetch(connection, "SELECT * FROM outbox"))


def test_it_is_booked_and_told_when_it_is_handed_over_from_the_desk_that_does(shop: Shop) -> None:
    approved = approve(shop, waiting(shop))
    (leg,) = approved.refund.legs
    assert (leg.state, approved.refund.status) == (LegState.DUE, RefundStatus.DUE)
    assert approved.refund.approved_by == OFFICE.operator
    assert balances(shop.store) == {"refund_payable": -3 * PRICE, "tickets_sold": 3 * PRICE}
    assert mails(shop) == 0, "nobody is told of money that lies in the till"
    (owed,) = shop.backend.open_refunds(AT_THE_TILL, states=frozenset({LegState.DUE})).legs
    assert owed.leg_number == leg.number
    done = hand_over(shop, AT_THE_TILL, leg.number)
    assert (done.refund.legs[0].state, done.refund.status) == (
        LegState.RECORDED,
        RefundStatus.DONE,
    )
    assert balances(shop.store) == {"cash_desk:7": -3 * PRICE, "tickets_sold": 3 * PRICE}
    assert mails(shop) == 1


def test_a_repeated_yes_hands_nothing_over(shop: Shop) -> None:
    outcome = waiting(shop)
    approve(shop, outcome)
    again = approve(shop, outcome)
    assert (again.already_done, again.refund.status) == (True, RefundStatus.DUE)


def test_the_limit_is_not_asked_again_of_what_was_approved(shop: Shop) -> None:
    """A cashier hands out what a supervisor said yes to; what nobody approved keeps its limit."""
    transfer = shop.refund(2, 1, 2, 3, parts=(Part(Method.TRANSFER),)).refund.legs[0]
    assert transfer.state is LegState.DUE
    with refused("limit-exceeded"):
        shop.backend.preview_hand_over(MAKER, HandOver((transfer.number,), "SEPA 1"))
    leg = approve(shop, waiting(shop)).refund.legs[0]
    assert hand_over(shop, MAKER, leg.number).refund.status is RefundStatus.DONE
    admin = replace(MAKER, role=Role.ADMIN)
    with refused("not-allowed"):
        shop.backend.preview_hand_over(admin, HandOver((leg.number,)))


def test_only_once_it_is_due(shop: Shop) -> None:
    outcome = waiting(shop)
    (leg,) = outcome.refund.legs
    with refused("not-due"):
        shop.backend.preview_hand_over(SUPERVISOR, HandOver((leg.number,)))
    approve(shop, outcome)
    hand_over(shop, MAKER, leg.number)
    with refused("not-due"):
        shop.backend.preview_hand_over(AT_THE_TILL, HandOver((leg.number,)))


def test_a_customer_who_went_gets_it_another_way_or_keeps_the_tickets(shop: Shop) -> None:
    half = (Part(Method.CASH, PRICE), Part(Method.CREDIT))
    approved = approve(shop, waiting(shop, half))
    cash = next(leg for leg in approved.refund.legs if leg.method is Method.CASH)
    change = MethodChange(cash.number, (Part(Method.CREDIT),), "customer asked")
    plan = shop.backend.preview_method_change(SUPERVISOR, change)
    changed = shop.backend.execute_method_change(SUPERVISOR, plan)
    assert changed.refund.status is RefundStatus.DONE


def test_what_another_desk_gave_in_cash_meanwhile_is_not_given_here_too(shop: Shop) -> None:
    """Both saw the same payment and chose cash for it: one till was opened, not two."""
    (leg,) = shop.refund(2, 1, parts=(Part(Method.TRANSFER),)).refund.legs
    change = MethodChange(leg.number, CASH, "customer asked")
    plans = [shop.backend.preview_method_change(one, change) for one in (MAKER, AT_THE_TILL)]
    shop.backend.execute_method_change(MAKER, plans[0])
    assert shop.backend.execute_method_change(MAKER, plans[0]).already_done
    with refused("plan-stale"):
        shop.backend.execute_method_change(AT_THE_TILL, plans[1])


def test_until_then_it_may_be_taken_back(shop: Shop) -> None:
    approved = approve(shop, waiting(shop))
    plan = shop.backend.preview_void(SUPERVISOR, approved.refund.number, "customer stays")
    voided = shop.backend.execute_void(SUPERVISOR, plan)
    assert voided.refund.status is RefundStatus.VOIDED
    assert balances(shop.store) == {}


def test_the_store_itself_lets_no_approval_hand_cash_over(shop: Shop) -> None:
    (leg,) = waiting(shop).refund.legs
    with pytest.raises(IntegrityError, match="cash is due until it is handed over"):
        shop.store.write(
            lambda connection: connection.exec_driver_sql(
                "UPDATE leg SET state = 'recorded' WHERE id = ?", (leg.id,)
            ),
            label="bad",
        )


def test_what_an_earlier_version_recorded_with_its_approval_stays_so(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrations, "LATEST", 15)
        patched.setattr(approval, "APPROVED_AS", BORN_AS)
        with opened_shop(tmp_path, settings=SETTINGS) as shop:
            shop.sell([sale(1, tickets=3)])
            number = approve(shop, waiting(shop)).refund.number
            before = balances(shop.store)
    with opened_shop(tmp_path, settings=SETTINGS) as shop:
        refund = shop.backend.refund(MAKER, number).refund
        assert (refund.status, refund.legs[0].state) == (RefundStatus.DONE, LegState.RECORDED)
        assert balances(shop.store) == before == {"cash_desk:3": -3 * PRICE, **SOLD}
        assert findings(shop.store) == []


SOLD = {"tickets_sold": 3 * PRICE}

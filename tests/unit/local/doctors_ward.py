"""A store with every kind of refund in it, and a way to break it behind the guards' back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

from backend_client.domain.amounts import Retention, RetentionKind
from backend_client.domain.booking import BookingKey
from backend_client.domain.connect_intent import IntentState, concluded
from backend_client.domain.connect_outcome import Became, Signal, Verdict
from backend_client.domain.incoming import (
    IncomingClaim,
    IncomingContact,
    IncomingLine,
    IncomingPayment,
    IncomingPerformance,
)
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.domain.plan import CreditSpend, MethodChange, Part
from backend_client.domain.refund import Method
from backend_client.domain.run_parameters import (
    CancellationParameters,
    CreditMode,
    DispatchParameters,
)
from backend_client.local.journal import LocalJournal
from backend_client.mail_settings import MailSettings
from backend_client.providers.practice import PracticeProvider
from backend_client.settings import Settings
from tests.clocks import START
from tests.shop import PRICE, SUPERVISOR, Shop, card, opened_shop, sale, ticket
from tests.wishes import wish

UNTOUCHED = "B-10"
MAILING = Settings(mail=MailSettings(date(2026, 3, 1), "office@palais.example", "localhost"))


def fill(folder: Path) -> None:
    """A healthy store: succeeded, mixed, replaced, voided, in a deal, waiting, accepted, pending,
    resold, spent, to a gift card whose number is waited for; the customer is told by mail."""
    provider = PracticeProvider(str(folder / "provider.db"), unmatched=True)
    with opened_shop(folder, settings=MAILING, provider=provider) as shop:
        _sell(shop)
        shop.refund(1)
        shop.refund(2, 1, parts=(Part(Method.MATCHED, 450), Part(Method.CREDIT)))
        shop.refund(2, 2)
        declined = shop.refund(3).refund.legs[0]
        change = MethodChange(declined.number, (Part(Method.CREDIT),), "card is dead")
        plan = shop.backend.preview_method_change(SUPERVISOR, change)
        shop.backend.execute_method_change(SUPERVISOR, plan)
        number = shop.refund(4, parts=(Part(Method.REQUESTED),)).refund.number
        void = shop.backend.preview_void(SUPERVISOR, number, "by mistake")
        shop.backend.execute_void(SUPERVISOR, void)
        shop.refund(5, 1, 2, parts=(Part(Method.EXTERNAL, reference="slip 7"),))
        shop.refund(6, 1)
        shop.refund(7, retained_minor=100)
        shop.refund(8)
        shop.backend.spend_credit(SUPERVISOR, CreditSpend("C-1", 300, "EUR", "sale 99"))
        shop.refund(11, parts=(Part(Method.UNMATCHED),), gift_card="outage123456")
        _dispatch(shop)
        _cancel(shop)
        _call_connect(shop)


def _call_connect(shop: Shop) -> None:
    """One call to Connect that went well, one that surely was not sent, one that another supervisor
    approved, and one that still waits."""
    journal = LocalJournal(shop.store)
    waits = IntentState.AWAITING_APPROVAL
    for number in (3, 4):
        key = BookingKey("0001", f"WAITS{number}", "1")
        born = journal.begin(SUPERVISOR, wish(number, key=key), "holder", START, waits)
        if number == 3:
            other = replace(SUPERVISOR, operator="T. Blanc")
            sent = journal.approve(other, born, "fingerprint", "holder", START)
            done = Verdict(Became.SUCCEEDED, (True, True), lines_gone=True)
            found = concluded(sent, done, Signal.CLEAN, START, "", "")
            journal.conclude(SUPERVISOR, sent, found, START)
    for number, lines, became in ((1, (1, 2), Became.SUCCEEDED), (2, (3, 4), Became.NOT_DONE)):
        begun = journal.begin(SUPERVISOR, wish(number, lines=lines), "holder", START)
        intent = journal.sending(begun, START)
        gone = became is Became.SUCCEEDED
        verdict = Verdict(became, (gone, gone), gone)
        conclusion = concluded(intent, verdict, Signal.NOT_SENT, START, "", "")
        journal.conclude(SUPERVISOR, intent, conclusion, START)


def _cancel(shop: Shop) -> None:
    """A performance is cancelled, with something withheld; one booking of it was never paid."""
    hamlet = IncomingPerformance("35626", "Hamlet")
    lines = (replace(ticket(1), performance=hamlet.key),)
    sold = [replace(sale(number, lines=lines), performances=(hamlet,)) for number in (30, 31)]
    shop.sell([sold[0], replace(sold[1], is_paid=False, payments=())])
    parameters = CancellationParameters(
        (1,), "performance-cancelled", retained=Retention(RetentionKind.FIXED, 100)
    )
    simulation = shop.backend.simulate_cancellation(SUPERVISOR, parameters)
    shop.backend.go_live(SUPERVISOR, simulation.id)


def _dispatch(shop: Shop) -> None:
    """One card takes its part and one refuses it, which is credited; then one card, and a rest
    that stays."""
    cards = (card("pay-20", 1000), card("dead-20", 450, key="P-2"))
    cash = IncomingPayment("P-2", PaymentMethod.CASH, 450, 450, payer="C-1")
    credit = CreditMode.WHEN_NOT_POSSIBLE, CreditMode.NEVER
    paid = cards, (card("pay-21", 1000), cash)
    for number, (mode, payments) in enumerate(zip(credit, paid, strict=True), 20):
        shop.sell([replace(sale(number, tickets=1, payments=payments), channel="web")])
        shop.refund(number, parts=(Part(Method.REQUESTED),))
        parameters = DispatchParameters(START.date(), START.date(), mode, ("web",))
        simulation = shop.backend.simulate_dispatch(SUPERVISOR, parameters)
        shop.backend.go_live(SUPERVISOR, simulation.id)


def _sell(shop: Shop) -> None:
    deal = ("deal-1",)
    waiting = IncomingPayment("P-1", PaymentMethod.WAITING_ACCOUNT, 10_000, 6_000, payer="C-1")
    resold = IncomingLine(
        1, ticket(1).kind, "Adult", PRICE, PRICE, state=LineState.RESOLD, seat="G 1"
    )
    sales = [
        sale(1),
        sale(2),
        sale(3, payment="dead"),
        sale(4),
        sale(5, lines=(ticket(1, groups=deal), ticket(2, groups=deal), ticket(3))),
        sale(6, lines=(ticket(1, 5_000), ticket(2, 5_000)), payments=(waiting,)),
        sale(7, payment="slow"),
        sale(8, payment="outage"),
        sale(10),
        sale(11),
    ]
    claim = IncomingClaim(1, 900, START, payer="C-1")
    sales.append(replace(sale(9, lines=(resold, ticket(2))), claims=(claim,)))
    bette = IncomingContact("C-1", "Bette Davis", "bette.davis@example.org")
    shop.sell(replace(one, contact=bette) for one in sales)


def break_in(path: Path, statements: Iterable[str]) -> None:
    """Run statements with all guards down, and put the triggers back."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA ignore_check_constraints=ON")
        connection.execute("BEGIN IMMEDIATE")
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("COMMIT")

"""Awkward bookings of the practice venue: fees, and what a line is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend_client.domain.kinds import FeeKind, LineState, PaymentMethod
from backend_client.importing.practice_parts import (
    BOX_OFFICE,
    Case,
    House,
    card,
    concession,
    fee,
    payment,
    ticket,
)
from backend_client.importing.practice_people import BETTE, CLAIRE, GINA, JOAN, JOERG, LUC, person


def value_cases(at: House) -> Iterator[Case]:
    yield from _fees_left(at)
    yield from _fees_and_drinks(at)
    yield from _values(at)
    yield from _currencies(at)


def _fees_left(at: House) -> Iterator[Case]:
    yield at.by_card(
        "a fee for the whole booking, without a ticket it belongs to",
        "LONEFEE",
        LUC,
        (ticket(1, 1200, "lac", "B 9"), ticket(2, 1200, "lac", "B 10"), fee(3, 250)),
        30,
    )
    yield at.case(
        "only the fee is left, so it can never go back",
        "ONLYFEE",
        GINA,
        (ticket(1, 1200, "lac", "B 11", state=LineState.CANCELLED), fee(2, 100, parent=1)),
        (card("P1", 1300, "3254561031", prior_refunded_minor=1200),),
        31,
    )
    yield at.by_card(
        "one ticket, one fee: keeping the fee must be acknowledged",
        "STRAND1",
        BETTE,
        (ticket(1, 2400, "quartet", "C 8"), fee(2, 200, parent=1)),
        32,
    )
    orphan = (
        ticket(1, 1000, "godot", "E 1", state=LineState.CANCELLED),
        ticket(2, 1000, "godot", "E 2"),
        fee(3, 100, parent=1),
        fee(4, 100, parent=2),
    )
    yield at.case(
        "a fee whose ticket went back earlier is still there",
        "ORPHAN1",
        JOAN,
        orphan,
        (card("P1", 2200, "3254561033", prior_refunded_minor=1000),),
        33,
    )


def _fees_and_drinks(at: House) -> Iterator[Case]:
    every = (
        ticket(1, 5000, "figaro", "A 20"),
        ticket(2, 5000, "figaro", "A 21"),
        fee(3, 150, FeeKind.CHARGE, 1),
        fee(4, 150, FeeKind.CHARGE, 2),
        fee(5, 900, FeeKind.SHIPMENT),
        fee(6, 400, FeeKind.OVERHEAD),
        fee(7, 700, FeeKind.INSURANCE),
    )
    yield at.by_card(
        "charges, shipment, overhead and insurance, each with its own rule",
        "POSTFEE",
        CLAIRE,
        every,
        34,
    )
    yield at.case(
        "drinks only, no ticket at all",
        "BARONLY",
        JOERG,
        (concession(1, 900, "Cüpli"), concession(2, 600, "Brezel")),
        (payment("P1", PaymentMethod.CASH, 1500),),
        35,
        channel=BOX_OFFICE,
    )


def _values(at: House) -> Iterator[Case]:
    yield at.by_card(
        "two drinks on one line, and the source does not say whether 3.50 is each or both",
        "AMBIG2X",
        LUC,
        (
            ticket(1, 1000, "hamlet", "S 1"),
            concession(2, 350, "Mineral", quantity=2, value_minor=None),
            fee(3, 100, parent=1),
        ),
        40,
    )
    yield at.case(
        "a free reward ticket: it goes back with an amount of nothing",
        "REWARD0",
        BETTE,
        (ticket(1, 0, "lac", "T 1", description="Reward", tariff="0077"),),
        (),
        41,
    )
    season = tuple(
        replace(
            ticket(n, price, show, "A 14", description="Season ticket", product="SEASON-25"),
            value_minor=value,
        )
        for n, show, price, value in (
            (1, "hamlet", 3000, 2600),
            (2, "figaro", 3000, 4200),
            (3, "lac", 3000, 0),
            (4, "quartet", 3000, 3200),
        )
    )
    yield at.by_card(
        "season ticket: each evening has its own value, one of them nothing",
        "SEASON1",
        JOAN,
        season,
        42,
    )
    equal = tuple(ticket(n, 2000, "quartet", f"U {n}") for n in range(1, 5))
    yield at.by_card(
        "four equal tickets: partial refunds look alike and are told apart by number",
        "SAMEAMT",
        GINA,
        equal,
        43,
    )


def _currencies(at: House) -> Iterator[Case]:
    yield at.case(
        "yen: amounts have no decimals",
        "YEN0001",
        person(9, "佐藤 花子", "+81 90 1234 5678", "hanako@example.jp"),
        (ticket(1, 8500, "lac", "V 1"), fee(2, 220, parent=1)),
        (card("P1", 8720, "3254561044", card_type="JCB"),),
        44,
        currency="JPY",
    )
    yield at.by_card(
        "dinar: amounts have three decimals",
        "DINAR01",
        person(10, "فاطمة الصباح", "+965 2244 5566", "fatima@example.com"),
        (ticket(1, 12_500, "lac", "V 2"), fee(2, 250, parent=1)),
        45,
        currency="KWD",
    )

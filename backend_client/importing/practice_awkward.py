"""The awkward bookings of the practice venue: one for every trap a refund can walk into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from backend_client.domain.kinds import FeeKind, LineState, PaymentMethod
from backend_client.importing.practice_awkward_money import money_cases
from backend_client.importing.practice_awkward_names import name_cases
from backend_client.importing.practice_awkward_partly import partly_cases
from backend_client.importing.practice_parts import (
    BETTE,
    BOX_OFFICE,
    CLAIRE,
    GINA,
    JOAN,
    JOERG,
    LUC,
    PARTNER,
    PHONE,
    Case,
    House,
    card,
    concession,
    fee,
    house,
    payment,
    person,
    ticket,
)


def awkward_bookings(now: datetime) -> Iterator[Case]:
    """What each of them shows, and the booking."""
    at = house(now)
    yield from _seed_and_neighbours(at)
    yield from _groups(at)
    yield from _policy(at)
    yield from _fees(at)
    yield from _values(at)
    yield from money_cases(at)
    yield from name_cases(at)
    yield from partly_cases(at)


def awkward_cases() -> tuple[tuple[str, str], ...]:
    """Every awkward booking by its id, and what it shows."""
    now = datetime.fromisoformat("2026-01-01T12:00:00+00:00")
    return tuple((booking.booking_id, note) for note, booking in awkward_bookings(now))


def _seed_and_neighbours(at: House) -> Iterator[Case]:
    lines = (
        ticket(1, 1000, "hamlet", "G 16"),
        concession(2, 350, "Small Pop Corn"),
        fee(3, 100, parent=1),
    )
    visa = card(
        "OPH-29299",
        1450,
        "",
        bank_reference="41980",
        masked_number="411111••••••1111",
        card_expiry="2020-12",
    )
    yield (
        "ticket, pop corn and fee on one card: choosing 1 and 2 alone strands the fee",
        at.booking("WPM8TS9", BETTE, lines, (visa,), 1, transaction_id="3679", number="3638"),
    )
    half = (
        ticket(1, 4300, "hamlet late", "B 3", state=LineState.CANCELLED),
        ticket(2, 4300, "hamlet late", "B 4"),
    )
    yield (
        "one of two tickets was given back at the box office before",
        at.booking(
            "WPK2RR1", BETTE, half, (card("P1", 8600, "3254561001", prior_refunded_minor=4300),), 2
        ),
    )
    unpaid = tuple(ticket(n, 1900, "hamlet", f"K {n}") for n in range(1, 5))
    yield (
        "a group that has not paid: nothing to give back",
        at.booking(
            "WQA7AAB",
            person(7, "Davis, Anna [group]", "", "anna.davis@example.org"),
            unpaid,
            (),
            3,
            is_paid=False,
            transaction_id="0",
        ),
    )


def _groups(at: House) -> Iterator[Case]:
    family = ("family",)
    package = (
        ticket(1, 900, "figaro", "C 1", groups=family),
        ticket(2, 600, "figaro", "C 2", groups=family, description="Child", tariff="0004"),
        concession(3, 500, "Sirup", groups=family),
        ticket(4, 1000, "figaro", "C 3"),
        fee(5, 100, parent=1),
        fee(6, 100, parent=2),
        fee(7, 100, parent=4),
    )
    yield (
        "family package with a drink inside: lines 1 to 3 go back as one",
        at.booking("FAMPACK", CLAIRE, package, (card("P1", 3300, "3254561010"),), 10),
    )
    deal = tuple(
        ticket(n, price, "lac", f"F {n}", groups=("3for2",))
        for n, price in ((1, 1000), (2, 1000), (3, 0))
    )
    yield (
        "3 for 2: the free ticket belongs and must go back too",
        at.booking("DEAL3X2", LUC, deal, (card("P1", 2000, "3254561011"),), 11),
    )
    overlap = (
        ticket(1, 1000, "lac", "H 1", groups=("deal",)),
        ticket(2, 900, "lac", "H 2", groups=("package",)),
        ticket(3, 1000, "lac", "H 3"),
        concession(4, 400, "Programme", groups=("deal", "package")),
    )
    yield (
        "the programme is in a deal and in a package: 1, 2 and 4 go together, 3 is free",
        at.booking("OVERLAP", GINA, overlap, (card("P1", 3300, "3254561012"),), 12),
    )
    broken = tuple(
        ticket(n, 800, "godot", f"D {n}", groups=("pack",), state=state)
        for n, state in ((1, LineState.CANCELLED), (2, LineState.SOLD), (3, LineState.SOLD))
    )
    yield (
        "one line of the package is gone already: only a supervisor may give back the rest",
        at.booking(
            "BROKEN1", JOAN, broken, (card("P1", 2400, "3254561013", prior_refunded_minor=800),), 13
        ),
    )
    blocked = (
        ticket(1, 900, "figaro", "L 1", groups=("pair",), collected=True),
        ticket(2, 900, "figaro", "L 2", groups=("pair",)),
    )
    yield (
        "a pair of which one was collected: the other cannot go alone",
        at.booking("PAIRCOL", JOERG, blocked, (card("P1", 1800, "3254561014"),), 14),
    )
    across = (
        ticket(1, 1500, "figaro", "M 1", groups=("both nights",)),
        ticket(2, 1500, "lac", "M 1", groups=("both nights",)),
    )
    yield (
        "a deal over two performances: cancelling one of them needs a person",
        at.booking("CROSSED", CLAIRE, across, (card("P1", 3000, "3254561015"),), 15),
    )
    mixed = (
        ticket(1, 2200, "figaro", "N 5"),
        ticket(2, 2600, "quartet", "N 5"),
        fee(3, 100, parent=1),
        fee(4, 100, parent=2),
    )
    yield (
        "two performances in one booking: each goes back by itself",
        at.booking("TWOEVES", LUC, mixed, (card("P1", 5000, "3254561016"),), 16),
    )
    school = tuple(
        ticket(n, 800, "godot", f"R {n}", description="School", tariff="0009", contingent="SCHOOL")
        for n in range(1, 121)
    )
    yield (
        "a school class of 120 tickets in one booking",
        at.booking(
            "SCHOOL1",
            person(8, "Gymnase de la Cité", "021 316 35 35", "secretariat@example.com"),
            school,
            (payment("P1", PaymentMethod.TRANSFER, 96_000, bank_reference="CH-88123"),),
            17,
            channel=PHONE,
        ),
    )


def _policy(at: House) -> Iterator[Case]:
    scanned = at.now - timedelta(hours=20)
    collected = (
        ticket(1, 1000, "hamlet", "O 7", collected=True, collected_at=scanned),
        ticket(2, 1000, "hamlet", "O 8"),
    )
    yield (
        "line 1 was collected: it stays by policy, line 2 goes back",
        at.booking("COLLECT", JOERG, collected, (card("P1", 2000, "3254561020"),), 20),
    )
    yield (
        "the performance was yesterday",
        at.booking(
            "PASTCUT",
            GINA,
            (ticket(1, 3500, "yesterday", "A 1"), fee(2, 100, parent=1)),
            (card("P1", 3600, "3254561021"),),
            21,
        ),
    )
    yield (
        "the performance is beginning right now",
        at.booking(
            "STARTED",
            LUC,
            (ticket(1, 3500, "running", "A 2"),),
            (card("P1", 3500, "3254561022"),),
            22,
        ),
    )
    yield (
        "sold by a partner whose bookings a house may close to refunds",
        at.booking(
            "PARTNER",
            CLAIRE,
            (ticket(1, 4000, "lac", "P 9"),),
            (payment("P1", PaymentMethod.EXTERNAL, 4000),),
            23,
            channel=PARTNER,
        ),
    )
    yield (
        "starts after midnight: the business day is not the calendar day",
        at.booking(
            "MIDNITE",
            JOAN,
            (ticket(1, 2500, "night", "Q 4"),),
            (payment("P1", PaymentMethod.CASH, 2500),),
            24,
            channel=BOX_OFFICE,
            sold_at=at.sold(1).replace(hour=23, minute=40),
        ),
    )


def _fees(at: House) -> Iterator[Case]:
    yield (
        "a fee for the whole booking, without a ticket it belongs to",
        at.booking(
            "LONEFEE",
            LUC,
            (ticket(1, 1200, "lac", "B 9"), ticket(2, 1200, "lac", "B 10"), fee(3, 250)),
            (card("P1", 2650, "3254561030"),),
            30,
        ),
    )
    yield (
        "only the fee is left, so it can never go back",
        at.booking(
            "ONLYFEE",
            GINA,
            (ticket(1, 1200, "lac", "B 11", state=LineState.CANCELLED), fee(2, 100, parent=1)),
            (card("P1", 1300, "3254561031", prior_refunded_minor=1200),),
            31,
        ),
    )
    yield (
        "one ticket, one fee: keeping the fee must be acknowledged",
        at.booking(
            "STRAND1",
            BETTE,
            (ticket(1, 2400, "quartet", "C 8"), fee(2, 200, parent=1)),
            (card("P1", 2600, "3254561032"),),
            32,
        ),
    )
    orphan = (
        ticket(1, 1000, "godot", "E 1", state=LineState.CANCELLED),
        ticket(2, 1000, "godot", "E 2"),
        fee(3, 100, parent=1),
        fee(4, 100, parent=2),
    )
    yield (
        "a fee whose ticket went back earlier is still there",
        at.booking(
            "ORPHAN1",
            JOAN,
            orphan,
            (card("P1", 2200, "3254561033", prior_refunded_minor=1000),),
            33,
        ),
    )
    every = (
        ticket(1, 5000, "figaro", "A 20"),
        ticket(2, 5000, "figaro", "A 21"),
        fee(3, 150, FeeKind.CHARGE, 1),
        fee(4, 150, FeeKind.CHARGE, 2),
        fee(5, 900, FeeKind.SHIPMENT),
        fee(6, 400, FeeKind.OVERHEAD),
        fee(7, 700, FeeKind.INSURANCE),
    )
    yield (
        "charges, shipment, overhead and insurance, each with its own rule",
        at.booking("POSTFEE", CLAIRE, every, (card("P1", 12_300, "3254561034"),), 34),
    )
    yield (
        "drinks only, no ticket at all",
        at.booking(
            "BARONLY",
            JOERG,
            (concession(1, 900, "Cüpli"), concession(2, 600, "Brezel")),
            (payment("P1", PaymentMethod.CASH, 1500),),
            35,
            channel=BOX_OFFICE,
        ),
    )


def _values(at: House) -> Iterator[Case]:
    yield (
        "two drinks on one line, and the source does not say whether 3.50 is each or both",
        at.booking(
            "AMBIG2X",
            LUC,
            (
                ticket(1, 1000, "hamlet", "S 1"),
                concession(2, 350, "Mineral", quantity=2, value_minor=None),
                fee(3, 100, parent=1),
            ),
            (card("P1", 1450, "3254561040"),),
            40,
        ),
    )
    yield (
        "a free reward ticket: it goes back with an amount of nothing",
        at.booking(
            "REWARD0",
            BETTE,
            (ticket(1, 0, "lac", "T 1", description="Reward", tariff="0077"),),
            (),
            41,
        ),
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
    yield (
        "season ticket: each evening has its own value, one of them nothing",
        at.booking("SEASON1", JOAN, season, (card("P1", 12_000, "3254561042"),), 42),
    )
    equal = tuple(ticket(n, 2000, "quartet", f"U {n}") for n in range(1, 5))
    yield (
        "four equal tickets: partial refunds look alike and are told apart by number",
        at.booking("SAMEAMT", GINA, equal, (card("P1", 8000, "3254561043"),), 43),
    )
    yield (
        "yen: amounts have no decimals",
        at.booking(
            "YEN0001",
            person(9, "佐藤 花子", "+81 90 1234 5678", "hanako@example.jp"),
            (ticket(1, 8500, "lac", "V 1"), fee(2, 220, parent=1)),
            (card("P1", 8720, "3254561044", card_type="JCB"),),
            44,
            currency="JPY",
        ),
    )
    yield (
        "dinar: amounts have three decimals",
        at.booking(
            "DINAR01",
            person(10, "فاطمة الصباح", "+965 2244 5566", "fatima@example.com"),
            (ticket(1, 12_500, "lac", "V 2"), fee(2, 250, parent=1)),
            (card("P1", 12_750, "3254561045"),),
            45,
            currency="KWD",
        ),
    )

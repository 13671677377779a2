"""Awkward bookings of the practice venue: what goes back together, and what goes alone."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.importing.practice_parts import (
    PHONE,
    Case,
    House,
    card,
    concession,
    fee,
    payment,
    ticket,
)
from backend_client.importing.practice_people import CLAIRE, GINA, JOAN, JOERG, LUC, person


def group_cases(at: House) -> Iterator[Case]:
    yield from _all_of_a_group(at)
    yield from _not_all_of_a_group(at)
    yield from _many_tickets(at)


def _all_of_a_group(at: House) -> Iterator[Case]:
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
    yield at.by_card(
        "family package with a drink inside: lines 1 to 3 go back as one",
        "FAMPACK",
        CLAIRE,
        package,
        10,
    )
    deal = tuple(
        ticket(n, price, "lac", f"F {n}", groups=("3for2",))
        for n, price in ((1, 1000), (2, 1000), (3, 0))
    )
    yield at.by_card(
        "3 for 2: the free ticket belongs and must go back too", "DEAL3X2", LUC, deal, 11
    )
    overlap = (
        ticket(1, 1000, "lac", "H 1", groups=("deal",)),
        ticket(2, 900, "lac", "H 2", groups=("package",)),
        ticket(3, 1000, "lac", "H 3"),
        concession(4, 400, "Programme", groups=("deal", "package")),
    )
    yield at.by_card(
        "the programme is in a deal and in a package: 1, 2 and 4 go together, 3 is free",
        "OVERLAP",
        GINA,
        overlap,
        12,
    )


def _not_all_of_a_group(at: House) -> Iterator[Case]:
    broken = tuple(
        ticket(n, 800, "godot", f"D {n}", groups=("pack",), state=state)
        for n, state in ((1, LineState.CANCELLED), (2, LineState.SOLD), (3, LineState.SOLD))
    )
    yield at.case(
        "one line of the package is gone already: only a supervisor may give back the rest",
        "BROKEN1",
        JOAN,
        broken,
        (card("P1", 2400, "3254561013", prior_refunded_minor=800),),
        13,
    )
    blocked = (
        ticket(1, 900, "figaro", "L 1", groups=("pair",), collected=True),
        ticket(2, 900, "figaro", "L 2", groups=("pair",)),
    )
    yield at.by_card(
        "a pair of which one was collected: the other cannot go alone",
        "PAIRCOL",
        JOERG,
        blocked,
        14,
    )
    across = (
        ticket(1, 1500, "figaro", "M 1", groups=("both nights",)),
        ticket(2, 1500, "lac", "M 1", groups=("both nights",)),
    )
    yield at.by_card(
        "a deal over two performances: cancelling one of them needs a person",
        "CROSSED",
        CLAIRE,
        across,
        15,
    )


def _many_tickets(at: House) -> Iterator[Case]:
    mixed = (
        ticket(1, 2200, "figaro", "N 5"),
        ticket(2, 2600, "quartet", "N 5"),
        fee(3, 100, parent=1),
        fee(4, 100, parent=2),
    )
    yield at.by_card(
        "two performances in one booking: each goes back by itself", "TWOEVES", LUC, mixed, 16
    )
    school = tuple(
        ticket(n, 800, "godot", f"R {n}", description="School", tariff="0009", contingent="SCHOOL")
        for n in range(1, 121)
    )
    yield at.case(
        "a school class of 120 tickets in one booking",
        "SCHOOL1",
        person(8, "Gymnase de la Cité", "021 316 35 35", "secretariat@example.com"),
        school,
        (payment("P1", PaymentMethod.TRANSFER, 96_000, bank_reference="CH-88123"),),
        17,
        channel=PHONE,
    )

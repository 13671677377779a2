"""The awkward bookings of the practice venue: one for every trap a refund can walk into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.importing.practice_awkward_groups import group_cases
from backend_client.importing.practice_awkward_money import money_cases
from backend_client.importing.practice_awkward_names import name_cases
from backend_client.importing.practice_awkward_partly import partly_cases
from backend_client.importing.practice_awkward_values import value_cases
from backend_client.importing.practice_parts import (
    BOX_OFFICE,
    PARTNER,
    Case,
    House,
    card,
    concession,
    fee,
    house,
    payment,
    ticket,
)
from backend_client.importing.practice_people import BETTE, CLAIRE, GINA, JOAN, JOERG, LUC, person


def awkward_bookings(now: datetime) -> Iterator[Case]:
    """What each of them shows, and the booking."""
    at = house(now)
    yield from _seed_and_neighbours(at)
    yield from group_cases(at)
    yield from _policy(at)
    yield from value_cases(at)
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
    yield at.case(
        "ticket, pop corn and fee on one card: choosing 1 and 2 alone strands the fee",
        "WPM8TS9",
        BETTE,
        lines,
        (visa,),
        1,
        transaction_id="3679",
        number="3638",
    )
    half = (
        ticket(1, 4300, "hamlet late", "B 3", state=LineState.CANCELLED),
        ticket(2, 4300, "hamlet late", "B 4"),
    )
    yield at.case(
        "one of two tickets was given back at the box office before",
        "WPK2RR1",
        BETTE,
        half,
        (card("P1", 8600, "3254561001", prior_refunded_minor=4300),),
        2,
    )
    unpaid = tuple(ticket(n, 1900, "hamlet", f"K {n}") for n in range(1, 5))
    yield at.case(
        "a group that has not paid: nothing to give back",
        "WQA7AAB",
        person(7, "Davis, Anna [group]", "", "anna.davis@example.org"),
        unpaid,
        (),
        3,
        is_paid=False,
        transaction_id="0",
    )


def _policy(at: House) -> Iterator[Case]:
    scanned = at.now - timedelta(hours=20)
    collected = (
        ticket(1, 1000, "hamlet", "O 7", collected=True, collected_at=scanned),
        ticket(2, 1000, "hamlet", "O 8"),
    )
    yield at.by_card(
        "line 1 was collected: it stays by policy, line 2 goes back",
        "COLLECT",
        JOERG,
        collected,
        20,
    )
    yield at.by_card(
        "the performance was yesterday",
        "PASTCUT",
        GINA,
        (ticket(1, 3500, "yesterday", "A 1"), fee(2, 100, parent=1)),
        21,
    )
    yield at.by_card(
        "the performance is beginning right now",
        "STARTED",
        LUC,
        (ticket(1, 3500, "running", "A 2"),),
        22,
    )
    yield at.case(
        "sold by a partner whose bookings a house may close to refunds",
        "PARTNER",
        CLAIRE,
        (ticket(1, 4000, "lac", "P 9"),),
        (payment("P1", PaymentMethod.EXTERNAL, 4000),),
        23,
        channel=PARTNER,
    )
    yield at.case(
        "starts after midnight: the business day is not the calendar day",
        "MIDNITE",
        JOAN,
        (ticket(1, 2500, "night", "Q 4"),),
        (payment("P1", PaymentMethod.CASH, 2500),),
        24,
        channel=BOX_OFFICE,
        sold_at=at.sold(1).replace(hour=23, minute=40),
    )

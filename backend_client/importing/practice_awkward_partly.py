"""Awkward bookings of the practice venue of which a part goes another way than the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.importing.practice_parts import (
    BOX_OFFICE,
    PARTNER,
    Case,
    House,
    card,
    fee,
    payment,
    ticket,
)
from backend_client.importing.practice_people import BETTE, CLAIRE, GINA, JOAN, JOERG, LUC


def partly_cases(at: House) -> Iterator[Case]:
    yield from _two_ways(at)
    yield from _afterwards(at)
    yield from _lines(at)


def _two_ways(at: House) -> Iterator[Case]:
    sixty = (ticket(1, 3000, "figaro", "AG 1"), ticket(2, 3000, "figaro", "AG 2"))
    yield at.case(
        "two cards, one of them closed: its half is declined, the other half is refunded once",
        "HALFDED",
        BETTE,
        sixty,
        (card("P1", 3000, "3254561201"), card("P2", 3000, "dead-1202")),
        201,
    )
    voucher = payment("P2", PaymentMethod.VOUCHER, 4000)
    yield at.case(
        "a card for 20.00, a voucher for the rest: no card can take back all of it",
        "NOTENUF",
        LUC,
        (ticket(1, 6000, "figaro", "AG 3"),),
        (card("P1", 2000, "3254561203"), voucher),
        202,
        channel=BOX_OFFICE,
    )
    credit = payment("P1", PaymentMethod.CREDIT_ACCOUNT, 1500)
    yield at.case(
        "first from the credit account, the rest by card",
        "CREDCRD",
        CLAIRE,
        (ticket(1, 4500, "figaro", "AG 4"),),
        (credit, card("P2", 3000, "3254561204")),
        203,
    )
    yield at.case(
        "paid through a provider this house is not connected to",
        "OTHRPSP",
        JOAN,
        (ticket(1, 2500, "lac", "AG 5"),),
        (card("P1", 2500, "pay_8815", provider="elsewhere"),),
        204,
        channel=PARTNER,
    )
    bare = payment(
        "P1",
        PaymentMethod.EXTERNAL,
        2500,
        bank_reference="094834941",
        reversal_data="PP-094834941-KKRTYDFWTZ",
    )
    yield at.case(
        "sold outside, with reversal data but without the way to use it: a record, no more",
        "EXTHALF",
        GINA,
        (ticket(1, 2500, "lac", "AG 6"),),
        (bare,),
        205,
        channel=PARTNER,
    )


def _afterwards(at: House) -> Iterator[Case]:
    cases = (
        ("LATEFAI", "the provider says refunded, and takes it back when it is asked again", "late"),
        ("BACKOFF", "given back in the provider's back office, and nobody told us", "office"),
        ("GONEANS", "no answer and nothing found, three times: a supervisor decides", "gone"),
    )
    for place, (booking_id, note, word) in enumerate(cases, 1):
        yield at.case(
            note,
            booking_id,
            JOERG,
            (ticket(1, 2000, "lac", f"AH {place}"), fee(2, 100, parent=1)),
            (card("P1", 2100, f"{word}-121{place}"),),
            210 + place,
        )


def _lines(at: House) -> Iterator[Case]:
    cheaper = (
        ticket(1, 4000, "hamlet", "AI 1", state=LineState.EXCHANGED),
        ticket(2, 2500, "hamlet late", "AI 1"),
    )
    yield at.case(
        "exchanged for a cheaper ticket: the difference is no refund, 25.00 can go back of 40.00",
        "EXCHLOW",
        JOAN,
        cheaper,
        (card("P1", 4000, "3254561221"),),
        221,
    )
    both = (
        ticket(1, 1000, "godot", "AI 2", state=LineState.CANCELLED, collected=True),
        ticket(2, 1000, "godot", "AI 3"),
    )
    paid = card("P1", 2000, "3254561222", prior_refunded_minor=1000)
    yield at.case(
        "line 1 was collected and given back all the same: the one does not exclude the other",
        "COLBACK",
        GINA,
        both,
        (replace(paid, card_expiry="2027-02"),),
        222,
    )
    grouped = (
        ticket(1, 1200, "quartet", "AI 4", groups=("2",)),
        ticket(2, 1200, "quartet", "AI 5"),
        ticket(3, 1200, "quartet", "AI 6", groups=("2",)),
    )
    yield at.by_card(
        "group 2 holds lines 1 and 3: the number of a group is not that of a line",
        "GROUPNO",
        LUC,
        grouped,
        223,
    )

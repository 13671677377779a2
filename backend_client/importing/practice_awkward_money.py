"""Awkward bookings of the practice venue: how they were paid, what became of them since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from backend_client.domain.incoming import IncomingClaim
from backend_client.domain.kinds import LineState, PaymentMethod
from backend_client.importing.practice_parts import (
    BOX_OFFICE,
    PARTNER,
    PHONE,
    RESALE,
    Case,
    House,
    card,
    fee,
    gift_card,
    payment,
    ticket,
)
from backend_client.importing.practice_people import BETTE, CLAIRE, GINA, JOAN, JOERG, LUC


def money_cases(at: House) -> Iterator[Case]:
    yield from _tenders(at)
    yield from _payers(at)
    yield from _waiting(at)
    yield from _states(at)
    yield from _providers(at)
    yield from _prior(at)


def _tenders(at: House) -> Iterator[Case]:
    two = (ticket(1, 1000, "lac", "W 1"), ticket(2, 1000, "lac", "W 2"))
    gift = gift_card("P1", 800, "GC-77120", "6587")
    yield at.case(
        "gift card 8.00 and card 12.00: half of it goes back to which?",
        "MIXCARD",
        LUC,
        two,
        (gift, card("P2", 1200, "3254561050")),
        50,
    )
    yield at.case(
        "two equal payments on the same card",
        "TWINPAY",
        CLAIRE,
        (ticket(1, 4000, "figaro", "W 3"), ticket(2, 4000, "figaro", "W 4")),
        (card("P1", 4000, "3254561051"), card("P2", 4000, "3254561052")),
        51,
    )
    simple: tuple[tuple[str, str, PaymentMethod], ...] = (
        ("CASHPAY", "paid in cash at the window", PaymentMethod.CASH),
        ("VOUCHER", "paid with a voucher: no card to give it back to", PaymentMethod.VOUCHER),
        ("WIREPAY", "paid by transfer", PaymentMethod.TRANSFER),
        ("CREDPAY", "paid from the customer's credit account", PaymentMethod.CREDIT_ACCOUNT),
    )
    for place, (booking_id, note, method) in enumerate(simple):
        yield at.case(
            note,
            booking_id,
            JOERG,
            (ticket(1, 3000, "godot", f"X {place + 1}"),),
            (payment("P1", method, 3000),),
            52 + place,
            channel=BOX_OFFICE,
        )
    yield at.case(
        "paid by card on the desk's terminal: it cannot be reversed from here",
        "TERMNL1",
        GINA,
        (ticket(1, 3000, "godot", "X 9"),),
        (card("P1", 3000, "T-000817", provider="terminal"),),
        57,
        channel=BOX_OFFICE,
    )


def _payers(at: House) -> Iterator[Case]:
    three = tuple(ticket(n, 3333, "quartet", f"Y {n}") for n in range(1, 4))
    paid = tuple(
        card(f"P{n}", 3333, f"325456106{n}", payer=who.key, masked_number=f"554433••••••100{n}")
        for n, who in enumerate((BETTE, JOAN, LUC), 1)
    )
    yield at.case(
        "three friends paid a third each: everybody gets their own part back",
        "PAYERS3",
        BETTE,
        three,
        paid,
        60,
        payers=(JOAN, LUC),
    )
    yield at.case(
        "somebody anonymous paid by card: the card works, a credit account does not",
        "ANONYM1",
        None,
        (ticket(1, 2800, "lac", "Y 8"),),
        (card("P1", 2800, "3254561064"),),
        61,
    )
    yield at.case(
        "the customer's aunt paid: what goes back is hers",
        "AUNTPAY",
        LUC,
        (ticket(1, 2800, "lac", "Y 9"),),
        (card("P1", 2800, "3254561065", payer=CLAIRE.key),),
        62,
        payers=(CLAIRE,),
    )


def _waiting(at: House) -> Iterator[Case]:
    hundred = (ticket(1, 5000, "figaro", "Z 1"), ticket(2, 5000, "figaro", "Z 2"))
    account = PaymentMethod.WAITING_ACCOUNT
    yield at.case(
        "instalments, 60 of 100 paid: a 50 ticket reduces the debt by 40 and gives back 10",
        "INSTALM",
        JOERG,
        hundred,
        (payment("P1", account, 10_000, settled_minor=6000),),
        65,
    )
    yield at.case(
        "on account, nothing paid yet: only the debt is reduced",
        "UNSETTL",
        CLAIRE,
        (ticket(1, 4000, "figaro", "Z 3"), ticket(2, 4000, "figaro", "Z 4")),
        (payment("P1", account, 8000, settled_minor=0),),
        66,
        channel=PHONE,
    )
    yield at.case(
        "first on account, then the rest by card",
        "LATECRD",
        GINA,
        (ticket(1, 5000, "figaro", "Z 5"), ticket(2, 5000, "figaro", "Z 6")),
        (payment("P1", account, 4000), card("P2", 6000, "3254561067")),
        67,
    )


def _states(at: House) -> Iterator[Case]:
    yield at.case(
        "one ticket is only reserved: a reservation is not a sale",
        "RESERVE",
        LUC,
        (
            ticket(1, 2500, "lac", "AA 1"),
            ticket(2, 2500, "lac", "AA 2", state=LineState.RESERVED),
        ),
        (card("P1", 2500, "3254561070"),),
        70,
    )
    yield at.case(
        "line 1 was exchanged for line 2: only line 2 is there to give back",
        "EXCHANG",
        JOAN,
        (
            ticket(1, 2500, "hamlet", "AA 3", state=LineState.EXCHANGED),
            ticket(2, 2500, "hamlet late", "AA 3"),
        ),
        (card("P1", 2500, "3254561071"),),
        71,
    )
    sold_on = ticket(1, 4500, "quartet", "AA 5", state=LineState.RESOLD)
    claim = IncomingClaim(1, 4200, at.sold(2.5), BETTE.key)
    yield at.by_card(
        "sold on by the customer: the claim of 42.00 is requested already",
        "RESOLD1",
        BETTE,
        (sold_on, ticket(2, 4500, "quartet", "AA 6")),
        72,
        claims=(claim,),
    )
    yield at.by_card(
        "today's holder of the ticket sold on in RESOLD1: this one is refunded",
        "RESOLD2",
        GINA,
        (ticket(1, 4500, "quartet", "AA 5"),),
        73,
        channel=RESALE,
        sold_at=at.sold(2.5),
    )
    gone = tuple(
        ticket(n, 1800, "godot", f"AB {n}", state=LineState.CANCELLED) for n in range(1, 3)
    )
    yield at.case(
        "cancelled altogether, everything given back",
        "CANCELD",
        JOERG,
        gone,
        (card("P1", 3600, "3254561074", prior_refunded_minor=3600),),
        74,
    )


def _providers(at: House) -> Iterator[Case]:
    cases = (
        ("EXPIRED", "the card has expired, which is no obstacle", "3254561080", "2021-03"),
        ("DEADCRD", "the card is closed: the provider declines", "dead-1081", "2030-01"),
        ("SLOWCRD", "the provider accepts and decides later", "slow-1082", "2030-01"),
        ("LOSTANS", "the money moves, but the answer is lost", "lost-1083", "2030-01"),
        ("NOLINE1", "the provider cannot be reached", "outage-1084", "2030-01"),
        ("BROKEUS", "the provider refuses because of the house's balance", "broke-1085", "2030-01"),
    )
    for place, (booking_id, note, reference, expiry) in enumerate(cases):
        yield at.case(
            note,
            booking_id,
            (BETTE, JOAN, LUC, CLAIRE, GINA, JOERG)[place],
            (ticket(1, 2000, "lac", f"AC {place + 1}"), fee(2, 100, parent=1)),
            (card("P1", 2100, reference, card_expiry=expiry),),
            80 + place,
        )
    external = payment(
        "P1",
        PaymentMethod.EXTERNAL,
        2100,
        bank_reference="094834939",
        masked_number="468100••••••5478",
        card_type="VISA",
    )
    lines = (ticket(1, 2000, "lac", "AC 9"), fee(2, 100, parent=1))
    full = replace(external, reversal_data="PP-094834939-GBRTYDFWTY", refund_method="PaymentPlus")
    yield at.case(
        "sold outside, with reversal data: it can be given back to the card",
        "EXTSALE",
        LUC,
        lines,
        (full,),
        86,
        channel=PARTNER,
    )
    yield at.case(
        "sold outside without reversal data: only a record of a payment made elsewhere",
        "EXTBARE",
        JOAN,
        (replace(lines[0], seat="AC 10"), lines[1]),
        (replace(external, bank_reference="", key="P1"),),
        87,
        channel=PARTNER,
    )


def _prior(at: House) -> Iterator[Case]:
    yield at.case(
        "5.00 went back earlier, and nobody wrote down to which payment",
        "POSBACK",
        GINA,
        (ticket(1, 1500, "godot", "AD 1"), ticket(2, 1500, "godot", "AD 2")),
        (payment("P1", PaymentMethod.CASH, 1000), card("P2", 2000, "3254561090")),
        90,
        prior_refunded_minor=500,
    )
    yield at.case(
        "all of the card went back at the box office, but the line still counts as sold",
        "POSGONE",
        LUC,
        (ticket(1, 1500, "godot", "AD 3"),),
        (card("P1", 1500, "3254561091", prior_refunded_minor=1500),),
        91,
    )

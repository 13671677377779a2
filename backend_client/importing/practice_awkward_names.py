"""Awkward bookings of the practice venue: ids and names that trip people and programs."""

from __future__ import annotations

from collections.abc import Iterator

from backend_client.domain.incoming import IncomingContact
from backend_client.importing.practice_parts import Case, House, card, fee, ticket
from backend_client.importing.practice_people import BETTE, CLAIRE, GINA, JOAN, person


def name_cases(at: House) -> Iterator[Case]:
    yield from _keys(at)
    yield from _names(at)


def _keys(at: House) -> Iterator[Case]:
    for transaction, who, note, days, seat in (
        ("910001", JOAN, "an old booking whose id was used again", 55, "AE 1"),
        ("910002", BETTE, "the newer booking with the same id: name it in full", 3, "AE 2"),
    ):
        yield at.case(
            note,
            "REUSED1",
            who,
            (ticket(1, 1700, "godot", seat),),
            (card("P1", 1700, f"325456{transaction[-4:]}"),),
            100 + int(transaction[-1]),
            transaction_id=transaction,
            number=transaction,
            sold_at=at.sold(days),
        )
    yield at.case(
        "ids and codes with leading zeros stay as they are",
        "0012345",
        CLAIRE,
        (ticket(1, 1600, "lac", "AE 3", tariff="0000000309", category="007"),),
        (card("0000042", 1600, "0000981234"),),
        103,
        number="000042",
    )
    yield at.by_card(
        "O and 0, I and 1: easily misread from paper",
        "WPO0I1A",
        GINA,
        (ticket(1, 1600, "lac", "AE 4"),),
        104,
    )


def _names(at: House) -> Iterator[Case]:
    names: tuple[tuple[str, str, str], ...] = (
        ("CJKNAME", "a name without blanks: any part of it finds the booking", "張偉"),
        ("KOREAN1", "a Korean name", "김민준"),
        ("ARABIC1", "a name written from right to left", "محمد علي الحسيني"),
        ("HEBREW1", "another one, with a number in it", "דוד לוי 2"),
        ("MARKUP1", "brackets that look like markup and are none", "[bold red]Anna[/] [group]"),
        ("APOSTRO", "apostrophes and hyphens", "Seán O'Neill-D'Arcy"),
        ("ACCENTS", "accents do not matter when looking for it", "Zoë Łukasiewicz-Ångström"),
        ("LONGNAM", "a name longer than any screen", "Hubert Blaine Wolfeschlegelsteinhausen" * 5),
        ("EMOJI01", "a name with pictures in it", "🎭 Les Amis du Théâtre 👩‍👩‍👧"),
        ("FORMULA", "a name a spreadsheet would take for a formula", "=SUM(A1:A9) & Co"),
    )
    for place, (booking_id, note, name) in enumerate(names):
        who: IncomingContact = person(20 + place, name, f"+41 76 300 40 {place:02d}")
        yield at.case(
            note,
            booking_id,
            who,
            (ticket(1, 3200, "quartet", f"AF {place + 1}"), fee(2, 100, parent=1)),
            (card("P1", 3300, f"32545611{place + 10}"),),
            110 + place,
        )

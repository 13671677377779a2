"""Every publicly known trap a booking can show is in the practice venue; the others say why not.

The numbers are those of the two lists of traps the venue was made from: one of mass cancellation
and dispatch (T), one of bookings and their partial refunds (V).
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from backend_client.importing.practice_venue import awkward_cases

RUN, FILE, WIRE, RULE = (
    "a run's trap: of its filters, simulation, log or mail, whatever the bookings are like",
    "a file's trap: it is gone once a booking has been taken in",
    "a trap of talking to a server, of its codes, headers and keys",
    "a rule for everything: no booking shows it more than another",
)

TRAPS_OF_RUNS: Mapping[int, tuple[str, ...] | str] = {
    1: ("TWOEVES",),
    2: RUN,
    3: RUN,
    4: RUN,
    5: RUN,
    6: ("UNSETTL", "INSTALM"),
    7: ("SEASON1",),
    8: ("REWARD0", "DEAL3X2"),
    9: ("SEASON1",),
    10: ("CANCELD", "EXCHANG", "RESOLD1"),
    11: ("RESOLD1", "RESOLD2"),
    12: ("POSTFEE",),
    13: RULE,
    14: ("EXCHLOW",),
    15: ("RESERVE",),
    16: RUN,
    17: RUN,
    18: RUN,
    19: ("PAYERS3", "AUNTPAY"),
    20: ("TWINPAY", "MIXCARD"),
    21: ("NOTENUF",),
    22: ("SAMEAMT",),
    23: ("DEADCRD",),
    24: ("HALFDED",),
    25: ("SLOWCRD",),
    26: ("LOSTANS",),
    27: WIRE,
    28: WIRE,
    29: WIRE,
    30: WIRE,
    31: ("BACKOFF",),
    32: WIRE,
    33: WIRE,
    34: ("LATEFAI",),
    35: WIRE,
    36: ("SAMEAMT",),
    37: ("EXPIRED", "DEADCRD"),
    38: ("TERMNL1", "CASHPAY", "WIREPAY", "VOUCHER"),
    39: ("LATECRD", "CREDCRD"),
    40: ("OTHRPSP",),
    41: ("BROKEUS",),
    42: ("NOLINE1",),
    43: ("ANONYM1", "AUNTPAY"),
    44: RUN,
    45: RUN,
    46: RUN,
    47: RULE,
    48: RUN,
    49: RULE,
    50: RUN,
    51: RUN,
    52: ("YEN0001", "DINAR01"),
    53: ("YEN0001", "DINAR01"),
    54: RUN,
    55: RULE,
    56: RUN,
    57: RUN,
    58: ("FORMULA",),
    59: ("BACKOFF",),
    60: ("0012345",),
}

TRAPS_OF_BOOKINGS: Mapping[int, tuple[str, ...] | str] = {
    1: ("WPM8TS9", "STRAND1"),
    2: ("WPM8TS9", "ONLYFEE"),
    3: WIRE,
    4: ("WPK2RR1",),
    5: FILE,
    6: ("FAMPACK",),
    7: ("DEAL3X2",),
    8: ("OVERLAP",),
    9: FILE,
    10: ("GROUPNO",),
    11: FILE,
    12: FILE,
    13: ("COLBACK",),
    14: ("WPK2RR1", "ORPHAN1"),
    15: ("AMBIG2X",),
    16: ("WQA7AAB",),
    17: ("WQA7AAB",),
    18: WIRE,
    19: WIRE,
    20: WIRE,
    21: FILE,
    22: ("0012345",),
    23: ("REUSED1",),
    24: ("WPO0I1A",),
    25: WIRE,
    26: RULE,
    27: ("POSBACK", "POSGONE", "WPK2RR1"),
    28: ("EXTSALE", "EXTHALF", "EXTBARE"),
    29: ("EXTBARE",),
    30: RULE,
    31: WIRE,
    32: FILE,
    33: ("TWINPAY",),
    34: FILE,
    35: ("LOSTANS",),
    36: ("HALFDED",),
    37: ("LOSTANS", "BACKOFF"),
    38: WIRE,
    39: RULE,
    40: RULE,
    41: ("TWOEVES", "CROSSED"),
    42: ("LONEFEE",),
    43: ("MIDNITE",),
    44: WIRE,
    45: ("SLOWCRD", "LATEFAI"),
    46: WIRE,
    47: WIRE,
    48: FILE,
    49: ("YEN0001", "DINAR01"),
    50: ("REWARD0",),
    51: WIRE,
    52: FILE,
    53: ("FAMPACK",),
    54: WIRE,
    55: RULE,
}

SHOWN = [
    pytest.param(booking_id, id=f"{list_name}{number}-{booking_id}")
    for list_name, traps in (("T", TRAPS_OF_RUNS), ("V", TRAPS_OF_BOOKINGS))
    for number, shown in traps.items()
    if not isinstance(shown, str)
    for booking_id in shown
]


def test_every_trap_is_shown_or_says_why_not() -> None:
    assert list(TRAPS_OF_RUNS) == list(range(1, 61))
    assert list(TRAPS_OF_BOOKINGS) == list(range(1, 56))


@pytest.mark.parametrize("booking_id", SHOWN)
def test_what_shows_a_trap_is_in_the_venue(booking_id: str) -> None:
    assert booking_id in {one for one, _ in awkward_cases()}

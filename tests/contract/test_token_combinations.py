"""Which bookings, which parts of them and which kinds of payment: every combination a token can
have, against everything it can be asked with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any

import pytest

from backend_client.domain.caller import Caller, Entrance, Role
from backend_client.domain.kinds import LineKind
from backend_client.domain.permissions import PERMISSION_CODES
from backend_client.domain.plan import Part, RefundRequest
from backend_client.domain.problems import Refused
from backend_client.domain.refund import Method
from backend_client.domain.scopes import KINDS, Scope, ScopeWord
from backend_client.settings import House, Settings
from tests.contract.offices import ADMIN, CASHIER, FACTORIES, Office, concession, fee, sale, ticket

LINES = {LineKind.TICKET: 1, LineKind.CONCESSION: 2, LineKind.FEE: 3}
WORDS = {method: word for word, method in KINDS.items()}
ASKED = {
    Method.MATCHED: Part(Method.MATCHED),
    Method.EXTERNAL: Part(Method.EXTERNAL, reference="slip 7"),
    Method.REQUESTED: Part(Method.REQUESTED),
}
REACH: dict[str, tuple[dict[str, Any], bool]] = {
    "every booking": ({}, True),
    "this site": ({"sites": frozenset({"0001"})}, True),
    "another site": ({"sites": frozenset({"0002"})}, False),
    "another channel": ({"channels": frozenset({"kiosk"})}, False),
    "its own channel": ({"own_only": True}, False),
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with FACTORIES["local-memory"](tmp_path, Settings(house=House(currency="CHF"))) as made:
        made.sell(sale((ticket(1), concession(2), fee(3))))
        yield made


def subsets(values: Iterable[Any]) -> Iterator[frozenset[Any]]:
    known = tuple(values)
    sizes = range(1, len(known) + 1)
    return map(frozenset, chain.from_iterable(combinations(known, size) for size in sizes))


def program(reach: dict[str, Any], parts: frozenset[LineKind], kinds: frozenset[Method]) -> Caller:
    words = frozenset({ScopeWord.BOOKINGS_READ, *(WORDS[kind] for kind in kinds)})
    scope = Scope(words, parts=parts, **reach)
    return Caller("web", Role.CLIENT, "", "internet", Entrance.API, "call-1", scope)


@pytest.mark.parametrize("where", REACH)
def test_a_token_gives_back_what_it_is_for_and_nothing_else(office: Office, where: str) -> None:
    booking = office.backend.booking(CASHIER, "WPM8TS9").booking
    reach, covers = REACH[where]
    wrong = []
    for parts, kinds in product(subsets(LINES), subsets(ASKED)):
        by = program(reach, parts, kinds)
        for (part, sequence), (kind, leg) in product(LINES.items(), ASKED.items()):
            request = RefundRequest(booking.id, (sequence,), "goodwill", (leg,))
            said = ""
            try:
                office.backend.preview_refund(by, request)
            except Refused as refused:
                said = refused.code
            goes = covers and part in parts and kind in kinds
            if goes != (said == "") or goes == (said in PERMISSION_CODES):
                wrong.append((parts, kinds, part, kind, said))
    assert wrong == []
    assert any("denied" in line for line in office.backend.audit_export(ADMIN))

"""What looks alike to the rule is decided once, and each is kept with its own names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend_client.domain.booking import Payment
from backend_client.domain.dispatch import Claim, Decision, Rules, Source, decide
from backend_client.domain.run_parameters import CreditMode
from backend_client.domain.runs import ItemPart, PartRole
from backend_client.local.running import deciding
from tests.shop import SUPERVISOR, Shop, card, sale, ticket
from tests.unit.local.dispatch_house import (
    ALWAYS,
    FALLBACK,
    NEVER,
    house,
    items,
    request,
    sell,
    simulate,
    totals,
)

CARD, CREDIT, STAYS = PartRole.CARD, PartRole.CREDIT, PartRole.STAYS


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Claim]:
    """What the rule was asked, each time it was."""
    claims: list[Claim] = []

    def listening(claim: Claim, payments: list[Source], rules: Rules) -> Decision:
        claims.append(claim)
        return decide(claim, payments, rules)

    monkeypatch.setattr(deciding, "decide", listening)
    return claims


def _parts(shop: Shop, credit: CreditMode = NEVER) -> list[tuple[ItemPart, ...]]:
    return [one.parts for one in items(shop, simulate(shop, credit))]


def _payment(shop: Shop, number: int) -> Payment:
    """The first of a booking."""
    return shop.backend.booking(SUPERVISOR, f"B-{number}").booking.payments[0]


def test_two_that_look_alike_are_decided_once_and_keep_their_names(
    tmp_path: Path, asked: list[Claim]
) -> None:
    """29.00 to a card of each of two customers, 14.50 to that of a third."""
    with house(tmp_path) as shop:
        for number, amount in ((1, 2900), (2, 2900), (3, 1450)):
            payment = replace(card(f"pay-{number}", amount), masked_number=f"4111......{number}000")
            shop.sell([sale(number, lines=(ticket(1, amount),), payments=(payment,))])
            request(shop, number)
        paid = {number: _payment(shop, number) for number in (1, 2, 3)}
        run = simulate(shop)
        assert [one.parts for one in items(shop, run)] == [
            (ItemPart(CARD, amount, paid[number].id, paid[number].payer_id, "practice", label),)
            for number, amount, label in (
                (1, 2900, "card •••• 1000"),
                (2, 2900, "card •••• 2000"),
                (3, 1450, "card •••• 3000"),
            )
        ]
        assert asked == [Claim(2900), Claim(1450)]
        assert totals(run) == {"plan cards": (3, 7250), "card": (3, 7250)}


def test_a_credit_is_kept_with_its_customers_name(tmp_path: Path, asked: list[Claim]) -> None:
    with house(tmp_path) as shop:
        for number in (1, 2):
            sell(shop, number, (f"pay-{number}", 2900))
            request(shop, number)
        payment = _payment(shop, 1)
        assert payment.payer
        assert payment.payer.name
        credit = ItemPart(CREDIT, 2900, None, payment.payer_id, "", payment.payer.name)
        assert _parts(shop, ALWAYS) == [(credit,), (credit,)]
        assert len(asked) == 1


def test_later_ones_of_a_booking_look_different(tmp_path: Path, asked: list[Claim]) -> None:
    """Two requests of 20.00 meet a card with 30.00: 20.00, then 10.00, and 10.00 stay."""
    with house(tmp_path) as shop:
        lines = (ticket(1, 2000), ticket(2, 2000))
        payments = (card("pay-1", 3000), replace(card("", 1000, key="P-2"), provider=""))
        shop.sell([sale(1, lines=lines, payments=payments)])
        for sequence in (1, 2):
            request(shop, 1, sequence)
        first = _payment(shop, 1).id
        found = [[one[:3] for one in parts] for parts in _parts(shop)]
        assert found == [[(CARD, 2000, first)], [(CARD, 1000, first), (STAYS, 1000, None)]]
        assert asked == [Claim(2000), Claim(2000)]


def test_a_refusal_makes_it_look_different(tmp_path: Path, asked: list[Claim]) -> None:
    """Two of 14.50, one was refused: the other goes to its card, this one becomes credit."""
    with house(tmp_path) as shop:
        sell(shop, 1, ("dead-1", 1450))
        request(shop, 1)
        shop.backend.go_live(SUPERVISOR, simulate(shop).id)
        sell(shop, 2, ("pay-2", 1450))
        request(shop, 2)
        asked.clear()
        assert [[one.role for one in parts] for parts in _parts(shop, FALLBACK)] == [
            [CREDIT],
            [CARD],
        ]
        assert asked == [Claim(1450), Claim(1450)]
